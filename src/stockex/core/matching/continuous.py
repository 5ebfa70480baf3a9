"""Continuous trading: an incoming order against the book."""

from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.messages.executions import Cancelled, Reduced
from stockex.vocabulary.enums import CancelReason, SelfTrade, Side
from stockex.vocabulary.units import Price, Shares


def match(book: Book, order: Order, *, scribe: Scribe) -> bool:
    """Trade `order` against `book` until nothing crosses, nothing is left, or it meets its own account.

    Returns:
        Whether self-trade prevention ended the incoming order; it has its own `Cancelled` then.
    Cost: O(log prices) for each order met.
    Source: docs/rules/trading.md, TRD-01 to TRD-03, STP-01 to STP-05.
    """
    while order.leaves > 0:
        resting = book.first(order.side.opposite)
        if resting is None or not order.side.accepts(order.limit, resting.price):
            break
        if resting.account == order.account and order.self_trade is not SelfTrade.ALLOW:
            if _prevent(book, order, resting=resting, scribe=scribe):
                return True
        else:
            _trade(book, order, resting=resting, scribe=scribe)
    return False


def _trade(book: Book, incoming: Order, *, resting: Order, scribe: Scribe) -> None:
    qty = min(incoming.leaves, resting.leaves)
    incoming.leaves -= qty
    incoming.cum += qty
    resting.cum += qty
    book.reduce(resting, qty)
    scribe.traded(incoming, resting, qty=qty)


def _prevent(book: Book, incoming: Order, *, resting: Order, scribe: Scribe) -> bool:
    """Keep two orders of one account apart, as the incoming order asks. Say whether the incoming order ended."""
    mode = incoming.self_trade
    if mode is SelfTrade.DECREMENT_AND_CANCEL:
        ends_incoming = incoming.leaves <= resting.leaves
        ends_resting = resting.leaves <= incoming.leaves
    else:
        ends_incoming = mode in {SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH}
        ends_resting = mode in {SelfTrade.CANCEL_OLDEST, SelfTrade.CANCEL_BOTH}
    qty = min(incoming.leaves, resting.leaves)
    if ends_resting:
        book.remove(resting)
        cancel(resting, CancelReason.SELF_TRADE, scribe=scribe)
    elif mode is SelfTrade.DECREMENT_AND_CANCEL:
        book.reduce(resting, qty)
        _reduced(resting, qty, scribe=scribe)
    if ends_incoming:
        cancel(incoming, CancelReason.SELF_TRADE, scribe=scribe)
    elif mode is SelfTrade.DECREMENT_AND_CANCEL:
        incoming.leaves -= qty
        _reduced(incoming, qty, scribe=scribe)
    return ends_incoming


def _reduced(order: Order, qty: int, *, scribe: Scribe) -> None:
    scribe.write_of(
        order,
        Reduced,
        qty=Shares(qty),
        leaves=Shares(order.leaves),
        cum=Shares(order.cum),
        reason=CancelReason.SELF_TRADE,
    )


def cancel(order: Order, reason: CancelReason, *, scribe: Scribe, request_id: str | None = None) -> None:
    """End `order`, which stands in no book any more, with what it still leaves."""
    qty = Shares(order.leaves)
    order.leaves = 0
    scribe.write_of(order, Cancelled, qty=qty, cum=Shares(order.cum), reason=reason, request_id=request_id)


def can_fill(book: Book, order: Order) -> bool:
    """Say whether `order` would trade in full at once: what a fill-or-kill asks (TRD-06).

    Own resting orders do not count, and where meeting one ends the incoming order, nothing behind it does.
    Cost: O(orders that would trade).
    """
    missing = order.leaves
    for resting in book.queue(order.side.opposite):
        if missing <= 0 or not order.side.accepts(order.limit, resting.price):
            break
        if resting.account == order.account and order.self_trade is not SelfTrade.ALLOW:
            if order.self_trade is not SelfTrade.CANCEL_OLDEST:
                break
            continue
        missing -= resting.leaves
    return missing <= 0


def would_trade(book: Book, side: Side, *, limit: Price | None) -> bool:
    """Say whether an order with these terms would trade at once: what a post-only one must not (TRD-08)."""
    resting = book.first(side.opposite)
    return resting is not None and side.accepts(limit, resting.price)


def cost_to_fill(book: Book, order: Order) -> int:
    """Return the most cash (1/10 000 euro) that a buy of `order.leaves` at market can cost now (RSK-03)."""
    missing, cost = order.leaves, 0
    for resting in book.queue(order.side.opposite):
        if missing <= 0:
            break
        if resting.account == order.account and order.self_trade is not SelfTrade.ALLOW:
            continue
        qty = min(missing, resting.leaves)
        cost += qty * resting.price
        missing -= qty
    return cost
