"""Claims about `stockex.core.market_data.bars`."""

from itertools import pairwise

import pytest
from unit.core.market_data.market_facts import SECOND, listed, trade

from stockex.core.market_data.bars import BAR_S, PERIODS, Bars
from stockex.messages.views import Candle
from stockex.vocabulary.units import Nanos, Price, Shares

MIDNIGHT = 1_699_920_000
"""A whole day since 1970, in seconds."""


def bars(*trades: tuple[int, int, int]) -> Bars:
    """Return the bars of NBG after trades of (seconds after midnight, price, quantity)."""
    made = Bars()
    for n, (after, price, qty) in enumerate(trades):
        made.apply(trade(n, price=price, qty=qty, at=MIDNIGHT + after))
    return made


def now(after: int) -> Nanos:
    """Return an instant so many seconds after midnight."""
    return Nanos((MIDNIGHT + after) * SECOND)


def test_a_candle_covers_the_trades_of_its_minute() -> None:
    """Open is the first, close the last, high and low the extremes, volume the sum."""
    made = bars((0, 20, 1), (20, 30, 2), (40, 10, 3), (59, 25, 4))
    candle = Candle(MIDNIGHT, Price(20), Price(30), Price(10), Price(25), Shares(10))
    assert made.candles("NBG", "1h", now=now(59)) == [candle]


def test_a_minute_without_a_trade_has_no_candle() -> None:
    """No price is invented for a gap."""
    made = bars((0, 20, 1), (180, 21, 1))
    assert [candle.t - MIDNIGHT for candle in made.candles("NBG", "live", now=now(200))] == [0, 180]


def test_a_symbol_that_never_traded_has_no_candles() -> None:
    """Bars know trades, not listings."""
    assert Bars().candles("NBG", "1d", now=now(0)) == []


def test_an_unknown_period_is_a_key_error() -> None:
    """The periods are the seed's and no others."""
    with pytest.raises(KeyError):
        Bars().candles("NBG", "2h", now=now(0))


def test_other_messages_are_ignored() -> None:
    """A listing makes no bar."""
    made = Bars()
    made.apply(listed())
    assert made.dump() == b"{}"


@pytest.mark.parametrize("period", PERIODS)
def test_candles_span_equal_times(period: str) -> None:
    """A trade every minute gives candles whose starts are one span apart, and each full one holds as many trades."""
    minutes = 3 * PERIODS[period].window_s // (2 * BAR_S)
    made = bars(*((minute * BAR_S, 100, 1) for minute in range(minutes)))
    candles = made.candles("NBG", period, now=now(minutes * BAR_S - 1))
    span = PERIODS[period].span_s
    assert {later.t - earlier.t for earlier, later in pairwise(candles)} == {span}
    assert {candle.v for candle in candles[:-1]} == {span // BAR_S}
    assert candles[0].t % span == 0


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_has_at_most_150_candles(period: str) -> None:
    """And it has as many as fill its window, each of whole bars."""
    window_s, span_s = PERIODS[period]
    assert window_s // span_s <= 150
    assert window_s % span_s == span_s % BAR_S == 0


@pytest.mark.parametrize("period", PERIODS)
def test_the_window_reaches_back_from_now(period: str) -> None:
    """A trade at the window's first instant is shown, one just before it is not."""
    window_s, span_s = PERIODS[period]
    made = bars((span_s - 1, 1, 1), (span_s, 2, 1))
    candles = made.candles("NBG", period, now=now(window_s + span_s - 1))
    assert [candle.o for candle in candles] == [2]


def test_bars_come_back_from_their_dump() -> None:
    """What is loaded dumps the same and goes on the same."""
    made = bars((0, 20, 1), (61, 21, 2))
    again = Bars.load(made.dump())
    assert again.dump() == made.dump()
    for each in (made, again):
        each.apply(trade(9, price=30, at=MIDNIGHT + 62))
    assert again.candles("NBG", "1h", now=now(70)) == made.candles("NBG", "1h", now=now(70))
