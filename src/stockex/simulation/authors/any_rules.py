"""The settings of any market at all, those too that no market can have."""

from typing import Final

from stockex.core.dice import Dice
from stockex.core.matching.validation import rules_refusal
from stockex.vocabulary import market_rules as mr
from stockex.vocabulary.enums import SelfTrade
from stockex.vocabulary.tick_tables import TickRow, TickTable
from stockex.vocabulary.units import Cash, Price, Shares

TICK: Final = 100
TICK_TABLES: Final[tuple[TickTable, ...]] = (
    (),
    (),
    (TickRow(Price(0), Price(TICK // 2)), TickRow(Price(10_000), Price(2 * TICK))),
    (TickRow(Price(0), Price(TICK)), TickRow(Price(9_850), Price(TICK))),
)
"""One tick, ticks that grow where orders stand, and a table that no market can have."""

LADDERS: Final = (
    mr.DEFAULT_LADDER,
    mr.DEFAULT_LADDER[:2],
    mr.DEFAULT_LADDER[2:],
    (*mr.DEFAULT_LADDER[:2], mr.LadderStep.NEAREST_REFERENCE),
    (mr.LadderStep.NEAREST_REFERENCE,),
    (),
)
"""Xetra's and Euronext's, parts of them that leave more prices to the last step, and one that no market can have."""


def rules(dice: Dice) -> mr.MarketRules:
    """Return the settings of some market; one in a few has none that can be."""
    return mr.MarketRules(
        auction_ladder=dice.choose(LADDERS),
        market_remainder=dice.choose(tuple(mr.MarketRemainder)),
        market_collar=dice.choose((None, Price(TICK), Price(3 * TICK))),
        unpriced_trades_at=dice.choose(tuple(mr.UnpricedTradesAt)),
        market_to_limit=dice.choose(tuple(mr.MarketToLimit)),
        mtl_after_uncross=dice.choose(tuple(mr.MtlAfterUncross)),
        iceberg=dice.choose(tuple(mr.Iceberg)),
        self_trade=dice.choose(tuple(SelfTrade)),
        min_exec_residual=dice.choose(tuple(mr.MinExecResidual)),
        stop_election=dice.choose(tuple(mr.StopElection)),
        replace=dice.choose(tuple(mr.ReplacePriority)),
        replace_qty=dice.choose(tuple(mr.ReplaceQty)),
        opening=dice.choose((mr.Opening.CONTINUOUS, *mr.Opening)),
        trading_at_last=dice.choose((True, True, False)),
        replace_below_filled=dice.choose((*mr.ReplaceBelowFilled, mr.ReplaceBelowFilled.CANCELS)),
        tick_table=dice.choose(TICK_TABLES),
        max_order_qty=dice.choose((None, None, None, Shares(50), Shares(40), Shares(0))),
        max_order_value=dice.choose((None, None, Cash(200_000), Cash(500_000))),
        price_band_bp=dice.choose((None, None, None, 200)),
        collar_bp=dice.choose((None, None, None, 100)),
        static_range_bp=dice.choose((None, 100, 200)),
        dynamic_range_bp=dice.choose((None, 50, 50, 100)),
        interruption_s=dice.choose((None, 1, 1, 1)),
        interruption_random_s=dice.choose((None, None, 1)),
        extended_range_bp=dice.choose((None, 10, 10, 50)),
        extension_s=dice.choose((None, 1, 1)),
        max_extensions=dice.choose((None, 1, 1)),
        auction_prices=dice.choose(tuple(mr.AuctionPrices)),
    )


def possible_rules(dice: Dice) -> mr.MarketRules:
    """Return the settings of some market that can be."""
    while rules_refusal(drawn := rules(dice)) is not None:
        pass
    return drawn
