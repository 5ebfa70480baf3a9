"""What an incoming order would trade, step by step, before anything is changed.

    orders at a price        peak by peak                 displayed, then hidden
    #1 iceberg 3 of 10       #1 3, #2 5, #1 3, #1 3, ...  #1 3, #2 5, #1 7
    #2 5                     then the hidden orders       (#1 rests among the hidden orders by its age)

The same steps say whether a fill-or-kill fills, what a market buy costs, and what `continuous` then does.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.vocabulary.enums import SelfTrade, Side
from stockex.vocabulary.market_rules import DEFAULT_RULES, Iceberg, MarketRules, MinExecResidual, UnpricedTradesAt
from stockex.vocabulary.ranges import Range
from stockex.vocabulary.units import Price


class Conditions(NamedTuple):
    """What matching looks at beside the book: the market's settings, and its last price or else its reference.

    `fixed` is the one price at which anything trades, in trading at last (AUC-10). No trade is outside `bounds`
    (LIM-08); `sweep` does not look at them.
    """

    rules: MarketRules = DEFAULT_RULES
    last: Price | None = None
    fixed: Price | None = None
    bounds: Range | None = None


class Step(NamedTuple):
    """The incoming order meets `resting`: `qty` trades at `price`, or nothing where self-trade prevention acts."""

    resting: Order
    qty: int
    price: Price


def sweep(book: Book, order: Order, *, limit: Price | None, conditions: Conditions) -> Iterator[Step]:
    """Yield what `order` meets in the book within `limit` (TRD-01 to TRD-03, OTY-03, OTY-08 to OTY-11).

    Nothing changes; the book must not change while the steps are drawn.
    """
    missing = order.leaves
    gone: set[int] = set()
    if conditions.fixed is None:
        offers = _offers(book, order.side.opposite, style=conditions.rules.iceberg, gone=gone)
    else:
        offers = _by_time(book, order.side.opposite, price=conditions.fixed, gone=gone)
    for resting, offered in offers:
        if missing == 0:
            return
        price = price_with(book, resting, limit=limit, conditions=conditions)
        if price is None or not order.side.accepts(limit, price):
            if resting.limit is None:
                continue
            return
        qty = min(missing, offered)
        if qty < minimum(resting, conditions.rules.min_exec_residual):
            continue
        if resting.account != order.account or order.self_trade is SelfTrade.ALLOW:
            yield Step(resting, qty, price)
            missing -= qty
            continue
        yield Step(resting, 0, price)
        if order.self_trade is SelfTrade.DECREMENT_AND_CANCEL:
            missing = max(missing - resting.leaves, 0)
        elif order.self_trade is not SelfTrade.CANCEL_OLDEST:
            return
        gone.add(resting.order_id)


def place_outside(steps: Sequence[Step], bounds: Range | None) -> int | None:
    """Return the place of the first step that would trade outside the bounds, None when none does (LIM-08)."""
    if bounds is None:
        return None
    return next((place for place, step in enumerate(steps) if step.qty > 0 and not bounds.has(step.price)), None)


def price_with(book: Book, resting: Order, *, limit: Price | None, conditions: Conditions) -> Price | None:
    """Return the price at which an incoming order with `limit` meets `resting`; None when there is none (OTY-03)."""
    if conditions.fixed is not None:
        return conditions.fixed
    if resting.limit is not None:
        return resting.limit
    sign, last = resting.side.sign, conditions.last
    if conditions.rules.unpriced_trades_at is UnpricedTradesAt.INCOMING_LIMIT:
        price = last if limit is None else limit
    else:
        known = [price for price in (last, book.best_limit(resting.side), limit) if price is not None]
        price = max(known, key=lambda price: sign * price) if known else None
    return price if price is None or resting.cap is None else min(price, resting.cap)


def minimum(order: Order, residual: MinExecResidual) -> int:
    """Return the least that one trade with `order` must be (OTY-10)."""
    if order.min_exec is None or order.leaves >= order.min_exec:
        return order.min_exec or 0
    return order.leaves if residual is MinExecResidual.WHOLE else 0


def _offers(book: Book, side: Side, *, style: Iceberg, gone: set[int]) -> Iterator[tuple[Order, int]]:
    """Yield each resting order with what it offers at its turn; an iceberg has several turns."""
    for limit, group in groupby(book.queue(side), key=lambda order: order.limit):
        orders = list(group)
        if limit is None:
            offers: Iterator[tuple[Order, int]] = ((order, order.leaves) for order in orders)
        elif style is Iceberg.REPLENISH_TO_BACK:
            offers = _peak_by_peak(orders)
        else:
            offers = _displayed_first(orders)
        for order, qty in offers:
            if order.order_id not in gone:
                yield order, qty


def _by_time(book: Book, side: Side, *, price: Price, gone: set[int]) -> Iterator[tuple[Order, int]]:
    """Yield the orders that accept the price, with all that they leave, the oldest first."""
    for order in sorted(book.queue(side), key=lambda order: order.place):
        bound = order.cap if order.limit is None else order.limit
        if side.accepts(bound, price) and order.order_id not in gone:
            yield order, order.leaves


def _peak_by_peak(orders: list[Order]) -> Iterator[tuple[Order, int]]:
    line = deque((order, order.visible, order.leaves) for order in orders if not order.hidden)
    while line:
        order, shown, leaves = line.popleft()
        yield order, shown
        if leaves > shown and order.display is not None:
            line.append((order, min(order.display, leaves - shown), leaves - shown))
    yield from ((order, order.leaves) for order in orders if order.hidden)


def _displayed_first(orders: list[Order]) -> Iterator[tuple[Order, int]]:
    yield from ((order, order.visible) for order in orders if not order.hidden)
    hidden = [order for order in orders if order.hidden_qty > 0]
    yield from ((order, order.hidden_qty) for order in sorted(hidden, key=lambda order: order.place))
