"""Turns of the interpreter lock for the log's threads while the event loop is busy.

A thread that comes back from the disk needs the interpreter lock. A busy event loop lets go of it between two
iterations, but for a microsecond only: that wakes the thread too late and makes it begin its wait anew. Measured on
two cores, an append beside a saturated loop waited up to 42 s. So while somebody waits for a thread of the log, the
loop's own thread sleeps for a moment every millisecond, and the wait stays within a few iterations: 17 ms at most
when they take 2 ms. An idle loop loses nothing by it, a saturated one a tenth to a fifth.
"""

import asyncio
import time
from types import TracebackType
from typing import Final

_EVERY_S: Final = 0.001
_NAP_S: Final = 0.000_1


class Turns:
    """A context to wait in for a thread: `with turns: await ...`. Many may wait at once."""

    def __init__(self) -> None:
        """Serve the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._next: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._waiting += 1
        if self._next is None:
            self._next = self._loop.call_later(_EVERY_S, self._give_way)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting -= 1

    def _give_way(self) -> None:
        """Sleep without the lock, then again in a while if somebody still waits."""
        self._next = None
        if self._waiting:
            time.sleep(_NAP_S)
            self._next = self._loop.call_later(_EVERY_S, self._give_way)
