"""What the desk tells: an order as it was taken, and what a command changed in a book."""

from stockex.core.market.calls import NOTHING, indication_of
from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.messages.executions import Accepted
from stockex.messages.market_data import BookChanged, Indicative
from stockex.messages.orders import NewOrder


def tell_accepted(order: Order, command: NewOrder, *, scribe: Scribe) -> None:
    """Write the order down as it was asked for; terms that a plain limit order has not keep their defaults."""
    more: dict[str, object] = {}
    if order.is_special or order.hidden or order.ord_type.is_stop:
        more = {
            "stop": order.stop,
            "display": order.display,
            "min_visible": order.min_visible,
            "hidden": order.hidden,
            "min_exec": order.min_exec,
            "cancel_below_min": order.cancel_below_min,
            "cap": order.cap,
        }
    if order.expire_at is not None:
        more["expire_at"] = order.expire_at
    if order.tied_to is not None:
        more["cancel_on_disconnect"] = True
    if order.oco is not None:
        more["oco_id"] = order.oco
    if order.min_qty is not None:
        more["min_qty"] = order.min_qty
    if order.trail is not None:
        more["trail"] = order.trail
    if order.peg_offset is not None:
        more["peg_offset"] = order.peg_offset
    scribe.write_of(
        order,
        Accepted,
        qty=order.qty,
        limit=command.limit,
        ord_type=order.ord_type,
        tif=order.tif,
        post_only=order.post_only,
        self_trade=order.self_trade,
        source=command.source,
        **more,
    )


def tell_changes(listing: Listing, scribe: Scribe) -> None:
    """Tell the levels that changed, and during a call the auction that would be held now (FCT-05, AUC-04)."""
    symbol = listing.instrument.symbol
    bids, asks = listing.book.take_changes()
    if bids or asks:
        scribe.write(BookChanged, symbol=symbol, bids=bids, asks=asks)
    if listing.phase.is_call:
        found = indication_of(listing)
        if found != (listing.indication or NOTHING):
            listing.indication = found
            price, volume, surplus = found
            scribe.write(Indicative, symbol=symbol, price=price, volume=volume, surplus=surplus)
