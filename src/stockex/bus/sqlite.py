"""The embedded log: one SQLite file, written by one thread with group commit.

    append ──► queue ──► writer thread: all that waits, one transaction, one sync ──► publish on the event loop
                                                                                        │
    readers ◄── tail in memory (those who keep up) ◄────────────────────────────────────┘
    readers ◄── the file, read in threads (those who start or fell behind)

While one group is being synced to disk the next one gathers, so many small appends cost one sync.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

from stockex.bus.embedded.reading import batch_from, newest, stored
from stockex.bus.embedded.writing import Call, LogFile
from stockex.bus.interface import Clock
from stockex.bus.tail import Place, Stamps, Tail
from stockex.bus.turns import Turns
from stockex.errors import LogClosed, LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic

__all__ = ["SqliteBus", "stored"]

TAIL_RECORDS: Final = 50_000
"""The tail holds at most this many records, and at most `TAIL_BYTES` of values."""

TAIL_BYTES: Final = 32 * 2**20

_GROUP: Final = 4_096
"""A group takes no further append once it has this many entries."""


class _Append(NamedTuple):
    call: Call
    waiting: asyncio.Future[list[int]]


class SqliteBus:
    """A `Bus` in one file, with dense offsets from 0. It belongs to the event loop that opened it."""

    def __init__(self, file: LogFile, *, clock: Clock, tail_records: int = TAIL_RECORDS) -> None:
        """Start the writer of an open file; use `SqliteBus.open`."""
        self._path = file.path
        self._turns = Turns()
        self._stamps = Stamps(clock, file.at)
        self._tail = Tail(file.ends, most_records=tail_records, most_bytes=TAIL_BYTES)
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Append | None] = queue.SimpleQueue()
        self._waiting: set[asyncio.Future[list[int]]] = set()
        self._is_closing = False
        self._ended: asyncio.Future[None] = self._loop.create_future()
        threading.Thread(target=self._write, name=f"log {file.path.name}", daemon=True).start()

    @classmethod
    async def open(cls, path: Path, *, clock: Clock, tail_records: int = TAIL_RECORDS) -> Self:
        """Open the log at `path` for writing, creating it if there is none.

        `clock` is called on the event loop and stamps the records, cut to whole microseconds and never below the
        newest record's time. At most `tail_records` records are kept in memory.

        Raises:
            LogLocked: another process, or another open in this one, writes it.
            LogDamaged: the file is no log of a version known here, or it is broken.
            LogError: the file cannot be opened or created.
        """
        file = await asyncio.to_thread(LogFile.open, path)
        return cls(file, clock=clock, tail_records=tail_records)

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries or none, and return their offsets once they are on disk.

        A caller that is cancelled meanwhile leaves once their fate is settled, without learning it: what is queued
        is written, and whoever waits for the caller may count on that.

        Raises:
            LogClosed: the log is closed.
            LogError: nothing was appended, because its group could not be committed; later appends may succeed.
        """
        self._check_open()
        if not entries:
            return []
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
            LogDamaged: a record is not as it was appended, or missing.
            LogError: the file cannot be read.
        """
        self._check_open()
        place = Place(since)
        while not self._tail.closed:
            if self._tail.covers(place):
                batch = self._tail.take(place)
            else:
                with self._turns:
                    batch = await asyncio.to_thread(batch_from, self._path, place.wants, ends=dict(self._tail.ends))
                place.move_past(batch)
            if batch:
                yield batch
                await asyncio.sleep(0)  # a reader with much to catch up lets others run
            else:
                await self._tail.grown()

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`. Raises: LogClosed."""
        self._check_open()
        return self._tail.ends.get(topic, 0)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogClosed; LogError, if unreadable."""
        below = await self.end(topic)
        with self._turns:
            return await asyncio.to_thread(newest, self._path, topic, count=count, below=below)

    async def close(self) -> None:
        """Finish the appends that wait, end the readers, and release the file and its lock."""
        if not self._is_closing:
            self._is_closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    def _check_open(self) -> None:
        if self._is_closing:
            raise LogClosed(f"{self._path} is closed")

    def _write(self) -> None:
        """Commit group after group until the log closes: the writer thread."""
        try:
            with contextlib.closing(self._file):
                while group := self._next_group():
                    self._commit(group)
        finally:
            self._loop.call_soon_threadsafe(self._end)

    def _next_group(self) -> list[_Append]:
        """Wait for an append and take what else waits; empty when the log closes."""
        group: list[_Append] = []
        entries = 0
        append = self._queue.get()
        while append is not None:
            group.append(append)
            entries += len(append.call.entries)
            if entries >= _GROUP or self._queue.empty():
                return group
            append = self._queue.get()
        if group:
            self._queue.put(None)
        return group

    def _commit(self, group: Sequence[_Append]) -> None:
        try:
            written = self._file.write([append.call for append in group])
        except LogError as error:
            self._loop.call_soon_threadsafe(self._fail, [append.waiting for append in group], str(error))
        else:
            self._loop.call_soon_threadsafe(self._publish, group, written)

    def _publish(self, group: Sequence[_Append], written: Sequence[Sequence[Record]]) -> None:
        self._tail.add(written)
        for append, records in zip(group, written, strict=True):
            if not append.waiting.done():
                append.waiting.set_result([record.offset for record in records])

    def _fail(self, waiting: Sequence[asyncio.Future[list[int]]], text: str) -> None:
        for future in waiting:
            if not future.done():
                future.set_exception(LogError(text))

    def _end(self) -> None:
        """End the readers; an append that still waits does so only because a bug stopped the writer."""
        self._is_closing = True
        self._tail.close()
        self._fail(list(self._waiting), f"the writer of {self._path} stopped")
        self._ended.set_result(None)
