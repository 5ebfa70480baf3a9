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
from stockex.bus.embedded.schema import WAL_PAGES, as_log_errors, create, cut, forget, is_new, let_go, opened, reading
from stockex.bus.embedded.seal import NAMES, Row, seal_of
from stockex.errors import LogDamaged, LogError, LogLocked
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

_CUT_AT_ONCE: Final = 5_000
_ROWS_AT_ONCE: Final = 1_000
"""Rows of one INSERT: their values stay far below the 32,766 that SQLite takes."""


class LogFile:
    """The log as its one writer has it open.

    Attributes:
        path: The file.
        size: How many records it holds.
        ends: The offset above every record, by topic.
        at: The time of the newest record, 0 in an empty log.
        cuts: From which offset on a topic is kept, if not from 0.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, *, shape: Shape, mark: Mark) -> None:
        """Go on where `shape` says that the log ends; use `LogFile.open`."""
        self.path = path
        self.size, self.ends, self.at, self.cuts = shape.size, dict(shape.ends), shape.at, dict(shape.cuts)
        self._db = db
        self._mark = mark
        self._lock = contextlib.ExitStack()
        self._wal_pages = WAL_PAGES
        self._is_in_doubt = False

    @classmethod
    def open(cls, path: Path, *, wal_pages: int = WAL_PAGES) -> Self:
        """Lock the log, look whether it is sound, and open it; create it and its folder if there is none.

        The write-ahead log is moved into the file whenever it reaches `wal_pages`.

        Raises:
            LogLocked: another process, or another open in this one, writes it.
            LogDamaged: the file is no log of a version known here, or it is broken; it is left as it is.
            LogError: the file cannot be opened or created.
        """
        with contextlib.ExitStack() as held:
            mark = Mark(path, held.enter_context(locked(path)))
            promised = mark.read()
            with as_log_errors(path):
                if _is_absent(path):
                    if promised:
                        raise LogDamaged(f"nothing is left of it, but {promised} records were acknowledged")
                    create(path)
            shape = shape_of(path)
            log = cls(path, opened(path, wal_pages=wal_pages), shape=shape, mark=mark)
            log._wal_pages = wal_pages
            log._lock = held.pop_all()
            return log

    def write(self, calls: Sequence[Call]) -> list[list[Record]]:
        """Append all calls in one transaction, with one sync to disk, and return their records.

        Raises:
            LogDamaged: nothing was appended, and after an earlier failure not all that was acknowledged is on the disk.
            LogError: nothing was appended; later writes may succeed.
        """
        if self._is_in_doubt:
            self._settle()
        seq, ends = self.size, dict(self.ends)
        rows: list[Row] = []
        written: list[list[Record]] = []
        try:
            for entries, at in calls:
                first, plain_at, records = seq, int(at), []
                for entry in entries:
                    topic, key, value = entry.topic, entry.key, entry.value
                    offset = ends.get(topic, 0)
                    plain = (seq, first, NAMES[topic], offset, plain_at, key, value)
                    rows.append((*plain, seal_of(plain)))
                    records.append(Record(topic, offset, at, key, value))
                    ends[topic] = offset + 1
                    seq += 1
                written.append(records)
            self._commit(rows)
        except ValueError as error:  # a key that is no Unicode text; the database was not asked, or rolls back
            self._db.rollback()
            raise LogError(f"nothing was appended to {self.path}: {error}") from error
        except sqlite3.Error as error:
            self._fail(error)
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

    def cut(self, topic: Topic, below: int) -> int:
        """Let go of some thousand records of a topic below an offset that some record is at or above.

        Return the offset from which on it is kept now. Raises: LogDamaged; LogError: as `write`.
        """
        if self._is_in_doubt:
            self._settle()
        assert below < self.ends[topic], "the newest record of a topic tells where it ends"
        first = min(below, self.cuts.get(topic, 0) + _CUT_AT_ONCE)
        try:
            let_go(self._db, topic, below=first)
        except sqlite3.Error as error:
            self._fail(error)
            raise LogError(f"{self.path} was not cut: {error}") from error
        self.cuts[topic] = first
        return first

    def _fail(self, error: sqlite3.Error) -> None:
        """Undo a group that could not be committed, at once if the disk lets us."""
        self._is_in_doubt = error.sqlite_errorcode != sqlite3.SQLITE_FULL  # then there was no write that could count
        try:
            self._db.rollback()
        except sqlite3.Error:
            self._is_in_doubt = True
        if self._is_in_doubt:
            with contextlib.suppress(LogError):
                self._settle()

    def _settle(self) -> None:
        """Open the file anew after a commit that failed, and see that it holds what was acknowledged and no more.

        After a failed sync the next one may say that all is well while what the first was for is gone, and the failed
        group may stand in the write-ahead log as if it had been committed, for the next start to find. So nothing in
        memory is believed: the file is closed, the system is asked to forget what it has cached, what was acknowledged
        is read again, and a commit takes the place of the failed one.

        Source: the PostgreSQL project on fsync errors, 2018; Rebello et al., "Can Applications Recover from fsync
        Failures?", USENIX ATC 2020.

        Raises:
            LogDamaged: something acknowledged is gone or changed.
            LogError: the disk does not play along yet.
        """
        self._db.close()
        forget(self.path)
        shape = shape_of(self.path)
        if shape.size < self.size:
            raise LogDamaged(f"{self.path} ends after {shape.size} records, but {self.size} were acknowledged")
        self._db = opened(self.path, wal_pages=self._wal_pages)
        with as_log_errors(self.path):
            cut(self._db, self.size)
        self._is_in_doubt = False

    def close(self) -> None:
        """Move the write-ahead log into the file, close it, and release the lock."""
        if self._is_in_doubt:
            with contextlib.suppress(LogError):  # then the next start may find the last group that was refused
                self._settle()
        self._db.close()
        self._lock.close()


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
