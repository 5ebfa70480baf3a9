"""Price grids: which prices are valid, and the tick size tables of MiFID II.

    price   ... 9.985   9.99   9.995 | 10.00   10.01   10.02 ...     tick 0.005 up to 10, then 0.01

A row holds from its price up to the next row's. Every row begins on the grid of the one below it as well as on its
own, so that a walk from tick to tick never steps over a row's begin.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from stockex.vocabulary.units import UNITS_PER_EURO, Price


class TickRow(NamedTuple):
    """From `start` on, up to the next row, prices are multiples of `tick`. On the wire `[start, tick]`."""

    start: Price
    tick: Price


TickTable = tuple[TickRow, ...]
"""Rows, the lowest first; the first starts at zero. No row: the instrument has one tick at every price."""

BANDS: Final = range(1, 7)
"""The liquidity bands of RTS 11: 1 for fewer than 10 trades a day, 6 for 9,000 and more."""

_RANGES: Final = 19


def rts11(band: int) -> TickTable:
    """Return the tick size table of a liquidity band.

    The annex has a row for each of 0, 0.1, 0.2, 0.5, 1, ... 50,000 euro. Down a column and leftwards along a row ticks
    go up the steps 1, 2, 5; none is below 0.0001, our unit.

    Args: band: 1 to 6, by the average daily number of trades: from 0, 10, 80, 600, 2,000, 9,000.
    Source: Commission Delegated Regulation (EU) 2017/588 (MiFID II RTS 11), annex.
    """
    assert band in BANDS, f"no liquidity band {band}"
    starts = (0, *(UNITS_PER_EURO * _step(row) // 100 for row in range(3, _RANGES + 2)))
    return tuple(TickRow(Price(start), Price(_step(max(row + 3 - band, 0)))) for row, start in enumerate(starts))


def _step(number: int) -> int:
    """Return a member of 1, 2, 5, 10, 20, 50, ..., counted from 0."""
    decade, place = divmod(number, 3)
    return int((1, 2, 5)[place] * 10**decade)


def fault_in(table: Sequence[TickRow]) -> str | None:
    """Return what is wrong with a table that a market is to have (REF-03), or None."""
    below: TickRow | None = None
    for start, tick in table:
        if tick <= 0:
            return "a tick is above zero"
        if below is None and start != 0:
            return "the first row starts at zero"
        if below is not None and (start <= below.start or start % tick or start % below.tick):
            return "rows go up, and each starts on its own grid and that of the row below"
        below = TickRow(start, tick)
    return None


class Grid:
    """The valid prices of an instrument: its tick table, or its one tick at every price."""

    __slots__ = ("_starts", "_ticks")

    def __init__(self, tick: int, table: Sequence[TickRow] = ()) -> None:
        self._starts = [row.start for row in table] or [Price(0)]
        self._ticks = [int(row.tick) for row in table] or [tick]

    def tick_at(self, price: int) -> int:
        """Return the tick of the range that `price` is in, below zero that of the lowest."""
        if len(self._ticks) == 1:
            return self._ticks[0]
        return self._ticks[max(bisect_right(self._starts, price) - 1, 0)]

    @property
    def lowest(self) -> int:
        """The lowest valid price."""
        return self._ticks[0]

    def has(self, price: int) -> bool:
        """Say whether `price` is a multiple of its tick."""
        return price % self.tick_at(price) == 0

    def at_most(self, price: int) -> int:
        """Return the highest multiple of a tick that is not above `price`; zero below the lowest price."""
        return price // (tick := self.tick_at(price)) * tick

    def at_least(self, price: int) -> int:
        """Return the lowest multiple of a tick that is not below `price`."""
        return -(-price // (tick := self.tick_at(price))) * tick

    def above(self, price: int) -> int:
        """Return the next multiple of a tick above `price`."""
        return self.at_most(price) + self.tick_at(price)

    def below(self, price: int) -> int:
        """Return the next multiple of a tick below `price`."""
        return self.at_most(price - 1)

    def __repr__(self) -> str:
        return f"Grid({dict(zip(self._starts, self._ticks, strict=True))})"
