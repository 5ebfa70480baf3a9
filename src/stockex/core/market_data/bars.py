"""Bars of a minute, and candles of longer equal spans merged from them."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter
from typing import ClassVar, Final, NamedTuple, Self

import msgspec

from stockex.messages.codec import Message
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.topics import Topic
from stockex.messages.views import Candle
from stockex.vocabulary.units import Nanos, Price, Shares

BAR_S: Final = 60
"""The span of a bar in seconds."""

BARS_KEPT: Final = 60 * 24 * 31
"""How many bars of a symbol are kept: a month of minutes."""

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_NANOS_PER_S: Final = 1_000_000_000


class Period(NamedTuple):
    """How far a chart looks back, and the span of each of its candles, both in seconds.

    `window_s` is a multiple of `span_s`, and `span_s` of the bar's span, so that no candle cuts a bar.
    """

    window_s: int
    span_s: int


PERIODS: Final[dict[str, Period]] = {
    "live": Period(30 * _MINUTE, _MINUTE),
    "1h": Period(_HOUR, _MINUTE),
    "8h": Period(8 * _HOUR, 4 * _MINUTE),
    "1d": Period(_DAY, 10 * _MINUTE),
    "1w": Period(7 * _DAY, 2 * _HOUR),
    "1m": Period(31 * _DAY, 6 * _HOUR),
}
"""The periods of the seed's chart, each of at most 150 candles."""


class Bar(NamedTuple):
    """Open, high, low, close in units and volume in shares of the span that starts at `t` seconds since 1970 UTC."""

    t: int
    o: int
    h: int
    l: int  # noqa: E741 (the candle's field)
    c: int
    v: int


class Bars:
    """Follow the trades of all symbols as bars of a minute. A minute without a trade has no bar.

    A trade that is undone leaves its bar's volume, or what of it was too much; prices and the bar itself stay (CTL-11).
    """

    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.TRADES})

    def __init__(self, bars: dict[str, list[Bar]] | None = None) -> None:
        self._bars = bars if bars is not None else {}

    def apply(self, message: Message) -> None:
        """Add a trade to its minute, or take one out. Cost: O(1); of one that is undone, O(log bars)."""
        match message:
            case Trade():
                self._add(message)
            case Bust():
                self._take_out(message, message.qty)
            case Correction():
                self._take_out(message, message.old_qty - message.qty)
            case _:
                pass

    def _add(self, trade: Trade) -> None:
        bars = self._bars.setdefault(trade.symbol, [])
        price = int(trade.price)
        bar = Bar(_start(trade.at, BAR_S), price, price, price, price, trade.qty)
        if bars and bars[-1].t == bar.t:
            bars[-1] = _merged(bars[-1], bar)
            return
        bars.append(bar)
        if len(bars) > BARS_KEPT:
            del bars[0]

    def _take_out(self, fact: Bust | Correction, qty: int) -> None:
        """Take volume out of the bar in which the trade was done, if that is still kept."""
        start = _start(fact.traded_at, BAR_S)
        bars = self._bars.get(fact.symbol, [])
        place = bisect_left(bars, start, key=attrgetter("t"))
        if place < len(bars) and bars[place].t == start:
            bars[place] = bars[place]._replace(v=bars[place].v - qty)

    def candles(self, symbol: str, period: str, *, now: Nanos) -> list[Candle]:
        """Return the candles of `period` up to `now`, oldest first; none for a symbol that never traded.

        Each covers one whole span that starts at a multiple of the span; the last one holds `now`.

        Raises:
            KeyError: no such period.
        Cost: O(bars in the window).
        """
        window_s, span_s = PERIODS[period]
        first = _start(now, span_s) + span_s - window_s
        merged: list[Bar] = []
        for bar in self._since(symbol, first):
            start = bar.t - bar.t % span_s
            if merged and merged[-1].t == start:
                merged[-1] = _merged(merged[-1], bar)
            else:
                merged.append(bar._replace(t=start))
        return [_candle(bar) for bar in merged]

    def dump(self) -> bytes:
        """Return the whole state as JSON, prices as whole units."""
        return msgspec.json.encode(self._bars)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the bars that `dump` described. Raises: msgspec.MsgspecError: it described none."""
        return cls(msgspec.json.decode(data, type=dict[str, list[Bar]]))

    def _since(self, symbol: str, first: int) -> Iterator[Bar]:
        """Yield the symbol's bars that start at `first` or later, oldest first."""
        bars = self._bars.get(symbol, [])
        begin = len(bars)
        while begin > 0 and bars[begin - 1].t >= first:
            begin -= 1
        yield from bars[begin:]


def _start(at: Nanos, span_s: int) -> int:
    """Return the start of the span that holds `at`, in seconds."""
    seconds = at // _NANOS_PER_S
    return seconds - seconds % span_s


def _merged(earlier: Bar, later: Bar) -> Bar:
    """Return one bar that covers both, at the start of the earlier one."""
    return Bar(
        t=earlier.t,
        o=earlier.o,
        h=max(earlier.h, later.h),
        l=min(earlier.l, later.l),
        c=later.c,
        v=earlier.v + later.v,
    )


def _candle(bar: Bar) -> Candle:
    return Candle(bar.t, Price(bar.o), Price(bar.h), Price(bar.l), Price(bar.c), Shares(bar.v))
