"""The log on Kafka: a writer thread with group commit, and a thread for each reader.

append ──► queue ──► writer thread: all that waits, one transaction ──► Kafka
readers ◄── batches ◄── reader thread: fetch, merge the topics ◄─────────┘
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, NamedTuple, Self

from stockex.bus.interface import Clock
from stockex.bus.kafka.client import MOST_BYTES, Cluster
from stockex.bus.kafka.follower import Follower
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.writer import PATIENCE_S, Call, Writer
from stockex.bus.tail import Stamps
from stockex.bus.turns import Turns
from stockex.errors import LogClosed, LogError, LogFenced
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

_GROUP: Final = 4_096
"""A group takes no further append once it has this many entries."""

_GROUP_BYTES: Final = 8 * 2**20


class _Append(NamedTuple):
    call: Call
    waiting: asyncio.Future[list[int]]


class KafkaBus:
    """A `Bus` on a Kafka cluster. It belongs to the event loop that opened it."""

    def __init__(self, cluster: Cluster, writer: Writer, *, lookup: Lookup, known: Known, stamps: Stamps) -> None:
        """Start the writer's thread; use `KafkaBus.open`."""
        self._cluster = cluster
        self._writer = writer
        self._lookup = lookup
        self._known = known
        self._stamps = stamps
        self._turns = Turns()
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Append | None] = queue.SimpleQueue()
        self._waiting: set[asyncio.Future[list[int]]] = set()
        self._followers: set[Follower] = set()
        self._fault: LogError | None = None
        self._is_closing = False
        self._ended: asyncio.Future[None] = self._loop.create_future()
        threading.Thread(target=self._write, name="log writer", daemon=True).start()

    @classmethod
    async def open(
        cls, bootstrap: str, *, clock: Clock, name: str = "exchange", prefix: str = "", wait_s: float = PATIENCE_S
    ) -> Self:
        """Open the log at `bootstrap` for writing as `name`, and make the topics that are not there.

        An earlier writer of that name is fenced: whatever it appends from now on is refused.

        Args:
            bootstrap: The broker's address, as host:port.
            clock: Called on the event loop; stamps the records, cut to whole microseconds.
            name: Names the writer.
            prefix: Stands before the name of every topic, and of the writer.
            wait_s: How long a broker that is away is waited for.

        Raises:
            LogError: no broker answers.
            LogDamaged: a topic has several partitions.
        """
        cluster = Cluster(bootstrap, prefix=prefix)
        known = Known()
        writer, lookup, last = await asyncio.to_thread(_opened, cluster, prefix + name, known=known, wait_s=wait_s)
        return cls(cluster, writer, lookup=lookup, known=known, stamps=Stamps(clock, last))

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries or none, and return their offsets once they are committed.

        A caller that is cancelled meanwhile leaves once their fate is settled, without learning it.

        Raises:
            LogClosed: the log is closed.
            LogFenced: another process writes under this name now.
            LogError: nothing was appended: the broker was away for too long, or an entry is none that it takes.
        """
        self._check_open()
        if not entries:
            return []
        for entry in entries:
            _check(entry)
        waiting: asyncio.Future[list[int]] = self._loop.create_future()
        self._waiting.add(waiting)
        self._queue.put(_Append(Call(tuple(entries), self._stamps.now()), waiting))
        try:
            with self._turns:
                try:
                    return await asyncio.shield(waiting)
                except asyncio.CancelledError:
                    await asyncio.wait([waiting])
                    raise
        finally:
            self._waiting.discard(waiting)

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`.

        Raises:
            LogClosed: the log was closed when the reader started.
            LogFenced: another process writes under this log's name now, so what is done with the records is void.
            LogError: a topic is gone.
        """
        self._check_open()
        follower = Follower(self._cluster, since, lookup=self._lookup)
        self._followers = {follower, *(each for each in self._followers if each.is_running)}
        try:
            while (batch := await follower.next()) is not None:
                self._known.saw(batch)
                yield batch
                await asyncio.sleep(0)  # a reader with much to catch up lets others run
        finally:
            follower.stop()

    async def end(self, topic: Topic) -> int:
        """Return the offset after the newest committed record of `topic`. Raises: LogClosed; LogError."""
        self._check_open()
        with self._turns:
            return await asyncio.to_thread(self._lookup.end, topic)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogClosed; LogError."""
        self._check_open()
        with self._turns:
            return await asyncio.to_thread(self._lookup.newest, topic, count)

    async def close(self) -> None:
        """Finish the appends that wait, end the readers, and let go of the broker."""
        if not self._is_closing:
            self._is_closing = True
            self._writer.hurry()
            self._queue.put(None)
        await asyncio.shield(self._ended)
        for follower in self._followers:
            follower.stop()
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        for follower in self._followers:
            follower.join()
        self._lookup.close()

    def _check_open(self) -> None:
        if self._is_closing:
            raise LogClosed(f"the log at {self._cluster.bootstrap} is closed")
        if self._fault is not None:
            raise self._fault

    def _write(self) -> None:
        """Write group after group until the log closes or is fenced: the writer thread."""
        try:
            while self._fault is None and (group := self._next_group()):
                self._write_group(group)
        finally:
            with contextlib.suppress(RuntimeError):  # the loop is gone, and so is everybody who waits
                self._loop.call_soon_threadsafe(self._end)

    def _next_group(self) -> list[_Append]:
        """Wait for an append and take what else waits; empty when the log closes."""
        group: list[_Append] = []
        entries = size = 0
        append = self._queue.get()
        while append is not None:
            group.append(append)
            entries += len(append.call.entries)
            size += sum(len(entry.value) for entry in append.call.entries)
            if entries >= _GROUP or size >= _GROUP_BYTES or self._queue.empty():
                return group
            append = self._queue.get()
        if group:
            self._queue.put(None)
        return group

    def _write_group(self, group: Sequence[_Append]) -> None:
        try:
            offsets = self._writer.write([append.call for append in group])
        except LogError as error:
            if isinstance(error, LogFenced):
                self._fault = error
            self._loop.call_soon_threadsafe(self._fail, [append.waiting for append in group], error)
        else:
            self._loop.call_soon_threadsafe(self._answer, group, offsets)

    def _answer(self, group: Sequence[_Append], offsets: Sequence[list[int]]) -> None:
        for append, own in zip(group, offsets, strict=True):
            if not append.waiting.done():
                append.waiting.set_result(own)

    def _fail(self, waiting: Sequence[asyncio.Future[list[int]]], error: LogError) -> None:
        for future in waiting:
            if not future.done():
                future.set_exception(type(error)(str(error)))

    def _end(self) -> None:
        """End the readers when the writer has ended: the log closes, it is fenced, or a bug stopped the thread."""
        if not self._is_closing:
            self._fault = self._fault or LogError("the writer of the log stopped")
        self._fail(list(self._waiting), self._fault or LogClosed("the log closed"))
        for follower in self._followers:
            follower.stop(self._fault)
        self._ended.set_result(None)


def _opened(cluster: Cluster, name: str, *, known: Known, wait_s: float) -> tuple[Writer, Lookup, Nanos]:
    """Make the topics, fence earlier writers, and look how far each topic goes. It blocks. Raises: LogError."""
    cluster.prepare(wait_s=wait_s)
    lookup = Lookup(cluster, known)
    writer = Writer(cluster, name, known=known, lookup=lookup)
    writer.open(wait_s=wait_s)
    last = Nanos(0)
    for topic in Topic:
        newest = lookup.newest(topic, 1)
        known.saw(newest)
        last = max([last, *(record.at for record in newest)])
    return writer, lookup, last


def _check(entry: Entry) -> None:
    """Refuse what no topic takes. Raises: LogError."""
    if len(entry.value) + len(entry.key) > MOST_BYTES:
        raise LogError(f"a value of {len(entry.value):,} bytes is too large: at most {MOST_BYTES:,}")
    try:
        entry.key.encode()
    except UnicodeEncodeError as error:
        raise LogError(f"a key is no text: {error}") from error
