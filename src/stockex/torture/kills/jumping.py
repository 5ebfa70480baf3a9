"""`python -m stockex.torture.kills.jumping SEED`: `stockex up` on a machine whose wall clock jumps."""

import sys
import time
from collections.abc import Callable
from random import Random
from typing import Final

from stockex import app
from stockex.adapters.settings import read_settings

_SECOND: Final = 1_000_000_000
_JUMPS_S: Final = (-60.0, -1.0, -0.01, 0.0, 0.01, 1.0, 60.0)
"""How far from the true time it may be."""

_STAYS_S: Final = (0.05, 0.5)
"""How long it stays there, at least and at most."""


def jumping(true: Callable[[], int], dice: Random) -> Callable[[], int]:
    """Return a clock that jumps to and fro around a true one, in nanoseconds."""
    off = until = 0

    def now() -> int:
        nonlocal off, until
        at = true()
        if at >= until:
            off = int(dice.choice(_JUMPS_S) * _SECOND)
            until = at + int(dice.uniform(*_STAYS_S) * _SECOND)
        return at + off

    return now


if __name__ == "__main__":
    time.time_ns = jumping(time.time_ns, Random(int(sys.argv[1])))  # noqa: S311 (no secret)
    app.run(read_settings(), say=print)
