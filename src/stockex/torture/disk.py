"""A disk that fails, fills up, writes half, loses what was not synced, or takes the process with it.

SQLite reaches the disk by a table of functions, its VFS. `Disk` is the ordinary one with four of them replaced: write,
truncate, sync and delete. Each call of one of these is a *boundary*. It serves all connections of the process while it
is in use. Source: sqlite3.h, "OS Interface Object" and "OS Interface File Virtual Methods Object".
"""

import _sqlite3
import ctypes as c
import os
import signal
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from random import Random
from typing import Final, NamedTuple

from stockex.errors import StockExError

_Open = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_void_p, c.c_int, c.c_void_p)
_Delete = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int)
_Place = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int, c.c_int64)
_Truncate = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int64)
_Sync = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int)
_Close = c.CFUNCTYPE(c.c_int, c.c_void_p)

_NAME: Final = b"stockex-torture"
_OURS: Final = 0x100 | 0x800 | 0x80000
"""What SQLite opens as a main database, as its journal, or as its write-ahead log."""


class _Vfs(c.Structure):
    _fields_ = (
        ("version_and_sizes", c.c_int * 3),
        ("next", c.c_void_p),
        ("name", c.c_char_p),
        ("data", c.c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        ("others", c.c_void_p * 14),
    )


class _Methods(c.Structure):
    _fields_ = (
        ("version", c.c_int),
        ("close", _Close),
        ("read", _Place),
        ("write", _Place),
        ("truncate", _Truncate),
        ("sync", _Sync),
        ("others", c.c_void_p * 13),
    )


class _File(c.Structure):
    _fields_ = (("methods", c.POINTER(_Methods)),)


class Boundary(StrEnum):
    """A call that changes what is on the disk."""

    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    DELETE = "delete"


class Trouble(StrEnum):
    """What befalls the log at a boundary."""

    ERROR = "the call fails"
    LASTING = "all calls fail from there on"
    SHORT = "half is written, then an error"
    FULL = "the disk is full"
    LOST = "the sync fails, what it was for is gone"
    KILL = "killed before the call"
    TORN = "killed amid the call"
    REFUSED = "a sync fails, killed once the append was refused"
    POWER = "power cut: part of what was not synced is gone"


LASTING: Final = frozenset({Trouble.LASTING, Trouble.FULL})
"""They go on until the disk is healed."""

DEADLY: Final = frozenset({Trouble.KILL, Trouble.TORN, Trouble.REFUSED, Trouble.POWER})
"""They take the process with them."""

ONLY_AT: Final[Mapping[Trouble, Boundary]] = {
    Trouble.SHORT: Boundary.WRITE,
    Trouble.FULL: Boundary.WRITE,
    Trouble.LOST: Boundary.SYNC,
    Trouble.REFUSED: Boundary.SYNC,
}
"""The troubles that concern one kind of boundary."""

_GONE: Final = 0.5
"""A power cut undoes about so many of the writes that were not synced."""

_FAILED: Final = {
    Boundary.WRITE: sqlite3.SQLITE_IOERR_WRITE,
    Boundary.TRUNCATE: sqlite3.SQLITE_IOERR_TRUNCATE,
    Boundary.SYNC: sqlite3.SQLITE_IOERR_FSYNC,
    Boundary.DELETE: sqlite3.SQLITE_IOERR_DELETE,
}


class _Unsynced(NamedTuple):
    """A write since the last sync of its file, by what stood there before: zeros beyond the end."""

    offset: int
    before: bytes


class Disk:
    """The disk of this process.

    Attributes:
        passed: The boundaries that were passed since trouble was last expected.
        trouble: What is expected, until the disk is healed.
        is_ill: Whether a trouble that lasts has begun.
    """

    def __init__(self, real: _Vfs) -> None:
        """Do as `real` does, except where trouble is expected; use `disk`."""
        self.passed: list[Boundary] = []
        self.is_ill = False
        self._real = real
        self.trouble: Trouble | None = None
        self._at = 0
        self._tables: dict[int, _Methods] = {}
        self._unsynced: dict[int, tuple[_Methods, list[_Unsynced]]] = {}
        self.vfs = _Vfs.from_buffer_copy(real)
        self.vfs.name, self.vfs.next = _NAME, None
        self.vfs.open, self.vfs.delete = _Open(self._open), _Delete(self._delete)

    def expect(self, trouble: Trouble | None, at: int = 0) -> None:
        """Count boundaries anew from 0, and have `trouble` at that number."""
        self.passed.clear()
        self.trouble, self._at, self.is_ill = trouble, at, False

    def heal(self) -> None:
        """Have no trouble any more."""
        self.trouble, self.is_ill = None, False

    def _due(self, boundary: Boundary) -> Trouble | None:
        """Pass a boundary; return what happens there."""
        self.passed.append(boundary)
        trouble = self.trouble
        begins = len(self.passed) == self._at + 1
        if trouble is None or not (begins or self.is_ill):
            return None
        if trouble is Trouble.POWER:
            dice = Random(self._at)  # noqa: S311 (no secret)
            for file, (real, writes) in self._unsynced.items():
                _undo(real, file, writes=[each for each in writes if dice.random() < _GONE])
        if trouble in {Trouble.KILL, Trouble.POWER}:
            die()
        self.is_ill = trouble in LASTING
        return trouble if ONLY_AT.get(trouble, boundary) is boundary else None

    def _open(self, *given: int) -> int:
        _, name, file, flags, out = given
        status = int(self._real.open(c.addressof(self._real), name, file, flags, out))
        if status == sqlite3.SQLITE_OK and flags & _OURS:
            opened = _File.from_address(file)
            real = opened.methods.contents
            self._unsynced[file] = (real, [])
            opened.methods = c.pointer(self._table(real))
        return status

    def _table(self, real: _Methods) -> _Methods:
        """Return the replacement of a table of methods; SQLite has one for each way to lock."""
        address = c.addressof(real)
        if address not in self._tables:
            table = _Methods.from_buffer_copy(real)
            table.write = _Place(partial(self._write, real))
            table.truncate = _Truncate(partial(self._truncate, real))
            table.sync = _Sync(partial(self._sync, real))
            table.close = _Close(partial(self._close, real))
            self._tables[address] = table
        return self._tables[address]

    def _write(self, real: _Methods, *given: int) -> int:
        file, data, amount, offset = given
        trouble = self._due(Boundary.WRITE)
        if trouble in {Trouble.ERROR, Trouble.LASTING}:
            return _FAILED[Boundary.WRITE]
        self._unsynced[file][1].append(_standing(real, file, amount=amount, offset=offset))
        if trouble is None:
            return int(real.write(file, data, amount, offset))
        real.write(file, data, amount // 2, offset)
        if trouble is Trouble.TORN:
            die()
        return sqlite3.SQLITE_FULL if trouble is Trouble.FULL else _FAILED[Boundary.WRITE]

    def _truncate(self, real: _Methods, *given: int) -> int:
        return self._done(Boundary.TRUNCATE, lambda: int(real.truncate(*given)))

    def _sync(self, real: _Methods, *given: int) -> int:
        file, flags = given

        def sync() -> int:
            status = int(real.sync(file, flags))
            self._unsynced[file][1].clear()
            return status

        def lost() -> None:
            _undo(real, file, writes=self._unsynced[file][1])
            self._unsynced[file][1].clear()

        return self._done(Boundary.SYNC, sync, lost=lost)

    def _delete(self, *given: int) -> int:
        _, name, syncs = given
        return self._done(Boundary.DELETE, lambda: int(self._real.delete(c.addressof(self._real), name, syncs)))

    def _done(self, boundary: Boundary, do: Callable[[], int], *, lost: Callable[[], None] = lambda: None) -> int:
        """Do what cannot be done by halves, unless trouble is due."""
        trouble = self._due(boundary)
        if trouble is Trouble.LOST:
            lost()
        if trouble is None or trouble is Trouble.TORN:
            status = do()
            return status if trouble is None else die()
        return _FAILED[boundary]

    def _close(self, real: _Methods, file: int) -> int:
        del self._unsynced[file]
        return int(real.close(file))


def _standing(real: _Methods, file: int, *, amount: int, offset: int) -> _Unsynced:
    """Return what a write is about to replace."""
    before = c.create_string_buffer(amount)
    real.read(file, c.addressof(before), amount, offset)
    return _Unsynced(offset, before.raw)


def _undo(real: _Methods, file: int, *, writes: Sequence[_Unsynced]) -> None:
    """Put back what stood where these were written, newest first."""
    for offset, before in reversed(writes):
        real.write(file, c.addressof(c.create_string_buffer(before, len(before))), len(before), offset)


def die() -> int:
    """Kill this process as nothing can be that is caught."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process does not go on")


@contextmanager
def disk() -> Generator[Disk]:
    """Have all SQLite connections that are opened meanwhile use a disk with troubles.

    Raises:
        StockExError: this Python's SQLite shows its functions to nobody.
    """
    try:
        library = c.CDLL(_sqlite3.__file__)
        find, register, leave = library.sqlite3_vfs_find, library.sqlite3_vfs_register, library.sqlite3_vfs_unregister
    except (AttributeError, OSError) as error:
        raise StockExError(f"this Python's SQLite lets nobody in between it and the disk: {error}") from error
    find.restype = c.c_void_p
    real = _Vfs.from_address(find(None))
    troubled = Disk(real)
    register(c.byref(troubled.vfs), 1)
    try:
        yield troubled
    finally:
        leave(c.byref(troubled.vfs))
        register(c.byref(real), 1)
