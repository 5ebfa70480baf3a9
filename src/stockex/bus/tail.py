"""The newest appends of a log in memory, and the readers who wait for more.

A reader that keeps up is served from here, so it costs no disk. One that has fallen behind what the tail still holds
is told so by `covers` and must look elsewhere; the tail never waits for it.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stockex.bus.interface import Clock
from stockex.errors import LogCut
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

BATCH: Final = 2_000
"""A reader's batch ends at the first append that brings it to this many records."""

_MICROSECOND: Final = 1_000


class Stamps:
    """The times of a log: whole microseconds that never decrease, whatever its clock does."""

    def __init__(self, clock: Clock, last: Nanos) -> None:
        """Begin at `last`, the time of the newest record."""
        self._clock = clock
        self._last = last

    def now(self) -> Nanos:
        """Return the time of an append that is made now."""
        self._last = max(self._last, Nanos(self._clock() // _MICROSECOND * _MICROSECOND))
        return self._last


class Place:
    """Where a reader stands: the next offset it wants of each topic, and the next append of the tail to look at."""

    def __init__(self, since: Mapping[Topic, int]) -> None:
        """Stand before the offsets of `since`."""
        self.wants = dict(since)
        self.append = 0

    def move_past(self, batch: Iterable[Record]) -> None:
        """Want what follows `batch`."""
        for record in batch:
            self.wants[record.topic] = record.offset + 1


class Cuts:
    """From which offset on each topic is kept."""

    def __init__(self, firsts: Mapping[Topic, int]) -> None:
        """Begin with what was cut already."""
        self.firsts = dict(firsts)

    def check(self, wants: Mapping[Topic, int]) -> None:
        """Raises: LogCut: something that is wanted is not kept any more."""
        for topic, first in self.firsts.items():
            if wants.get(topic, first) < first:
                raise LogCut(topic, first)


class Tail:
    """The newest appends, whole and in order, within bounds.

    Attributes:
        ends: The offset above every record, by topic. A topic that is empty may be absent.
        closed: Whether the log is closed, so that readers end.
    """

    def __init__(
        self, ends: Mapping[Topic, int], *, most_records: int = sys.maxsize, most_bytes: int = sys.maxsize
    ) -> None:
        """Begin empty, behind the records that `ends` counts; hold no more than the two bounds allow."""
        self.ends = dict(ends)
        self.closed = False
        self._starts = dict(ends)
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._appends: deque[Sequence[Record]] = deque()
        self._dropped = 0
        self._records = 0
        self._bytes = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return self._records

    def add(self, appends: Iterable[Sequence[Record]]) -> None:
        """Hold these appends, forget the oldest ones beyond the bounds, and wake the readers."""
        for append in appends:
            self._appends.append(append)
            self._records += len(append)
            self._bytes += sum(len(record.value) for record in append)
            for record in append:
                self.ends[record.topic] = record.offset + 1
        while self._records > self._most_records or self._bytes > self._most_bytes:
            self._drop_oldest()
        self._wake()

    def _drop_oldest(self) -> None:
        oldest = self._appends.popleft()
        self._dropped += 1
        self._records -= len(oldest)
        self._bytes -= sum(len(record.value) for record in oldest)
        for record in oldest:
            self._starts[record.topic] = record.offset + 1

    def forget(self, firsts: Mapping[Topic, int]) -> None:
        """Forget the oldest appends of which all records stand below these offsets."""
        while self._appends and all(record.offset < firsts.get(record.topic, 0) for record in self._appends[0]):
            self._drop_oldest()

    def covers(self, place: Place) -> bool:
        """Say whether everything wanted that the log holds is still in the tail."""
        return all(self._starts.get(topic, 0) <= offset for topic, offset in place.wants.items())

    def take(self, place: Place) -> list[Record]:
        """Return the next batch wanted and move `place` past it; empty when there is nothing new."""
        batch: list[Record] = []
        wants = place.wants
        index = max(place.append - self._dropped, 0)
        while index < len(self._appends) and len(batch) < BATCH:
            batch += [
                record for record in self._appends[index] if record.offset >= wants.get(record.topic, sys.maxsize)
            ]
            index += 1
        place.append = self._dropped + index
        place.move_past(batch)
        return batch

    async def grown(self) -> None:
        """Wait until something is added or the log closes."""
        await self._news.wait()

    def close(self) -> None:
        """End the readers."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
