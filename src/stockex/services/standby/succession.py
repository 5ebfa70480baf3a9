"""The way from a standby to the active matcher, and what the active one does beside matching."""

from collections.abc import Callable

from stockex.bus.interface import Led
from stockex.bus.patient import PatientBus
from stockex.services.clock import Clock
from stockex.services.opening import Missing, set_up
from stockex.services.standby.heir import Heir


class Succession:
    """Waits for its turn to lead, publishes what is missing, opens what is not open, and lets time pass."""

    def __init__(self, bus: Led, heir: Heir, *, missing: Missing, clock: Clock, say: Callable[[str], None]) -> None:
        """Lead `bus` with `heir` when it can; then append what is `missing`, and let `clock` serve."""
        self._bus = bus
        self._heir = heir
        self._missing = missing
        self._clock = clock
        self._say = say

    async def serve(self) -> None:
        """Stand by, then lead, until cancelled. Raises: LogFenced: another process took over."""
        if self._bus.leader:
            self._say(f"standby    {self._bus.leader} is active; this one takes over when it is silent")
        await self._bus.lead()
        self._heir.lead()
        await set_up(PatientBus(self._bus), self._heir, missing=self._missing)
        await self._bus.serve()
        self._say(f"active     from command {self._heir.engine.next_offset:,} on")
        await self._clock.serve()
