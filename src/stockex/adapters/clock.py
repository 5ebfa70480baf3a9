"""The wall clock, the only place where the exchange learns what time it is."""

import time

from stockex.vocabulary.units import Nanos


def wall_clock() -> Nanos:
    """Return the time now in whole microseconds, counted in nanoseconds since 1970-01-01 UTC. It may go back."""
    return Nanos(time.time_ns() // 1_000 * 1_000)
