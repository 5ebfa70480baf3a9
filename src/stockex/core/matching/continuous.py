"""Continuous trading: an incoming order against the book.

Where nothing on the other side needs more than price and time, the leading order is met again and again. Else the
steps of `sweep` are drawn up first and then done.
"""

from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.sweep import Conditions, Step, minimum, place_outside, price_with, sweep
from stockex.messages.executions import Cancelled, Expired, Priced, Reduced, Refreshed, Rested
from stockex.vocabulary.enums import CancelReason, OrdType, SelfTrade, Side
from stockex.vocabulary.market_rules import Iceberg
from stockex.vocabulary.units import Price, Shares

USUAL = Conditions()
"""The default settings, and no last price."""


def match(
    book: Book, order: Order, *, limit: Price | None, scribe: Scribe, conditions: Conditions = USUAL
) -> Price | None:
    """Trade `order` against `book` within `limit` until nothing crosses, nothing is left, or it meets its own account.

    Returns:
        The price of the first trade that would be outside the bounds: it does not happen, and nothing after it. None
            when there is none. Self-trade prevention may have ended the order; it leaves nothing then.
    Cost: O(log prices) for each order met.
    Source: docs/rules/trading.md, TRD-01 to TRD-03, STP-01 to STP-05.
    """
    opposite = order.side.opposite
    if conditions.fixed is not None or book.has_specials(opposite):
        steps = list(sweep(book, order, limit=limit, conditions=conditions))
        place = place_outside(steps, conditions.bounds)
        _follow(book, order, steps=steps[:place], scribe=scribe, conditions=conditions)
        return None if place is None else steps[place].price
    bounds = conditions.bounds
    while order.leaves > 0:
        resting = book.first(opposite, limit=limit)
        if resting is None:
            break
        if resting.account == order.account and order.self_trade is not SelfTrade.ALLOW:
            _prevent(book, order, resting=resting, scribe=scribe)
        elif bounds is not None and not bounds.has(resting.price):
            return resting.price
        else:
            qty = min(order.leaves, resting.leaves)
            order.leaves -= qty
            order.cum += qty
            resting.cum += qty
            book.reduce(resting, qty)
            scribe.traded(order, resting, qty=qty, price=resting.price)
    return None


def _follow(book: Book, order: Order, *, steps: list[Step], scribe: Scribe, conditions: Conditions) -> None:
    """Do the steps; then let icebergs show their next peak, where the style has them wait for it."""
    style = conditions.rules.iceberg
    for resting, qty, price in steps:
        if qty == 0:
            _prevent(book, order, resting=resting, scribe=scribe)
            continue
        order.leaves -= qty
        order.cum += qty
        take(book, resting, qty=qty)
        scribe.traded(order, resting, qty=qty, price=price)
        if style is Iceberg.REPLENISH_TO_BACK:
            refresh(book, resting, style=style, scribe=scribe)
        _after_trade(book, resting, price=price, scribe=scribe)
    if style is not Iceberg.REPLENISH_TO_BACK:
        for resting in dict.fromkeys(step.resting for step in steps):
            refresh(book, resting, style=style, scribe=scribe)


def take(book: Book, resting: Order, *, qty: int) -> None:
    """Fill a resting order with `qty`, what it shows first."""
    resting.cum += qty
    book.reduce(resting, qty, peak=min(qty, resting.visible) if resting.display is not None else 0)


def refresh(book: Book, order: Order, *, style: Iceberg, scribe: Scribe) -> None:
    """Show an iceberg's next peak, at the end of the queue, when it shows too little (OTY-08)."""
    if order.display is None or order.leaves == 0:
        return
    least = (order.min_visible or 1) if style is Iceberg.REFRESH_BELOW_MINIMUM else 1
    if order.visible >= min(least, order.leaves):
        return
    book.remove(order)
    order.show_peak()
    book.add(order)
    scribe.write_of(order, Refreshed, visible=Shares(order.visible), leaves=Shares(order.leaves))


def _after_trade(book: Book, resting: Order, *, price: Price, scribe: Scribe) -> None:
    """End what is left of a resting order under its minimum, or give a market-to-limit order its price."""
    if is_below_minimum(resting):
        book.remove(resting)
        cancel(resting, CancelReason.BELOW_MINIMUM, scribe=scribe)
    elif resting.leaves > 0 and resting.limit is None and resting.ord_type is OrdType.MARKET_TO_LIMIT:
        book.remove(resting)
        become_limit(resting, price, scribe=scribe)
        rest(book, resting, scribe=scribe)


def is_below_minimum(order: Order) -> bool:
    """Say whether what is left of the order ends because it is less than its minimum (OTY-10)."""
    return order.cancel_below_min and order.min_exec is not None and 0 < order.leaves < order.min_exec


def become_limit(order: Order, limit: Price, *, scribe: Scribe) -> None:
    """Make a limit order of one without a limit, which stands in no book now."""
    order.limit, order.ord_type = limit, OrdType.LIMIT
    scribe.write_of(order, Priced, limit=limit, leaves=Shares(order.leaves))


def rest(book: Book, order: Order, *, scribe: Scribe) -> None:
    """Put what is left of the order into the book, or end it where that is less than its minimum."""
    if is_below_minimum(order):
        cancel(order, CancelReason.BELOW_MINIMUM, scribe=scribe)
        return
    order.show_peak()
    book.add(order)
    scribe.write_of(order, Rested, limit=order.limit, leaves=Shares(order.leaves))


def meet(book: Book, *, scribe: Scribe, conditions: Conditions) -> Price | None:
    """Trade resting orders that cross now, at the older one's price (OTY-11).

    Returns: The price of the first trade that would be outside the bounds; it does not happen, and nothing after it.
    """
    bounds = conditions.bounds
    while True:
        pair = _crossed(book, conditions)
        if pair is None:
            return None
        older, younger, price = pair
        if bounds is not None and not bounds.has(price):
            return price
        qty = min(older.leaves, younger.leaves)
        take(book, younger, qty=qty)
        take(book, older, qty=qty)
        scribe.traded(younger, older, qty=qty, price=price)
        for order in (older, younger):
            refresh(book, order, style=conditions.rules.iceberg, scribe=scribe)
            _after_trade(book, order, price=price, scribe=scribe)


def _crossed(book: Book, conditions: Conditions) -> tuple[Order, Order, Price] | None:
    """Return the first two resting orders that can trade with each other, the older first, and their price."""
    for bid in book.queue(Side.BUY):
        for place, ask in enumerate(book.queue(Side.SELL)):
            if bid.limit is not None and ask.limit is not None and bid.limit < ask.limit:
                if place == 0:
                    return None  # Nor does any later bid reach an ask.
                break
            older, younger = (bid, ask) if bid.place < ask.place else (ask, bid)
            bound = younger.cap if younger.limit is None else younger.limit
            price = price_with(book, older, limit=bound, conditions=conditions)
            is_own = bid.account == ask.account and younger.self_trade is not SelfTrade.ALLOW
            least = max(minimum(order, conditions.rules.min_exec_residual) for order in (bid, ask))
            if price is None or is_own or not younger.side.accepts(bound, price):
                continue
            if min(bid.leaves, ask.leaves) >= least:
                return older, younger, price
    return None


def _prevent(book: Book, incoming: Order, *, resting: Order, scribe: Scribe) -> None:
    """Keep two orders of one account apart, as the incoming order asks."""
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


def expire(order: Order, *, scribe: Scribe) -> None:
    """End `order`, which stands in no book any more, as its time is over."""
    qty = Shares(order.leaves)
    order.leaves = 0
    scribe.write_of(order, Expired, qty=qty, cum=Shares(order.cum))


def can_fill(
    book: Book, order: Order, *, limit: Price | None, qty: int | None = None, conditions: Conditions = USUAL
) -> bool:
    """Say whether `order` would trade at once, in full (TRD-06) or at least `qty` of it (OTY-16), within the bounds.

    Own resting orders do not count, and where meeting one ends the incoming order, nothing behind it does.
    Cost: O(orders that would trade).
    """
    steps = list(sweep(book, order, limit=limit, conditions=conditions))
    traded = sum(step.qty for step in steps[: place_outside(steps, conditions.bounds)])
    return traded >= (order.leaves if qty is None else qty)


def price_outside(book: Book, order: Order, *, limit: Price | None, conditions: Conditions) -> Price:
    """Return the price of the first trade of `order` that would be outside the bounds; there is one (LIM-08)."""
    steps = list(sweep(book, order, limit=limit, conditions=conditions))
    place = place_outside(steps, conditions.bounds)
    assert place is not None, f"order {order.order_id} trades inside the bounds"
    return steps[place].price


def would_trade(book: Book, order: Order, *, limit: Price | None, conditions: Conditions = USUAL) -> Price | None:
    """Return the price at which the order would first meet another, which a post-only one must not (TRD-08)."""
    step = next(sweep(book, order, limit=limit, conditions=conditions), None)
    return None if step is None else step.price


def cost_to_fill(book: Book, order: Order, *, conditions: Conditions = USUAL) -> int:
    """Return the cash (1/10 000 euro) that a buy of `order.leaves` at market costs now (RSK-03)."""
    return sum(step.qty * step.price for step in sweep(book, order, limit=None, conditions=conditions))
