"""What is asked of an order at the door of its market: its size, its price, what covers it, whether it may trade.

22.50 ---------- reference 25.00 ---------- 27.50      price_band_bp = 1000: no limit outside, to buy or to sell
                          best offer 25.10 ---- 25.351     collar_bp = 100: no buy above, while orders trade
"""

from typing import NamedTuple

from stockex.core.market.listing import Listing
from stockex.core.market.replacing import Terms
from stockex.core.matching.continuous import would_trade
from stockex.core.matching.order import Order
from stockex.core.matching.validation import Refusal
from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, Phase, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder
from stockex.vocabulary.ranges import around
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, euro_text


class _Wish(NamedTuple):
    """What an order asks for in all, what was filled included."""

    qty: int
    limit: Price | None


def order_limits_refusal(order: Order, listing: Listing) -> Refusal | None:
    """Return the first of the market's limits that a new order breaks (LIM-04 to LIM-07), or None."""
    if not listing.has_limits:
        return None
    return _refusal(_Wish(order.qty, order.terms_limit), order, listing=listing, before=None)


def terms_limits_refusal(order: Order, terms: Terms, *, listing: Listing) -> Refusal | None:
    """Return the first limit that new terms break with what they raise or change (LIM-04 to LIM-07), or None."""
    if not listing.has_limits:
        return None
    before = _Wish(order.qty, order.terms_limit)
    return _refusal(_Wish(terms.leaves + order.cum, terms.limit), order, listing=listing, before=before)


def _refusal(wish: _Wish, order: Order, *, listing: Listing, before: _Wish | None) -> Refusal | None:
    most, is_larger = listing.rules.max_order_qty, before is None or wish.qty > before.qty
    if most is not None and is_larger and wish.qty > most:
        return RejectReason.ABOVE_MAX_QUANTITY, f"quantity {wish.qty}, at most {most}"
    worth, top = _value(wish, listing), listing.rules.max_order_value
    if top is not None and worth > top and (before is None or worth > _value(before, listing)):
        return RejectReason.ABOVE_MAX_VALUE, f"value {euro_text(worth)}, at most {euro_text(top)}"
    if wish.limit is None or (before is not None and wish.limit == before.limit):
        return None
    return _band_refusal(wish.limit, listing) or _collar_refusal(wish.limit, order, listing=listing)


def _value(wish: _Wish, listing: Listing) -> int:
    """Return what the order is worth at its limit, or else at the last or reference price (1/10 000 euro)."""
    price = listing.known_price if wish.limit is None else wish.limit
    return wish.qty * (price or 0)


def _band_refusal(limit: Price, listing: Listing) -> Refusal | None:
    bp, reference = listing.rules.price_band_bp, listing.reference
    if bp is None or reference is None:
        return None
    band = around(reference, bp)
    return None if band.has(limit) else (RejectReason.OUTSIDE_BAND, f"price {euro_text(limit)}, band {band}")


def _collar_refusal(limit: Price, order: Order, *, listing: Listing) -> Refusal | None:
    """Return the refusal of a limit too far through the market; orders that wait are passed over."""
    bp, side = listing.rules.collar_bp, order.side
    is_waiting = order.ord_type.is_stop or order.ord_type.is_peg or order.for_close
    if bp is None or is_waiting or listing.phase is not Phase.CONTINUOUS:
        return None
    best = listing.book.best_limit(side.opposite)
    start = listing.known_price if best is None else best
    if start is None:
        return None
    low, high = around(start, bp)
    edge = high if side is Side.BUY else low
    if side.accepts(edge, limit):
        return None
    most = "at most" if side is Side.BUY else "at least"
    return RejectReason.FAT_FINGER_PRICE, f"price {euro_text(limit)}, {most} {euro_text(edge)} from {euro_text(start)}"


def is_immediate(order: Order, listing: Listing) -> bool:
    """Say whether a buy without a limit trades or ends before the next command."""
    if listing.phase.gathers or order.ord_type is not OrdType.MARKET or order.tif is TimeInForce.AT_CLOSE:
        return False
    return not order.tif.rests or listing.rules.market_remainder is MarketRemainder.CANCEL


def pair_refusal(command: NewOrder, other: Order | None) -> Refusal | None:
    """Return why an order may not be tied to the open order that it names (VAL-18), or None; most name none."""
    if command.oco is None:
        return None
    if other is None:
        return RejectReason.OCO_NOT_FOUND, f"order {command.oco} in {command.symbol}"
    legs = (command, other)
    is_pair = sum(leg.ord_type.is_stop for leg in legs) == 1 == sum(leg.ord_type is OrdType.LIMIT for leg in legs)
    if not is_pair or command.side is not other.side or not all(leg.tif.is_standing for leg in legs):
        texts = [f"{leg.side.value} {leg.ord_type.value} {leg.tif.value}" for leg in legs]
        return RejectReason.OCO_NOT_A_PAIR, " and ".join(texts)
    return None if other.oco is None else (RejectReason.OCO_TAKEN, f"order {command.oco}, tied to {other.oco}")


def cap_of(order: Order, listing: Listing) -> Price | None:
    """Return the price that covers a buy without a limit: 110 % of the last, reference or stop price (RSK-06)."""
    known = [price for price in (listing.known_price, order.stop) if price is not None]
    if not known:
        return None
    return listing.cautious(max(known) * 11 // 10, Side.BUY)


def crossing(order: Order, listing: Listing, *, limit: Price | None) -> Refusal | None:
    """Return the refusal of a post-only order that would trade with this limit now (TRD-08), or None."""
    if listing.phase.gathers or order.tif is TimeInForce.AT_CLOSE:
        return None
    price = would_trade(listing.book, order, limit=limit, conditions=listing.conditions)
    return None if price is None else (RejectReason.POST_ONLY_WOULD_TRADE, f"best opposite price {euro_text(price)}")
