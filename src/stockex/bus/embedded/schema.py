"""The table of the log, its versions, and how a connection to it is opened.

    records  seq      place in the whole log: 0, 1, 2, ... over all topics, in the order of appending
             call     seq of the first record of the same append, so that no reader splits an append
             topic, offset      offsets are dense from 0 in each topic
             at       nanoseconds since 1970, the same for all records of an append
             key, value
             seal     checksum of all of these; NULL in what version 1 wrote

    marks    "unsealed": below this seq records bear no seal. "settled": so many records there were when the file was
             last opened anew after a failed commit. "cut TOPIC": the offset from which on the topic is kept, except
             that its newest record always is. Each mark has a seal of its own.

Version 1 had neither seals nor marks.
"""

import contextlib
import os
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Final

from stockex.bus.embedded.seal import TOPICS, mark_seal
from stockex.errors import LogDamaged, LogError
from stockex.messages.topics import Topic

APPLICATION_ID: Final = 0x53744558
"""What marks a SQLite file as a StockEx log: "StEX"."""

SCHEMA_VERSION: Final = 2
"""The version that is written; a file with a later one is refused."""

_OLDEST: Final = 1
_UNSEALED: Final = "unsealed"
_SETTLED: Final = "settled"
_CUT: Final = "cut "
WAL_PAGES: Final = 4_000
"""The write-ahead log is moved into the file whenever it reaches this many pages, 16 MiB."""

_STATEMENTS_KEPT: Final = 16

_MARKS: Final = "CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL, seal INTEGER NOT NULL)"
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
  seal INTEGER,
  UNIQUE (topic, offset)
);
{_MARKS};
INSERT INTO marks VALUES ('{_UNSEALED}', 0, {mark_seal(_UNSEALED, 0)});
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""  # noqa: S608 (our own constants)

_OF_THE_WORLD: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
    }
)
"""What SQLite reports when the machine does not play along. All else, for our own statements, is a broken file."""


def create(path: Path) -> None:
    """Make an empty log where there is none; a crash leaves none or a whole one. Raises: OSError; sqlite3.Error."""
    draft = path.with_name(f"{path.name}.draft")
    for base in (draft, path):
        for end in ("", "-journal", "-wal", "-shm"):
            base.with_name(base.name + end).unlink(missing_ok=True)
    with contextlib.closing(_connected(draft)) as db:
        db.executescript(_SCHEMA)
        db.execute("PRAGMA journal_mode = WAL")
    draft.replace(path)
    sync_folder(path.parent)


def opened(path: Path, *, wal_pages: int) -> sqlite3.Connection:
    """Open a log for writing, every commit synced to disk; one of an older version becomes one of the newest.

    The thread of the writer may use what another thread opened. The write-ahead log is moved into the file whenever it
    reaches `wal_pages`.

    Raises: LogDamaged; LogError.
    """
    with as_log_errors(path), contextlib.ExitStack() as opening:
        db = opening.enter_context(contextlib.closing(_connected(path)))
        if version_of(db) < SCHEMA_VERSION:
            _migrate(db)
        db.execute(f"PRAGMA wal_autocheckpoint = {wal_pages}")
        opening.pop_all()
    return db


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT)
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: through the drive's own cache as well
    return db


def forget(path: Path) -> None:
    """Ask the system to drop what it has cached of a log, so that it is read from the disk next time."""
    if not hasattr(os, "posix_fadvise"):
        return
    for file in (path, path.with_name(f"{path.name}-wal")):
        with contextlib.suppress(OSError):
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def cut(db: sqlite3.Connection, size: int) -> None:
    """Commit that the log has `size` records and no more; something is written in any case. Raises: sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        db.execute("DELETE FROM records WHERE seq >= ?", (size,))
        db.execute("REPLACE INTO marks VALUES (?, ?, ?)", (_SETTLED, size, mark_seal(_SETTLED, size)))


def let_go(db: sqlite3.Connection, topic: Topic, *, below: int) -> None:
    """Commit that a topic is kept from an offset on. Raises: sqlite3.Error."""
    name = _CUT + topic.value
    db.execute("BEGIN IMMEDIATE")
    with db:
        db.execute("DELETE FROM records WHERE topic = ? AND offset < ?", (topic.value, below))
        db.execute("REPLACE INTO marks VALUES (?, ?, ?)", (name, below, mark_seal(name, below)))


def cuts_of(db: sqlite3.Connection) -> dict[Topic, int]:
    """Return from which offset on the topics are kept that were cut. Raises: LogDamaged: what says it is damaged."""
    if version_of(db) == _OLDEST:
        return {}
    cuts: dict[Topic, int] = {}
    for name, value, seal in db.execute("SELECT name, value, seal FROM marks WHERE name <> ?", (_UNSEALED,)):
        if not (isinstance(name, str) and isinstance(value, int)) or seal != mark_seal(name, value):
            raise LogDamaged("what says since when records are kept is unreadable")
        if name.startswith(_CUT):
            cuts[TOPICS[name.removeprefix(_CUT)]] = value
    return cuts


def sync_folder(folder: Path) -> None:
    """Make a renaming durable. Raises: OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _migrate(db: sqlite3.Connection) -> None:
    """Give a log of version 1 seals for what is appended from now on. Its records stay as they are."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        [size] = db.execute("SELECT COALESCE(MAX(seq) + 1, 0) FROM records").fetchone()
        db.execute("ALTER TABLE records ADD COLUMN seal INTEGER")
        db.execute(_MARKS)
        db.execute("INSERT INTO marks VALUES (?, ?, ?)", (_UNSEALED, size, mark_seal(_UNSEALED, size)))
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def is_new(db: sqlite3.Connection) -> bool:
    """Say whether the file holds nothing yet: it is empty, or its creation was cut off."""
    return not db.execute("SELECT 1 FROM sqlite_master").fetchone() and _kind(db) == (0, 0)


def _kind(db: sqlite3.Connection) -> tuple[int, int]:
    return db.execute("PRAGMA application_id").fetchone()[0], db.execute("PRAGMA user_version").fetchone()[0]


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the log. Raises: LogDamaged: it is no log, or one of a version unknown here."""
    application, version = _kind(db)
    if application != APPLICATION_ID:
        raise LogDamaged("it is a SQLite file, but no StockEx log")
    if not _OLDEST <= version <= SCHEMA_VERSION:
        raise LogDamaged(
            f"it is a StockEx log of version {version}; this program reads versions up to {SCHEMA_VERSION}"
        )
    return version


def unsealed_below(db: sqlite3.Connection) -> int:
    """Return the seq below which records bear no seal. Raises: LogDamaged: what says it is damaged."""
    if version_of(db) == _OLDEST:
        return 2**63 - 1
    row = db.execute("SELECT value, seal FROM marks WHERE name = ?", (_UNSEALED,)).fetchone()
    if row is None or not isinstance(row[0], int) or row[1] != mark_seal(_UNSEALED, row[0]):
        raise LogDamaged("what says since when records are sealed is unreadable")
    return row[0]


@contextlib.contextmanager
def reading(path: Path) -> Generator[sqlite3.Connection]:
    """Open the file for reading only, at one moment of it; a connection of its own each time leaves none open.

    Raises:
        LogDamaged: the file is broken, or what was done with the connection showed that it is.
        LogError: it cannot be opened or read.
    """
    with as_log_errors(path):
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as db:
            db.execute("PRAGMA cell_size_check = ON")
            db.execute("BEGIN")
            yield db


@contextlib.contextmanager
def as_log_errors(path: Path) -> Generator[None]:
    """Turn errors of sqlite3 into ours, and say of which file a damage is."""
    try:
        yield
    except LogDamaged as error:
        raise LogDamaged(f"cannot use {path}: {error}") from error
    except OSError as error:
        raise LogError(f"cannot use {path}: {error}") from error
    except UnicodeDecodeError as error:  # what SQLite itself says cites a table's definition that is no text any more
        raise LogDamaged(f"cannot use {path}: its definition of the tables is unreadable") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code & 0xFF in _OF_THE_WORLD and code != sqlite3.SQLITE_IOERR_SHORT_READ:
            raise LogError(f"cannot use {path}: {error}") from error
        raise LogDamaged(f"cannot use {path}: {error}") from error
