"""A standby obeys what has its facts, and when it leads it publishes what lacks them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from unit.services.test_matcher import EVERY, JOURNAL, WITHIN_S, Scene, flat, replayed

from stockex.bus.memory import MemoryBus
from stockex.core.exchange import Exchange
from stockex.core.snapshot import digest
from stockex.errors import LogClosed
from stockex.messages.codec import entry_of
from stockex.messages.control import TimePassed
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.engines.choosing import engine_on
from stockex.services.matcher import Matcher, recovered
from stockex.services.standby.heir import Heir
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos

ALL = len(JOURNAL)


@asynccontextmanager
async def served(scene: Scene, kind: type[Heir] = Heir, *, every: int = 5_000) -> AsyncIterator[Heir]:
    """Let a standby that knows nothing follow the scene's log inside the block, on another book than the active one."""
    heir = kind(scene.bus, engine_on(LiveBook.COMPILED, Exchange()), checkpoints=scene.checkpoints, every=every)
    task = asyncio.create_task(heir.serve())
    try:
        async with asyncio.timeout(WITHIN_S):
            yield heir
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("published", EVERY)
async def test_whoever_takes_over_writes_the_facts_that_are_missing(tmp_path: Path, published: int) -> None:
    """However many commands the one before had published the facts of, each has them once, as in a replay."""
    scene = Scene(tmp_path)
    await scene.before(commands=ALL, published=published)
    async with served(scene) as heir:
        if published:
            await heir.reached(published - 1)
        assert heir.exchange.next_offset == published
        assert await scene.published() == flat(replayed(published)[1])
        heir.lead()
        await heir.reached(ALL - 1)
        exchange, facts = replayed(ALL)
        assert await scene.published() == flat(facts)
        assert heir.digest() == (ALL, digest(exchange))


async def test_a_standby_follows_the_active_one(tmp_path: Path) -> None:
    """Each command is obeyed once its facts are there, and the standby appends none."""
    scene = Scene(tmp_path)
    async with served(scene) as heir, scene.served() as active:
        for entry in JOURNAL:
            (offset,) = await scene.bus.append([entry])
            await active.reached(offset)
            await heir.reached(offset)
            assert heir.digest() == active.digest()
    assert await scene.published() == flat(replayed(ALL)[1])


class Asked(MemoryBus):
    """A log that knows from where on its readers asked for facts."""

    def __init__(self) -> None:
        super().__init__(lambda: Nanos(0))
        self.since: list[int] = []

    def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Read, and note it."""
        self.since += [since[Topic.EXECUTIONS]] if Topic.EXECUTIONS in since else []
        return super().read(since)


async def test_whoever_takes_over_reads_nothing_twice(tmp_path: Path) -> None:
    """It has followed the facts, so it only looks for those that came last: to read a long log again takes long."""
    bus = Asked()
    scene = Scene(tmp_path, bus=bus)
    half = ALL // 2
    await scene.before(commands=half, published=half)
    begun = await bus.end(Topic.EXECUTIONS)
    async with served(scene) as heir:
        await heir.reached(half - 1)
        async with scene.served() as active:
            await bus.append(JOURNAL[half:])
            await active.reached(ALL - 1)
        await heir.reached(ALL - 1)
        bus.since.clear()
        heir.lead()
        await bus.append([JOURNAL[-1]])
        await heir.reached(ALL)
    assert begun < await bus.end(Topic.EXECUTIONS)
    assert bus.since == []


async def test_a_checkpoint_of_a_standby_owes_the_log_nothing(tmp_path: Path) -> None:
    """What it saves while facts are missing is a state whose facts are all there: a matcher may go on from it."""
    scene = Scene(tmp_path)
    await scene.before(commands=ALL, published=7)
    async with served(scene, every=1) as heir:
        await heir.reached(6)
        await heir.save()
    assert recovered(scene.checkpoints, end=ALL).next_offset == 7
    async with scene.served() as matcher:
        await matcher.reached(ALL - 1)
    assert await scene.published() == flat(replayed(ALL)[1])


async def test_a_fact_of_a_command_that_is_not_there_moves_no_standby(tmp_path: Path) -> None:
    """What others write among the facts makes it obey nothing whose own facts are missing."""
    scene = Scene(tmp_path)
    async with served(scene) as heir:
        await scene.before(commands=ALL, published=5)
        far = entry_of(TimePassed(offset=10**6, index=0, at=Nanos(0))).value
        await scene.bus.append([Entry(Topic.CONTROL, "", far), Entry(Topic.BOOK, "", b"\xff")])
        await heir.reached(4)
        heir.lead()
        await heir.reached(ALL - 1)
        assert heir.digest()[1] == digest(replayed(ALL)[0])


async def test_a_standby_ends_with_its_log(tmp_path: Path) -> None:
    """When the log is closed it neither leads nor waits."""
    scene = Scene(tmp_path)
    heir: Matcher = Heir(scene.bus, engine_on(LiveBook.COMPILED, Exchange()), checkpoints=scene.checkpoints)
    serving = asyncio.create_task(heir.serve())
    await asyncio.sleep(0)
    await scene.bus.close()
    with suppress(LogClosed):
        await asyncio.wait_for(serving, WITHIN_S)
    assert serving.done()
