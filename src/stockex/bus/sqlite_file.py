"""The file of the embedded log: its lock, its schema, and every line of SQL. Plain calls, no asyncio.

    records  seq      place in the whole log: 0, 1, 2, ... over all topics, in the order of appending
             call     seq of the first record of the same append, so that no reader splits an append
             topic, offset      offsets are dense from 0 in each topic
             at       nanoseconds since 1970, the same for all records of an append
             key, value

CPython's sqlite3 lets go of the interpreter lock at every step of a statement, and a thread that asks for it back
while another one computes waits up to the switch interval, 5 ms. So a group of appends is one INSERT of many rows:
beside a busy event loop 500 records took 1.6 s row by row, and take 8 ms in one statement.
"""

import contextlib
import fcntl
import heapq
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, Self

from stockex.bus.tail import BATCH
from stockex.errors import LogDamaged, LogError, LogLocked
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

APPLICATION_ID: Final = 0x53744558
"""What marks a SQLite file as a StockEx log: "StEX"."""

SCHEMA_VERSION: Final = 1
"""The version of the table below; a file with another one is refused."""

BATCH_BYTES: Final = 8 * 2**20
"""A batch from the file ends at the first append that brings its values to this many bytes."""

_SCHEMA: Final = f"""
BEGIN;
CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  call INTEGER NOT NULL,
  topic TEXT NOT NULL,
  offset INTEGER NOT NULL,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (topic, offset)
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""
_COLUMNS: Final = 7
_ROWS_AT_ONCE: Final = 1_000
"""Rows of one INSERT: their values stay far below the 32,766 that SQLite takes."""

_STATEMENTS_KEPT: Final = 16
_WAL_PAGES: Final = 4_000
"""The write-ahead log is moved into the file whenever it reaches this many pages, 16 MiB."""

_FROM: Final = """
SELECT seq, call, topic, offset, at, key, value FROM records
WHERE topic = ? AND offset >= ? AND +seq < ? ORDER BY offset
"""
_NEWEST: Final = """
SELECT topic, offset, at, key, value FROM records WHERE topic = ? AND offset < ? ORDER BY offset DESC LIMIT ?
"""
_END: Final = "SELECT offset + 1 FROM records WHERE topic = ? ORDER BY offset DESC LIMIT 1"
_LAST: Final = "SELECT seq + 1, at FROM records ORDER BY seq DESC LIMIT 1"
_FOREVER: Final = 2**63 - 1
_NAMES: Final = {topic: topic.value for topic in Topic}
_TOPICS: Final = {topic.value: topic for topic in Topic}

_Row = tuple[int, int, str, int, int, str, bytes]


class Call(NamedTuple):
    """The entries of one append, with their time."""

    entries: Sequence[Entry]
    at: Nanos


class LogFile:
    """The log as its one writer has it open.

    Attributes:
        path: The file.
        size: How many records it holds.
        ends: The offset above every record, by topic.
        at: The time of the newest record, 0 in an empty log.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        """Read where the log ends; use `LogFile.open`."""
        self.path = path
        self._db = db
        self._held = contextlib.ExitStack()
        last: tuple[int, int] = db.execute(_LAST).fetchone() or (0, 0)
        self.size, self.at = last[0], Nanos(last[1])
        ends = {topic: db.execute(_END, (name,)).fetchone() for topic, name in _NAMES.items()}
        self.ends: dict[Topic, int] = {topic: row[0] for topic, row in ends.items() if row}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Lock the log and open it, creating it and its folder if there is none.

        Raises:
            LogLocked: another process, or another open in this one, writes it.
            LogDamaged: the file is no log of this version, or it is broken.
            LogError: the file cannot be opened or created.
        """
        with contextlib.ExitStack() as held, _as_log_errors(path):
            held.enter_context(_locked(path))
            db = held.enter_context(contextlib.closing(_connected(path)))
            _prepare(db, path)
            log = cls(path, db)
            log._held = held.pop_all()
            return log

    def write(self, calls: Sequence[Call]) -> list[list[Record]]:
        """Append all calls in one transaction, with one sync to disk, and return their records.

        Raises:
            LogError: nothing was appended; later writes may succeed.
        """
        seq, ends = self.size, dict(self.ends)
        rows: list[_Row] = []
        written: list[list[Record]] = []
        for entries, at in calls:
            first, plain_at, records = seq, int(at), []
            for topic, key, value in entries:
                offset = ends.get(topic, 0)
                rows.append((seq, first, _NAMES[topic], offset, plain_at, key, value))
                records.append(Record(topic, offset, at, key, value))
                ends[topic] = offset + 1
                seq += 1
            written.append(records)
        self._commit(rows)
        self.size, self.ends = seq, ends
        return written

    def _commit(self, rows: Sequence[_Row]) -> None:
        try:
            if len(rows) <= _ROWS_AT_ONCE:
                self._insert(rows)  # one statement commits itself
                return
            self._db.execute("BEGIN IMMEDIATE")
            for begin in range(0, len(rows), _ROWS_AT_ONCE):
                self._insert(rows[begin : begin + _ROWS_AT_ONCE])
            self._db.execute("COMMIT")
        except (sqlite3.Error, ValueError) as error:  # ValueError: a key that is no Unicode text
            self._db.rollback()  # should this fail too, the writer stops
            raise LogError(f"nothing was appended to {self.path}: {error}") from error

    def _insert(self, rows: Sequence[_Row]) -> None:
        marks = ",".join(["(?,?,?,?,?,?,?)"] * len(rows))
        self._db.execute(f"INSERT INTO records VALUES {marks}", list(chain.from_iterable(rows)))  # noqa: S608

    def close(self) -> None:
        """Move the write-ahead log into the file, close it, and release the lock."""
        self._held.close()


def batch_from(path: Path, wants: Mapping[Topic, int], *, below: int) -> list[Record]:
    """Return the next records of the log at `path` from the offsets of `wants` on, merged by order of appending.

    Whole appends only, until there are `BATCH` records or `BATCH_BYTES`; nothing at or above seq `below`.

    Raises:
        LogError: the file cannot be read.
    """
    with _reading(path) as db:
        batch: list[Record] = []
        size, last_call = 0, -1
        for _, call, topic, offset, at, key, value in _merged(db, wants, below=below):
            if call != last_call and (len(batch) >= BATCH or size >= BATCH_BYTES):
                break
            batch.append(Record(_TOPICS[topic], offset, Nanos(at), key, value))
            size += len(value)
            last_call = call
        return batch


def _merged(db: sqlite3.Connection, wants: Mapping[Topic, int], *, below: int) -> Iterator[_Row]:
    """Yield rows by `seq`: one ordered query a topic, merged, so that unwanted topics cost nothing."""
    return heapq.merge(*(db.execute(_FROM, (_NAMES[topic], offset, below)) for topic, offset in wants.items()))


def newest(path: Path, topic: Topic, *, count: int, below: int) -> list[Record]:
    """Return the newest `count` records of `topic` under offset `below`, oldest first. Raises: LogError."""
    with _reading(path) as db:
        rows = db.execute(_NEWEST, (_NAMES[topic], below, max(count, 0))).fetchall()
    return [Record(_TOPICS[name], offset, Nanos(at), key, value) for name, offset, at, key, value in reversed(rows)]


def stored(path: Path, topic: Topic, *, since: int = 0) -> Iterator[Record]:
    """Yield the records of `topic` that the log at `path` holds, from offset `since` on, and end after the last one.

    Any process may call it, whether another one writes the log or not. It reads in batches and holds no lock.

    Raises:
        LogDamaged: the file is no log of this version, or it is broken.
        LogError: there is no such file, or it cannot be read.
    """
    with _reading(path) as db:
        _check_version(db, path)
    while batch := batch_from(path, {topic: since}, below=_FOREVER):
        yield from batch
        since = batch[-1].offset + 1


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as error:
        raise LogError(f"cannot open {path}: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LogLocked(f"another process writes {path}: stop it, or choose another log") from error
        yield


def _connected(path: Path) -> sqlite3.Connection:
    """Open the file so that the thread of the writer may use what another thread opened."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT)


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Create the table in a new file, refuse what is no log, and have every commit synced to disk."""
    if not db.execute("SELECT 1 FROM sqlite_master").fetchone() and _marks(db) == (0, 0):
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(_SCHEMA)
    _check_version(db, path)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: through the drive's own cache as well
    db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")


def _marks(db: sqlite3.Connection) -> tuple[int, int]:
    return db.execute("PRAGMA application_id").fetchone()[0], db.execute("PRAGMA user_version").fetchone()[0]


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    application, version = _marks(db)
    if application != APPLICATION_ID:
        raise LogDamaged(f"{path} is a SQLite file, but no StockEx log")
    if version != SCHEMA_VERSION:
        raise LogDamaged(f"{path} is a StockEx log of version {version}; this program reads version {SCHEMA_VERSION}")


@contextlib.contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    """Open the file for reading only. A connection of its own for each batch leaves none open behind a reader."""
    with _as_log_errors(path):
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as db:
            yield db


@contextlib.contextmanager
def _as_log_errors(path: Path) -> Generator[None]:
    """Turn errors of sqlite3 into ours. Only a file that is broken or no database raises DatabaseError itself."""
    try:
        yield
    except sqlite3.Error as error:
        kind = LogDamaged if type(error) is sqlite3.DatabaseError else LogError
        raise kind(f"cannot use {path}: {error}") from error
