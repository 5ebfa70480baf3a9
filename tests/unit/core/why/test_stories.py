"""The stories of `stories.txt`: what happened, and why, in the words that a person reads."""

from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from tidy.tree import ROOT
from unit.core.why.stories import story, whys

from stockex.core.exchange import Exchange
from stockex.core.why.story import explained
from stockex.core.why.words import counted, ordinal, shares_text
from stockex.errors import WireError
from stockex.messages.codec import Fact
from stockex.messages.executions import Priced, Refreshed, Repriced, Rested, Triggered
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, Price, Shares


class Story(NamedTuple):
    """A title, the settings of the market, the commands, and why the facts of the last one came about."""

    title: str
    settings: str
    commands: tuple[str, ...]
    expected: list[str]


def stories() -> list[Story]:
    """Return the stories: blocks that a blank line parts."""
    text = (ROOT / "tests" / "unit" / "core" / "why" / "stories.txt").read_text(encoding="utf-8")
    found = []
    for block in text.strip().split("\n\n"):
        title, *lines = block.splitlines()
        title, _, settings = title.partition(" | ")
        commands = tuple(line.strip() for line in lines if not line.startswith("    "))
        found.append(Story(title, settings, commands, [line[4:] for line in lines if line.startswith("    ")]))
    return found


STORIES: Final = stories()


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told.title.replace(" ", "-"))
def test_the_story_is_told(told: Story) -> None:
    """Every sentence with its rules and its figures."""
    assert [line.rstrip() for line in story(*told.commands, settings=told.settings)] == told.expected


def test_each_story_has_a_title_of_its_own() -> None:
    """So that a failure names one."""
    assert len({told.title for told in STORIES}) == len(STORIES)


def test_figures_of_an_account_name_it() -> None:
    """What a trade was about is for everybody; the limit of the incoming order and its cash are its owner's."""
    told = whys("A deposit cash 1000.00", "B1 sell 10 @ 24.00", "A1 buy 10 @ 25.00")
    assert [(why.about, why.rules, why.account) for why in told] == [
        ("accepted", ("RSK-01",), "A"),
        ("traded", ("TRD-01",), None),
        ("traded", ("TRD-03",), None),
        ("traded", ("TRD-03",), "A"),
        ("traded", ("RSK-04",), "A"),
    ]


@pytest.mark.parametrize(("order", "is_hidden"), [("display 5", True), ("hidden", True), ("", False)])
def test_a_table_says_whether_it_counts_what_is_not_shown(order: str, is_hidden: bool) -> None:  # noqa: FBT001
    """An auction trades the whole quantity of every order."""
    told = whys("call", f"A1 buy 10 @ 25.00 {order}", "B1 sell 4 @ 25.00", "uncross")
    assert [(why.counts_hidden, why.price, why.rows[0].buy) for why in told if why.rows] == [(is_hidden, 250_000, 10)]


def test_a_long_table_is_told_around_its_price() -> None:
    """At most 41 rows; the auction's is in the middle."""
    low = [f"A{number} buy 1 @ {10 + number}.00" for number in range(1, 50)]
    rows = next(why.rows for why in whys("call", *low, "B1 sell 21 @ 39.00", "uncross") if why.rows)
    assert (len(rows), rows[0].price, rows[20].price, rows[-1].price) == (41, 190_000, 390_000, 590_000)


def test_a_record_that_cannot_be_read_is_explained() -> None:
    """The field is named; whose record it was is not known, so only the operator is told."""
    before, now = Exchange(), Exchange()
    facts = now.quarantine(WireError("no number", field="price"), offset=0, at=Nanos(0))
    (why,) = explained(before, None, facts=facts)
    assert (why.rules, why.account) == (("FCT-04",), "")
    assert why.text == "The record is no command at price: no number. It is passed over."


def test_a_refusal_without_an_account_is_the_operators() -> None:
    """No participant has the empty name."""
    assert [why.account for why in whys("uncross")] == [""]


_OPEN: Final = {"order_id": 7, "account": "A", "cl_ord_id": "A1", "symbol": "ALPHA", "side": Side.BUY}
STRAY: Final[tuple[tuple[Callable[..., Fact], dict[str, object]], ...]] = (
    (Rested, {"limit": Price(1), "leaves": Shares(1)}),
    (Priced, {"limit": Price(1), "leaves": Shares(1)}),
    (Repriced, {"limit": None, "leaves": Shares(1)}),
    (Refreshed, {"visible": Shares(1), "leaves": Shares(1)}),
    (Triggered, {"last": Price(1)}),
)


@pytest.mark.parametrize(("kind", "fields"), STRAY)
def test_a_fact_about_an_order_that_is_not_known_is_no_failure(
    kind: Callable[..., Fact], fields: dict[str, object]
) -> None:
    """It gets a plain sentence."""
    fact = kind(offset=9, index=0, at=Nanos(0), **_OPEN, **fields)
    (why,) = explained(Exchange(), None, facts=[fact])
    assert why.text.endswith(".")


@pytest.mark.parametrize(("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")])
def test_places_are_counted_as_people_do(number: int, text: str) -> None:
    """Eleventh, not eleven-first."""
    assert ordinal(number) == text


def test_one_is_not_many() -> None:
    """Words follow their numbers."""
    assert (counted(1, "order"), counted(2, "order"), shares_text(1), shares_text(0)) == (
        "1 order",
        "2 orders",
        "1 share",
        "0 shares",
    )
