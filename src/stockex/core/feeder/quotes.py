"""What the feeder's two accounts send at a tick: the maker's new quotes, and now and then an order that crosses."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from stockex.core.dice import Dice
from stockex.core.feeder.regimes import Walk, inclination
from stockex.messages.control import Listed
from stockex.messages.market_data import Indicators
from stockex.vocabulary.enums import Regime, Side
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import UNITS_PER_EURO, Price, Shares


class Style(NamedTuple):
    """How the maker quotes in a regime.

    `spread` is the range of the full spread in 1/100 000 of the price; `value` that of a level's worth in euro;
    `crossing` the chance in percent that an order crosses; `favoured` the side whose best level is half as large again.
    """

    spread: tuple[int, int]
    value: tuple[int, int]
    crossing: int = 20
    favoured: Side | None = None


STYLES: Final[Mapping[Regime, Style]] = {
    Regime.TRENDING_UP: Style((240, 450), (1_250, 5_000), favoured=Side.BUY),
    Regime.TRENDING_DOWN: Style((240, 450), (1_250, 5_000), favoured=Side.SELL),
    Regime.MEAN_REVERT: Style((300, 300), (2_000, 6_250)),
    Regime.VOLATILE: Style((450, 750), (750, 2_500), crossing=35),
    Regime.CALM: Style((180, 300), (2_500, 7_500)),
}
"""The seed's styles, with 0.3 % for its spread of ten cents, and in euro what its sizes were worth at 25 euro."""

SPREAD_UNIT: Final = 100_000
"""The spread of a style divides by this."""

LEVELS: Final = 3
"""How many levels the maker quotes on each side."""

_GAP: Final = 2_000
"""The least distance between two levels is the price by this, and never under a tick."""


class Quote(NamedTuple):
    """One limit order to be."""

    side: Side
    limit: Price
    qty: Shares


def quotes(walk: Walk, listed: Listed, *, dice: Dice) -> list[Quote]:
    """Return the maker's quotes around the fair price: bids best first, then asks best first.

    The best ones stand at least a tick on each side of the fair price. Bids that would cost less than a tick are
    left out, but there is always one.
    """
    style, fair, grid = STYLES[walk.regime], walk.price, grid_of(listed)
    tick = grid.tick_at(fair)
    half = max(fair * dice.integer(*style.spread) // (2 * SPREAD_UNIT), tick)
    gap = max(fair // _GAP // tick, 1) * tick
    bid = max(grid.at_most(fair - half), grid.lowest)
    bids = [grid.at_most(price) for price in _levels(bid, gap=-gap, dice=dice) if price >= grid.lowest]
    asks = [grid.at_least(price) for price in _levels(grid.at_least(fair + half), gap=gap, dice=dice)]
    return [
        Quote(side, Price(price), _size(walk, listed, dice=dice, is_large=level == 0 and side is style.favoured))
        for side, prices in ((Side.BUY, bids), (Side.SELL, asks))
        for level, price in enumerate(prices)
    ]


def crossing(walk: Walk, listed: Listed, *, dice: Dice, best: Mapping[Side, Price], seen: Indicators) -> Quote | None:
    """Return an order that trades with the best quotes, or None, which is more likely.

    Args:
        walk: Gives the regime and the price that the size is worth.
        listed: The security's tick and lot.
        dice: Decide whether to cross, the side if nothing else does, the size, and 1 to 3 ticks through the best.
        best: The best price quoted on each side.
        seen: The indicators of the real book; with the regime they choose the side.
    """
    if dice.integer(1, 100) > STYLES[walk.regime].crossing:
        return None
    side = inclination(seen) or dice.choose((Side.BUY, Side.SELL))
    grid, opposite = grid_of(listed), best[side.opposite]
    limit = opposite + side.sign * dice.integer(1, 3) * grid.tick_at(opposite)
    limit = max(grid.at_least(limit) if side is Side.BUY else grid.at_most(limit), grid.lowest)
    return Quote(side, Price(limit), _size(walk, listed, dice=dice, is_large=False))


def grid_of(listed: Listed) -> Grid:
    """Return the valid prices of a security."""
    return Grid(listed.tick, listed.rules.tick_table)


def _levels(best: int, *, gap: int, dice: Dice) -> list[int]:
    """Return the prices of one side from the best away, one to three gaps apart. A negative `gap` leads down."""
    prices = [best]
    while len(prices) < LEVELS:
        prices.append(prices[-1] + gap * dice.integer(1, 3))
    return prices


def _size(walk: Walk, listed: Listed, *, dice: Dice, is_large: bool) -> Shares:
    """Return a quantity of whole lots that is worth as much as the regime's style says."""
    euro = dice.integer(*STYLES[walk.regime].value) * (3 if is_large else 2) // 2
    lots = euro * UNITS_PER_EURO // (walk.price * listed.lot)
    return Shares(max(lots, 1) * listed.lot)
