"""A replay passes over what a stranger wrote, and sees what the engine did not write."""

from collections.abc import Callable, Iterator

import pytest
from scenarios.notation import command_of

from stockex.core.exchange import Exchange
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Record
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.matcher import facts_of
from stockex.simulation.replay import replay
from stockex.vocabulary.units import Nanos

LINES = ("list ALPHA tick 0.01 reference 25.00", "A deposit cash 5000.00", "start", "A1 buy 10 @ 25.00")


def logged(change: Callable[[Topic, list[bytes]], object]) -> Callable[[Topic], Iterator[Record]]:
    """Return a small log, each topic of facts changed."""
    values: dict[Topic, list[bytes]] = {topic: [] for topic in Topic}
    exchange = Exchange()
    for offset, line in enumerate(LINES):
        command = entry_of(command_of(line))
        values[Topic.ORDERS].append(command.value)
        for fact in facts_of(exchange, Record(Topic.ORDERS, offset, Nanos(0), "", command.value)):
            values[entry_of(fact).topic].append(entry_of(fact).value)
    for topic in FACT_TOPICS:
        change(topic, values[topic])
    return lambda topic: (Record(topic, at, Nanos(0), "", value) for at, value in enumerate(values[topic]))


@pytest.mark.parametrize("place", [0, 1, 99])
def test_what_nobody_can_read_is_no_fact(place: int) -> None:
    """It stands at the beginning, in between or at the end of every topic."""
    found = replay(logged(lambda _, values: values.insert(place, b"what?")))
    assert (found.differs, found.surplus, found.unpublished) == (None, 0, 0)


def test_a_fact_that_is_there_twice_is_seen() -> None:
    """It can be read, so it is no stranger's."""
    found = replay(logged(lambda _, values: values.extend(values[-1:])))
    assert found.surplus == 4
    assert found.differs is None


def test_a_fact_that_is_missing_is_seen() -> None:
    """The one behind it is not it."""
    found = replay(logged(lambda topic, values: values.pop(0) if topic is Topic.CONTROL else None))
    assert found.differs == "control 0-0"
