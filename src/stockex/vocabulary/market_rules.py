"""What differs between venues, as data. A profile is a set of these settings; no code asks for a venue's name."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from stockex.vocabulary.enums import SelfTrade
from stockex.vocabulary.units import Price


class LadderStep(StrEnum):
    """One step in the search for an auction price; the steps run in order until one price is left."""

    MAX_VOLUME = "max_volume"
    MIN_SURPLUS = "min_surplus"
    PRESSURE = "pressure"
    NEAREST_REFERENCE = "nearest_reference"
    CLAMP_REFERENCE = "clamp_reference"


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


DEFAULT_LADDER: Final = (
    LadderStep.MAX_VOLUME,
    LadderStep.MIN_SURPLUS,
    LadderStep.PRESSURE,
    LadderStep.CLAMP_REFERENCE,
)
"""The ladder of Xetra's market model."""


class MarketRules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one market. On the wire they stand in the `rules` of an `instrument` record.

    `self_trade` is the mode of orders that name none. `market_collar` goes with `rests_at_collar`: how far from the
    opposite best a market order may trade.
    """

    auction_ladder: tuple[LadderStep, ...] = DEFAULT_LADDER
    market_remainder: MarketRemainder = MarketRemainder.CANCEL
    market_collar: Price | None = None
    unpriced_trades_at: UnpricedTradesAt = UnpricedTradesAt.BETTER_OF_LAST_AND_OWN_SIDE
    market_to_limit: MarketToLimit = MarketToLimit.BEST_OPPOSITE_PRICE_ONLY
    mtl_after_uncross: MtlAfterUncross = MtlAfterUncross.LIMIT_AT_AUCTION_PRICE
    iceberg: Iceberg = Iceberg.REPLENISH_TO_BACK
    self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST
    min_exec_residual: MinExecResidual = MinExecResidual.WAIVED
    stop_election: StopElection = StopElection.FIRST_IN_FIRST_OUT
    replace: ReplacePriority = ReplacePriority.KEEP_ON_DECREASE
    replace_qty: ReplaceQty = ReplaceQty.TOTAL
    replace_below_filled: ReplaceBelowFilled = ReplaceBelowFilled.REFUSE


DEFAULT_RULES: Final = MarketRules()
"""Every setting at its default."""
