"""What is asked of an order at the door of its market."""

from stockex.core.market.listing import Listing
from stockex.core.matching.continuous import would_trade
from stockex.core.matching.order import Order
from stockex.core.matching.validation import Refusal
from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, euro_text


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
