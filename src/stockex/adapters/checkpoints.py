"""Checkpoints: named files that hold a service's state, whole or not at all, each beside the one before it.

A checkpoint only saves work: whoever has none rebuilds its state from the log. So one that is damaged, or written by
another version, is passed over with one line, and the older one is used.

    NAME        the newest: a line "stockex-checkpoint VERSION SHA-256", and the state; the sum covers both
    NAME.old    the one before it
    NAME.tmp    one that was being written when the process died
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import structlog

from stockex.errors import CheckpointUnfit, StockExError

_FORMAT: Final = b"stockex-checkpoint"
_log = structlog.get_logger(__name__)

State = TypeVar("State")


class Checkpoints:
    """A folder of checkpoints, two files a name. One writer a name at a time."""

    def __init__(self, directory: Path) -> None:
        """Keep the files in `directory`, which is made when the first one is saved."""
        self._directory = directory

    def save(self, name: str, data: bytes, *, version: int = 1) -> None:
        """Put `data` before the checkpoint `name` that there was; it is on disk when this returns.

        A crash at any moment leaves the newest or the one before it. `version` names the layout of `data`.

        Raises:
            StockExError: it cannot be written; what there was stays.
        """
        target, draft, old = (self._directory / f"{name}{end}" for end in ("", ".tmp", ".old"))
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(_header(data, version))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.is_file():
                target.replace(old)
            draft.replace(target)
            _sync_directory(self._directory)
        except OSError as error:
            raise StockExError(f"cannot save the checkpoint {target}: {error}") from error

    def load(self, name: str, read: Callable[[bytes], State], *, version: int = 1) -> State | None:
        """Return what `read` makes of the newest checkpoint `name` that is sound, of this version, and read.

        Those that are not are passed over, with a line in the log for each. `read` may raise CheckpointUnfit or
        msgspec.MsgspecError. None if none is left.
        """
        for path in (self._directory / name, self._directory / f"{name}.old"):
            try:
                return read(_sound(path, version))
            except FileNotFoundError:
                continue
            except (CheckpointUnfit, msgspec.MsgspecError, OSError) as error:
                _log.warning(
                    "checkpoint_skipped", path=str(path), reason=str(error), action="use an older one, or the log"
                )
        return None


def _header(data: bytes, version: int) -> bytes:
    named = f"{version}".encode()
    return b"%s %s %s\n" % (_FORMAT, named, hashlib.sha256(named + b"\n" + data).hexdigest().encode())


def _sound(path: Path, version: int) -> bytes:
    """Return the state in a file. Raises: CheckpointUnfit: it is damaged, or of another version; OSError."""
    header, _, data = path.read_bytes().partition(b"\n")
    if header + b"\n" == _header(data, version):
        return data
    kind, _, rest = header.partition(b" ")
    named = rest.partition(b" ")[0].decode(errors="replace")
    if kind == _FORMAT and named.isdecimal() and header + b"\n" == _header(data, int(named)):
        raise CheckpointUnfit(f"it is of version {named}, not {version}")
    raise CheckpointUnfit("it is damaged, or of an earlier release")


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
