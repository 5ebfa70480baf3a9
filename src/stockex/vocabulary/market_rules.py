"""What differs between venues, as data. A profile is a set of these settings; no code asks for a venue's name."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from msgspec import Struct, field

from stockex.vocabulary.enums import SelfTrade
from stockex.vocabulary.tick_tables import TickTable
from stockex.vocabulary.units import MAX_CASH, MAX_QTY, Cash, Price, Shares

T = TypeVar("T")


class LadderStep(StrEnum):
    """One step in the search for an auction price; the steps run in order until one price is left."""

    MAX_VOLUME = "max_volume"
    MIN_SURPLUS = "min_surplus"
    PRESSURE = "pressure"
    NEAREST_REFERENCE = "nearest_reference"
    CLAMP_REFERENCE = "clamp_reference"


class AuctionPrices(StrEnum):
    """Which prices an auction may have: all ticks from the lowest limit to the highest, or only limits of orders."""

    EVERY_TICK = "every_tick"
    ORDER_PRICES = "order_prices"


class MarketRemainder(StrEnum):
    """What becomes of a market order that the book could not fill."""

    CANCEL = "cancel"
    RESTS_UNPRICED = "rests_unpriced"
    BOOK_AT_LAST_SALE = "book_at_last_sale"
    RESTS_AT_COLLAR = "rests_at_collar"


class UnpricedTradesAt(StrEnum):
    """At which price a resting unpriced order trades with an incoming one."""

    BETTER_OF_LAST_AND_OWN_SIDE = "better_of_last_and_own_side"
    INCOMING_LIMIT = "incoming_limit"


class MarketToLimit(StrEnum):
    """How far a market-to-limit order trades on entry, and where its rest stands."""

    BEST_OPPOSITE_PRICE_ONLY = "best_opposite_price_only"
    WALK_THEN_REST_AT_WORST_FILL = "walk_then_rest_at_worst_fill"


class MtlAfterUncross(StrEnum):
    """What market-to-limit orders become that an auction left."""

    LIMIT_AT_AUCTION_PRICE = "limit_at_auction_price"
    UNTRADED_STAY = "untraded_stay"


class Iceberg(StrEnum):
    """How an iceberg shows its next peak."""

    REPLENISH_TO_BACK = "replenish_to_back"
    DISPLAYED_THEN_HIDDEN = "displayed_then_hidden"
    REFRESH_BELOW_MINIMUM = "refresh_below_minimum"


class MinExecResidual(StrEnum):
    """What a minimum execution size asks of an order that has less left than it."""

    WAIVED = "waived"
    WHOLE = "whole"


class StopElection(StrEnum):
    """In which order stops that one price triggers enter the book."""

    FIRST_IN_FIRST_OUT = "first_in_first_out"
    FURTHEST_FIRST = "furthest_first"


class ReplacePriority(StrEnum):
    """When a replaced order keeps its place."""

    KEEP_ON_DECREASE = "keep_on_decrease"
    ALWAYS_TO_BACK = "always_to_back"


class ReplaceQty(StrEnum):
    """What the quantity of a replacement means: the order's total, or what is to be open."""

    TOTAL = "total"
    OPEN = "open"


class ReplaceBelowFilled(StrEnum):
    """What a replacement does whose total is not above what was filled."""

    REFUSE = "refuse"
    CANCELS = "cancels"


class Opening(StrEnum):
    """What an instrument's day begins with."""

    CONTINUOUS = "continuous"
    PRE_OPEN = "pre_open"


DEFAULT_LADDER: Final = (
    LadderStep.MAX_VOLUME,
    LadderStep.MIN_SURPLUS,
    LadderStep.PRESSURE,
    LadderStep.CLAMP_REFERENCE,
)
"""The ladder of Xetra's market model."""


def _written(default: T) -> T:
    """Return a default that is written all the same, as it was before settings at their default were left out.

    The codec leaves out a default that is given as such, and none that a function makes.
    """
    return field(default_factory=lambda: default)


class MarketRules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The settings of one market. On the wire they stand in the `rules` of an `instrument` record.

    `self_trade` is the mode of orders that name none. `market_collar` goes with `rests_at_collar`: how far from the
    opposite best a market order may trade. `tick_table` takes the place of the instrument's one tick.
    The settings in `AMOUNTS` are above zero: basis points where they end in `bp`, seconds where in `s`; or none.
    """

    auction_ladder: tuple[LadderStep, ...] = _written(DEFAULT_LADDER)
    market_remainder: MarketRemainder = _written(MarketRemainder.CANCEL)
    market_collar: Price | None = _written(None)
    unpriced_trades_at: UnpricedTradesAt = _written(UnpricedTradesAt.BETTER_OF_LAST_AND_OWN_SIDE)
    market_to_limit: MarketToLimit = _written(MarketToLimit.BEST_OPPOSITE_PRICE_ONLY)
    mtl_after_uncross: MtlAfterUncross = _written(MtlAfterUncross.LIMIT_AT_AUCTION_PRICE)
    iceberg: Iceberg = _written(Iceberg.REPLENISH_TO_BACK)
    self_trade: SelfTrade = _written(SelfTrade.CANCEL_NEWEST)
    min_exec_residual: MinExecResidual = _written(MinExecResidual.WAIVED)
    stop_election: StopElection = _written(StopElection.FIRST_IN_FIRST_OUT)
    replace: ReplacePriority = _written(ReplacePriority.KEEP_ON_DECREASE)
    replace_qty: ReplaceQty = _written(ReplaceQty.TOTAL)
    replace_below_filled: ReplaceBelowFilled = _written(ReplaceBelowFilled.REFUSE)
    tick_table: TickTable = ()
    opening: Opening = Opening.CONTINUOUS
    trading_at_last: bool = False
    max_order_qty: Shares | None = None
    max_order_value: Cash | None = None
    price_band_bp: int | None = None
    collar_bp: int | None = None
    static_range_bp: int | None = None
    dynamic_range_bp: int | None = None
    interruption_s: int | None = None
    interruption_random_s: int | None = None
    extended_range_bp: int | None = None
    extension_s: int | None = None
    max_extensions: int | None = None
    auction_prices: AuctionPrices = AuctionPrices.EVERY_TICK


ORDER_LIMITS: Final = ("max_order_qty", "max_order_value", "price_band_bp", "collar_bp")
"""The settings that an order is held to when it comes in (LIM-04 to LIM-07)."""

_MOST_BP: Final = 100_000
_DAY_S: Final = 86_400

AMOUNTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "max_order_qty": MAX_QTY,
        "max_order_value": MAX_CASH,
        "price_band_bp": _MOST_BP,
        "collar_bp": _MOST_BP,
        "static_range_bp": _MOST_BP,
        "dynamic_range_bp": _MOST_BP,
        "interruption_s": _DAY_S,
        "interruption_random_s": _DAY_S,
        "extended_range_bp": _MOST_BP,
        "extension_s": _DAY_S,
        "max_extensions": 1_000,
    }
)
"""The most that each setting may be that is an amount; all are above zero, or none."""

DEFAULT_RULES: Final = MarketRules()
"""Every setting at its default."""
