"""Claims about `stockex.core.feeder.quotes`."""

import pytest
from msgspec.structs import replace
from unit.core.feeder.feeding import security, seen

from stockex.core.dice import Dice
from stockex.core.feeder.quotes import STYLES, Quote, crossing, quotes
from stockex.core.feeder.regimes import Walk, begun
from stockex.vocabulary.enums import Regime, Side
from stockex.vocabulary.units import Price

BEST = {Side.BUY: Price(39_450), Side.SELL: Price(39_550)}


def walk(regime: Regime = Regime.CALM, *, fair: float = 39_500) -> Walk:
    """Return a walk of a 3.95 euro security that stands at `fair`."""
    return replace(begun(Price(39_500), Price(50), dice=Dice(1)), fair=fair, regime=regime)


def made(regime: Regime = Regime.CALM, *, fair: float = 39_500, lot: int = 1, seed: int = 1) -> list[Quote]:
    """Return the quotes around `fair`."""
    return quotes(walk(regime, fair=fair), security(lot=lot), dice=Dice(seed))


def taken(regime: Regime, **indicators: float) -> set[Side]:
    """Return the sides that cross over many ticks under the same indicators."""
    found = seen(regime=regime, **indicators)
    dice = Dice(9)
    orders = [crossing(walk(regime), security(), dice=dice, best=BEST, seen=found) for _ in range(200)]
    return {order.side for order in orders if order is not None}


@pytest.mark.parametrize("regime", Regime)
def test_the_maker_quotes_three_levels_a_side(regime: Regime) -> None:
    """Bids fall from the best, asks rise from it, and no two share a price."""
    prices = [quote.limit for quote in made(regime)]
    assert [quote.side for quote in made(regime)] == [Side.BUY] * 3 + [Side.SELL] * 3
    assert prices[2] < prices[1] < prices[0] < prices[3] < prices[4] < prices[5]


def test_the_spread_is_wider_when_prices_are_wild() -> None:
    """The regime scales the spread."""
    calm, volatile = made(Regime.CALM), made(Regime.VOLATILE)
    assert volatile[3].limit - volatile[0].limit > calm[3].limit - calm[0].limit


def test_the_fair_price_lies_a_tick_inside_the_quotes() -> None:
    """However narrow the spread would be, each side stands a tick or more away: at 1.61 it would be half a tick."""
    for fair in range(16_100, 16_150):
        bid, ask = made(fair=fair)[0], made(fair=fair)[3]
        assert bid.limit + 50 <= fair <= ask.limit - 50


def test_at_the_lowest_price_there_is_still_a_market() -> None:
    """One bid at a tick, three asks above it."""
    prices = [(quote.side, quote.limit) for quote in made(fair=50)]
    assert prices[0] == (Side.BUY, 50)
    assert [side for side, _ in prices] == [Side.BUY, Side.SELL, Side.SELL, Side.SELL]
    assert all(limit >= 100 for side, limit in prices if side is Side.SELL)


@pytest.mark.parametrize(
    ("regime", "side"), [(Regime.TRENDING_UP, Side.BUY), (Regime.TRENDING_DOWN, Side.SELL), (Regime.CALM, None)]
)
def test_the_side_of_the_trend_is_favoured(regime: Regime, side: Side | None) -> None:
    """On average its best level is half as large again as the one behind it."""
    ratios = {}
    for each, first in ((Side.BUY, 0), (Side.SELL, 3)):
        drawn = [made(regime, seed=seed) for seed in range(300)]
        ratios[each] = sum(q[first].qty for q in drawn) / sum(q[first + 1].qty for q in drawn)
    assert {each: round(2 * ratio) for each, ratio in ratios.items()} == {
        each: 3 if each is side else 2 for each in Side
    }


def test_sizes_are_worth_the_same_at_any_price() -> None:
    """A level is worth what its regime says, to the share."""
    low, high = STYLES[Regime.CALM].value
    for fair in (5_000.0, 39_500.0, 2_000_000.0):
        values = [quote.qty * fair / 10_000 for quote in made(fair=fair)]
        assert all(low - fair / 10_000 <= value <= high for value in values)


def test_sizes_are_whole_lots() -> None:
    """At least one lot, and no odd one."""
    assert all(quote.qty % 7 == 0 for quote in made(lot=7))
    assert {quote.qty for quote in made(lot=1_000_000)} == {1_000_000}


@pytest.mark.parametrize(("regime", "share"), [(Regime.VOLATILE, 0.35), (Regime.CALM, 0.20)])
def test_orders_cross_with_the_seeds_chances(regime: Regime, share: float) -> None:
    """One tick in five, one in three when prices are wild."""
    dice = Dice(3)
    orders = [crossing(walk(regime), security(), dice=dice, best=BEST, seen=seen()) for _ in range(4_000)]
    assert sum(order is not None for order in orders) / 4_000 == pytest.approx(share, abs=0.03)


def test_a_crossing_order_reaches_one_to_three_ticks_through() -> None:
    """A buy beyond the best ask, a sell beyond the best bid."""
    dice = Dice(4)
    orders = [crossing(walk(), security(), dice=dice, best=BEST, seen=seen()) for _ in range(500)]
    limits = {(order.side, int(order.limit)) for order in orders if order is not None}
    assert limits == {(Side.BUY, 39_550 + 50 * n) for n in (1, 2, 3)} | {
        (Side.SELL, 39_450 - 50 * n) for n in (1, 2, 3)
    }


def test_no_crossing_sell_goes_below_a_tick() -> None:
    """A price is never zero or less."""
    dice, best = Dice(5), {Side.BUY: Price(50), Side.SELL: Price(100)}
    orders = [crossing(walk(fair=50), security(), dice=dice, best=best, seen=seen()) for _ in range(200)]
    assert min(order.limit for order in orders if order is not None) == 50


@pytest.mark.parametrize(
    ("regime", "indicators", "sides"),
    [
        (Regime.CALM, {"rsi": 71.0, "position": 0.9}, {Side.SELL}),
        (Regime.CALM, {"rsi": 29.0, "position": 0.1}, {Side.BUY}),
        (Regime.CALM, {"rsi": 71.0, "position": 0.8}, {Side.BUY, Side.SELL}),
        (Regime.TRENDING_UP, {"macd": 0.1}, {Side.BUY}),
        (Regime.TRENDING_UP, {"macd": -0.1}, {Side.BUY, Side.SELL}),
        (Regime.TRENDING_DOWN, {"macd": -0.1}, {Side.SELL}),
        (Regime.VOLATILE, {"macd": 0.1}, {Side.BUY, Side.SELL}),
        (Regime.TRENDING_UP, {"macd": 0.1, "rsi": 71.0, "position": 0.9}, {Side.SELL}),
    ],
)
def test_indicators_choose_the_side(regime: Regime, indicators: dict[str, float], sides: set[Side]) -> None:
    """Overbought sells, oversold buys, a trend that MACD confirms is followed; else a coin is flipped."""
    assert taken(regime, **indicators) == sides
