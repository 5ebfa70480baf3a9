"""What the compiled book knows: orders, settings and states of an instrument that are common.

All else counts as rare. A field that is not named here must have its default value, so that a term, a setting or a
state that is new one day is rare by itself.
"""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Final

from stockex.core.desk import Desk
from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.core.matching.plain import PlainBook
from stockex.vocabulary.enums import OrdType, Phase, Side, TimeInForce
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.tick_tables import Grid

KNOWN_SETTINGS: Final = frozenset(
    {
        *("self_trade", "replace", "replace_qty", "replace_below_filled", "market_remainder", "tick_table"),
        *("max_order_qty", "max_order_value", "price_band_bp", "collar_bp", "static_range_bp", "dynamic_range_bp"),
    }
)
"""Settings that the compiled book obeys, or that make no difference to what runs there."""

IDLE_SETTINGS: Final = frozenset(
    {
        "auction_ladder",
        "auction_prices",
        "unpriced_trades_at",
        "market_to_limit",
        "market_collar",
        "mtl_after_uncross",
        "iceberg",
        "min_exec_residual",
        "stop_election",
        "opening",
        "trading_at_last",
        "interruption_s",
        "interruption_random_s",
        "extended_range_bp",
        "extension_s",
        "max_extensions",
    }
)
"""Settings of what is rare: they make no difference as long as everything is common. A trade outside a range is not."""

KNOWN_STATE: Final = frozenset({"instrument", "book", "last", "rules", "phase", "reference", "grid", "auction_price"})
"""What a listing may have of its own."""

KNOWN_TERMS: Final = frozenset(
    {
        *("order_id", "account", "cl_ord_id", "symbol", "side", "leaves", "cum", "limit", "ord_type", "tif"),
        *("post_only", "self_trade", "place"),
    }
)
"""What an order may have of its own."""

_LARGEST: Final = 2**31 - 1
_TIFS: Final = (TimeInForce.DAY, TimeInForce.GTC)
_OTHER_TERMS: Final = {field.name: field.default for field in fields(Order) if field.name not in KNOWN_TERMS}
assert MISSING not in _OTHER_TERMS.values(), "an order's new term has a default, or is named here"


def rare_setting(rules: MarketRules) -> str | None:
    """Return the first setting that keeps an instrument from the compiled book, or None."""
    for name in rules.__struct_fields__:
        is_named = name in KNOWN_SETTINGS or name in IDLE_SETTINGS
        if not is_named and getattr(rules, name) != getattr(DEFAULT_RULES, name):
            return name
    return None


def rare_state(listing: Listing, desk: Desk) -> str | None:
    """Return what keeps an instrument from the compiled book now, its orders apart, or None. Cost: O(1)."""
    if desk.phase is not Phase.CONTINUOUS:
        return f"session {desk.phase.value}"
    if desk.kills.everybody:
        return "all accounts are killed"
    setting = rare_setting(listing.rules)
    if setting is not None:
        return f"setting {setting}"
    if listing.phase is not Phase.CONTINUOUS:
        return f"phase {listing.phase.value}"
    fresh = Listing(listing.instrument, PlainBook(), rules=listing.rules)
    for field in fields(Listing):
        if field.name not in KNOWN_STATE and getattr(listing, field.name) != getattr(fresh, field.name):
            return f"state {field.name}"
    return None


def rare_orders(listing: Listing, orders: Iterable[Order]) -> str | None:
    """Return what in an instrument's orders, all of them, keeps it from the compiled book, or None."""
    for order in orders:
        term = _rare_term(order, listing.grid)
        if term is not None:
            return f"an order with {term}"
    bid, ask = (listing.book.first(side) for side in Side)
    is_crossed = bid is not None and ask is not None and bid.price >= ask.price  # of one account, after a call
    return "a bid that crosses an offer" if is_crossed else None


def _rare_term(order: Order, grid: Grid) -> str | None:
    """Return the first term of a resting order that the compiled book does not know, or None."""
    for name, default in _OTHER_TERMS.items():
        if getattr(order, name) != default:
            return name
    if order.limit is None or order.ord_type is not OrdType.LIMIT:
        return "ord_type"
    if order.tif not in _TIFS:
        return "tif"
    if not grid.has(order.limit):
        return "a limit off the tick grid"
    return "leaves" if order.leaves + order.cum > _LARGEST else None
