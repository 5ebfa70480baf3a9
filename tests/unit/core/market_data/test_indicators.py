"""Claims about `stockex.core.market_data.indicators`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockex.core.market_data.indicators import bollinger_position, ema, indicators, macd, rsi, sma
from stockex.vocabulary.enums import Regime

PRICES = st.lists(st.floats(0.01, 1_000), max_size=60)


def test_sma_is_the_mean_of_the_last_prices() -> None:
    """Older ones do not count."""
    assert sma([100.0, 1.0, 2.0, 3.0], 3) == 2.0


def test_a_short_series_gives_the_mean_of_what_there_is() -> None:
    """No padding with zeros."""
    assert sma([1.0, 2.0], 5) == 1.5


def test_ema_begins_with_the_oldest_price() -> None:
    """With n = 3 each price weighs a half: 2, then 5, then 2.5."""
    assert ema([2.0, 8.0, 0.0], 3) == 2.5


def test_macd_is_positive_in_a_rise() -> None:
    """The fast average is nearer to the newest prices than the slow one."""
    rising = [float(price) for price in range(1, 61)]
    assert macd(rising) == pytest.approx(ema(rising, 12) - ema(rising, 26))
    assert macd(rising) > 0 > macd(rising[::-1])


def test_rsi_weighs_gains_against_losses() -> None:
    """Gains of 3 and losses of 1 make 75."""
    assert rsi([10.0, 13.0, 12.0]) == 75.0


def test_rsi_without_losses_is_100() -> None:
    """A division by zero is not asked."""
    assert rsi([1.0, 2.0, 3.0]) == 100.0


@pytest.mark.parametrize("prices", [[], [5.0]])
def test_rsi_of_fewer_than_two_prices_is_50(prices: list[float]) -> None:
    """One price has no change."""
    assert rsi(prices) == 50.0


def test_rsi_looks_at_the_last_fourteen_changes() -> None:
    """A fall fourteen changes ago counts, one before it is forgotten."""
    rise = [float(price) for price in range(1, 16)]
    assert rsi([99.0, *rise[:-1]]) < 100.0
    assert rsi([99.0, *rise]) == 100.0


def test_bollinger_position_of_a_flat_series_is_the_middle() -> None:
    """The bands have a width of their own when prices have none."""
    assert bollinger_position([5.0] * 20) == pytest.approx(0.5)


def test_bollinger_position_is_one_above_the_upper_band() -> None:
    """A jump beyond two deviations is clipped to the band."""
    assert bollinger_position([5.0] * 19 + [9.0]) == 1.0


def test_bollinger_position_is_where_the_price_stands() -> None:
    """Mean 2, deviation 1: the price 3 is three quarters up the band from 0 to 4."""
    assert bollinger_position([1.0, 3.0]) == 0.75


def test_no_price_gives_neutral_figures() -> None:
    """Before the first tick nothing is said, in any direction."""
    seen = indicators([], Regime.CALM)
    assert (seen.sma_5, seen.macd, seen.rsi_14, seen.bb_pos, seen.regime) == (0.0, 0.0, 50.0, 0.5, Regime.CALM)


@given(prices=PRICES)
def test_rsi_and_position_stay_in_their_ranges(prices: list[float]) -> None:
    """RSI is from 0 to 100, the position from 0 to 1, whatever the prices."""
    seen = indicators(prices, Regime.VOLATILE)
    assert 0 <= seen.rsi_14 <= 100
    assert 0 <= seen.bb_pos <= 1


@given(prices=PRICES.filter(bool))
def test_averages_stay_within_the_prices(prices: list[float]) -> None:
    """No average lies outside the prices that it averages, but for rounding."""
    for average in (sma(prices, 5), sma(prices, 20), ema(prices, 12), ema(prices, 26)):
        assert min(prices) - 1e-6 <= average <= max(prices) + 1e-6
