"""The matcher publishes the facts of every command once, whatever stops it and wherever."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path

import pytest
from scenarios.notation import command_of

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.memory import MemoryBus
from stockex.core.exchange import Exchange
from stockex.core.snapshot import VERSION, digest, dump
from stockex.errors import LogError
from stockex.messages.codec import Fact, decode_record, entry_of
from stockex.messages.control import MemberLogin, TimePassed
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Quarantined
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.plain import PlainEngine
from stockex.services.matcher import (
    COMMANDS_PER_CHECKPOINT,
    Matcher,
    Shadow,
    facts_of,
    recovered,
)
from stockex.services.trust.causes import newest_cause
from stockex.services.trust.claims import WINDOW
from stockex.services.trust.marks import saved_marks
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos

WITHIN_S = 30.0
"""How long a test waits for what must come."""

GARBAGE = Entry(Topic.ORDERS, "", b"{ not a command")
JOURNAL: list[Entry] = [
    *(
        entry_of(command_of(line))
        for line in (
            "list ALPHA tick 0.01 reference 25.00",
            "A deposit cash 5000.00 shares 100 in ALPHA",
            "B deposit cash 5000.00",
            "start",
            "A1 sell 60 @ 25.00",
            "B1 buy 20 @ 25.00",
        )
    ),
    GARBAGE,
    *(
        entry_of(command_of(line))
        for line in ("B2 buy 0 @ 25.00", "B3 buy 30 @ 25.10 GTC", "A2 sell 40 @ 25.20", "B3 cancel", "suspend", "end")
    ),
]
"""Thirteen commands of every sort; the seventh is none."""

EVERY = range(len(JOURNAL) + 1)


def replayed(count: int) -> tuple[Exchange, list[list[Fact]]]:
    """Return the exchange after the first `count` records of the journal, and the facts of each."""
    exchange = Exchange()
    records = [
        Record(Topic.ORDERS, offset, Nanos(0), entry.key, entry.value) for offset, entry in enumerate(JOURNAL[:count])
    ]
    return exchange, [facts_of(exchange, record) for record in records]


class Scene:
    """A log, and a folder for checkpoints.

    Attributes:
        books: The books of the matchers that are started, in turn.
    """

    books: Iterator[LiveBook] = cycle([LiveBook.PLAIN])

    def __init__(self, folder: Path, *, bus: MemoryBus | None = None) -> None:
        self.bus = MemoryBus(lambda: Nanos(0)) if bus is None else bus
        self.checkpoints = Checkpoints(folder)

    async def before(self, *, commands: int, published: int, checkpoint: int | None = None) -> None:
        """Make the log of a crash: so many commands, the facts of only the first ones, and perhaps a checkpoint."""
        await self.bus.append(JOURNAL[:commands])
        for facts in replayed(published)[1]:
            await self.bus.append([entry_of(fact) for fact in facts])
        if checkpoint is not None:
            self.checkpoints.save("engine", dump(replayed(checkpoint)[0]), version=VERSION)

    @asynccontextmanager
    async def served(self, every: int = COMMANDS_PER_CHECKPOINT) -> AsyncIterator[Matcher]:
        """Start a matcher, let it obey what the log holds, go on inside the block, then stop it."""
        end = await self.bus.end(Topic.ORDERS)
        exchange = recovered(self.checkpoints, end=end)
        matcher = Matcher(self.bus, engine_on(next(self.books), exchange), checkpoints=self.checkpoints, every=every)
        task = asyncio.create_task(matcher.serve())
        reached = asyncio.create_task(matcher.reached(end - 1))
        try:
            await asyncio.wait({task, reached}, timeout=WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            assert reached.done(), f"the matcher stopped or is stuck: {task}"
            yield matcher
        finally:
            reached.cancel()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def published(self, *, without: Entry | None = None) -> list[Fact]:
        """Return every fact of the log but forged ones, by cause and index."""
        found: dict[tuple[int, int], Fact] = {}
        count = 0
        for topic in FACT_TOPICS:
            for record in await self.bus.last(topic, 10**6):
                if Entry(record.topic, record.key, record.value) == without or record.value.startswith(b'{"offset"'):
                    continue
                fact = decode_record(record)
                found[fact.offset, fact.index] = fact  # type: ignore[union-attr, assignment]  # only facts here
                count += 1
        assert count == len(found), "a fact stands in the log twice"
        return [found[cause] for cause in sorted(found)]


@pytest.fixture(autouse=True, params=["plain", "compiled", "plain compiled", "compiled plain"])
def books(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever holds of the matcher holds on either book, and after a restart on the other one."""
    monkeypatch.setattr(Scene, "books", cycle(map(LiveBook, request.param.split())))


def flat(facts: Sequence[Sequence[Fact]]) -> list[Fact]:
    """Return the facts of all commands in one list."""
    return [fact for of_one in facts for fact in of_one]


@pytest.mark.parametrize("published", EVERY)
async def test_missing_facts_are_written_after_a_crash(tmp_path: Path, published: int) -> None:
    """Commands in the log without facts get them, the others get none twice."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=published)
    async with scene.served() as matcher:
        exchange, facts = replayed(len(JOURNAL))
        assert await scene.published() == flat(facts)
        assert matcher.digest() == (len(JOURNAL), digest(exchange))


@pytest.mark.parametrize("checkpoint", EVERY)
@pytest.mark.parametrize("ahead", [0, 1, 4])
async def test_missing_facts_are_written_after_a_crash_with_a_checkpoint(
    tmp_path: Path, checkpoint: int, ahead: int
) -> None:
    """The checkpoint may be older than the newest fact, and that older than the newest command."""
    scene = Scene(tmp_path)
    published = min(checkpoint + ahead, len(JOURNAL))
    await scene.before(commands=len(JOURNAL), published=published, checkpoint=checkpoint)
    async with scene.served() as matcher:
        exchange, facts = replayed(len(JOURNAL))
        assert await scene.published() == flat(facts)
        assert matcher.digest() == (len(JOURNAL), digest(exchange))


@pytest.mark.parametrize("saves", [False, True])
@pytest.mark.parametrize("stop", EVERY)
async def test_a_restart_changes_nothing(tmp_path: Path, stop: int, *, saves: bool) -> None:
    """Stopped after any number of commands, with a checkpoint or without, the log ends the same."""
    scene = Scene(tmp_path)
    await scene.bus.append(JOURNAL[:stop])
    async with scene.served() as matcher:
        if saves:
            await matcher.save()
    await scene.bus.append(JOURNAL[stop:])
    async with scene.served() as matcher:
        exchange, facts = replayed(len(JOURNAL))
        assert await scene.published() == flat(facts)
        assert matcher.digest()[1] == digest(exchange)


@pytest.mark.parametrize("topic", FACT_TOPICS)
async def test_what_others_write_among_the_facts_is_passed_over(tmp_path: Path, topic: Topic) -> None:
    """Garbage, and what names a command that is not there, count as no facts: those that are missing are written."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=5)
    far = entry_of(TimePassed(offset=10**6, index=0, at=Nanos(0))).value
    await scene.bus.append([Entry(topic, "", value) for value in (*[b"\xff"] * 70, far)])
    assert await newest_cause(scene.bus) == 4
    async with scene.served():
        assert await newest_cause(scene.bus) == len(JOURNAL) - 1


FORGED = {
    "of the newest command": Entry(Topic.EXECUTIONS, "", b'{"offset":12}'),
    "of the newest command, as the engine writes": entry_of(TimePassed(offset=12, index=0, at=Nanos(0))),
    "of an old command": entry_of(TimePassed(offset=1, index=0, at=Nanos(0))),
    "a copy of a true one under another key": Entry(Topic.CONTROL, "BETA", entry_of(replayed(13)[1][12][-1]).value),
}


@pytest.mark.parametrize("checkpoint", [None, 0, 3, 7])
@pytest.mark.parametrize("published", [0, 4, 7, 12, 13])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_fact_neither_hides_commands_nor_doubles_facts(
    tmp_path: Path, forged: Entry, published: int, checkpoint: int | None
) -> None:
    """Whatever it claims: the facts that the log lacks are written, the others are not written again."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=published, checkpoint=checkpoint and min(checkpoint, published))
    await scene.bus.append([forged] * 100)
    async with scene.served():
        assert await scene.published(without=forged) == flat(replayed(len(JOURNAL))[1])


@pytest.mark.parametrize("topic", [Topic.EXECUTIONS, Topic.CONTROL, Topic.LEDGER])
async def test_behind_ever_so_many_forged_facts_the_true_ones_are_found(tmp_path: Path, topic: Topic) -> None:
    """More than a start looks at first, each of a command that is there."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=9)
    await scene.bus.append([Entry(topic, "", b'{"offset":%d}' % (number % 13)) for number in range(2 * WINDOW)])
    async with scene.served():
        assert await scene.published() == flat(replayed(len(JOURNAL))[1])


async def test_a_second_start_reads_only_what_is_new(tmp_path: Path) -> None:
    """The marks of the checkpoint say where the facts of later commands begin."""
    scene = Scene(tmp_path)
    await scene.bus.append(JOURNAL[:6])
    async with scene.served() as matcher:
        await matcher.save()
    marks = await saved_marks(scene.checkpoints, scene.bus)
    assert (marks.commands, marks.ends[Topic.CONTROL]) == (6, 2)
    await scene.bus.append([*JOURNAL[6:], Entry(Topic.EXECUTIONS, "", b'{"offset":12}')])
    async with scene.served():
        assert await scene.published() == flat(replayed(len(JOURNAL))[1])


async def test_a_start_that_obeyed_much_saves_at_once(tmp_path: Path) -> None:
    """Who dies soon after it need not obey all of that once more, though no interval is over."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=len(JOURNAL))
    async with scene.served(every=10 * len(JOURNAL)):
        await scene.bus.append(JOURNAL[-1:])
    assert recovered(scene.checkpoints, end=len(JOURNAL)).next_offset == len(JOURNAL)


async def test_a_shadow_obeys_and_appends_nothing(tmp_path: Path) -> None:
    """It ends in the state of the matcher that publishes, and saves it, but the log has no fact of it."""
    scene = Scene(tmp_path)
    await scene.bus.append(JOURNAL)
    shadow = Shadow(scene.bus, PlainEngine(), checkpoints=scene.checkpoints)
    task = asyncio.create_task(shadow.serve())
    async with asyncio.timeout(WITHIN_S):
        await shadow.reached(len(JOURNAL) - 1)
    await shadow.save()
    task.cancel()
    assert await scene.published() == []
    assert digest(recovered(scene.checkpoints, end=len(JOURNAL))) == digest(replayed(len(JOURNAL))[0])


async def test_a_restart_after_every_command_changes_nothing(tmp_path: Path) -> None:
    """Fourteen matchers in a row write what one would."""
    scene = Scene(tmp_path)
    for entry in JOURNAL:
        await scene.bus.append([entry])
        async with scene.served() as matcher:
            await matcher.save()
    assert await scene.published() == flat(replayed(len(JOURNAL))[1])


async def test_commands_that_come_while_it_serves_are_obeyed(tmp_path: Path) -> None:
    """Following the log is the same as catching up."""
    scene = Scene(tmp_path)
    async with scene.served() as matcher:
        for entry in JOURNAL:
            (offset,) = await scene.bus.append([entry])
            await asyncio.wait_for(matcher.reached(offset), WITHIN_S)
        assert await scene.published() == flat(replayed(len(JOURNAL))[1])


async def test_garbage_is_put_aside_and_nothing_stops(tmp_path: Path) -> None:
    """Bytes that are no command yield one fact each, and the commands between them are obeyed."""
    scene = Scene(tmp_path)
    await scene.bus.append([GARBAGE, JOURNAL[0], Entry(Topic.ORDERS, "", b"\xff"), Entry(Topic.ORDERS, "", b"")])
    async with scene.served():
        facts = await scene.published()
    assert [isinstance(fact, Quarantined) for fact in facts] == [True, False, True, True]
    assert [fact.offset for fact in facts] == [0, 1, 2, 3]


@pytest.mark.parametrize("data", [b"nonsense", b"{}", b""])
async def test_an_unreadable_checkpoint_only_costs_time(tmp_path: Path, data: bytes) -> None:
    """The whole log is replayed instead."""
    scene = Scene(tmp_path)
    await scene.before(commands=len(JOURNAL), published=5)
    scene.checkpoints.save("engine", data, version=VERSION)
    async with scene.served() as matcher:
        assert matcher.digest()[1] == digest(replayed(len(JOURNAL))[0])


async def test_a_checkpoint_of_another_log_is_passed_over(tmp_path: Path) -> None:
    """It has seen more commands than there are."""
    scene = Scene(tmp_path)
    await scene.before(commands=3, published=3, checkpoint=len(JOURNAL))
    async with scene.served() as matcher:
        assert matcher.digest()[1] == digest(replayed(3)[0])


async def test_a_checkpoint_beyond_a_cut_log_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """The log was repaired and ends earlier now: what fits it still saves work."""
    scene = Scene(tmp_path)
    for count in (2, len(JOURNAL)):
        scene.checkpoints.save("engine", dump(replayed(count)[0]), version=VERSION)
    assert recovered(scene.checkpoints, end=3).next_offset == 2


async def test_checkpoints_are_written_on_the_way(tmp_path: Path) -> None:
    """After so many commands the next start need not replay them."""
    scene = Scene(tmp_path)
    async with scene.served(every=4) as matcher:
        for entry in JOURNAL[:6]:
            (offset,) = await scene.bus.append([entry])
            await asyncio.wait_for(matcher.reached(offset), WITHIN_S)
    assert recovered(scene.checkpoints, end=100).next_offset >= 4


async def test_covered_is_what_both_kept_checkpoints_lie_beyond(tmp_path: Path) -> None:
    """Should the newest one be damaged, the one before must do: no record is spared that it needs."""
    scene = Scene(tmp_path)
    async with scene.served() as matcher:
        found = []
        for entry in JOURNAL[:3]:
            (offset,) = await scene.bus.append([entry])
            await asyncio.wait_for(matcher.reached(offset), WITHIN_S)
            await matcher.save()
            found.append(matcher.covered)
    assert found == [0, 1, 2]


class StuckBus(MemoryBus):
    """A log whose appends of facts wait until they are let go."""

    def __init__(self) -> None:
        super().__init__(lambda: Nanos(0))
        self.asked = asyncio.Event()
        self.free = asyncio.Event()

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append commands at once, and facts when they are let go."""
        if entries and entries[0].topic is not Topic.ORDERS:
            self.asked.set()
            await self.free.wait()
        return await super().append(entries)


async def test_a_command_is_reached_when_its_facts_are_in_the_log(tmp_path: Path) -> None:
    """Obeyed is not enough: whoever waits may answer a client."""
    bus = StuckBus()
    scene = Scene(tmp_path, bus=bus)
    async with scene.served() as matcher:
        await bus.append(JOURNAL[:1])
        await asyncio.wait_for(bus.asked.wait(), WITHIN_S)
        waiting = asyncio.create_task(matcher.reached(0))
        await asyncio.sleep(0)
        assert not waiting.done()
        bus.free.set()
        await asyncio.wait_for(waiting, WITHIN_S)
        assert await scene.published() == flat(replayed(1)[1])


async def test_a_fact_is_heard_once_it_is_in_the_log(tmp_path: Path) -> None:
    """What a matcher shows of itself is what a crash leaves."""
    bus, heard = StuckBus(), list[Entry]()
    async with Scene(tmp_path, bus=bus).served() as matcher:
        matcher.heard = heard.extend
        await bus.append(JOURNAL[:1])
        await asyncio.wait_for(bus.asked.wait(), WITHIN_S)
        assert heard == []
        bus.free.set()
        await asyncio.wait_for(matcher.reached(0), WITHIN_S)
        assert heard == [entry_of(fact) for fact in flat(replayed(1)[1])]


class LostBus(MemoryBus):
    """A log that does not say how far it goes while it is lost, as one whose broker is away."""

    is_lost = False

    async def end(self, topic: Topic) -> int:
        """Return the offset above the newest record. Raises: LogError."""
        if self.is_lost:
            raise LogError("no broker answers")
        return await super().end(topic)


async def test_a_checkpoint_for_which_the_log_does_not_answer_stops_nothing(tmp_path: Path) -> None:
    """Neither on the way nor at the end; there is none, which costs time at the next start."""
    bus = LostBus(lambda: Nanos(0))
    scene = Scene(tmp_path, bus=bus)
    async with scene.served(every=1) as matcher:
        bus.is_lost = True
        await bus.append(JOURNAL)
        await asyncio.wait_for(matcher.reached(len(JOURNAL) - 1), WITHIN_S)
        await matcher.save()
    assert scene.checkpoints.load("engine", bytes, version=VERSION) is None


async def test_no_checkpoint_is_ahead_of_the_facts(tmp_path: Path) -> None:
    """A matcher stopped while its facts were on their way saves nothing: the next one writes them."""
    bus = StuckBus()
    scene = Scene(tmp_path, bus=bus)
    async with scene.served() as matcher:
        await bus.append(JOURNAL)
        await asyncio.wait_for(bus.asked.wait(), WITHIN_S)
    await matcher.save()
    bus.free.set()
    async with scene.served():
        assert await scene.published() == flat(replayed(len(JOURNAL))[1])


async def test_the_newest_cause_is_found_behind_many_records_that_have_none(tmp_path: Path) -> None:
    """A thousand logins stand after the last signal of the engine."""
    scene = Scene(tmp_path)
    assert await newest_cause(scene.bus) == -1
    await scene.bus.append([entry_of(MemberLogin(member="USR01"))] * 100)
    assert await newest_cause(scene.bus) == -1
    await scene.bus.append(JOURNAL[:1])
    listed = replayed(1)[1][0][0]
    await scene.bus.append([entry_of(listed), *[entry_of(MemberLogin(member="USR01"))] * 1000])
    assert await newest_cause(scene.bus) == 0


async def test_a_strangers_record_among_the_facts_stops_no_restart(tmp_path: Path) -> None:
    """What nobody can read, on any topic of facts, is not the newest fact and no reason to die."""
    scene = Scene(tmp_path)
    await scene.before(commands=5, published=3)
    await scene.bus.append([Entry(topic, "", value) for topic in FACT_TOPICS for value in (b"what?", b"[]", b"")])
    assert await newest_cause(scene.bus) == 2
    async with scene.served() as matcher:
        assert matcher.digest()[1] == digest(replayed(5)[0])


async def test_serving_ends_with_the_log(tmp_path: Path) -> None:
    """A closed log is the end of the service, not a fault."""
    scene = Scene(tmp_path)
    matcher = Matcher(scene.bus, PlainEngine(), checkpoints=scene.checkpoints)
    task = asyncio.create_task(matcher.serve())
    await asyncio.sleep(0)
    await scene.bus.close()
    await asyncio.wait_for(task, WITHIN_S)
