"""A log in memory, for tests and simulations: as durable as the process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

from stockex.bus.interface import Clock
from stockex.bus.tail import Cuts, Place, Stamps, Tail
from stockex.errors import LogClosed, LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos


class MemoryBus:
    """A `Bus` that keeps every record in memory, with dense offsets from 0."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty. `clock` stamps the records, cut to whole microseconds."""
        self._stamps = Stamps(clock, Nanos(0))
        self._topics: defaultdict[Topic, list[Record]] = defaultdict(list)
        self._tail = Tail({})
        self._cuts = Cuts({})

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries at once and let other tasks run. Raises: LogClosed; LogError, a key is no Unicode text."""
        self._check_open()
        if not entries:
            return []
        try:
            for entry in entries:
                entry.key.encode()
        except UnicodeEncodeError as error:
            raise LogError(f"nothing was appended: {error}") from error
        at = self._stamps.now()
        records = [self._record(entry, at) for entry in entries]
        self._tail.add([records])
        await asyncio.sleep(0)
        return [record.offset for record in records]

    def _record(self, entry: Entry, at: Nanos) -> Record:
        held = self._topics[entry.topic]
        offset = self._cuts.firsts.get(entry.topic, 0) + len(held)
        record = Record(entry.topic, offset, at, entry.key, entry.value)
        held.append(record)
        return record

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`. Raises: LogClosed, at the start; LogCut."""
        self._check_open()
        place = Place(since)
        while not self._tail.closed:
            self._cuts.check(place.wants)
            if batch := self._tail.take(place):
                yield batch
                await asyncio.sleep(0)  # a reader with much to catch up lets others run
            else:
                await self._tail.grown()

    async def cut(self, topic: Topic, below: int) -> int:
        """Let go of the records of `topic` below an offset, as `CutBus.cut`. Raises: LogClosed."""
        first, end = await self.first(topic), await self.end(topic)
        below = max(min(below, end - 1), first)
        del self._topics[topic][: below - first]
        self._cuts.firsts[topic] = below
        self._tail.forget(self._cuts.firsts)
        return below

    async def first(self, topic: Topic) -> int:
        """Return the offset from which on `topic` is kept. Raises: LogClosed."""
        self._check_open()
        return self._cuts.firsts.get(topic, 0)

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`. Raises: LogClosed."""
        self._check_open()
        return self._tail.ends.get(topic, 0)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogClosed."""
        self._check_open()
        held = self._topics[topic]
        return held[max(len(held) - count, 0) :]

    async def close(self) -> None:
        """End the readers and refuse everything from now on."""
        self._tail.close()

    def _check_open(self) -> None:
        if self._tail.closed:
            raise LogClosed("the log is closed")
