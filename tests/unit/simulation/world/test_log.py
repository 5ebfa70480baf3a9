"""The simulated log keeps the contract of every log, and loses only what no caller was told of."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence

import pytest

from stockex.core.dice import Dice
from stockex.errors import LogClosed, LogError, LogFenced
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.simulation.world.log import SimulatedLog
from stockex.simulation.world.loop import WorldLoop
from stockex.vocabulary.units import Nanos


def entry(number: int, topic: Topic = Topic.ORDERS) -> Entry:
    """Return an entry that says a number."""
    return Entry(topic, "", str(number).encode())


def held(log: SimulatedLog, topic: Topic = Topic.ORDERS) -> list[int]:
    """Return what is durable."""
    return [int(record.value) for record in log.topics[topic]]


def tried(
    play: Callable[[SimulatedLog], Coroutine[object, object, None]], seed: int = 1, *, gaps: bool = False
) -> None:
    """Run a play on a log of its own."""
    loop, told = WorldLoop(Dice(seed)), list[Record]()
    log = SimulatedLog(loop, Dice(seed), clock=lambda: Nanos(int(loop.time() * 1e9)), told=told.extend)
    log.gaps = gaps
    fault = loop.run(play(log))
    if fault is not None:
        raise fault
    assert len(told) == len(set(told))
    assert set(told) == {record for records in log.topics.values() for record in records}


@pytest.mark.parametrize("gaps", [False, True])
def test_appends_are_whole_and_in_order(*, gaps: bool) -> None:
    """Readers see each append at once or not at all, and offsets only grow."""

    async def play(log: SimulatedLog) -> None:
        bus = log.connect("one")
        batches: list[Sequence[Record]] = []

        async def follow() -> None:
            batches.extend([batch async for batch in bus.read({Topic.ORDERS: 0, Topic.TRADES: 0})])

        reader = asyncio.get_running_loop().create_task(follow())
        calls = [bus.append([entry(number), entry(number, Topic.TRADES), entry(number)]) for number in range(40)]
        offsets = await asyncio.gather(*calls)
        await asyncio.sleep(1)
        await bus.close()
        await reader
        assert all(len(batch) % 3 == 0 for batch in batches)
        ends = [record.offset for batch in batches for record in batch if record.topic is Topic.ORDERS]
        assert ends == sorted(set(ends))
        assert sorted(number for each in offsets for number in (each[0], each[2])) == ends
        assert log.end(Topic.ORDERS) == ends[-1] + 1
        assert (ends == list(range(80))) is not gaps

    tried(play, gaps=gaps)


def test_of_what_is_pending_at_a_death_the_first_part_is_durable() -> None:
    """Over many seeds everything from nothing to all; the callers learn that the log is closed, and no more."""
    found = set()
    for seed in range(60):

        async def play(log: SimulatedLog) -> None:
            bus = log.connect("one")
            calls = []
            for number in range(4):
                calls.append(asyncio.get_running_loop().create_task(bus.append([entry(number)])))
                await asyncio.sleep(1e-9)
            bus.cut_off(LogClosed("killed"))
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(answer) for answer in answers} == {LogClosed}
            assert held(log) == list(range(len(held(log))))
            found.add(len(held(log)))
            with pytest.raises(LogClosed):
                await bus.end(Topic.ORDERS)

        tried(play, seed)
    assert found == {0, 1, 2, 3, 4}


def test_an_answered_append_survives_the_death_of_its_writer() -> None:
    """It was durable before the answer came."""
    for seed in range(20):

        async def play(log: SimulatedLog) -> None:
            bus = log.connect("one")
            await bus.append([entry(7)])
            assert held(log) == [7]
            bus.cut_off(LogClosed("killed"))
            assert held(log) == [7]

        tried(play, seed)


def test_a_successor_fences_whoever_had_its_name() -> None:
    """The first can neither append nor read; another name is not concerned."""

    async def play(log: SimulatedLog) -> None:
        first, other = log.connect("one"), log.connect("other")
        reader = first.read({Topic.ORDERS: 0})
        assert isinstance(reader, AsyncGenerator)
        waiting: asyncio.Task[Sequence[Record]] = asyncio.get_running_loop().create_task(reader.__anext__())
        await asyncio.sleep(0.1)
        second = log.connect("one")
        with pytest.raises(LogFenced):
            await waiting
        with pytest.raises(LogFenced):
            await first.append([entry(1)])
        await second.append([entry(2)])
        await other.append([entry(3)])
        assert held(log) == [2, 3]

    tried(play)


def test_a_full_log_refuses_and_takes_again() -> None:
    """Nothing of what it refused is in it."""

    async def play(log: SimulatedLog) -> None:
        bus = log.connect("one")
        log.is_full = True
        with pytest.raises(LogError, match="no space"):
            await bus.append([entry(1)])
        log.is_full = False
        await bus.append([entry(2)])
        assert held(log) == [2]

    tried(play)


def test_closing_waits_for_what_is_pending() -> None:
    """Then readers end, and nothing more is taken."""

    async def play(log: SimulatedLog) -> None:
        bus = log.connect("one")
        call = asyncio.get_running_loop().create_task(bus.append([entry(1)]))
        await asyncio.sleep(0)
        await bus.close()
        assert held(log) == [1] or not call.done()
        await call
        with pytest.raises(LogClosed):
            await bus.append([entry(2)])

    tried(play)
