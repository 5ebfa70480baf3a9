"""The process itself: its search for garbage, made rare, and copies of it.

A copy works on a large state that stands still, while the state goes on:

    the process ──fork──► goes on at once
                   └────► the copy, whose memory is that of this moment ──► bytes in memory ──► read by a thread

A copy costs as much as its page tables, some milliseconds, and memory only where one of the two writes. It has the one
thread that made it, so it may use nothing that another thread may hold: it computes, writes one file, and ends.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from stockex.errors import StockExError

Aside = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""Returns what a function returns of the state that there is at the call."""

_YOUNG: Final = 50_000
_OLD_EVERY: Final = 20
_OLDEST_EVERY: Final = 100

_KINDNESS: Final = 10
"""The copy may wait: so much less right to run it has."""

_LONGEST_S: Final = 600
"""A copy that works for longer is ended by the system, whatever it waits for."""

_GOOD: Final = 0


def spare_what_is_there() -> None:
    """Take all objects of now for no garbage, as modules are none, and look for it rarely from now on."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLD_EVERY, _OLDEST_EVERY)


def calm_garbage_collector() -> None:
    """Keep full collections rare: each walks every living object, and stopped all trading for 100 ms (measured)."""
    gc.collect()
    spare_what_is_there()


def at_once(make: Callable[[], bytes]) -> Awaitable[bytes]:
    """Return what `make` returns, and let everything wait for it."""
    made: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    made.set_result(make())
    return made


def in_a_copy(make: Callable[[], bytes]) -> Awaitable[bytes]:
    """Return what `make` returns of the state of now; only the copy is made before this returns.

    Where no process can be copied safely, which is everywhere but on Linux, it is as `at_once`.

    Raises: StockExError: the copy was ended, or `make` failed in it. A bug shows itself when the state is made at once.
    """
    if not sys.platform.startswith("linux"):
        return at_once(make)
    try:
        file = os.memfd_create("stockex aside")
    except OSError:  # no descriptors left
        return at_once(make)
    try:
        child = os.fork()
    except OSError:  # no memory for page tables, or no processes left
        os.close(file)
        return at_once(make)
    if child == 0:
        _be_a_copy(make, file)
    return asyncio.ensure_future(asyncio.to_thread(_what_came, child, file))


def _be_a_copy(make: Callable[[], bytes], file: int) -> None:
    """Write what `make` returns and end, whatever happens. The log's lock and all connections stay the parent's."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_LONGEST_S)
        gc.disable()  # looking for garbage would write to all of the memory
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.closerange(0, file)
        os.closerange(file + 1, os.sysconf("SC_OPEN_MAX"))
        os.nice(_KINDNESS)
        left = memoryview(make())
        while left:
            left = left[os.write(file, left) :]
        os._exit(_GOOD)
    finally:
        os._exit(not _GOOD)


def _what_came(child: int, file: int) -> bytes:
    """Wait for the copy and return what it has written. Raises: StockExError."""
    with os.fdopen(file, "rb") as written:
        try:
            _, status = os.waitpid(child, 0)
        except ChildProcessError as error:  # nobody is told how children end where SIGCHLD is ignored
            raise StockExError("nobody knows how the copy of the process ended") from error
        if status != _GOOD:
            raise StockExError(f"the copy of the process ended with status {status}")
        written.seek(0)
        return written.read()
