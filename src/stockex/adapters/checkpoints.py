"""Checkpoints: named files that hold a service's state, whole or not at all.

A checkpoint only saves work: whoever has none rebuilds its state from the log. So a damaged one is passed over.
"""

import hashlib
import os
from pathlib import Path
from typing import Final

import structlog

from stockex.errors import StockExError

_FORMAT: Final = b"stockex-checkpoint-1 "
_log = structlog.get_logger(__name__)


def _header(data: bytes) -> bytes:
    return _FORMAT + hashlib.sha256(data).hexdigest().encode() + b"\n"


class Checkpoints:
    """A folder of checkpoints, one file a name. One writer a name at a time."""

    def __init__(self, directory: Path) -> None:
        """Keep the files in `directory`, which is made when the first one is saved."""
        self._directory = directory

    def save(self, name: str, data: bytes) -> None:
        """Replace the checkpoint `name` by `data`, on disk when this returns; a crash leaves the old one or the new.

        Raises:
            StockExError: it cannot be written; the old one stays.
        """
        target = self._directory / name
        draft = self._directory / f"{name}.tmp"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(_header(data))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
            _sync_directory(self._directory)
        except OSError as error:
            raise StockExError(f"cannot save the checkpoint {target}: {error}") from error

    def load(self, name: str) -> bytes | None:
        """Return what was last saved as `name`; None if nothing was, or, with a warning logged, if it is damaged."""
        path = self._directory / name
        try:
            header, _, data = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("checkpoint unreadable", path=str(path), error=str(error), action="rebuild from the log")
            return None
        if header + b"\n" != _header(data):
            _log.warning("checkpoint damaged", path=str(path), action="rebuild from the log")
            return None
        return data


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
