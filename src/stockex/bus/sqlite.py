"""The embedded log: one SQLite file, written by one thread with group commit.

append ──► queue ──► writer thread: all that waits, one transaction, one sync ──► publish on the event loop
│
readers ◄── tail in memory (those who keep up) ◄────────────────────────────────────┘
readers ◄── the file, read in threads (those who start or fell behind)
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from stockex.bus.appends import Appends
from stockex.bus.embedded.reading import batch_from, newest, stored
from stockex.bus.embedded.writing import LogFile
from stockex.bus.interface import Clock
from stockex.bus.tail import Cuts, Place, Stamps, Tail
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic

__all__ = ["SqliteBus", "stored"]

TAIL_RECORDS: Final = 50_000
"""The tail holds at most this many records, and at most `TAIL_BYTES` of values."""

TAIL_BYTES: Final = 32 * 2**20


class SqliteBus:
    """A `Bus` in one file, with dense offsets from 0. It belongs to the event loop that opened it."""

    def __init__(self, file: LogFile, *, clock: Clock, tail_records: int = TAIL_RECORDS) -> None:
        """Start the writer of an open file; use `SqliteBus.open`."""
        self._path = file.path
        self._stamps = Stamps(clock, file.at)
        self._tail = Tail(file.ends, most_records=tail_records, most_bytes=TAIL_BYTES)
        self._cuts = Cuts(file.cuts)
        self._file = file
        self._appends = Appends(file, str(file.path), publish=self._publish, ended=self._tail.close)

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
        """Append all entries or none, and return their offsets once they are on disk, as `Appends.append`.

        Raises:
            LogClosed: the log is closed.
            LogError: nothing was appended, because its group could not be committed; later appends may succeed.
        """
        self._appends.check_open()
        return await self._appends.append(entries, self._stamps.now()) if entries else []

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`.

        Raises:
            LogClosed: the log was closed when the reader started.
            LogCut: a record that is wanted is not kept any more.
            LogDamaged: a record is not as it was appended, or missing.
            LogError: the file cannot be read.
        """
        self._appends.check_open()
        place = Place(since)
        while not self._tail.closed:
            self._cuts.check(place.wants)
            if self._tail.covers(place):
                batch = self._tail.take(place)
            else:
                with self._appends.turns:
                    batch = await asyncio.to_thread(batch_from, self._path, place.wants, ends=dict(self._tail.ends))
                place.move_past(batch)
            if batch:
                yield batch
                await asyncio.sleep(0)  # a reader with much to catch up lets others run
            else:
                await self._tail.grown()

    async def cut(self, topic: Topic, below: int) -> int:
        """Let go of the records of `topic` below an offset, as `CutBus.cut`, in pieces between two groups.

        Raises:
            LogClosed: the log is closed.
            LogError: the file cannot be written; it is cut as far as `first` says.
        """
        self._appends.check_open()
        below = min(below, await self.end(topic) - 1)
        while await self.first(topic) < below:
            [self._cuts.firsts[topic]] = await self._appends.run(lambda: [self._file.cut(topic, below)])
        return await self.first(topic)

    async def first(self, topic: Topic) -> int:
        """Return the offset from which on `topic` is kept. Raises: LogClosed."""
        self._appends.check_open()
        return self._cuts.firsts.get(topic, 0)

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`. Raises: LogClosed."""
        self._appends.check_open()
        return self._tail.ends.get(topic, 0)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogClosed; LogError, if unreadable."""
        below = await self.end(topic)
        with self._appends.turns:
            return await asyncio.to_thread(newest, self._path, topic, count=count, below=below)

    async def close(self) -> None:
        """Finish the appends that wait, end the readers, and release the file and its lock."""
        await self._appends.close()

    def _publish(self, written: Sequence[Sequence[Record]]) -> Sequence[Sequence[int]]:
        """Show the readers what is on disk now; return its offsets, append by append."""
        self._tail.add(written)
        return [[record.offset for record in records] for records in written]
