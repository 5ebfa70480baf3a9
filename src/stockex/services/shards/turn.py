"""The way to be the one collator that publishes, while others stand by."""

from collections.abc import Callable, Sequence

from stockex.bus.interface import Bus, Led
from stockex.services.shards.collator import Collator


class Turn:
    """Waits for its turn to lead, publishes what is missing, and goes on."""

    def __init__(self, bus: Led, shards: Sequence[Bus], *, say: Callable[[str], None]) -> None:
        """Lead `bus` when it can, and publish there what `shards` tell."""
        self._bus = bus
        self._collator = Collator(bus, shards)
        self._say = say

    async def serve(self) -> None:
        """Stand by, then publish, until cancelled. Raises: as `Collator.serve`."""
        if self._bus.leader:
            self._say(f"standby    {self._bus.leader} is active; this one takes over when it is silent")
        await self._bus.lead()
        first = await self._collator.catch_up()
        await self._bus.serve()
        self._say(f"active     from command {first:,} on")
        await self._collator.serve(first)
