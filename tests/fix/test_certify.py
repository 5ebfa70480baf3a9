"""Certification: our own client passes every scenario, and one that is wrong fails where it should."""

import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stockex.certify.judge import Memory, difference, fields_of
from stockex.certify.orders import Ticket
from stockex.certify.play import Verdict
from stockex.certify.report import as_json, as_junit, as_page, report_of
from stockex.certify.robot import FAULTS
from stockex.certify.run import Options, self_test
from stockex.certify.script import scenarios, scenarios_in
from stockex.cli import commands
from stockex.errors import ConfigurationError


async def failed(*only: str, fault: str = "", patience_s: float = 10.0) -> dict[str, str]:
    """Certify our own client; return what failed, and why."""
    options = Options(sender="VENUE", target="ROBOT", only=only, patience_s=patience_s)
    verdicts = await self_test(options, fault=fault, tell=lambda _: None)
    return {verdict.id: verdict.why for verdict in verdicts if not verdict.is_passed}


async def test_our_own_client_passes_every_scenario() -> None:
    """Session, orders, drop copy, market data."""
    assert await failed() == {}


FAILS = {
    "deaf": (["HBT-02", "HBT-06", "OUT-02"], {"HBT-02", "HBT-06"}),
    "greedy": (["HBT-02", "SEQ-01"], {"SEQ-01"}),
    "forgetful": (["ORD-01", "ORD-24"], {"ORD-24"}),
    "confused": (["CXL-01", "CXL-08", "RPL-11", "QRY-01"], {"CXL-08", "RPL-11"}),
    "sloppy": (["ORD-0[1-6]"], {"ORD-05"}),
    "blind": (["LIF-0[1-4]", "ORD-01"], {"LIF-01", "LIF-02", "LIF-03", "LIF-04"}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_client_that_is_wrong_fails_where_it_should(fault: str) -> None:
    """And passes what its fault has nothing to do with."""
    only, expected = FAILS[fault]
    assert (await failed(*only, fault=fault, patience_s=2.0)).keys() == expected


async def test_a_failure_does_not_spread() -> None:
    """After a client has lost count, the next scenario begins where both stand."""
    assert list(await failed("HBT-02", "OUT-0[1-7]", fault="deaf", patience_s=2.0)) == ["HBT-02", "OUT-05", "OUT-07"]


def test_the_scenarios_are_many_and_numbered() -> None:
    """At least 120, each with a number of its own, a source and something that the client must do."""
    found = scenarios()
    counts = Counter(scenario.id[:3] for scenario in found)
    assert len(found) == len({scenario.id for scenario in found}) >= 120
    assert sum(counts[part] for part in ("LOG", "HBT", "SEQ", "RSD", "MSG", "OUT")) >= 45
    assert sum(counts[part] for part in ("ORD", "LIF", "CXL", "RPL", "QRY")) >= 60
    assert counts["DCP"] >= 10
    assert all(scenario.source for scenario in found)
    assert all({step.verb for step in scenario.steps} & {"start", "expect"} for scenario in found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# A\n## LOG-01 a\nnothing 1\n", "file:2: line 1: 'nothing' is no step"),
        ("# A\n## what\nstart\n", "has no number"),
    ],
)
def test_a_scenario_that_means_nothing_is_named(text: str, fault: str) -> None:
    """With its place."""
    with pytest.raises(ConfigurationError, match=fault):
        list(scenarios_in(text, name="file"))


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("44=20.00", ""),
        ("44=21", "tag 44 is 20, not 21"),
        ("58=no~cash", ""),
        ("99=*", "tag 99 is missing"),
        ("!44", "tag 44 must not be there, but is 20"),
        ("!99", ""),
        ("38=1..60", ""),
        ("38=11..60", "tag 38 is 10, not from 11 to 60"),
        ("58=1..60", "tag 58 is no cash, not from 1 to 60"),
        ("41=$id", ""),
        ("38=$ten+1", "tag 38 is 10, not 11"),
        ("11=fresh", "tag 11 is A, which was used before"),
        ("37=fresh", ""),
    ],
)
def test_what_a_scenario_may_expect_of_a_field(word: str, fault: str) -> None:
    """Values, numbers, ranges, names, and what is new."""
    values = {11: "A", 37: "O", 38: "10", 41: "X", 44: "20", 58: "no cash"}
    memory = Memory({"id": "X", "ten": "10"}, {11: {"A"}})
    assert difference([word], values, memory=memory) == fault


def test_a_name_is_learnt_and_must_be_known() -> None:
    """From a field that came, for one that is sent."""
    memory = Memory({}, {})
    assert difference(["112=?test"], {112: "T"}, memory=memory) == ""
    assert fields_of(["112=$test", "58=a~b"], memory) == {112: "T", 58: "a b"}
    for word in ("1=$nobody", "what"):
        with pytest.raises(ConfigurationError):
            fields_of([word], memory)


def test_the_venue_of_a_scenario_counts_right() -> None:
    """Quantities, average and status of an order that is filled, replaced and cancelled."""
    ticket = Ticket({11: "A", 38: "100", 44: "20", 54: "1", 55: "S"}, "O")
    filled = ticket.report("fill", ["40", "@", "20"])
    assert {tag: filled[tag] for tag in (14, 151, 6, 39)} == {
        14: "40",
        151: "60",
        6: "20",
        39: "1",
    }
    ticket.ask({11: "B", 41: "A", 38: "120", 40: "2"})
    replaced = ticket.report("replaced", [])
    assert {tag: replaced[tag] for tag in (11, 41, 38, 151, 39, 150)} == {
        11: "B",
        41: "A",
        38: "120",
        151: "80",
        39: "1",
        150: "5",
    }
    ticket.ask({11: "C", 41: "B"})
    assert ticket.report("cancelled", [])[151] == "0"
    with pytest.raises(ConfigurationError):
        ticket.reject()
    with pytest.raises(ConfigurationError):
        ticket.report("eaten", [])


def verdict(number: int, *, is_passed: bool, is_mandatory: bool = True) -> Verdict:
    """Return a verdict."""
    return Verdict(
        id=f"SEQ-{number:02d}",
        title="a <gap>",
        section="Numbers",
        source="case 2b",
        is_mandatory=is_mandatory,
        is_passed=is_passed,
        why="" if is_passed else "expect 2: nothing came",
        took_ms=1_500,
        said=["> 35=8|58=\x02|"],
    )


@pytest.mark.parametrize(
    ("verdicts", "grade"),
    [
        ([verdict(1, is_passed=True)], "certified with distinction"),
        ([verdict(1, is_passed=True), verdict(2, is_passed=False, is_mandatory=False)], "certified"),
        ([verdict(1, is_passed=False)], "not certified"),
    ],
)
def test_the_grade_is_in_every_form_of_the_report(verdicts: list[Verdict], grade: str) -> None:
    """JSON, JUnit and a page; what is no text for XML is replaced, what is markup is escaped."""
    report = report_of(verdicts, client="ME", venue="VENUE", at=1_772_960_000_000_000_000)
    assert json.loads(as_json(report))["grade"] == grade
    suite = ET.fromstring(as_junit(report))  # noqa: S314 (our own)
    assert suite.get("failures") == str(sum(not each.is_passed and each.is_mandatory for each in verdicts))
    assert len(suite) == len(verdicts)
    page = as_page(report)
    assert grade.capitalize() in page
    assert "a &lt;gap&gt;" in page


def test_the_command_writes_a_report_and_says_what_came_out(tmp_path: Path) -> None:
    """Status 0 for a client that passes, 1 for one that does not, and a sentence for a fault that is none."""
    run = CliRunner().invoke
    passed = run(commands, ["certify", "--robot", "--only", "LOG-01", "--report", str(tmp_path / "new")])
    assert passed.exit_code == 0, passed.output
    assert "CLIENT1: certified with distinction; 1 passed, 0 failed" in passed.output
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"report.html", "report.json", "junit.xml"}
    wrong = run(commands, ["certify", "--fault", "forgetful", "--only", "ORD-24", "--json"])
    assert wrong.exit_code == 1
    assert json.loads(wrong.output)["mandatory_failed"] == 1
    assert "ORD-24  two orders have two ClOrdIDs" in run(commands, ["certify", "--list"]).output
    for words in (["--fault", "lazy"], ["--only", "ZZZ"], ["--robot", "--only", "LOG-01", "--report", "/dev/null/x"]):
        assert isinstance(run(commands, ["certify", *words]).exception, ConfigurationError)
