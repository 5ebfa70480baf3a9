"""Matchers of several shards and their collator publish what all shards in one process would, whatever stops them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from scenarios.notation import command_of

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.memory import MemoryBus
from stockex.core.shards.routing import Shard, home_of
from stockex.errors import LogDamaged
from stockex.messages.codec import entry_of
from stockex.messages.control import TimePassed
from stockex.messages.envelope import Entry, Record
from stockex.messages.orders import BustTrade
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.engines.plain import PlainEngine
from stockex.services.matcher import Matcher
from stockex.services.shards import collator as collating
from stockex.services.shards.collator import Collator
from stockex.services.shards.part import obeying
from stockex.services.shards.together import Together
from stockex.vocabulary.services import SHARD_STRIDE
from stockex.vocabulary.units import Nanos

SHARDS = 2
WITHIN_S = 5.0
GARBAGE = Entry(Topic.ORDERS, "", b"{ not a command")


def _journal() -> Iterator[Entry]:
    """Yield a day in ALPHA of shard 0 and BETA of shard 1, with garbage and a bust in each shard."""
    for line in (
        *("list ALPHA tick 0.01 reference 25.00", "list BETA tick 0.01 reference 30.00", "A deposit cash 10000.01"),
        *(
            "A deposit cash 0.00 shares 100 in ALPHA",
            "A deposit cash 0.00 shares 100 in BETA",
            "B deposit cash 20000.00",
        ),
        *("start", "A1 sell 60 @ 25.00", "B1 buy 20 @ 25.00"),
    ):
        yield entry_of(command_of(line))
    yield GARBAGE
    yield entry_of(BustTrade(trade_id="8-1"))
    for line in ("A2 sell 40 @ 30.00 in BETA", "B2 buy 30 @ 30.00 in BETA"):
        yield entry_of(command_of(line))
    yield entry_of(BustTrade(trade_id=f"12-{SHARD_STRIDE + 1}"))
    for line in ("B3 buy 200 @ 30.10", "B4 buy 400 @ 30.10 in BETA", "suspend", "resume", "end"):
        yield entry_of(command_of(line))


JOURNAL = list(_journal())
EVERY = range(len(JOURNAL) + 1)


def records(count: int) -> list[Record]:
    """Return the first records of the journal."""
    return [
        Record(Topic.ORDERS, offset, Nanos(0), entry.key, entry.value) for offset, entry in enumerate(JOURNAL[:count])
    ]


def published(count: int) -> list[list[Entry]]:
    """Return what is published of each of the first commands."""
    together = Together(SHARDS)
    return [[entry_of(fact) for fact in together.facts_of(record)] for record in records(count)]


async def facts_in(bus: MemoryBus) -> list[Entry]:
    """Return all facts that a log holds, topic by topic."""
    return [Entry(topic, record.key, record.value) for topic in FACT_TOPICS for record in await bus.last(topic, 10**6)]


def by_topic(facts: Sequence[Sequence[Entry]]) -> list[Entry]:
    """Return entries topic by topic."""
    return [entry for topic in FACT_TOPICS for of_one in facts for entry in of_one if entry.topic is topic]


ALL = by_topic(published(len(JOURNAL)))
"""All facts of the journal."""


class Market:
    """A log, and what each shard sees of it: the same commands, and facts of its own."""

    def __init__(self, folder: Path) -> None:
        self.bus = MemoryBus(lambda: Nanos(0))
        self.seen = [MemoryBus(lambda: Nanos(0)) for _ in range(SHARDS)]
        self.folder = folder

    async def command(self, entries: Sequence[Entry]) -> None:
        """Append commands where everybody sees them."""
        for bus in (self.bus, *self.seen):
            await bus.append(entries)

    async def matched(self, number: int) -> None:
        """Have a shard obey all commands, starting anew, and stop."""
        shard, bus = Shard(number, SHARDS), self.seen[number]
        engine = PlainEngine(obey=obeying(shard))
        matcher = Matcher(bus, engine, checkpoints=Checkpoints(self.folder / f"{number}"))
        async with running(matcher.serve()):
            await matcher.reached(await bus.end(Topic.ORDERS) - 1)

    async def collated(self, facts: int) -> None:
        """Have a collator that knows nothing bring the log to where it has so many facts, and stop."""
        collator = Collator(self.bus, self.seen)

        async def serve() -> None:
            await collator.serve(await collator.catch_up())

        async with running(serve()) as task, running(self._has(facts)) as waiting:
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()

    async def _has(self, facts: int) -> None:
        """Wait until the log has so many facts."""
        if facts:
            count = 0
            async for batch in self.bus.read(dict.fromkeys(FACT_TOPICS, 0)):
                count += len(batch)
                if count >= facts:
                    return


@asynccontextmanager
async def running(work: Coroutine[object, object, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """Let something run inside the block, not for ever."""
    task = asyncio.create_task(work)
    try:
        async with asyncio.timeout(WITHIN_S):
            yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, LogDamaged):
            await task


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """Return a market without commands."""
    return Market(tmp_path)


def test_the_symbols_of_the_journal_are_in_two_shards() -> None:
    """Otherwise the rest would show little."""
    assert [home_of(symbol, SHARDS) for symbol in ("ALPHA", "BETA")] == [0, 1]


async def test_what_two_shards_tell_is_published_in_the_order_of_the_commands(market: Market) -> None:
    """The one shard is done before the other has begun; what is for all is told once, when both have told it."""
    await market.command(JOURNAL)
    await market.matched(1)
    await market.matched(0)
    await market.collated(len(ALL))
    assert await facts_in(market.bus) == ALL


@pytest.mark.parametrize("told", EVERY)
async def test_a_collator_publishes_what_is_missing_and_nothing_twice(market: Market, told: int) -> None:
    """However many commands had their facts when the one before died."""
    await market.command(JOURNAL)
    for entries in published(told):
        await market.bus.append(entries)
    for number in range(SHARDS):
        await market.matched(number)
    await market.collated(len(ALL))
    assert await facts_in(market.bus) == ALL


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("told", EVERY)
async def test_a_collator_finds_its_place_from_a_few_of_the_newest_facts(
    market: Market, told: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many records of each topic at first, and more as long as what others wrote may hide what is told.

    Others have written to the topics of the shards too.
    """
    monkeypatch.setattr(collating, "WINDOW", window)
    monkeypatch.setattr(collating, "_LEAST", 1)
    garbage = [Entry(Topic.CONTROL, "", b"what?")] * 10
    await market.command(JOURNAL)
    for entries in published(told):
        await market.bus.append(entries)
    await market.bus.append(garbage)
    for number in range(SHARDS):
        await market.matched(number)
        await market.seen[number].append([Entry(topic, "", b"what?") for topic in FACT_TOPICS] * 10)
    await market.collated(len(ALL) + len(garbage))
    assert [fact for fact in await facts_in(market.bus) if fact not in garbage] == ALL


@pytest.mark.parametrize("stop", EVERY)
async def test_a_restart_of_all_changes_nothing(market: Market, stop: int) -> None:
    """Matchers and collator stop after any command, without checkpoints, and go on."""
    for part in (JOURNAL[:stop], JOURNAL[stop:]):
        await market.command(part)
        for number in range(SHARDS):
            await market.matched(number)
        await market.collated(len(by_topic(published(await market.bus.end(Topic.ORDERS)))))
    assert await facts_in(market.bus) == ALL


@pytest.mark.parametrize("offset", [0, 5, 18])
async def test_forged_facts_neither_hide_commands_nor_double_facts(market: Market, offset: int) -> None:
    """What claims to be of a command and is not what the shards tell of it counts for nothing."""
    forged = entry_of(TimePassed(offset=offset, index=0, at=Nanos(0)))
    await market.command(JOURNAL)
    for entries in published(9):
        await market.bus.append(entries)
    await market.bus.append([forged] * 3)
    for number in range(SHARDS):
        await market.matched(number)
    await market.collated(len(ALL) + 3)
    assert [fact for fact in await facts_in(market.bus) if fact != forged] == ALL


async def test_a_shard_that_does_not_tell_what_it_is_asked_stops_the_collator(market: Market) -> None:
    """Nothing is published in its place: the log would not be what was done."""
    await market.command(JOURNAL)
    await market.matched(0)
    await market.seen[1].append([entry for of_one in published(13)[12:] for entry in of_one])
    with pytest.raises(LogDamaged, match="shard 1 tells of command 12 where 1 is due"):
        await market.collated(len(ALL))
