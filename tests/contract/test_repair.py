"""A damaged log is looked at as a whole, and mended without a word missing about what is lost."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from contract.bus_contract import order, texts, trade

from stockex.bus.appends import Call
from stockex.bus.embedded.mark import lock_of
from stockex.bus.embedded.repairing import repaired
from stockex.bus.embedded.verifying import verified
from stockex.bus.embedded.writing import LogFile
from stockex.bus.sqlite import stored
from stockex.errors import LogError, LogLocked
from stockex.messages.topics import Topic
from stockex.torture.damage import Damage
from stockex.torture.specimen import State, contents_of, specimen
from stockex.vocabulary.units import Nanos


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a log of ten appends of an order and a trade each, closed."""
    path = tmp_path / "log.db"
    with closing(LogFile.open(path)) as log:
        for number in range(10):
            log.write([Call([order(f"order {number}"), trade(f"trade {number}")], Nanos(number))])
    return path


def sql(path: Path, script: str) -> None:
    """Change the file behind the log's back."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)


def test_a_sound_log_is_found_sound_and_left_alone(path: Path) -> None:
    """No faults, every record counted; a repair does nothing to it."""
    before = path.read_bytes()
    assert verified(path) == (20, 0, 20, [])
    assert repaired(path).old is None
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (
            "UPDATE records SET value = x'00' WHERE seq = 6",
            "record 6 of the whole log (orders 3): its seal does not fit",
        ),
        ("DELETE FROM records WHERE seq = 6", "records 6 to 6 of the whole log: missing"),
        ("DELETE FROM records WHERE seq >= 18", "it ends after 18 records, but 20 were acknowledged"),
    ],
)
def test_the_first_fault_names_its_place(path: Path, damage: str, says: str) -> None:
    """What kind of damage it is, and where."""
    sql(path, damage)
    assert verified(path).faults[0].endswith(says)


def test_a_damaged_record_leaves_an_empty_one_and_its_remains(path: Path) -> None:
    """All others stay at their offsets; the bytes that were found are in the list, the old file is kept."""
    sql(path, "UPDATE records SET value = CAST('spoilt' AS BLOB) WHERE seq = 6")
    old = path.read_bytes()
    done = repaired(path)
    assert done[:3] == (19, [(Topic.ORDERS, 3)], 0)
    assert texts(list(stored(path, Topic.ORDERS))) == [f"order {n}" if n != 3 else "" for n in range(10)]
    assert done.lost is not None
    assert done.old is not None
    lost = [json.loads(line) for line in done.lost.read_text().splitlines()]
    assert (lost[0], len(lost)) == ({"topic": "orders", "offset": 3}, 2)
    assert done.old.read_bytes() == old
    assert verified(path).faults == []


def test_what_is_gone_at_the_end_is_counted(path: Path) -> None:
    """Nothing stands in its place; the list says how many, and the log goes on from there."""
    sql(path, "DELETE FROM records WHERE seq >= 15; VACUUM")
    done = repaired(path)
    assert (done.kept, done.emptied, done.at_the_end) == (15, [], 5)
    assert done.lost is not None
    assert json.loads(done.lost.read_text()) == {"records_at_the_end": 5}
    with closing(LogFile.open(path)) as log:
        assert (log.size, log.ends) == (15, {Topic.ORDERS: 8, Topic.TRADES: 7})


def test_an_unreadable_mark_is_set_anew(path: Path) -> None:
    """Every record stays, and the log may be written again."""
    lock_of(path).write_bytes(b"x" * 1_024)
    assert repaired(path).kept == 20
    assert verified(path) == (20, 0, 20, [])


def test_a_file_without_a_readable_header_gives_its_records_back(path: Path) -> None:
    """The first page may be all zeros: records stand on the others, or in the write-ahead log."""
    with closing(LogFile.open(path)) as log:
        log.write([Call([order("x" * 3_000)] * 3, Nanos(99))])
    data = bytearray(path.read_bytes())
    data[:4_096] = bytes(4_096)
    path.write_bytes(data)
    assert repaired(path).kept == 23


def test_any_flipped_bit_costs_one_record_at_most(tmp_path: Path) -> None:
    """40 bits, in a closed and in a killed log: each other record is as it was, and each lost one is told."""
    dice = Random(3)
    for state in State:
        made = specimen(tmp_path / state, seed=3, state=state)
        for _ in range(20):
            file = dice.choice(made.files)
            path = made.copied(tmp_path / "damaged")
            Damage(file.name, dice.randrange(file.stat().st_size), dice.randrange(8)).do(path.parent)
            done = repaired(path)
            found = contents_of(path)
            lost = [record for topic in Topic for record in made.contents[topic] if record not in found[topic]]
            assert len(lost) <= 1
            assert len(lost) == len(done.emptied) + done.at_the_end


def test_a_log_that_is_written_is_not_repaired(path: Path) -> None:
    """Nor is one that is not there."""
    with closing(LogFile.open(path)), pytest.raises(LogLocked):
        repaired(path)
    with pytest.raises(LogError, match="no log"):
        repaired(path.parent / "none" / "log.db")


def test_a_repair_that_was_cut_off_is_done_again(path: Path) -> None:
    """What it left beside the log does not count."""
    sql(path, "UPDATE records SET at = 77 WHERE seq = 6")
    path.with_name("log.db.new").write_bytes(b"half of a log")
    assert repaired(path).kept == 19
    assert verified(path).faults == []


@pytest.fixture
def kept(path: Path) -> Path:
    """Return the log with the orders cut below offset 6."""
    with closing(LogFile.open(path)) as log:
        while log.cut(Topic.ORDERS, 6) < 6:
            pass
    return path


def test_a_cut_log_is_sound(kept: Path) -> None:
    """What is kept is counted and checked; nothing is called missing."""
    assert verified(kept) == (14, 0, 20, [])
    LogFile.open(kept).close()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("DELETE FROM records WHERE topic = 'orders' AND offset = 8", "orders 9, where orders 8 should stand"),
        ("DELETE FROM records WHERE topic = 'orders' AND offset = 6", "orders 7, where orders 6 should stand"),
        ("UPDATE marks SET value = 7 WHERE name = 'cut orders'", "since when records are kept is unreadable"),
        ("DELETE FROM marks WHERE name = 'cut orders'", "records 0 to 0 of the whole log: missing"),
    ],
)
def test_what_is_missing_above_the_cut_is_told(kept: Path, damage: str, says: str) -> None:
    """The mark of the cut has a seal, and excuses what is below it only."""
    sql(kept, damage)
    assert any(says in fault for fault in verified(kept).faults)


def test_a_repair_keeps_the_cut(kept: Path) -> None:
    """Only what was lost above it is told as lost; what was cut stays cut."""
    sql(kept, "UPDATE records SET value = x'00' WHERE topic = 'orders' AND offset = 8")
    done = repaired(kept)
    assert (done.emptied, done.at_the_end) == ([(Topic.ORDERS, 8)], 0)
    assert verified(kept) == (14, 0, 20, [])
    assert texts(list(stored(kept, Topic.ORDERS, since=6))) == ["order 6", "order 7", "", "order 9"]
