"""What the embedded log of a data directory holds now, as a log to be read and no more, beside whoever writes it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from stockex.bus.embedded.reading import batch_from, newest, shape_of
from stockex.errors import LogClosed
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic


class PastBus:
    """A `Bus` that ends where the log ended when it was made, and closes there. It blocks: nothing else should run."""

    def __init__(self, path: Path) -> None:
        """Look how far the log at `path` goes. Raises: LogDamaged; LogError."""
        self._path = path
        self._ends = shape_of(path).ends

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Refuse all but nothing. Raises: LogClosed."""
        if entries:
            raise LogClosed(f"{self._path} is open for reading only")
        return []

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`, to the end. Raises: LogDamaged; LogError."""
        wants = dict(since)
        while batch := batch_from(self._path, wants, ends=self._ends):
            wants.update({record.topic: record.offset + 1 for record in batch})
            yield batch
            await asyncio.sleep(0)

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`."""
        return self._ends.get(topic, 0)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogDamaged; LogError."""
        return newest(self._path, topic, count=count, below=await self.end(topic))

    async def close(self) -> None:
        """Do nothing: nothing is held."""
