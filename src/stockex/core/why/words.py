"""Sentences: what an explainer yields, and how figures and orders are put into words."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from stockex.core.matching.order import Order
from stockex.messages.views import Why, WhyRow
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, euro_text

Called = Callable[[str, str], str]
"""How a story calls an order, by its account and client id."""


ANOTHER: Final = "another order"
"""An order of somebody else, to those who may not know whose it is."""


class Line(NamedTuple):
    """One sentence with the rules it cites. `account`: whose figures it holds, None when all are public."""

    rules: tuple[str, ...]
    text: str
    account: str | None = None
    price: Price | None = None
    rows: tuple[WhyRow, ...] = ()
    counts_hidden: bool = False


def why_of(line: Line, *, offset: int, index: int, about: str) -> Why:
    """Return the record of one sentence about a fact."""
    return Why(
        offset=offset,
        index=index,
        about=about,
        rules=line.rules,
        text=capital(line.text),
        account=line.account,
        price=line.price,
        rows=line.rows,
        counts_hidden=line.counts_hidden,
    )


def owner_and_id(account: str, cl_ord_id: str) -> str:
    """Call an order by its owner and its client id."""
    return f"{account}'s {cl_ord_id}"


def seen_by(user: str | None, *, is_operator: bool) -> Called:
    """Return how orders are called for somebody: his own by their client id, others by no name at all."""

    def called(account: str, cl_ord_id: str) -> str:
        if is_operator:
            return owner_and_id(account, cl_ord_id)
        return f"your {cl_ord_id}" if account == user else ANOTHER

    return called


def capital(text: str) -> str:
    """Return a sentence with a capital letter, where it begins with one of our words and not with a client's id."""
    begins = text.startswith((ANOTHER, "your "))
    return f"{text[0].upper()}{text[1:]}" if begins else text


def price_text(price: int | None) -> str:
    """Return a price, or that there is none."""
    return "no price" if price is None else euro_text(price)


def cash_text(units: int) -> str:
    """Return an amount of euro with its thousands set apart: 1234567800 is "EUR 123,456.78"."""
    whole, _, decimals = euro_text(abs(units)).partition(".")
    return f"EUR {'-' if units < 0 else ''}{int(whole):,}.{decimals}"


def percent_text(bp: int | None) -> str:
    """Return basis points as percent without needless decimals: 250 is "2.5 %"."""
    whole, rest = divmod(bp or 0, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"


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
