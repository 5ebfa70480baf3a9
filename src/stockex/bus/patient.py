"""A log for those who cannot be refused: the engine, whose facts must follow, and the services that trade by clock.

A disk that is full refuses an append as a whole. A person is told so and decides himself; here the append is made
again until it is taken, so that everything goes on by itself when there is space.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import structlog

from stockex.bus.interface import Bus
from stockex.errors import LogClosed, LogDamaged, LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic

_PAUSE_S: Final = 0.2

_log = structlog.get_logger(__name__)


class PatientBus:
    """A `Bus` whose `append` waits while the log takes nothing."""

    def __init__(self, bus: Bus, *, pause_s: float = _PAUSE_S) -> None:
        """Append to `bus`, and try again after `pause_s` when it refuses."""
        self._bus = bus
        self._pause_s = pause_s

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries, as soon as the log takes them. Raises: LogClosed; LogDamaged."""
        is_told = False
        while True:
            try:
                offsets = await self._bus.append(entries)
            except (LogClosed, LogDamaged):
                raise
            except LogError as error:
                if not is_told:
                    _log.error("log_takes_nothing", error=str(error), action="waiting until it does")
                is_told = True
                await asyncio.sleep(self._pause_s)
            else:
                if is_told:
                    _log.warning("log_takes_again")
                return offsets

    def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`."""
        return self._bus.read(since)

    async def end(self, topic: Topic) -> int:
        """Return the offset above every record of `topic`."""
        return await self._bus.end(topic)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first."""
        return await self._bus.last(topic, count)

    async def close(self) -> None:
        """Close the log underneath."""
        await self._bus.close()
