"""Sentences: what an explainer yields, and how figures and orders are put into words."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from stockex.core.matching.order import Order
from stockex.messages.views import Why, WhyRow
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, euro_text

Called = Callable[[str, str], str]
"""How a story calls an order, by its account and client id."""


class Line(NamedTuple):
    """One sentence with the rules it cites. `account`: whose figures it holds, None when all are public."""

    rules: tuple[str, ...]
    text: str
    account: str | None = None
    price: Price | None = None
    rows: tuple[WhyRow, ...] = ()
    counts_hidden: bool = False


def owner_and_id(account: str, cl_ord_id: str) -> str:
    """Call an order by its owner and its client id."""
    return f"{account}'s {cl_ord_id}"


def price_text(price: int | None) -> str:
    """Return a price, or that there is none."""
    return "no price" if price is None else euro_text(price)


def cash_text(units: int) -> str:
    """Return an amount of euro with its thousands set apart: 1234567800 is "EUR 123,456.78"."""
    whole, _, decimals = euro_text(abs(units)).partition(".")
    return f"EUR {'-' if units < 0 else ''}{int(whole):,}.{decimals}"


def shares_text(qty: int) -> str:
    """Return a number of shares."""
    return f"{qty:,} share" if qty == 1 else f"{qty:,} shares"


def counted(count: int, word: str) -> str:
    """Return a count of things: "1 order", "2 orders"."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def ordinal(number: int) -> str:
    """Return "1st", "2nd", "3rd", "11th"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"  # noqa: PLR2004 (eleventh to nineteenth)


def best_word(side: Side) -> str:
    """Return what an order that rests on this side is to the others."""
    return "bid" if side is Side.BUY else "offer"


def limit_words(order: Order) -> str:
    """Return an order's limit in a sentence."""
    return "without a limit" if order.limit is None else f"within its limit {euro_text(order.limit)}"


def why_lines(why: Why) -> Iterator[str]:
    """Yield a sentence with its rules as lines of text; behind an auction price its table, highest price first."""
    if why.rows:
        yield f"  {'price':>12} {'buy':>12} {'sell':>12} {'trades':>12} {'surplus':>12}"
    for row in reversed(why.rows):
        mark = ">" if row.price == why.price else " "
        figures = (row.buy, row.sell, row.volume, row.surplus)
        yield f"{mark} {euro_text(row.price):>12} " + " ".join(f"{figure:>12,}" for figure in figures)
    yield f"{' '.join(why.rules):<13}  {why.text}"


def told(whys: Iterable[Why]) -> Iterator[str]:
    """Yield the story of a command as text: each fact by its number and its kind, and under it why."""
    for (index, about), sentences in groupby(whys, key=lambda why: (why.index, why.about)):
        yield f"{index:>4}  {about}"
        yield from (f"      {line}" for why in sentences for line in why_lines(why))
