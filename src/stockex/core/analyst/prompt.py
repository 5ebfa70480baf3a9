"""What a language model is asked, and whether what it answered may be believed.

It is given the sentences that were computed, and may say them better. What it says may hold no number that is not
among their figures, no security that they do not name, and no more than a short paragraph.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from stockex.messages.market_data import Statement

LONGEST: Final = 900
"""A text has at most so many characters."""

SHORTEST: Final = 20
"""And at least so many."""

SYSTEM: Final = (
    "You are the market analyst of a small stock exchange. Rewrite the facts as one paragraph of two to four plain "
    "sentences for traders. Use only numbers that stand in the facts, exactly as they are written; name only "
    "securities and members that stand there; give no advice and no forecast. Prose only: no lists, no headings."
)

_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CAPITALS: Final = re.compile(r"\b[A-Z][A-Z0-9]{2,}\b")
_KNOWN: Final = frozenset({"EUR", "VWAP"})


class Ask(NamedTuple):
    """What a model is asked: who it is, and the facts."""

    system: str
    facts: str


def ask(statements: Sequence[Statement]) -> Ask:
    """Return the question for these sentences."""
    return Ask(SYSTEM, "Facts:\n" + "\n".join(f"- {each.text}" for each in statements))


def fault_in(text: str, statements: Sequence[Statement]) -> str | None:
    """Return why a model's text is not published, None if it may be.

    A number is among the figures if it is one of them, or one of them rounded to fewer decimals. Words for numbers, and
    whether a sentence joins the right number to the right name, are not checked.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        return f"it has {len(text)} characters, not {SHORTEST} to {LONGEST}"
    if not text.isprintable():
        return "it has lines or characters that cannot be shown"
    known = _KNOWN.union(*(_CAPITALS.findall(each.text) for each in statements))
    stranger = next((name for name in _CAPITALS.findall(text) if name not in known), None)
    if stranger is not None:
        return f"it names {stranger}, which no fact does"
    bare = _CAPITALS.sub("", text)
    allowed = _allowed(statements)
    number = next((each for each in _NUMBER.findall(bare) if _plain(each) not in allowed), None)
    return None if number is None else f"its number {number} is not among the figures"


def _allowed(statements: Sequence[Statement]) -> Collection[str]:
    """Return all numbers that the figures allow, without a sign."""
    values = [figure.value.lstrip("-") for each in statements for figure in each.figures]
    return {_plain(text) for value in values for text in _roundings(value)}


def _roundings(value: str) -> list[str]:
    """Return a decimal with all of its decimals, and rounded half up to each smaller number of them."""
    whole, _, decimals = value.partition(".")
    units = int(whole + decimals)
    rounded = [value]
    for dropped in range(1, len(decimals) + 1):
        step = 10**dropped
        kept = (2 * units + step) // (2 * step)
        places = len(decimals) - dropped
        front, back = divmod(kept, 10**places)
        rounded.append(f"{front}.{back:0{places}d}" if places else str(front))
    return rounded


def _plain(number: str) -> str:
    """Return a number in one spelling: no grouping, no needless zeros."""
    plain = number.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
