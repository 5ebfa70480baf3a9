"""What is asked of an order at the door of its market."""

from stockex.core.market.listing import Listing
from stockex.core.matching.continuous import would_trade
from stockex.core.matching.order import Order
from stockex.core.matching.validation import Refusal
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, euro_text


def is_immediate(order: Order, listing: Listing) -> bool:
    """Say whether a buy without a limit trades or ends before the next command."""
    if listing.phase.gathers or order.ord_type is not OrdType.MARKET or order.tif is TimeInForce.AT_CLOSE:
        return False
    return not order.tif.rests or listing.rules.market_remainder is MarketRemainder.CANCEL


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
