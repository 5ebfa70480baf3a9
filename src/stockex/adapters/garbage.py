"""Python's search for garbage, made rare."""

import gc
from typing import Final

_YOUNG: Final = 50_000
_OLD_EVERY: Final = 20
_OLDEST_EVERY: Final = 100


def calm_garbage_collector() -> None:
    """Keep full collections rare: each walks every living object, and stopped all trading for 100 ms (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLD_EVERY, _OLDEST_EVERY)
