"""What a market sets against errors: a largest order, a band around the reference price, a collar around the market.

22.50 ---------- reference 25.00 ---------- 27.50      price_band_bp = 1000: no limit outside, to buy or to sell
                          best offer 25.10 ---- 25.35      collar_bp = 100: no buy above, while orders trade
"""

from typing import NamedTuple

from stockex.core.market.listing import Listing
from stockex.core.market.replacing import Terms
from stockex.core.matching.order import Order
from stockex.core.matching.validation import Refusal
from stockex.vocabulary.enums import Phase, Side
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, euro_text


class Range(NamedTuple):
    """Prices from `low` to `high`, both included; they need not stand on the tick grid."""

    low: Price
    high: Price

    def has(self, price: int) -> bool:
        """Say whether the price is inside, or on the edge."""
        return self.low <= price <= self.high

    def __str__(self) -> str:
        return f"{euro_text(self.low)} to {euro_text(self.high)}"


def around(price: Price, bp: int) -> Range:
    """Return the whole prices that are at most `bp` basis points away from `price`."""
    away = price * bp // 10_000
    return Range(Price(price - away), Price(price + away))


class _Wish(NamedTuple):
    """What an order asks for in all, what was filled included."""

    qty: int
    limit: Price | None


def new_order_refusal(order: Order, listing: Listing) -> Refusal | None:
    """Return the first of the market's limits that a new order breaks (LIM-04 to LIM-07), or None."""
    if not listing.has_limits:
        return None
    return _refusal(_Wish(order.qty, order.terms_limit), order, listing=listing, before=None)


def replacement_refusal(order: Order, terms: Terms, *, listing: Listing) -> Refusal | None:
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
    """Return the refusal of a limit too far through the market; stops and pegs do not trade at theirs on entry."""
    bp, side = listing.rules.collar_bp, order.side
    is_live = listing.phase is Phase.CONTINUOUS and order.stop is None and not order.ord_type.is_peg
    if bp is None or not is_live:
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
