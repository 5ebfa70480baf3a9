"""`stockex replay` and `stockex fork` on a recorded day."""

import json
from pathlib import Path
from typing import Any

import pytest
from recording import record_day
from tidy.tree import ROOT
from typer.testing import CliRunner, Result

from stockex.cli import commands
from stockex.commands.replay import _pace_of
from stockex.errors import ConfigurationError

JOINED = ROOT / "docs" / "examples" / "joined.ndjson"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the day's log."""
    return record_day(tmp_path_factory.mktemp("day"))


def run(data: Path, *words: str, given: bytes = b"") -> Result:
    """Run `stockex` with these words on this directory."""
    return CliRunner().invoke(commands, [*words, "--data", str(data)], input=given)


def replayed(data: Path, *words: str) -> dict[str, Any]:
    """Return the figures of a replay."""
    done = run(data, "replay", "--json", *words)
    assert done.exit_code == 0, done.output
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def facts(done: Result, kind: str) -> list[dict[str, Any]]:
    """Return the facts of one kind that were written."""
    assert done.exit_code == 0, done.output
    return [fact for fact in map(json.loads, done.stdout.splitlines()) if fact.get("type") == kind]


def trades(done: Result) -> list[tuple[str, str, int, float]]:
    """Return who bought from whom, how much, at what price."""
    return [
        (fact["buy"]["account"], fact["sell"]["account"], fact["quantity"], fact["price"])
        for fact in facts(done, "traded")
    ]


@pytest.mark.parametrize(
    ("until", "offset"),
    [("0", 0), ("7", 7), ("10", 10), ("10:00:10", 5), ("10:00:10.5", 6), ("10:02", 7), ("2026-11-25T10:02", 7)],
)
def test_a_replay_stops_before_an_offset_or_an_instant(data: Path, until: str, offset: int) -> None:
    """An instant means the first command at it or later, in UTC on the day that the log begins."""
    assert replayed(data, "--until", until)["offset"] == offset


def test_an_instant_may_name_its_zone(data: Path) -> None:
    """12:02 two hours east of Greenwich is 10:02 there."""
    assert replayed(data, "--until", "12:02+02:00")["offset"] == 7


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("11", "offset 11 is beyond the log, which ends before 10"),
        ("10:06", "10:06 is beyond the log, whose newest command came at 2026-11-25 10:05:00"),
        ("noon", "'noon' is no offset and no instant"),
        ("4.5", "'4.5' is no offset and no instant"),
    ],
)
def test_a_place_that_the_log_has_not_is_an_error(data: Path, until: str, says: str) -> None:
    """It tells how far the log goes, or how a place is written."""
    done = run(data, "replay", "--until", until)
    assert isinstance(done.exception, ConfigurationError)
    assert says in str(done.exception)


@pytest.mark.parametrize("words", [("replay",), ("explain", "3")])
def test_an_embedded_log_has_no_shards(data: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be read as what it is not, and found to differ."""
    monkeypatch.setenv("STOCKEX_SHARDS", "2")
    done = run(data, *words)
    assert isinstance(done.exception, ConfigurationError)
    assert "STOCKEX_SHARDS=2 is for a log on Kafka" in str(done.exception)


def test_the_digest_alone_is_one_line(data: Path) -> None:
    """It is the one that the figures tell, and each place has its own."""
    done = run(data, "replay", "--until", "8", "--digest")
    assert done.stdout.split() == [replayed(data, "--until", "8")["digest"]]
    assert done.stdout.split() != [replayed(data)["digest"]]


@pytest.mark.parametrize("speed", ["max", "1000"])
def test_a_replay_with_a_speed_writes_the_facts(data: Path, speed: str) -> None:
    """As NDJSON, those of the log; the digest goes to standard error."""
    done = run(data, "replay", "--speed", speed, "--digest")
    assert trades(done) == [("bob", "ann", 40, 25.1), ("cho", "ann", 60, 25.1), ("cho", "ann", 50, 25.2)]
    assert done.stderr.split() == [replayed(data)["digest"]]


@pytest.mark.parametrize("speed", ["0", "0.9", "1001", "fast", "nan", ""])
def test_a_speed_out_of_bounds_is_an_error(speed: str) -> None:
    """From 1 to 1000, or max."""
    with pytest.raises(ConfigurationError, match="from 1 to 1000, or max"):
        _pace_of(speed)


@pytest.mark.parametrize(("speed", "pace"), [("1", 1.0), ("1000", 1000.0), ("2.5", 2.5), ("max", None)])
def test_a_speed_is_how_many_times_faster(speed: str, pace: float | None) -> None:
    """The bounds are in; the fastest has no pace."""
    assert _pace_of(speed) == pace


def test_who_joins_at_a_fork_changes_the_future(data: Path) -> None:
    """At 10:02 dan takes what cho took at 10:03; all that was recorded goes on."""
    done = run(data, "fork", "10:02", str(JOINED))
    assert trades(done) == [("dan", "ann", 60, 25.1), ("cho", "ann", 50, 25.2)]
    assert "commands             5" in done.stderr


def test_a_fork_without_changes_is_the_recorded_future(data: Path) -> None:
    """Nothing on standard input changes nothing: the digest is that of the replay."""
    done = run(data, "fork", "7", "-", "--json")
    assert json.loads(done.stderr)["digest"] == replayed(data)["digest"]
    assert trades(done) == [("cho", "ann", 60, 25.1), ("cho", "ann", 50, 25.2)]


def test_a_fork_alone_leaves_the_recorded_future_out(data: Path) -> None:
    """Only what the changes cause is left."""
    assert trades(run(data, "fork", "7", str(JOINED), "--alone")) == [("dan", "ann", 60, 25.1)]


def test_a_fork_at_the_end_goes_on_from_there(data: Path) -> None:
    """The last offset is the end of the log."""
    order = b'{"type": "cancel", "account": "ann", "orig_cl_ord_id": "a2", "symbol": "ALPHA"}\n'
    assert facts(run(data, "fork", "9", "-", "--alone", given=order), "cancelled")[0]["cl_ord_id"] == "a2"
    assert facts(run(data, "fork", "10", "-", given=order), "rejected")[0]["reason"] == "UNKNOWN_ORDER"


def test_a_fork_leaves_the_log_as_it_was(data: Path) -> None:
    """What never happened is not recorded."""
    before = replayed(data)
    run(data, "fork", "0", str(JOINED))
    assert replayed(data) == before


def test_a_fork_without_its_file_or_its_place_is_an_error(data: Path, tmp_path: Path) -> None:
    """Each is named."""
    missing = run(data, "fork", "7", str(tmp_path / "none.ndjson"))
    assert "cannot read" in str(missing.exception)
    assert "beyond the log" in str(run(data, "fork", "11", str(JOINED)).exception)
