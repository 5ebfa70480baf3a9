"""Figures that are real numbers: averages, percentages, and technical indicators over a series of prices.

Series are in euro, oldest first. A mean over the last n prices takes what exists when there are fewer. Of no price
at all every figure is zero, but RSI is 50 and the Bollinger position 0.5. Source: the seed's snapshots.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import Final

from stockex.messages.market_data import Indicators
from stockex.vocabulary.enums import Regime
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Price, Shares

_SIGMA_FLOOR: Final = 0.01
"""The least standard deviation, in euro, that Bollinger bands are drawn with."""


def sma(prices: Sequence[float], n: int) -> float:
    """Return the simple moving average: the mean of the last `n` prices."""
    recent = prices[-n:]
    return sum(recent) / len(recent) if recent else 0.0


def ema(prices: Sequence[float], n: int) -> float:
    """Return the exponential moving average with weight 2 / (n + 1), seeded with the oldest price."""
    if not prices:
        return 0.0
    weight = 2 / (n + 1)
    average = prices[0]
    for price in prices[1:]:
        average += weight * (price - average)
    return average


def macd(prices: Sequence[float]) -> float:
    """Return EMA 12 minus EMA 26."""
    return ema(prices, 12) - ema(prices, 26)


def rsi(prices: Sequence[float], n: int = 14) -> float:
    """Return the relative strength index of the last `n` changes: 100 - 100 / (1 + mean gain / mean loss).

    Simple averages. Without a loss it is 100; with fewer than two prices it is 50.
    """
    if len(prices) < 2:  # noqa: PLR2004 (one change needs two prices)
        return 50.0
    recent = prices[-n - 1 :]
    changes = [after - before for before, after in pairwise(recent)]
    gain = sum(change for change in changes if change > 0)
    loss = -sum(change for change in changes if change < 0)
    return 100 - 100 / (1 + gain / loss) if loss else 100.0


def bollinger_position(prices: Sequence[float], n: int = 20) -> float:
    """Return where the last price stands between the bands: 0 at the lower one, 1 at the upper one, clipped.

    The bands are two population standard deviations of the last `n` prices away from their mean.
    """
    recent = prices[-n:]
    if not recent:
        return 0.5
    mean = sma(recent, n)
    sigma = max(sqrt(sum((price - mean) ** 2 for price in recent) / len(recent)), _SIGMA_FLOOR)
    position = (recent[-1] - (mean - 2 * sigma)) / (4 * sigma)
    return min(max(position, 0.0), 1.0)


def vwap(value: Cash, volume: Shares) -> float | None:
    """Return the volume-weighted average price in euro; None without volume."""
    return value / (volume * UNITS_PER_EURO) if volume else None


def percent(change: Price | None, reference: Price) -> float | None:
    """Return a change in percent of `reference`; None without a change or a reference."""
    return None if change is None or not reference else 100 * change / reference


def indicators(prices: Sequence[float], regime: Regime) -> Indicators:
    """Return all indicators of `prices`, rounded as the wire shows them: four decimals, RSI two."""
    return Indicators(
        sma_5=round(sma(prices, 5), 4),
        sma_20=round(sma(prices, 20), 4),
        ema_12=round(ema(prices, 12), 4),
        ema_26=round(ema(prices, 26), 4),
        macd=round(macd(prices), 4),
        rsi_14=round(rsi(prices), 2),
        bb_pos=round(bollinger_position(prices), 4),
        regime=regime,
    )
