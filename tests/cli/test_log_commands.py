"""`stockex log` as a user types it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from contract.bus_contract import order, trade
from typer.testing import CliRunner, Result

from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.cli import commands
from stockex.journal import LOG_FILE
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a directory with a log of three appends."""
    with closing(LogFile.open(tmp_path / LOG_FILE)) as log:
        for number in range(2):
            log.write([Call([order(f'{{"n":{number}}}'), trade(f'{{"n":{number}}}')], Nanos(number))])
        log.write([Call([Entry(Topic.CONTROL, "", b"\xff")], Nanos(9))])
    return tmp_path


def run(data: Path, *words: str) -> Result:
    """Run `stockex log` with these words on this directory."""
    return CliRunner().invoke(commands, ["log", *words, "--data", str(data)])


def spoil(data: Path) -> None:
    """Change a record behind the log's back."""
    with closing(sqlite3.connect(data / LOG_FILE)) as db, db:
        db.execute("UPDATE records SET value = x'00' WHERE seq = 2")


def test_export_writes_every_record_in_order(data: Path) -> None:
    """JSON values as they are, others as base64; with their topic, offset, time and key."""
    lines = [json.loads(line) for line in run(data, "export").stdout.splitlines()]
    assert [(line["topic"], line["offset"], line["at"]) for line in lines] == [
        *(("orders", 0, 0), ("trades", 0, 0), ("orders", 1, 1), ("trades", 1, 1), ("control", 0, 9))
    ]
    assert (lines[2]["key"], lines[2]["value"], lines[4]["base64"]) == ("ALPHA", {"n": 1}, "/w==")


def test_export_takes_topics_and_a_beginning(data: Path) -> None:
    """Only what is asked for."""
    lines = run(data, "export", "--topic", "orders", "--topic", "control", "--since", "1").stdout.splitlines()
    assert [json.loads(line)["topic"] for line in lines] == ["orders"]


def test_tail_shows_the_newest(data: Path) -> None:
    """The last ones over all topics, or from an offset on."""
    assert run(data, "tail", "-n", "2").stdout.splitlines() == ['1 trades 1 ALPHA {"n":1}', "9 control 0 - \ufffd"]
    assert run(data, "tail", "--topic", "orders", "--since", "0").stdout.count("orders") == 2


def test_verify_finds_a_sound_log_sound(data: Path) -> None:
    """Status 0, how many records, and JSON on demand."""
    assert "5 records, 5 acknowledged by the mark\nsound\n" in run(data, "verify").stdout
    assert json.loads(run(data, "verify", "--json").stdout)["records"] == 5


def test_a_damaged_log_is_told_mended_and_sound_again(data: Path) -> None:
    """Verify names the record with status 1, repair says what is lost, then verify is content."""
    spoil(data)
    found = run(data, "verify")
    assert (found.exit_code, "record 2 of the whole log (orders 1): its seal" in found.stdout) == (1, True)
    mended = run(data, "repair").stdout
    assert "kept       4 records" in mended
    assert "           orders 1\n" in mended
    assert (run(data, "verify").exit_code, "nothing to repair" in run(data, "repair").stdout) == (0, True)


def test_no_log_is_an_error(tmp_path: Path) -> None:
    """The directory is named."""
    assert str(tmp_path) in str(run(tmp_path, "verify").exception)


def test_torture_tells_counts_and_seed() -> None:
    """Each kind of damage, how often, from which seed, and how it ended."""
    done = CliRunner().invoke(commands, ["torture", "--flips", "20", "--seed", "2"])
    assert done.exit_code == 0
    assert "bits flipped  20 trials, seed 2: " in done.stdout
    assert done.stdout.count(", 0 silently wrong") == 2
