"""The mark: how many records of a log were acknowledged, kept beside it in its lock file.

It is written after each commit and before the acknowledgement, without a sync. A process that is killed leaves it as
it was written last, so a log that ends below its mark has lost something. After a power cut the mark may be older
than the log, never newer.

Two slots, in sectors of their own, are written by turns: when one is unreadable the other one counts.
"""

import contextlib
import os
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import crc32

from stockex.errors import LogDamaged

_SLOT: Final = Struct("<4sQQI")
_MAGIC: Final = b"StEX"
_SECTOR: Final = 512
_SLOTS: Final = 2


def lock_of(path: Path) -> Path:
    """Return the lock file of the log at `path`."""
    return path.with_name(f"{path.name}.lock")


def acknowledged(path: Path) -> int:
    """Return how many records of the log at `path` were acknowledged at least, 0 when nothing is known.

    Raises:
        LogDamaged: there is a mark, and it is unreadable.
    """
    try:
        data = lock_of(path).read_bytes()
    except FileNotFoundError:
        return 0
    return max((size for _, size in _slots(data, path)), default=0)


class Mark:
    """The mark of a log as its one writer has it open."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Go on from what the open lock file of the log at `path` holds; nothing is read from an unreadable mark."""
        self._path = path
        self._file = descriptor
        self._turn = 0

    def read(self) -> int:
        """Return how many records were acknowledged at least. Raises: LogDamaged: the mark is unreadable."""
        newest = max(_slots(os.pread(self._file, _SLOTS * _SECTOR, 0), self._path), default=(0, 0))
        self._turn = newest[0]
        return newest[1]

    def write(self, size: int) -> None:
        """Say that `size` records are durable. Cost: 3 us. Should it fail, the older mark stays and protects less."""
        self._turn += 1
        head = _SLOT.pack(_MAGIC, self._turn, size, 0)[:-4]
        with contextlib.suppress(OSError):  # the records are durable all the same
            os.pwrite(self._file, head + crc32(head).to_bytes(4, "little"), self._turn % _SLOTS * _SECTOR)

    def reset(self, size: int) -> None:
        """Say that the log, which was replaced, has `size` records, whatever the mark said before. Raises: OSError."""
        os.ftruncate(self._file, 0)
        self.write(size)
        os.fsync(self._file)


def _slots(data: bytes, path: Path) -> list[tuple[int, int]]:
    """Return (turn, size) of each readable slot; none when no mark was ever written."""
    pieces = [data[begin : begin + _SLOT.size] for begin in range(0, len(data), _SECTOR)]
    found = [
        (turn, size)
        for magic, turn, size, seal in map(_SLOT.unpack, (piece for piece in pieces if len(piece) == _SLOT.size))
        if magic == _MAGIC and seal == crc32(_SLOT.pack(magic, turn, size, 0)[:-4])
    ]
    if any(data) and not found:
        raise LogDamaged(f"the mark in {lock_of(path)} is unreadable; `stockex log repair` sets it anew")
    return found
