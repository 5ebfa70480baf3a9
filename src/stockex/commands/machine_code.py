"""The compiled book's machine code before the first command: loaded, or made by several processes at once."""

import gc
import os
import subprocess
import sys
from typing import Final

import typer

from stockex.simulation.books import fast_exchange

_SAID: Final = "stockex: making machine code for the compiled book, once; this takes 10 to 20 seconds"
_SCRIPT: Final = """import gc, sys
gc.disable()
from stockex.core.matching.compiled.lending.making import SHARES
SHARES[sys.argv[1]]()"""


def have_machine_code() -> None:
    """Load what is kept on disk of the machine code. Say so if some is not, and make it, a share in each process.

    Where none can be kept, because no folder can be written, this process makes it all.
    Raises: ConfigurationError: the extra `fast` is not installed.
    """
    fast_exchange()
    from stockex.core.matching.compiled.kernel import run  # noqa: PLC0415 (may be missing)
    from stockex.core.matching.compiled.lending.making import SHARES  # noqa: PLC0415 (may be missing)
    from stockex.core.matching.compiled.machine import code  # noqa: PLC0415 (may be missing)

    others, helpers = list(SHARES), list[subprocess.Popen[bytes]]()

    def begin() -> None:
        typer.echo(_SAID, err=True)
        gc.disable()  # Compiling makes many objects and no garbage worth a tenth of the time.
        helpers.extend(_making(share) for share in others if code.is_kept(run))

    code.before_compiling(begin)
    for share, make in SHARES.items():
        others.remove(share)
        make()
        for helper in helpers:
            helper.wait()
    gc.enable()


def _making(share: str) -> "subprocess.Popen[bytes]":
    """Start a process that makes a share with the modules of this one, and reads and says nothing."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    none = subprocess.DEVNULL
    command = [sys.executable, "-c", _SCRIPT, share]
    return subprocess.Popen(command, env=environment, stdin=none, stdout=none, stderr=none)  # noqa: S603 (ours)
