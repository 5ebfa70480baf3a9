"""The form of an order, against its instrument: checks that need no book."""

from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import OrdType
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Price, Shares, euro_text

Refusal = tuple[RejectReason, str]
"""Why, and the figures that decided."""


def new_order_refusal(order: NewOrder, instrument: Instrument) -> Refusal | None:
    """Return the first rule that the form of a new order breaks (VAL-04 to VAL-08), or None."""
    found = quantity_refusal(order.qty, instrument)
    if found is not None:
        return found
    if order.ord_type is OrdType.MARKET:
        if order.limit is not None:
            return RejectReason.PRICE_NOT_ALLOWED, f"price {euro_text(order.limit)} on a market order"
    else:
        found = price_refusal(order.limit, instrument)
        if found is not None:
            return found
    if order.post_only and (order.ord_type is OrdType.MARKET or not order.tif.rests):
        return RejectReason.POST_ONLY_CONFLICT, f"{order.ord_type.value} {order.tif.value} order"
    return None


def replacement_refusal(command: ReplaceOrder, instrument: Instrument, *, cum: int) -> Refusal | None:
    """Return the first rule that the new terms of an order break, of which `cum` was filled, or None."""
    if command.qty is not None:
        found = quantity_refusal(command.qty, instrument)
        if found is not None:
            return found
    if command.limit is not None:
        found = price_refusal(command.limit, instrument)
        if found is not None:
            return found
    if command.qty is not None and command.qty <= cum:
        return RejectReason.BELOW_FILLED, f"new quantity {command.qty}, filled {cum}"
    return None


def quantity_refusal(qty: Shares, instrument: Instrument) -> Refusal | None:
    """Return the rule that a quantity breaks (VAL-04, VAL-05), or None."""
    if qty <= 0:
        return RejectReason.BAD_QUANTITY, f"quantity {qty}"
    if qty > MAX_QTY:
        return RejectReason.QUANTITY_TOO_LARGE, f"quantity {qty}, at most {MAX_QTY}"
    if qty % instrument.lot != 0:
        return RejectReason.ODD_LOT, f"quantity {qty}, lot {instrument.lot}"
    return None


def price_refusal(price: Price | None, instrument: Instrument) -> Refusal | None:
    """Return the rule that a limit breaks (VAL-06, VAL-07), or None."""
    if price is None:
        return RejectReason.PRICE_MISSING, "no price"
    if price <= 0:
        return RejectReason.BAD_PRICE, f"price {euro_text(price)}"
    if price > MAX_PRICE:
        return RejectReason.PRICE_TOO_HIGH, f"price {euro_text(price)}, at most {euro_text(MAX_PRICE)}"
    if price % instrument.tick != 0:
        return RejectReason.OFF_TICK, f"price {euro_text(price)}, tick {euro_text(instrument.tick)}"
    return None
