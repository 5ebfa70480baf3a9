"""What is kept no longer is cut, if it can be spared."""

import asyncio
from collections.abc import Mapping

import pytest
from contract.bus_contract import START, HandClock, order
from structlog.testing import capture_logs

from stockex.bus import keeping as subject
from stockex.bus.keeping import Keep, Keeper, keeps
from stockex.bus.memory import MemoryBus
from stockex.errors import LogError
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos


def keeper(bus: MemoryBus, text: str, *, clock: HandClock, covered: Mapping[Topic, int]) -> Keeper:
    """Return a keeper by these rules, beside checkpoints that lie beyond what is `covered`."""
    return Keeper(bus, keeps(text), covered=lambda: covered, clock=clock)


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that the test moves."""
    return HandClock()


@pytest.fixture
async def bus(clock: HandClock) -> MemoryBus:
    """Return a log of ten orders and ten books."""
    bus = MemoryBus(clock)
    for number in range(10):
        await bus.append([order(str(number)), Entry(Topic.BOOK, "", b"x")])
    return bus


def test_rules_are_counts_or_ages() -> None:
    """A number alone counts records, one with a letter seconds, minutes, hours or days."""
    assert keeps("") == {}
    assert keeps("book=5, executions=7d,snapshots=90s") == {
        Topic.BOOK: Keep(5, is_age=False),
        Topic.EXECUTIONS: Keep(604_800, is_age=True),
        Topic.SNAPSHOTS: Keep(90, is_age=True),
    }


@pytest.mark.parametrize("text", ["book", "book=0", "book=-1", "book=1w", "trades=5", "ledger=1d", "cats=5"])
def test_other_rules_are_refused(text: str) -> None:
    """What is read from its beginning by someone is never cut, whatever the setting says."""
    with pytest.raises(ValueError, match="expected TOPIC=COUNT"):
        keeps(text)


async def test_a_count_keeps_the_newest(bus: MemoryBus, clock: HandClock) -> None:
    """The named topic only."""
    await keeper(bus, "book=4", clock=clock, covered={Topic.BOOK: 10, Topic.ORDERS: 10}).cut()
    assert (await bus.first(Topic.BOOK), await bus.first(Topic.ORDERS)) == (6, 0)


@pytest.mark.parametrize(("covered", "first"), [({}, 0), ({Topic.ORDERS: 3}, 3), ({Topic.ORDERS: 9}, 8)])
async def test_nothing_is_cut_that_a_start_would_read(
    bus: MemoryBus, clock: HandClock, covered: Mapping[Topic, int], first: int
) -> None:
    """The journal stays where no checkpoint covers it."""
    await keeper(bus, "orders=2", clock=clock, covered=covered).cut()
    assert await bus.first(Topic.ORDERS) == first


async def test_an_age_counts_from_when_a_record_was_seen(bus: MemoryBus, clock: HandClock) -> None:
    """What was there at the first look goes after that age, what came later, later."""
    ageing = keeper(bus, "book=60s", clock=clock, covered={Topic.BOOK: 99})
    firsts = []
    for passed_s in (0, 30, 59, 60, 89, 90):
        clock.now = Nanos(START + passed_s * 1_000_000_000)
        await ageing.cut()
        firsts.append(await bus.first(Topic.BOOK))
        await bus.append([Entry(Topic.BOOK, "", b"later")])
    assert firsts == [0, 0, 0, 10, 10, 11]


async def test_a_log_that_cannot_be_cut_is_told_and_asked_again(
    bus: MemoryBus, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on by itself, and ends with the log."""
    monkeypatch.setattr(subject, "_LOOK_S", 0)
    faults = [LogError("the disk is full")]

    def covered() -> Mapping[Topic, int]:
        if faults:
            raise faults.pop()
        return {Topic.BOOK: 10}

    serving = asyncio.create_task(Keeper(bus, keeps("book=1"), covered=covered, clock=clock).serve())
    with capture_logs() as told:
        while await bus.first(Topic.BOOK) < 9:
            await bus.append([order("lets the keeper look again")])
    assert [line["event"] for line in told] == ["log_not_cut"]
    await bus.close()
    await serving
