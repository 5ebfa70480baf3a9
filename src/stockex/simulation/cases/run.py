"""Runs worked examples and says where the exchange gives another answer. `stockex cases` prints it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Struct

from stockex.messages.executions import Rejected
from stockex.simulation.books import Book
from stockex.simulation.cases.format import Case, Depth, Expect, FilledSeen, Form, OrderSeen, TradeSeen, shown
from stockex.simulation.cases.play import Play, refusal_text
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Price

DEPTH_LEVELS: Final = 5
_T = TypeVar("_T", bound=Struct)


class Failure(NamedTuple):
    """One expectation that does not hold. Steps are counted from 1."""

    step: int
    what: str
    expected: str
    got: str


class Result(NamedTuple):
    """What came of a case; `refused` are the steps that the exchange refused, which is no failure in itself."""

    case: Case
    failures: tuple[Failure, ...]
    refused: tuple[str, ...]


def ran(case: Case, *, book: Book = Book.PLAIN) -> Result:
    """Play a case and compare everything that it expects."""
    play = Play(case, book=book)
    judge = Judge(play)
    failures: list[Failure] = []
    refused: list[str] = []
    for number, step in enumerate(case.steps, start=1):
        if isinstance(step, Expect):
            failures += (Failure(number, *fault) for fault in judge.faults(step))
            continue
        facts = play.do(step)
        refused += (
            f"step {number}: {refusal_text(fact, getattr(step, 'id', ''))}"
            for fact in facts
            if isinstance(fact, Rejected)
        )
    return Result(case, tuple(failures), tuple(refused))


def report(result: Result) -> Iterator[str]:
    """Yield the lines about a case that failed; none for one that passed."""
    for failure in result.failures:
        yield f"FAIL {result.case.place} {result.case.name}: step {failure.step}, {failure.what}"
        yield f"  expected {failure.expected}"
        yield f"  got      {failure.got}"
    if result.failures:
        yield from (f"  {line}" for line in result.refused)


class Judge:
    """Compares expectations with a play, and remembers what was asked for before."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._trades_asked = 0
        self._cancelled_asked = 0
        self._filled_asked: dict[str, int] = {}

    def faults(self, expect: Expect) -> Iterator[tuple[str, str, str]]:
        """Yield what differs: its name, what was expected, and what was got, in the notation of the file."""
        for name in expect.__struct_fields__:
            expected = getattr(expect, name)
            if expected is UNSET:
                continue
            read: Callable[..., object] = getattr(self, f"_{name}")
            if name == "cancelled":
                expected = tuple(sorted(expected))
            got = read(expected)
            if got != expected:
                yield name, shown(expected), shown(got)

    def _trades(self, expected: Sequence[TradeSeen]) -> tuple[TradeSeen, ...]:
        found = self._play.trades[self._trades_asked :]
        self._trades_asked = len(self._play.trades)
        return _alike(found, expected)

    def _filled(self, expected: Mapping[str, FilledSeen]) -> dict[str, FilledSeen]:
        return {label: _like(self._filled_since(label), asked) for label, asked in expected.items()}

    def _filled_since(self, label: str) -> FilledSeen:
        """Return what was filled of a label since it was last asked for."""
        trades = self._play.trades
        since = self._filled_asked.get(label, 0)
        self._filled_asked[label] = len(trades)
        pairs = [(trade.qty, trade.price) for trade in trades[since:] if label in {trade.buy, trade.sell}]
        whole = [(qty, price) for qty, price in pairs if isinstance(qty, int) and isinstance(price, Price)]
        return FilledSeen(qty=sum(qty for qty, _ in whole), cost=Cash(sum(qty * price for qty, price in whole)))

    def _auction(self, expected: Form | None) -> Form | None:
        auction = self._play.auction
        if expected is None:
            return None if auction.price is None else auction
        return _like(auction, expected)

    def _side(self, side: Side) -> list[OrderSeen]:
        return [self._play.seen(order) for order in self._play.book(side)]

    def _bids(self, expected: Sequence[OrderSeen]) -> tuple[OrderSeen, ...]:
        return _alike(self._side(Side.BUY), expected)

    def _asks(self, expected: Sequence[OrderSeen]) -> tuple[OrderSeen, ...]:
        return _alike(self._side(Side.SELL), expected)

    def _best_bid(self, expected: OrderSeen | None) -> OrderSeen | None:
        return _first(self._side(Side.BUY), expected)

    def _best_ask(self, expected: OrderSeen | None) -> OrderSeen | None:
        return _first(self._side(Side.SELL), expected)

    def _depth(self, side: Side) -> Depth:
        levels: dict[Price, list[int]] = {}
        for order in self._play.book(side):
            if order.limit is not None:
                level = levels.setdefault(order.limit, [0, 0])
                level[0] += order.leaves
                level[1] += 1
        return tuple((price, qty, orders) for price, (qty, orders) in levels.items())[:DEPTH_LEVELS]

    def _bids_depth(self, _expected: Depth) -> Depth:
        return self._depth(Side.BUY)

    def _asks_depth(self, _expected: Depth) -> Depth:
        return self._depth(Side.SELL)

    def _bbo(self, _expected: object) -> tuple[Price | None, ...]:
        return tuple(next((price for price, _, _ in self._depth(side)), None) for side in Side)

    def _open(self) -> dict[str, OrderSeen]:
        """Return every open order by its label; a label that two orders have counts the second as another."""
        found: dict[str, OrderSeen] = {}
        for label, order in self._play.open_orders():
            found[label if label not in found else f"{label} again"] = self._play.seen(order)
        return found

    def _orders(self, expected: Mapping[str, OrderSeen]) -> dict[str, OrderSeen]:
        found = self._open()
        return {label: _like(found[label], asked) for label, asked in expected.items() if label in found}

    def _exactly(self, expected: Mapping[str, OrderSeen]) -> dict[str, OrderSeen]:
        return {
            label: _like(order, expected[label]) if label in expected else order
            for label, order in self._open().items()
        }

    def _cancelled(self, _expected: object) -> tuple[str, ...]:
        found = self._play.cancelled[self._cancelled_asked :]
        self._cancelled_asked = len(self._play.cancelled)
        return tuple(sorted(found))


def _like(whole: _T, asked: Struct) -> _T:
    """Return of `whole` only the fields that are given in `asked`."""
    hidden = {name: UNSET for name in asked.__struct_fields__ if getattr(asked, name) is UNSET}
    return msgspec.structs.replace(whole, **hidden)


def _alike(found: Sequence[_T], expected: Sequence[_T]) -> tuple[_T, ...]:
    """Return what was found, each with the fields of its counterpart; one without a counterpart is shown whole."""
    pairs = zip(found, expected, strict=False)
    return (*(_like(whole, asked) for whole, asked in pairs), *found[len(expected) :])


def _first(found: Sequence[OrderSeen], expected: OrderSeen | None) -> OrderSeen | None:
    if not found:
        return None
    return found[0] if expected is None else _like(found[0], expected)
