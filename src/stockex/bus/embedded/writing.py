"""The log's file as its one writer has it open: its lock, its mark, and the commits. Plain calls, no asyncio.

CPython's sqlite3 lets go of the interpreter lock at every step of a statement, and a thread that asks for it back
while another one computes waits up to the switch interval, 5 ms. So a group of appends is one INSERT of many rows:
beside a busy event loop 500 records took 1.6 s row by row, and take 8 ms in one statement.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Generator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Self

from stockex.bus.appends import Call
from stockex.bus.embedded.mark import Mark, lock_of
from stockex.bus.embedded.reading import Shape, shape_of
from stockex.bus.embedded.schema import as_log_errors, connected, is_new, prepare, reading
from stockex.bus.embedded.seal import NAMES, Row, seal_of
from stockex.errors import LogDamaged, LogError, LogLocked
from stockex.messages.envelope import Record
from stockex.vocabulary.units import Nanos

_ROWS_AT_ONCE: Final = 1_000
"""Rows of one INSERT: their values stay far below the 32,766 that SQLite takes."""

_EMPTY: Final = Shape(0, {}, Nanos(0))


class LogFile:
    """The log as its one writer has it open.

    Attributes:
        path: The file.
        size: How many records it holds.
        ends: The offset above every record, by topic.
        at: The time of the newest record, 0 in an empty log.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, *, shape: Shape, mark: Mark) -> None:
        """Go on where `shape` says that the log ends; use `LogFile.open`."""
        self.path = path
        self.size, self.ends, self.at = shape.size, dict(shape.ends), shape.at
        self._db = db
        self._mark = mark
        self._held = contextlib.ExitStack()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Lock the log, look whether it is sound, and open it; create it and its folder if there is none.

        Raises:
            LogLocked: another process, or another open in this one, writes it.
            LogDamaged: the file is no log of a version known here, or it is broken; it is left as it is.
            LogError: the file cannot be opened or created.
        """
        with contextlib.ExitStack() as held:
            mark = Mark(path, held.enter_context(locked(path)))
            promised = mark.read()
            shape = _EMPTY if _is_absent(path) else shape_of(path)
            with as_log_errors(path):
                if shape.size < promised:
                    raise LogDamaged(f"nothing is left of it, but {promised} records were acknowledged")
                db = held.enter_context(contextlib.closing(connected(path)))
                prepare(db)
            log = cls(path, db, shape=shape, mark=mark)
            log._held = held.pop_all()
            return log

    def write(self, calls: Sequence[Call]) -> list[list[Record]]:
        """Append all calls in one transaction, with one sync to disk, and return their records.

        Raises:
            LogError: nothing was appended; later writes may succeed.
        """
        seq, ends = self.size, dict(self.ends)
        rows: list[Row] = []
        written: list[list[Record]] = []
        try:
            for entries, at in calls:
                first, plain_at, records = seq, int(at), []
                for topic, key, value in entries:
                    offset = ends.get(topic, 0)
                    plain = (seq, first, NAMES[topic], offset, plain_at, key, value)
                    rows.append((*plain, seal_of(plain)))
                    records.append(Record(topic, offset, at, key, value))
                    ends[topic] = offset + 1
                    seq += 1
                written.append(records)
            self._commit(rows)
        except (sqlite3.Error, ValueError) as error:  # ValueError: a key that is no Unicode text
            self._db.rollback()  # should this fail too, the writer stops
            raise LogError(f"nothing was appended to {self.path}: {error}") from error
        self.size, self.ends = seq, ends
        return written

    def _commit(self, rows: Sequence[Row]) -> None:
        if len(rows) <= _ROWS_AT_ONCE:
            self._insert(rows)  # one statement commits itself
        else:
            self._db.execute("BEGIN IMMEDIATE")
            for begin in range(0, len(rows), _ROWS_AT_ONCE):
                self._insert(rows[begin : begin + _ROWS_AT_ONCE])
            self._db.execute("COMMIT")
        self._mark.write(rows[-1][0] + 1)

    def _insert(self, rows: Sequence[Row]) -> None:
        marks = ",".join(["(?,?,?,?,?,?,?,?)"] * len(rows))
        self._db.execute(f"INSERT INTO records VALUES {marks}", list(chain.from_iterable(rows)))  # noqa: S608

    def close(self) -> None:
        """Move the write-ahead log into the file, close it, and release the lock."""
        self._held.close()


@contextlib.contextmanager
def locked(path: Path) -> Generator[int]:
    """Hold the lock of the log; its file stays when it is released, with the mark."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise LogError(f"cannot open {path}: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BlockingIOError as error:
        raise LogLocked(f"another process writes {path}: stop it, or choose another log") from error
    finally:
        os.close(lock)


def _is_absent(path: Path) -> bool:
    """Say whether there is no log yet at `path`, or one whose creation was cut off. Raises: LogDamaged; LogError."""
    if not path.exists():
        return True
    with reading(path) as db:
        return is_new(db)
