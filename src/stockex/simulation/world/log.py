"""A simulated log: what is durable, what a crash may still lose, and the connections through which processes use it.

    append ──► pending (volatile) ──► a sync, some time later ──► durable, shown to readers ──► the answer, later still

A process that dies between two of these arrows does not know what became of its append: of what is pending a part,
the first of it, becomes durable all the same.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final, NamedTuple

from stockex.bus.interface import Clock
from stockex.bus.tail import Stamps
from stockex.core.dice import Dice
from stockex.errors import LogClosed, LogError, LogFenced
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.simulation.world.loop import OWNER, WorldLoop
from stockex.vocabulary.units import Nanos

MOST_APPENDS: Final = 12
"""A reader is given up to so many appends at once."""


class Pending(NamedTuple):
    """An append that is not durable yet."""

    by: "Connection"
    entries: tuple[Entry, ...]
    waiting: "asyncio.Future[list[int]]"


class SimulatedLog:
    """The log as the world has it.

    Attributes:
        appends: All appends that are durable, each with its records.
        topics: The same records by topic.
        is_full: Every append is refused, for a while.
        slowness_s: A sync takes up to so long.
        gaps: Whether offsets have gaps, as on Kafka.
    """

    def __init__(self, loop: WorldLoop, dice: Dice, *, clock: Clock, told: Callable[[Sequence[Record]], None]) -> None:
        self.appends: list[Sequence[Record]] = []
        self.topics: dict[Topic, list[Record]] = {topic: [] for topic in Topic}
        self.is_full = False
        self.slowness_s = 0.004
        self.gaps = False
        self._loop = loop
        self._dice = dice
        self._told = told
        self._stamps = Stamps(clock, Nanos(0))
        self._ends = dict.fromkeys(Topic, 0)
        self._pending: deque[Pending] = deque()
        self._is_syncing = False
        self._writers: dict[str, Connection] = {}
        self._news = asyncio.Event()

    def connect(self, name: str) -> "Connection":
        """Return a connection for a process; whoever had the name before can append no more."""
        before = self._writers.get(name)
        if before is not None:
            before.cut_off(LogFenced(f"another process is {name} now"))
        self._writers[name] = Connection(self, self._dice)
        return self._writers[name]

    def end(self, topic: Topic) -> int:
        """Return the offset above every record of a topic."""
        records = self.topics[topic]
        return records[-1].offset + 1 if records else 0

    def next_offset(self, topic: Topic) -> int:
        """Return the offset that the next record of a topic gets."""
        return self._ends[topic]

    def arrive(self, append: Pending) -> None:
        """Take an append in; it is not durable yet."""
        self._pending.append(append)
        self._sync_later()

    def settle(self, connection: "Connection", error: LogError) -> None:
        """Decide what becomes of a connection's pending appends when it is lost: the first of them are durable."""
        own = [append for append in self._pending if append.by is connection]
        lucky = 0 if self.is_full else self._dice.integer(0, len(own))
        for append in own[:lucky]:
            self.commit(append.entries)
        self._pending = deque(append for append in self._pending if append.by is not connection)
        for append in own:
            _fail(append.waiting, error)

    def commit(self, entries: Sequence[Entry]) -> list[Record]:
        """Make entries durable, and show them to the readers."""
        at = self._stamps.now()
        records = []
        for entry in entries:
            topic = entry.topic
            records.append(Record(topic, self._ends[topic], at, entry.key, entry.value))
            self.topics[topic].append(records[-1])
            self._ends[topic] += 1
        if self.gaps and self._dice.integer(1, 3) == 1:
            for topic in {record.topic: None for record in records}:
                self._ends[topic] += self._dice.integer(1, 2)
        self.appends.append(records)
        self._told(records)
        self.wake()
        return records

    def wake(self) -> None:
        """Let the readers look again."""
        self._news.set()
        self._news = asyncio.Event()

    async def grown(self) -> None:
        """Wait until more is durable."""
        await self._news.wait()

    def batch(self, wants: dict[Topic, int], place: int) -> tuple[list[Record], int]:
        """Return the next records wanted, of some whole appends from a place on, and the place behind them."""
        found: list[Record] = []
        most = place + self._dice.integer(1, MOST_APPENDS)
        while place < len(self.appends) and (place < most or not found):
            found += [
                record for record in self.appends[place] if record.offset >= wants.get(record.topic, record.offset + 1)
            ]
            place += 1
        return found, place

    def _sync_later(self) -> None:
        if not self._is_syncing:
            self._is_syncing = True
            delay = self._dice.uniform(0, self.slowness_s)
            token = OWNER.set(None)
            self._loop.call_later(delay, self._sync)
            OWNER.reset(token)

    def _sync(self) -> None:
        """Make a group durable, or refuse it as a whole; answer later."""
        self._is_syncing = False
        if not self._pending:
            return
        for _ in range(self._dice.integer(1, len(self._pending))):
            append = self._pending.popleft()
            if self.is_full:
                _fail(append.waiting, LogError("nothing was appended: no space is left"))
                continue
            offsets = [record.offset for record in self.commit(append.entries)]
            self._loop.call_later(self._dice.uniform(0, self.slowness_s), _answer, append.waiting, offsets)
        if self._pending:
            self._sync_later()


class Connection:
    """A `Bus` for one process, until it is closed or the process dies."""

    def __init__(self, log: SimulatedLog, dice: Dice) -> None:
        self.lag_s = 0.002
        self._log = log
        self._dice = dice
        self._waiting: dict[asyncio.Future[list[int]], None] = {}
        self._fault: LogError | None = None
        self._is_closing = False

    def cut_off(self, error: LogError) -> None:
        """Be of no use from now on; what is pending becomes durable in part."""
        if self._fault is None:
            self._fault = error
            self._log.settle(self, error)
            for waiting in self._waiting:
                _fail(waiting, error)
            self._log.wake()

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries or none, and return their offsets once they are durable.

        A caller that is cancelled meanwhile leaves once their fate is settled, as with the other logs.
        Raises: LogError, LogFenced, LogClosed.
        """
        self._check()
        if not entries:
            return []
        try:
            for entry in entries:
                entry.key.encode()
        except UnicodeEncodeError as error:
            raise LogError(f"nothing was appended: {error}") from error
        waiting: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = None
        self._log.arrive(Pending(self, tuple(entries), waiting))
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await asyncio.wait([waiting])
            raise
        finally:
            del self._waiting[waiting]

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches, as `Bus.read`, each a little later than it might be. Raises: LogFenced; LogClosed."""
        self._check()
        wants, place = dict(since), 0
        while not self._is_closing:
            batch, place = self._log.batch(wants, place)
            if batch:
                yield batch
                await asyncio.sleep(self._dice.uniform(0, self.lag_s))
            else:
                await self._log.grown()
            if self._fault is not None:
                raise self._fault

    def recorded(self, topic: Topic, *, since: int) -> list[Record]:
        """Return what a topic holds now, as one may read a log beside whoever writes it."""
        return [record for record in self._log.topics[topic] if record.offset >= since]

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`. Raises: LogFenced; LogClosed."""
        self._check()
        return self._log.end(topic)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogFenced; LogClosed."""
        self._check()
        await asyncio.sleep(self._dice.uniform(0, self.lag_s))
        self._check()
        return self._log.topics[topic][-count:]

    async def close(self) -> None:
        """Wait for what is pending, and end the readers."""
        self._is_closing = True
        if self._waiting:
            await asyncio.wait(self._waiting)
        self._log.wake()

    def _check(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._is_closing:
            raise LogClosed("the log is closed")


def _answer(waiting: "asyncio.Future[list[int]]", offsets: list[int]) -> None:
    if not waiting.done():
        waiting.set_result(offsets)


def _fail(waiting: "asyncio.Future[list[int]]", error: LogError) -> None:
    if not waiting.done():
        waiting.set_exception(error)
