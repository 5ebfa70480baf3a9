"""What becomes of an order that is accepted: it waits, trades, rests or ends, and may wake others.

    incoming ──> match ──> rest or end ──> residuals meet ──> pegs follow ──> stops are elected ──> each is incoming

An incoming order is dealt with wholly, then the next.
"""

from collections.abc import Sequence

from stockex.core.market.listing import Listing, by_place
from stockex.core.market.volatility import interruption_end, tell_interrupted
from stockex.core.matching.continuous import (
    become_limit,
    can_fill,
    cancel,
    match,
    meet,
    price_outside,
    rest,
    would_trade,
)
from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.sweep import Conditions
from stockex.messages.control import PhaseChanged
from stockex.messages.executions import Repriced, StopMoved, Triggered
from stockex.vocabulary.enums import CancelReason, OrdType, Phase, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder, MarketToLimit
from stockex.vocabulary.ranges import Corridor
from stockex.vocabulary.units import Price, Shares


def enter(order: Order, listing: Listing, *, scribe: Scribe) -> None:
    """Take an accepted order in, or have it wait: a stop for its price, a peg for one to follow, one for the close."""
    if order.for_close and listing.phase is not Phase.CLOSING_CALL:
        listing.book.give_place(order)
        listing.closers[order.order_id] = order
        return
    order.for_close = False
    if order.ord_type.is_stop:
        if listing.phase is Phase.TRADING_AT_LAST or not listing.has_reached(order):
            listing.book.give_place(order)
            listing.stops[order.order_id] = order
            return
        _trigger(order, listing, scribe=scribe)
    if order.ord_type.is_peg:
        listing.pegs[order.order_id] = order
        order.limit = listing.peg_price(order)
        if order.limit is None:
            listing.book.give_place(order)
            return
    execute(order, listing, scribe=scribe)


def _trigger(order: Order, listing: Listing, *, scribe: Scribe) -> None:
    """Make a stop a live market or limit order (OTY-05)."""
    assert listing.last is not None, "a stop is triggered by a price"
    order.stop = None
    order.ord_type = order.ord_type.when_reached
    scribe.write_of(order, Triggered, last=listing.last)
    end_others(listing, scribe=scribe)


def end_others(listing: Listing, *, scribe: Scribe) -> None:
    """Cancel what was tied to an order that has traded, was triggered or has ended (OTY-20)."""
    while listing.untied:
        order = listing.untied.pop(0)
        if order.leaves > 0:
            listing.take_out(order)
            cancel(order, CancelReason.OCO, scribe=scribe)


def execute(order: Order, listing: Listing, *, scribe: Scribe) -> None:
    """Match a live order, then rest or cancel what is left (TRD-04 to TRD-07); in a call it only rests (AUC-01)."""
    if listing.phase.gathers:
        if order.tif.rests:
            rest(listing.book, order, scribe=scribe)
        else:
            cancel(order, CancelReason.IOC_REMAINDER, scribe=scribe)
        return
    limit = order.limit
    if limit is None:
        limit = working_limit(order, listing)
    if limit is None and _needs_opposite(order, listing):
        cancel(order, CancelReason.NO_OPPOSITE, scribe=scribe)
        return
    ranges = listing.ranges()
    outside = _trade(order, listing, limit=limit, scribe=scribe)
    if outside is not None:
        _interrupt(listing, outside, ranges=ranges, scribe=scribe)


def _trade(order: Order, listing: Listing, *, limit: Price | None, scribe: Scribe) -> Price | None:
    """Trade and deal with the rest; return the price of a trade that did not happen as it would be too far away."""
    book, conditions = listing.book, listing.conditions
    lacks = _lacks(order, book, limit=limit, conditions=conditions)
    if lacks is not None:
        is_far = _lacks(order, book, limit=limit, conditions=conditions._replace(bounds=None)) is None
        outside = price_outside(book, order, limit=limit, conditions=conditions) if is_far else None
        cancel(order, lacks, scribe=scribe)
        return outside
    order.min_qty = None
    before = order.cum
    outside = match(book, order, limit=limit, scribe=scribe, conditions=conditions)
    if order.leaves == 0:
        return outside
    if order.limit is not None and order.tif.rests:
        rest(book, order, scribe=scribe)
    else:
        _leave(order, listing, limit=limit, has_traded=order.cum > before, scribe=scribe)
    return outside


def _lacks(order: Order, book: Book, *, limit: Price | None, conditions: Conditions) -> CancelReason | None:
    """Return why an order ends that cannot trade at once what it must (TRD-06, OTY-16), or None."""
    if order.tif is TimeInForce.FOK and not can_fill(book, order, limit=limit, conditions=conditions):
        return CancelReason.FOK_UNFILLED
    if order.min_qty is None or can_fill(book, order, limit=limit, qty=order.min_qty, conditions=conditions):
        return None
    return CancelReason.BELOW_MINIMUM


def move(listing: Listing, phase: Phase, *, scribe: Scribe) -> None:
    """Change the instrument's phase, and say so; outside a call there is no indication."""
    listing.phase = phase
    if not phase.is_call:
        listing.indication = None
    if phase is not Phase.VOLATILITY_CALL and phase is not Phase.HALTED:
        listing.interruption = None
    ends_at = None if listing.ends is None else listing.ends.earliest
    scribe.write(PhaseChanged, symbol=listing.instrument.symbol, phase=phase, ends_at=ends_at)


def begin_call(listing: Listing, *, phase: Phase, scribe: Scribe) -> None:
    """Begin a call, or what comes before it: orders gather, and pegs have nothing to follow (AUC-01, AUC-08).

    With the closing call those come in that wait for it, the oldest first (OTY-19).
    """
    listing.close = None
    if phase is Phase.VOLATILITY_CALL:
        listing.ends = interruption_end(listing, scribe)
    move(listing, phase, scribe=scribe)
    reprice(listing, scribe=scribe)
    if phase is Phase.CLOSING_CALL:
        for order in sorted(listing.closers.values(), key=by_place):
            listing.take_out(order)
            order.for_close = False
            rest(listing.book, order, scribe=scribe)


def _interrupt(listing: Listing, price: Price, *, ranges: Sequence[Corridor], scribe: Scribe) -> None:
    """Let a call come in the place of a trade that would be too far away (LIM-09)."""
    tell_interrupted(listing, price, ranges=ranges, scribe=scribe)
    begin_call(listing, phase=Phase.VOLATILITY_CALL, scribe=scribe)


def working_limit(order: Order, listing: Listing) -> Price | None:
    """Return how far an order without a limit may trade now: what its type makes of the market (OTY-02, OTY-04)."""
    rules, side = listing.rules, order.side
    bound: Price | None = None
    if listing.phase is Phase.TRADING_AT_LAST:
        bound = listing.close
    elif order.ord_type is OrdType.MARKET_TO_LIMIT:
        if rules.market_to_limit is MarketToLimit.BEST_OPPOSITE_PRICE_ONLY:
            bound = would_trade(listing.book, order, limit=order.cap, conditions=listing.conditions)
            if bound is None:
                return None
    elif rules.market_remainder is MarketRemainder.RESTS_AT_COLLAR:
        assert rules.market_collar is not None, "the listing has a collar (REF-03)"
        start = listing.book.best_limit(side.opposite)
        start = listing.known_price if start is None else start
        if start is None:
            return None
        bound = listing.cautious(start + side.sign * rules.market_collar, side)
    bounds = [price for price in (bound, order.cap) if price is not None]
    return side.tightest(bounds) if bounds else None


def _needs_opposite(order: Order, listing: Listing) -> bool:
    """Say whether an order without a limit cannot trade as long as nothing gives it one."""
    if order.ord_type is OrdType.MARKET_TO_LIMIT:
        return listing.rules.market_to_limit is MarketToLimit.BEST_OPPOSITE_PRICE_ONLY
    return listing.rules.market_remainder is MarketRemainder.RESTS_AT_COLLAR


def _leave(order: Order, listing: Listing, *, limit: Price | None, has_traded: bool, scribe: Scribe) -> None:
    """Deal with what is left of an order that may not rest, or has no limit of its own (OTY-02, OTY-04)."""
    rules = listing.rules
    if not order.tif.rests:
        is_market = order.ord_type is OrdType.MARKET
        cancel(order, CancelReason.MARKET_REMAINDER if is_market else CancelReason.IOC_REMAINDER, scribe=scribe)
        return
    price: Price | None = None
    if order.ord_type is OrdType.MARKET_TO_LIMIT:
        if rules.market_to_limit is MarketToLimit.BEST_OPPOSITE_PRICE_ONLY:
            price = limit
        elif has_traded:
            price = listing.last
    elif rules.market_remainder is MarketRemainder.RESTS_UNPRICED:
        rest(listing.book, order, scribe=scribe)
        return
    elif rules.market_remainder is MarketRemainder.RESTS_AT_COLLAR:
        price = limit
    elif rules.market_remainder is MarketRemainder.BOOK_AT_LAST_SALE:
        price = listing.last
    if price is None:
        is_market = order.ord_type is OrdType.MARKET
        cancel(order, CancelReason.MARKET_REMAINDER if is_market else CancelReason.NO_OPPOSITE, scribe=scribe)
        return
    become_limit(order, price if order.cap is None else min(price, order.cap), scribe=scribe)
    rest(listing.book, order, scribe=scribe)


def settle(listing: Listing, *, scribe: Scribe) -> None:
    """Let the market come to rest after an incoming order: other legs end, residuals meet, pegs follow, stops come."""
    end_others(listing, scribe=scribe)
    if listing.needs_following:
        _follow(listing, scribe=scribe)
    while listing.is_continuous and (elected := _elected(listing, scribe=scribe)):
        for order in elected:
            if listing.stops.pop(order.order_id, None) is None:
                continue  # One that came in before has traded with its other leg.
            _trigger(order, listing, scribe=scribe)
            execute(order, listing, scribe=scribe)
            end_others(listing, scribe=scribe)
            if listing.needs_following:
                _follow(listing, scribe=scribe)


def _elected(listing: Listing, *, scribe: Scribe) -> list[Order]:
    """Let trailing stops follow the prices since the last time (OTY-17), then return what prices have reached."""
    moved, elected = listing.follow_prices()
    for order in moved:
        scribe.write_of(order, StopMoved, stop=order.stop)
    return elected


def _follow(listing: Listing, *, scribe: Scribe) -> None:
    """Trade residuals that cross (OTY-11) and move pegs (OTY-12), until nothing moves."""
    while trade_crossed(listing, scribe=scribe) and listing.pegs and reprice(listing, scribe=scribe):
        pass


def trade_crossed(listing: Listing, *, scribe: Scribe) -> bool:
    """Trade resting orders that cross (OTY-11); say whether continuous trading goes on."""
    if not listing.is_continuous:
        return False
    ranges = listing.ranges()
    outside = meet(listing.book, scribe=scribe, conditions=listing.conditions)
    end_others(listing, scribe=scribe)
    if outside is not None:
        _interrupt(listing, outside, ranges=ranges, scribe=scribe)
    return outside is None


def reprice(listing: Listing, *, scribe: Scribe) -> bool:
    """Give every pegged order its price of now, the oldest first; say whether any moved (OTY-12, OTY-13)."""
    has_moved = False
    for order in sorted(listing.pegs.values(), key=by_place):
        price = listing.peg_price(order)
        if price == order.limit:
            continue
        if order.limit is not None:
            listing.book.remove(order)
        order.limit = price
        if price is not None:
            listing.book.add(order)
        scribe.write_of(order, Repriced, limit=price, leaves=Shares(order.leaves))
        has_moved = True
    return has_moved
