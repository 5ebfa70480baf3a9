"""Plays short sequences of commands in the notation of tests/scenarios, and shows the newest facts as they are."""

from collections.abc import Sequence

from scenarios.notation import command_of
from scenarios.runner import Play

from stockex.core.exchange import Exchange
from stockex.messages.codec import Fact
from stockex.messages.executions import Rejected
from stockex.vocabulary.units import Nanos


def played(*lines: str) -> Exchange:
    """Return an exchange that trades ALPHA, after these lines."""
    play = Play()
    for line in lines:
        play.step(line)
    return play.exchange


def newest(*lines: str) -> Sequence[Fact]:
    """Return the facts of the last line."""
    exchange = played(*lines[:-1])
    return exchange.apply(command_of(lines[-1]), offset=exchange.next_offset, at=Nanos(exchange.at))


def figures(*lines: str) -> str:
    """Return the figures with which the last line is refused."""
    (fact,) = newest(*lines)
    assert isinstance(fact, Rejected)
    return fact.text
