"""The checkpoints of a matcher, saved while it goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import structlog

from stockex.adapters.checkpoints import Checkpoints, Saving
from stockex.bus.interface import Bus
from stockex.core.snapshot import VERSION
from stockex.errors import StockExError
from stockex.services.engines.interface import MatchingEngine
from stockex.services.trust.marks import MARKS, Marks, marks_of

ENGINE: Final = "engine"
"""The name of a checkpoint of the engine's state."""

Keep = Callable[[int, bytes], None]
"""Takes the bytes of a checkpoint, and the offset of the first command that it has not seen."""

_log = structlog.get_logger(__name__)


def let_go(_offset: int, _data: bytes) -> None:
    """Keep nothing."""


class Saver:
    """Saves the state of an engine, and beside it where the facts of later commands begin.

    Attributes:
        newest: The offset of the first command that the state that was taken last has not seen.
        covered: The offset that the last two checkpoints of this process both lie beyond.
    """

    def __init__(self, bus: Bus, checkpoints: Checkpoints, *, newest: int, keep: Keep) -> None:
        """Begin with a state that is saved already; `keep` is given each one that follows, in a thread."""
        self.newest = newest
        self.covered = self._before = 0
        self._bus = bus
        self._checkpoints = checkpoints
        self._keep = keep
        self._saving = Saving()

    async def begin(self, engine: MatchingEngine, *, is_told: Callable[[], bool], is_author: bool) -> None:
        """Take the state of now if the facts of its commands are told, and let a task do the rest.

        Nothing is taken while another one is being saved. Raises: what saving the last one raised, which is a bug.
        """
        if not self._saving.is_free():
            return
        try:  # before the state is taken: the facts of later commands stand above
            ends = await marks_of(self._bus) if is_author else {}
        except StockExError as error:  # the broker is away, which the matcher waits for
            _log.warning("checkpoint_not_saved", error=str(error))
            return
        if not is_told():
            return
        self.newest = engine.next_offset
        marks = msgspec.msgpack.encode(Marks(self.newest, ends)) if is_author else None
        self._saving.begin(self._save(self._checkpoints.aside(engine.dump), self.newest, marks=marks))

    async def ended(self) -> None:
        """Wait for the one that is being saved."""
        await self._saving.ended()

    async def _save(self, making: Awaitable[bytes], offset: int, *, marks: bytes | None) -> None:
        try:
            data = await making
            if marks is not None:
                await asyncio.to_thread(self._checkpoints.save, MARKS, marks)
            await asyncio.to_thread(self._checkpoints.save, ENGINE, data, version=VERSION)
        except StockExError as error:
            _log.warning("checkpoint_not_saved", error=str(error))
        else:
            self.covered, self._before = self._before, offset
            await asyncio.to_thread(self._keep, offset, data)
