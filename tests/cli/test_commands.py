"""The command line as a user types it, each command in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from venue import Venue, free_port

from stockex.bus.sqlite import stored
from stockex.journal import LOG_FILE
from stockex.messages.topics import Topic

TWO_ORDERS = (
    b'{"type": "instrument", "symbol": "A", "tick": 0.01, "reference": 10}\n'
    b'{"type": "new", "account": "x", "cl_ord_id": "1", "symbol": "A", "side": "SELL", "quantity": 5, "price": 10}\n'
    b'{"type": "new", "account": "y", "cl_ord_id": "1", "symbol": "A", "side": "BUY", "quantity": 3, "price": 10}\n'
)


def run(
    *words: str, given: bytes = b"", flags: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `stockex` with these words and return what came of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STOCKEX_")} | more
    command = [sys.executable, *flags, "-m", "stockex", *words]
    return subprocess.run(command, input=given, env=environment, capture_output=True, timeout=60, check=False)  # noqa: S603 (our own)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """An exchange that traded for a while and was stopped; its log stays."""
    venue = Venue(tmp_path_factory.mktemp("recorded"), STOCKEX_FEEDER_TICK_S="0.1", CH_AI_INTERVAL="2")
    with venue, venue.client("CLIENT1") as client:
        for number in range(50):
            order = {"symbol": "NBG", "side": "BUY", "quantity": 1, "ord_type": "MARKET", "cl_ord_id": f"c{number}"}
            assert client.post("/api/v1/orders", json=order).is_success
        assert venue.stop() == 0
        yield venue


def test_the_exchange_lists_with_the_rules_of_the_profile(tmp_path: Path) -> None:
    """With the default one; a profile that is named later holds for what is listed, and unnamed again it stays."""
    for profile in ("", "xetra", "xetra", ""):
        with Venue(tmp_path, STOCKEX_PROFILE=profile, STOCKEX_AUTOSTART="false") as venue:
            assert venue.stop() == 0
    facts = [json.loads(record.value) for record in stored(tmp_path / LOG_FILE, Topic.CONTROL)]
    told = [(fact["action"], fact["rules"]["static_range_bp"]) for fact in facts if "rules" in fact]
    assert told == [("list", 1_000)] * 10 + [("rules", 800)] * 10


@pytest.mark.parametrize("other", ["fastapi", "pydantic_settings", "sqlite3", "stockex.torture"])
def test_a_command_loads_what_it_needs(other: str) -> None:
    """Not the web server, for one: to look at it takes longer than to match a file."""
    done = run("match", flags=("-X", "importtime"), given=TWO_ORDERS)
    assert b"stockex.core.exchange" in done.stderr
    assert other.encode() not in done.stderr


def test_the_help_tells_all_commands() -> None:
    """Each with what it does, groups of them too, but for those that only the exchange itself calls."""
    told = run("--help", COLUMNS="120").stdout.decode()
    assert all(word in told for word in ("Run the whole exchange", "Look at the recorded log", "Measure this machine"))
    assert "views" not in told
    assert b"Measure orders per second" in run("bench", "--help").stdout
    assert run("nothing").returncode == 2


def test_an_unknown_profile_stops_the_start(tmp_path: Path) -> None:
    """One line says which there are, whichever way it was named."""
    words = ("up", "--data", str(tmp_path))
    for done in (run(*words, "--profile", "moon"), run(*words, STOCKEX_PROFILE="moon")):
        assert done.returncode == 1
        assert b"expected one of athex, crypto, euronext" in done.stderr
        assert done.stderr.count(b"\n") == 1


def test_match_writes_the_facts_of_each_line() -> None:
    """Commands in, facts out, status 0."""
    done = run("match", given=TWO_ORDERS)
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [fact.get("type", fact.get("action")) for fact in facts if fact.get("type") != "book"] == [
        *("list", "accepted", "rested", "accepted", "traded", "trade")
    ]


def test_match_goes_on_after_garbage() -> None:
    """A line that is no command is quarantined; the next one counts."""
    done = run("match", given=b"\xff\n[]\n" + TWO_ORDERS)
    types = [json.loads(line).get("type") for line in done.stdout.splitlines()]
    assert (done.returncode, types.count("quarantined"), types.count("traded")) == (0, 2, 1)


def test_match_says_why() -> None:
    """With --explain the fill is followed by the rule and the price that made it."""
    whys = [json.loads(line) for line in run("match", "--explain", given=TWO_ORDERS).stdout.splitlines()]
    texts = [why["text"] for why in whys if why.get("type") == "why" and why["about"] == "traded"]
    assert texts[0] == "x's 1 stood at 10.00, the best offer, and was the only order shown there."


def test_a_recorded_command_is_explained(recorded: Venue) -> None:
    """A fill of the log, as text and as JSON; the checkpoint is newer, so the replay begins at the beginning."""
    facts = [json.loads(record.value) for record in stored(recorded.data / LOG_FILE, Topic.EXECUTIONS)]
    offset = next(fact["offset"] for fact in facts if fact["type"] == "traded" and fact["buy"]["account"] == "CLIENT1")
    told = run("explain", str(offset), "--data", str(recorded.data))
    assert (told.returncode, told.stdout.startswith(f"{offset}  {{".encode())) == (0, True)
    assert b"TRD-03         The price is " in told.stdout
    found = json.loads(run("explain", str(offset), "--json", "--data", str(recorded.data)).stdout)
    assert (found["offset"], found["command"]["account"]) == (offset, "CLIENT1")
    assert "TRD-03" in {rule for why in found["whys"] for rule in why["rules"]}


def test_the_newest_command_is_explained_from_the_checkpoint(recorded: Venue) -> None:
    """What comes after the checkpoint needs no replay of what was before."""
    end = sum(1 for _ in stored(recorded.data / LOG_FILE, Topic.ORDERS))
    assert run("explain", str(end - 1), "--data", str(recorded.data)).returncode == 0


def test_a_command_that_is_not_there_is_an_error(recorded: Venue, tmp_path: Path) -> None:
    """The log says how many it holds; without a log its directory is named."""
    done = run("explain", "9999999", "--data", str(recorded.data))
    assert (done.returncode, b"no command 9999999: the log holds" in done.stderr) == (1, True)
    assert b"no log at" in run("explain", "0", "--data", str(tmp_path)).stderr


def test_a_replay_gives_the_digest_of_the_live_exchange_every_time(recorded: Venue) -> None:
    """Two replays print the digest that the exchange printed when it stopped."""
    offset, digest = recorded.output.split("at offset ")[-1].split(", state ")
    replays = [
        json.loads(run("replay", "--until", offset, "--data", str(recorded.data), "--json").stdout) for _ in "12"
    ]
    assert [found["digest"] for found in replays] == [digest.strip()] * 2
    assert {found["first_difference"] for found in replays} == {None}


def test_a_replay_compares_with_the_checkpoint(recorded: Venue) -> None:
    """The whole log leads through the state that was saved."""
    found = json.loads(run("replay", "--data", str(recorded.data), "--json").stdout)
    assert found["checkpoint_equal"] is True
    assert (found["surplus"], found["unpublished"]) == (0, 0)


def test_a_replay_of_nothing_says_where_it_looked(tmp_path: Path) -> None:
    """No log, a clear sentence and status 1."""
    done = run("replay", "--data", str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path).encode() in done.stderr


def test_the_doctor_finds_a_sound_machine(recorded: Venue) -> None:
    """Every finding is fine, and the log is counted."""
    done = run("doctor", "--data", str(recorded.data), "--json", STOCKEX_PORT=str(free_port()))
    findings = json.loads(done.stdout)
    assert all(finding["is_fine"] for finding in findings), findings
    assert done.returncode == 0


def test_the_doctor_finds_a_file_that_is_no_log(tmp_path: Path) -> None:
    """Status 1, and the finding says so."""
    (tmp_path / "stockex.db").write_bytes(b"not a log" * 1_000)
    done = run("doctor", "--data", str(tmp_path), "--json", STOCKEX_PORT=str(free_port()))
    assert done.returncode == 1
    assert [finding["what"] for finding in json.loads(done.stdout) if not finding["is_fine"]] == ["log"]


def test_a_second_exchange_on_the_same_log_is_refused(tmp_path: Path) -> None:
    """Two writers would be two truths."""
    with Venue(tmp_path):
        done = run("up", "--data", str(tmp_path), "--port", str(free_port()))
    assert done.returncode == 1
    assert b"stockex: " in done.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """The sentence names the address and the variables."""
    with Venue(tmp_path / "first") as venue:
        done = run("up", "--data", str(tmp_path / "second"), "--port", str(venue.port))
    assert done.returncode == 1
    assert b"STOCKEX_PORT" in done.stderr


def test_a_rule_of_keeping_that_cannot_be_is_named(tmp_path: Path) -> None:
    """Trades are read from their beginning at every start: it stops with what may be kept shorter, and makes no log."""
    done = run("up", "--data", str(tmp_path), STOCKEX_KEEP="trades=5")
    assert (done.returncode, b"STOCKEX_KEEP: expected TOPIC=COUNT" in done.stderr) == (1, True)
    assert not (tmp_path / LOG_FILE).exists()


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    """The variable and what it must be."""
    done = run("up", "--data", str(tmp_path), STOCKEX_PORT="many")
    assert done.returncode == 1
    assert b"STOCKEX_PORT" in done.stderr


def test_python_without_assertions_is_refused() -> None:
    """Our own invariants must hold in production too."""
    done = run("doctor", flags=("-O",))
    assert done.returncode == 1
    assert b"-O" in done.stderr


def test_outside_of_demo_mode_passwords_are_made_and_shown_once(tmp_path: Path) -> None:
    """The generated password opens the account, the user's name does not, and a restart shows none."""
    with Venue(tmp_path, STOCKEX_DEMO="false") as venue:
        password = venue.output.split("USR01 ")[1].split()[0]
        right = httpx.get(f"{venue.url}/api/v1/portfolio", auth=("USR01", password))
        wrong = httpx.get(f"{venue.url}/api/v1/portfolio", auth=("USR01", "USR01"))
        venue.stop()
        venue.start()
        assert venue.output.count("USR01") == 1
    assert (right.status_code, wrong.status_code) == (200, 401)
