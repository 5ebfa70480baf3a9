"""The compiled book's machine code before the first command: loaded, or made by several processes at once."""

import asyncio
import fcntl
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from stockex.errors import ConfigurationError

if TYPE_CHECKING:
    from stockex.core.fast.exchange import FastExchange

_EXTRA: Final = frozenset({"llvmlite", "numba", "numpy"})
_SAID: Final = "stockex: making machine code for the compiled book, once; this takes 10 to 20 seconds"
_SHARE: Final = """import gc, sys
gc.disable()
from stockex.core.matching.compiled.lending.making import SHARES
SHARES[sys.argv[1]]()"""
_ALL: Final = """import os, sys
os.nice(10)
from stockex.services.engines.machine_code import have_machine_code
sys.exit(not have_machine_code(print))"""


def two_books() -> "type[FastExchange]":
    """Return what runs common commands on the compiled book.

    Raises: ConfigurationError: no extra `fast`, or one whose parts do not fit together, as Numba and NumPy.
    """
    try:
        from stockex.core.fast.exchange import FastExchange  # noqa: PLC0415 (may be missing)
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] not in _EXTRA:
            raise
        why = f"no {error.name}" if isinstance(error, ModuleNotFoundError) else error
        raise ConfigurationError(f"book compiled: {why}; install the extra `fast`: stockex[fast]") from error
    return FastExchange


def have_machine_code(say: Callable[[str], None]) -> bool:
    """Load what is kept on disk of the machine code. Say so if some is not, and make it, a share in each process.

    Of several processes that lack it one makes it, and the others wait. Where none can be kept, because no folder can
    be written, this process makes it all.
    Returns: Whether it is kept for later starts.
    Raises: ConfigurationError: the extra `fast` is not installed.
    """
    is_loaded = _is_loaded()
    from stockex.core.matching.compiled.kernel import run  # noqa: PLC0415 (may be missing)
    from stockex.core.matching.compiled.machine import code  # noqa: PLC0415 (may be missing)

    folder = code.folder_of(run)
    if is_loaded:
        return folder is not None
    say(_SAID)
    if folder is None:
        _make(by_several=False)
    else:
        with _alone(folder):
            if not _is_loaded():
                _make(by_several=True)
    return folder is not None


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Wait until no other process makes the machine code that is kept in the folder, and let none begin."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(*, by_several: bool) -> None:
    from stockex.core.matching.compiled.lending.making import SHARES  # noqa: PLC0415 (may be missing)

    first, *others = SHARES
    collects = gc.isenabled()
    gc.disable()  # Compiling makes many objects and no garbage worth a tenth of the time.
    try:
        helpers = [_making(share) for share in others if by_several]
        SHARES[first]()
        for helper in helpers:
            helper.wait()
        for share in others:
            SHARES[share]()
    finally:
        if collects:
            gc.enable()


async def machine_code_ready() -> None:
    """Have the machine code, while this process goes on: what is not kept another one makes, with less right to run.

    Raises: ConfigurationError: it cannot be had, or not without stopping this process for as long as making it takes.
    """
    if await asyncio.to_thread(_is_loaded):
        return
    words, none = (sys.executable, "-c", _ALL), subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(*words, env=_environment(), stdin=none, stdout=none)
    except OSError as error:
        raise ConfigurationError(f"no process can make the machine code for the compiled book: {error}") from error
    try:
        status = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        raise
    if status:
        raise ConfigurationError("no machine code for the compiled book could be made and kept")
    await asyncio.to_thread(have_machine_code, lambda _: None)


def _is_loaded() -> bool:
    """Load the machine code if all of it is kept; return whether it was."""
    two_books()
    from stockex.core.matching.compiled.lending.making import SHARES  # noqa: PLC0415 (may be missing)
    from stockex.core.matching.compiled.machine import code  # noqa: PLC0415 (may be missing)

    try:
        with code.kept_only():
            for make in SHARES.values():
                make()
    except code.NotKept:
        return False
    return True


def _making(share: str) -> "subprocess.Popen[bytes]":
    """Start a process that makes a share with the modules of this one, and reads and says nothing."""
    none = subprocess.DEVNULL
    command = [sys.executable, "-c", _SHARE, share]
    return subprocess.Popen(command, env=_environment(), stdin=none, stdout=none, stderr=none)  # noqa: S603 (ours)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
