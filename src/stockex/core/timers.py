"""What is to happen at an instant: a queue that the engine empties as the log's time passes.

    due        kind      number  symbol
    12.0 s     EXPIRY    17      ALPHA     the expiry of order 17; before any phase that ends at 12.0 s
    12.0 s     PHASE     0       ALPHA     the end of a timed phase of ALPHA
    15.5 s     EXPIRY    4       BETA

Pure: it knows no clock. Who asks for what is due says what time it is.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from stockex.vocabulary.units import Nanos


class Kind(IntEnum):
    """What happens. At one instant the lower kind is first (FCT-06)."""

    EXPIRY = 1
    PHASE = 2


class Timer(NamedTuple):
    """One thing that is to happen. Timers sort by instant, kind, number and symbol: the order in which they happen.

    `number` is an order's id, or 0 where the symbol alone says what is meant.
    """

    due: Nanos
    kind: Kind
    number: int = 0
    symbol: str = ""


class Timers:
    """The timers that are set, the earliest first. A timer is set once.

    Cost: O(log n) comparisons, and moving the entries behind.
    """

    __slots__ = ("_line",)

    def __init__(self, timers: Iterable[Timer] = ()) -> None:
        self._line = sorted(timers)

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something is to happen; None when nothing is."""
        return self._line[0].due if self._line else None

    def set(self, timer: Timer) -> None:
        """Add a timer."""
        insort(self._line, timer)

    def cancel(self, timer: Timer) -> None:
        """Take a timer out again; one that is not set, or has happened, is no error."""
        place = bisect_left(self._line, timer)
        if place < len(self._line) and self._line[place] == timer:
            del self._line[place]

    def take(self, now: Nanos) -> Timer | None:
        """Take out and return the next timer that is due at `now` or before; None when none is."""
        if not self._line or self._line[0].due > now:
            return None
        return self._line.pop(0)

    def as_list(self) -> list[Timer]:
        """Return the timers in order."""
        return list(self._line)
