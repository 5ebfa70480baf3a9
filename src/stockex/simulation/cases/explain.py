"""Tells a case step by step: what was done, what came of it and why, with the table behind each auction price."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import asdict

from stockex.core.why.story import Witness
from stockex.core.why.words import why_lines
from stockex.messages.codec import Fact
from stockex.messages.control import Uncrossed
from stockex.messages.executions import (
    Cancelled,
    Priced,
    Reduced,
    Refreshed,
    Rejected,
    Replaced,
    Repriced,
    Rested,
    Traded,
    Triggered,
)
from stockex.messages.market_data import Indicative
from stockex.simulation.books import Book
from stockex.simulation.cases.format import Action, Case, Expect, shown
from stockex.simulation.cases.play import Play, refusal_text
from stockex.simulation.cases.run import Judge
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Price, euro_text

_INDENT: Final = "       "

_NO_LIMITS: Final = ("ACC-03",)
"""That an order is not limited holds for every order of a case and is not told each time."""


def told(case: Case, *, book: Book = Book.PLAIN) -> Iterator[str]:
    """Yield the lines that explain a case."""
    yield f"{case.place} {case.name}: {case.title}".rstrip(": ")
    yield f"  rules: tick {euro_text(case.tick)}{''.join(f', {choice}' for choice in _chosen(case.rules))}"
    play = Play(case, book=book)
    judge = Judge(play)
    for number, step in enumerate(case.steps, start=1):
        yield f"  {number:>3}  {shown(step)}"
        if isinstance(step, Expect):
            faults = list(judge.faults(step))
            yield from (f"{_INDENT}FAIL {what}: expected {expected}, got {got}" for what, expected, got in faults)
            continue
        yield from (_INDENT + line for line in _done(play, step))


def _chosen(rules: MarketRules) -> Iterator[str]:
    """Yield the settings that are not at their default."""
    usual = asdict(MarketRules())
    for name, value in asdict(rules).items():
        if value != usual[name]:
            yield f"{name} {_choice(value)}"


def _choice(value: object) -> str:
    """Return the value of a setting as a case writes it."""
    if isinstance(value, Price):
        return euro_text(value)
    return " ".join(value) if isinstance(value, tuple) else str(value).lower()


def _done(play: Play, step: Action) -> Iterator[str]:
    """Do one step; yield what came of it, and under each fact why."""
    witness = Witness(play.exchange, lambda _account, cl_ord_id: play.label(cl_ord_id))
    facts = play.do(step)
    reasons: dict[int, list[str]] = {}
    for why in witness.explained(play.command, facts):
        if why.rules != _NO_LIMITS:
            reasons.setdefault(why.index, []).extend(why_lines(why))
    for fact in facts:
        text = _fact_text(fact, play, label=getattr(step, "id", ""))
        if text:
            yield text
        yield from (f"  {line}" for line in reasons.get(fact.index, ()))


def _fact_text(fact: Fact, play: Play, *, label: str) -> str:
    """Return what happened in one line, or "" for what needs none."""
    if isinstance(fact, Rejected):
        return refusal_text(fact, label)
    if isinstance(fact, Traded):
        buy, sell = play.label(fact.buy.cl_ord_id), play.label(fact.sell.cl_ord_id)
        return f"{buy} buys {fact.qty} from {sell} at {euro_text(fact.price)}"
    if isinstance(fact, Uncrossed | Indicative):
        word = "auction" if isinstance(fact, Uncrossed) else "indicative"
        return f"{word} price {_price(fact.price)}, volume {fact.volume}, surplus {fact.surplus}"
    if isinstance(fact, _OF_ORDERS):
        return f"{play.label(fact.cl_ord_id)} {_order_text(fact)}"
    return ""


_OrderFact = Rested | Priced | Repriced | Refreshed | Replaced | Triggered | Reduced | Cancelled
_OF_ORDERS: Final = (Rested, Priced, Repriced, Refreshed, Replaced, Triggered, Reduced, Cancelled)
_STANDS: Final[dict[type, str]] = {
    Rested: "rests",
    Priced: "becomes a limit order",
    Repriced: "follows the market",
}


def _order_text(fact: _OrderFact) -> str:
    match fact:
        case Rested() | Priced() | Repriced():
            return f"{_STANDS[type(fact)]}: {fact.leaves} at {_price(fact.limit)}"
        case Replaced():
            place = "keeps its place" if fact.kept_place else "loses its place"
            return f"is replaced and {place}: {fact.leaves} at {_price(fact.limit)}"
        case Refreshed():
            return f"shows {fact.visible} of {fact.leaves}, last in its queue"
        case Triggered():
            return f"is triggered by the last price {euro_text(fact.last)}"
        case Reduced():
            return f"is reduced by {fact.qty} to {fact.leaves} ({fact.reason.value})"
        case Cancelled():
            return f"is cancelled: {fact.qty} ({fact.reason.value})"


def _price(price: Price | None) -> str:
    return "no price" if price is None else euro_text(price)
