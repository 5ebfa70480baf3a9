"""The clock: lets the engine know that time has passed when nobody else does.

Expiries happen with the first record at or after their instant. In a busy market any order is that record; in a quiet
one it is this service's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from stockex.bus.interface import Bus
from stockex.messages.codec import entry_of
from stockex.messages.orders import PassTime
from stockex.vocabulary.units import Nanos

SOURCE: Final = "CLOCK"
"""The `source` of its commands."""

_LOOK_S: Final = 0.25


class Clock:
    """Appends `PassTime` when something is due.

    Args:
        bus: The log.
        due: Returns the earliest instant at which something is to happen, or None.
        reached: Waits until the engine has obeyed the command at an offset.
        clock: The time now.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        due: Callable[[], Nanos | None],
        reached: Callable[[int], Awaitable[None]],
        clock: Callable[[], Nanos],
    ) -> None:
        self._bus = bus
        self._due = due
        self._reached = reached
        self._clock = clock

    async def serve(self) -> None:
        """Look again and again until cancelled; what is due happens at most a quarter of a second late."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> bool:
        """Append one `PassTime` if something is due, wait until it is obeyed, and say whether it was."""
        due, now = self._due(), self._clock()
        if due is None or due > now:
            return False
        [offset] = await self._bus.append([entry_of(PassTime(source=SOURCE, sent_at=now))])
        await self._reached(offset)
        return True
