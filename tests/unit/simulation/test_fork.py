"""Where the commands of a fork come in, and a replay at a pace."""

import json
from collections.abc import Iterable

import pytest

from stockex.core.exchange import Exchange
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.simulation.books import open_exchange
from stockex.simulation.fork import forked
from stockex.simulation.replay import paced
from stockex.vocabulary.units import Nanos

SECOND = 1_000_000_000


def deposit(account: str, at: float | None = None) -> bytes:
    """Return the line of a command that leaves a trace."""
    timed = {} if at is None else {"timestamp": at}
    return json.dumps({"type": "deposit", "account": account, "cash": 1} | timed).encode()


def recorded(*seconds: int) -> list[Record]:
    """Return commands that came at these seconds; their account is named by it."""
    return [
        Record(Topic.ORDERS, offset, Nanos(second * SECOND), "", deposit(f"at{second}"))
        for offset, second in enumerate(seconds)
    ]


def order_of(changes: Iterable[bytes], rest: Iterable[Record], exchange: Exchange | None = None) -> list[str]:
    """Return the accounts in the order of their facts, each with its time."""
    lines = forked(exchange or open_exchange(), changes, rest=rest)
    return [f"{fact.get('account', fact['type'])} {fact['timestamp']:g}" for fact in map(json.loads, lines)]


def test_changes_come_at_their_times_and_after_what_was_recorded_then() -> None:
    """Before the next recorded command, behind one of the same instant, and after all at the end."""
    changes = [deposit("x", 1), deposit("y", 2), deposit("z", 9)]
    assert order_of(changes, recorded(0, 2, 4)) == ["at0 0", "x 1", "at2 2", "y 2", "at4 4", "z 9"]


def test_a_change_without_a_time_or_with_an_earlier_one_follows_the_one_before() -> None:
    """Time never goes back; garbage is quarantined where it stands, and a blank line is none."""
    changes = [deposit("x", 3), deposit("y"), b"\n", b"{", deposit("z", 1)]
    assert order_of(changes, recorded(4)) == ["x 3", "y 3", "quarantined 3", "z 3", "at4 4"]


def test_the_first_change_comes_at_the_time_of_the_fork() -> None:
    """Before everything that was recorded later."""
    exchange = open_exchange()
    list(forked(exchange, [], rest=recorded(5)))
    assert order_of([deposit("x")], recorded(5, 6), exchange) == ["at5 5", "x 5", "at6 6"]


@pytest.mark.parametrize(("speed", "waits"), [(1, [2, 3]), (2, [1, 1.5])])
def test_a_pace_waits_between_records(speed: float, waits: list[float]) -> None:
    """As long as there was between them, divided by the speed; the first comes at once."""
    clock, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    assert len(list(paced(recorded(7, 9, 9, 12), speed, now=lambda: clock[0], sleep=sleep))) == 4
    assert slept == waits


def test_a_pace_that_is_behind_does_not_wait() -> None:
    """What is written slowly is made up for."""
    clock, slept = iter([0.0, 0.0, 5.0]), list[float]()
    assert len(list(paced(recorded(0, 4), 1, now=lambda: next(clock), sleep=slept.append))) == 2
    assert slept == []
