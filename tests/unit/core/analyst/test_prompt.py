"""Words of a model are believed only as far as their numbers and names stand in the facts."""

import pytest
from unit.core.analyst.scenes import Day

from stockex.core.analyst.prompt import LONGEST, ask, fault_in
from stockex.messages.market_data import Statement


def facts() -> list[Statement]:
    """Return three sentences: NBG +1.39% to 18.30 in 3 trades, a turnover of EUR 5,460.00, and NBG against the day."""
    day = Day()
    day.trades("NBG", 181_000, 182_000, 183_000, qty=100)
    return day.said()


@pytest.mark.parametrize(
    "text",
    [
        "NBG climbed 1.39% to 18.30 euro in 3 trades.",
        "NBG climbed by 1.4% to 18.3, all of EUR 5,460 turnover.",
        "NBG climbed to EUR 18.30; 5460.00 changed hands, 100% of it in NBG.",
        "NBG led the way upwards on modest turnover today.",
    ],
)
def test_numbers_of_the_facts_may_be_rounded_and_grouped(text: str) -> None:
    """As people write them; a text without a number may be believed too."""
    assert fault_in(text, facts()) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NBG climbed 1.38% to 18.30 in 3 trades.", "its number 1.38 is not among the figures"),
        ("NBG climbed 1.39% to 18.30, and 20 is next.", "its number 20 is not among the figures"),
        ("NBG climbed 1.39% to 18.30 since 10:30 today.", "its number 10 is not among the figures"),
        ("NBG climbed 1.39%, and so did AAPL.", "it names AAPL, which no fact does"),
        ("NBG climbed.", "it has 12 characters, not 20 to 900"),
        ("NBG climbed. " * 90, "it has 1170 characters, not 20 to 900"),
        ("NBG climbed 1.39%\nto 18.30 in 3 trades.", "it has lines or characters that cannot be shown"),
    ],
)
def test_what_the_facts_do_not_say_is_refused(text: str, why: str) -> None:
    """With the number or the name at fault."""
    assert fault_in(text, facts()) == why


def test_the_facts_themselves_may_be_said() -> None:
    """A model that repeats them is believed."""
    statements = facts()
    assert fault_in(" ".join(each.text for each in statements)[:LONGEST], statements) is None


def test_the_question_holds_every_sentence() -> None:
    """One a line, and nothing about anybody's orders."""
    statements = facts()
    assert ask(statements).facts.splitlines() == ["Facts:", *(f"- {each.text}" for each in statements)]
