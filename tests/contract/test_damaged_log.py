"""A damaged log is found to be damaged, says where, and is left as it is; an old one still reads."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from contract.bus_contract import HandClock, order, records, texts, trade

from stockex.bus.appends import Call
from stockex.bus.embedded.mark import lock_of
from stockex.bus.embedded.writing import LogFile
from stockex.bus.sqlite import SqliteBus, stored
from stockex.errors import LogDamaged
from stockex.messages.topics import Topic
from stockex.torture.damage import cut, flipped
from stockex.torture.specimen import End
from stockex.vocabulary.units import Nanos

VERSION_1 = """
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, call INTEGER NOT NULL, topic TEXT NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL,
  key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (topic, offset)
);
INSERT INTO records VALUES (0, 0, 'orders', 0, 7, 'ALPHA', x'61'), (1, 0, 'trades', 0, 7, 'ALPHA', x'62'),
  (2, 2, 'orders', 1, 8, 'ALPHA', x'63');
PRAGMA application_id = 0x53744558;
PRAGMA user_version = 1;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a log of ten appends of an order and a trade each, closed."""
    path = tmp_path / "log.db"
    append(path, 10)
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a log as version 1 wrote it."""
    path = tmp_path / "old.db"
    sql(path, VERSION_1)
    return path


def append(path: Path, count: int) -> None:
    """Append an order and a trade so many times."""
    with closing(LogFile.open(path)) as log:
        for number in range(count):
            log.write([Call([order(f"order {number}"), trade(f"trade {number}")], Nanos(number))])


def sql(path: Path, script: str) -> None:
    """Change the file behind the log's back."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)


def refusal(path: Path) -> str:
    """Return why a log is refused to a writer; it must be left as it is."""
    before = path.read_bytes() if path.exists() else b""
    with pytest.raises(LogDamaged) as caught:
        LogFile.open(path)
    assert (path.read_bytes() if path.exists() else b"") == before
    return str(caught.value)


def test_no_flipped_bit_goes_unnoticed() -> None:
    """400 single bits, in closed and in killed logs: each is found, or everything reads as it was written."""
    tally = flipped(400, seed=5)
    assert tally.failures == []
    assert (tally.trials, tally.ends[End.DETECTED] > 300) == (400, True)


def test_no_cut_goes_unnoticed() -> None:
    """Cut at every byte of the last three records, and at twenty-five other places of each file."""
    tally = cut(seed=2)
    assert tally.failures == []
    assert tally.ends[End.DETECTED] > 500


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE records SET value = 'order 9' WHERE seq = 6", "record 6 of the whole log is damaged: it is no record"),
        ("UPDATE records SET value = x'00' WHERE seq = 6", "record 6 of the whole log is damaged: its seal"),
        ("UPDATE records SET seal = NULL WHERE seq = 6", "record 6 of the whole log is damaged: its seal"),
        ("UPDATE records SET at = at + 1 WHERE seq = 6", "record 6 of the whole log is damaged: its seal"),
        ("DELETE FROM records WHERE seq = 6", "record 6 of the whole log is damaged: it is missing"),
        ("DELETE FROM records WHERE seq >= 18", "ends after 18 records, but 20 were acknowledged"),
        ("DELETE FROM records WHERE seq = 18", "it has 20 records, and places for 19"),
        ("UPDATE marks SET value = 100", "since when records are sealed is unreadable"),
        ("DROP TABLE marks", "no such table: marks"),
        ("UPDATE marks SET value = 'x'", "since when records are sealed is unreadable"),
    ],
)
def test_a_damage_is_named(path: Path, damage: str, says: str) -> None:
    """The reason tells the file and the place."""
    sql(path, damage)
    assert str(path) in refusal(path)
    assert says in refusal(path)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE records SET key = 'BETA' WHERE seq = 0", "record 0 of orders is damaged: its seal does not fit"),
        ("DELETE FROM records WHERE seq = 4", "record 2 of orders is missing"),
    ],
)
async def test_a_reader_of_a_running_log_is_told(path: Path, damage: str, says: str) -> None:
    """What opening does not look at is found when it is read; before it, what is sound comes."""
    append(path, 1_000)
    sql(path, damage)
    bus = await SqliteBus.open(path, clock=HandClock())
    with pytest.raises(LogDamaged, match=says):
        await records(bus, {Topic.ORDERS: 0}, 1_010)
    assert len(await records(bus, {Topic.TRADES: 3}, 1_000)) >= 1_000
    await bus.close()


async def test_the_newest_of_a_topic_are_checked(path: Path) -> None:
    """Asking for them finds a hole among them, and one before them."""
    bus = await SqliteBus.open(path, clock=HandClock())
    sql(path, "DELETE FROM records WHERE seq IN (0, 14)")
    assert texts(await bus.last(Topic.ORDERS, 2)) == ["order 8", "order 9"]
    for count, says in ((3, "record 7 of orders is missing"), (10, "a record of orders before 10 is missing")):
        with pytest.raises(LogDamaged, match=says):
            await bus.last(Topic.ORDERS, count)
    await bus.close()


def test_a_definition_that_is_no_text_is_told(path: Path) -> None:
    """SQLite cites it in its own message, which is then no text either."""
    data = path.read_bytes()
    assert data.count(b"CREATE TABLE marks (name") == 1
    path.write_bytes(data.replace(b"CREATE TABLE marks (name", b"CREATE TABLE marks \xdfname"))
    assert "its definition of the tables is unreadable" in refusal(path)


def test_an_older_copy_is_no_substitute(path: Path) -> None:
    """A log restored from a backup lacks what was acknowledged since, and says how much."""
    backup = path.with_name("backup")
    shutil.copyfile(path, backup)
    append(path, 5)
    shutil.copyfile(backup, path)
    assert "ends after 20 records, but 30 were acknowledged" in refusal(path)


def test_a_log_that_vanished_is_missed(path: Path) -> None:
    """Without its file a log is not begun anew while its lock says that there was one; nor when the file is empty."""
    path.unlink()
    assert "nothing is left of it, but 20 records were acknowledged" in refusal(path)
    path.touch()
    assert "nothing is left of it, but 20 records were acknowledged" in refusal(path)


def test_a_write_ahead_log_that_vanished_is_missed(path: Path, tmp_path: Path) -> None:
    """What a killed process left in its write-ahead log alone is missed when that file is gone."""
    copy = tmp_path / "killed" / path.name
    with closing(LogFile.open(path)) as log:
        log.write([Call([order("new")], Nanos(99))])
        copy.parent.mkdir()
        for file in (path, lock_of(path)):
            shutil.copyfile(file, copy.with_name(file.name))
    assert "ends after 20 records, but 21 were acknowledged" in refusal(copy)


def test_an_unreadable_mark_is_told(path: Path) -> None:
    """When neither slot reads, nobody knows what was acknowledged."""
    lock_of(path).write_bytes(b"x" * 1_024)
    assert "the mark in" in refusal(path)


def test_one_slot_of_the_mark_is_enough(path: Path) -> None:
    """A slot that was torn leaves the one before it."""
    data = bytearray(lock_of(path).read_bytes())
    data[:30] = bytes(30)
    lock_of(path).write_bytes(data)
    append(path, 1)
    assert len(list(stored(path, Topic.ORDERS))) == 11


def test_a_log_without_its_lock_is_read(path: Path, tmp_path: Path) -> None:
    """A copy of the one file is a log; only the mark is not there."""
    copy = tmp_path / "copy" / "log.db"
    copy.parent.mkdir()
    shutil.copyfile(path, copy)
    append(copy, 1)
    assert len(list(stored(copy, Topic.TRADES))) == 11


def test_a_log_of_version_1_is_read_as_it_is(old: Path) -> None:
    """Reading changes nothing, so that an archive stays what it is."""
    before = old.read_bytes()
    assert texts(list(stored(old, Topic.ORDERS))) == ["a", "c"]
    assert old.read_bytes() == before


def test_a_log_of_version_1_is_written_on(old: Path) -> None:
    """Its records stay and count; what comes is sealed, and a change of it is found."""
    append(old, 2)
    assert texts(list(stored(old, Topic.ORDERS))) == ["a", "c", "order 0", "order 1"]
    sql(old, "UPDATE records SET seal = NULL WHERE seq = 3")
    assert "record 3 of the whole log is damaged" in refusal(old)


def test_what_version_1_wrote_is_checked_as_far_as_it_goes(old: Path) -> None:
    """It has no seals, yet an unknown topic is found."""
    append(old, 1)
    sql(old, "UPDATE records SET topic = 'cats' WHERE seq = 1")
    assert "record 1 of the whole log is damaged: its topic is unknown" in refusal(old)


def test_a_migration_that_is_cut_off_has_not_begun(old: Path) -> None:
    """It is one transaction: a log of version 1 whose table cannot be changed stays one."""
    sql(old, "CREATE TABLE marks (x)")
    with pytest.raises(LogDamaged, match="already exists"):
        LogFile.open(old)
    assert texts(list(stored(old, Topic.TRADES))) == ["b"]
