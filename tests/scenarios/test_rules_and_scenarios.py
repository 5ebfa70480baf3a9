"""The rule book, its worked scenarios and the code tell the same."""

import re
from pathlib import Path
from typing import Final

import pytest
from scenarios.runner import Scenario, played, scenarios

from stockex.messages.executions import Rejected
from stockex.simulation.books import Book
from stockex.vocabulary.reasons import RULES, RejectReason

ROOT: Final = Path(__file__).parents[2]
BOOK: Final = ROOT / "docs" / "rules"
PAGES: Final = ("trading", "orders", "order-types", "auction", "session", "risk", "limits", "control")
HEADING: Final = re.compile(r"^## ([A-Z]{3}-\d{2}) \S.*$", re.MULTILINE)
NUMBER: Final = re.compile(r"\b(?:ACC|AUC|CAN|CLR|CTL|FCT|LIM|OTY|REF|REP|RSK|SES|STP|TRD|VAL)-\d{2}\b")
SCENARIOS: Final = tuple(scenarios())


def rules(*pages: str) -> dict[str, str]:
    """Return the text of every rule of the pages, by number."""
    found: dict[str, str] = {}
    for page in pages:
        _, *parts = HEADING.split((BOOK / f"{page}.md").read_text(encoding="utf-8"))
        found |= dict(zip(parts[::2], parts[1::2], strict=True))
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("book", Book)
def test_the_scenario_plays_as_written(scenario: Scenario, book: Book) -> None:
    """Every step of the scenario gives the facts and the state that it claims, on either book."""
    assert scenario.claim, "a scenario says what it shows"
    assert played(scenario, book=book)


def test_every_rule_has_a_scenario_and_every_scenario_a_rule() -> None:
    """The numbers of the rule book are the numbers of the scenarios."""
    assert {scenario.rule for scenario in SCENARIOS} == set(rules(*PAGES))


def test_scenario_names_differ() -> None:
    """A name says which scenario is meant."""
    names = [scenario.name for scenario in SCENARIOS]
    assert sorted(set(names)) == sorted(names)


def test_every_reason_is_provoked_by_a_scenario() -> None:
    """Each reject reason is shown at work."""
    facts = [fact for scenario in SCENARIOS for fact in played(scenario)]
    assert {fact.reason for fact in facts if isinstance(fact, Rejected)} == set(RejectReason)


@pytest.mark.parametrize("reason", RejectReason)
def test_every_reason_stands_in_its_rule(reason: RejectReason) -> None:
    """The rule that a reason cites names the reason."""
    assert f"`{reason.value}`" in rules(*PAGES)[RULES[reason].number]


@pytest.mark.parametrize("number", rules(*PAGES))
def test_every_rule_names_its_source(number: str) -> None:
    """Each rule says where it comes from."""
    assert "Source: " in rules(*PAGES)[number]


def test_every_number_in_the_code_stands_in_the_rule_book() -> None:
    """The code cites no rule that nobody can read."""
    pages = [path.stem for path in BOOK.glob("*.md") if path.stem != "README"]
    sources = [
        path for folder in ("src", "docs/rules") for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".md"}
    ]
    cited = {number for path in sources for number in NUMBER.findall(path.read_text(encoding="utf-8"))}
    assert cited - set(rules(*pages)) == set()
