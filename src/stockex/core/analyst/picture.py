"""One moment of the market, as far as the analyst compares moments."""

from collections.abc import Iterable
from typing import NamedTuple

from stockex.core.clearing.house import House
from stockex.core.market_data.market import Market
from stockex.messages.market_data import Level
from stockex.vocabulary.units import Cash, Price, Shares

LEVELS = 5
"""How many levels of each side count as depth."""


class Look(NamedTuple):
    """One security: the day's figures, the touch, and the quantity on its best levels of both sides."""

    reference: Price
    last: Price | None
    high: Price | None
    low: Price | None
    volume: Shares
    value: Cash
    trades: int
    bid: Price | None
    ask: Price | None
    depth: Shares

    @property
    def spread(self) -> int | None:
        """The spread in tenths of a basis point of the mid; None unless both sides quote and do not cross."""
        if self.bid is None or self.ask is None or self.bid > self.ask:
            return None
        return (200_000 * (self.ask - self.bid) + self.bid + self.ask) // (self.bid + self.ask)

    @property
    def vwap(self) -> int | None:
        """The day's mean price weighted by quantity, in 1/10 000 euro; None without a trade."""
        return None if not self.volume else (2 * self.value + self.volume) // (2 * self.volume)


class Picture(NamedTuple):
    """All securities by symbol, and the members by total value, the richest first."""

    looks: dict[str, Look]
    ranking: tuple[tuple[str, Cash], ...]


def taken(market: Market, house: House, *, symbols: Iterable[str]) -> Picture:
    """Return how these securities and the members stand now. Cost: O(levels) a security."""
    ranking = tuple((row.account, row.total_value) for row in house.leaderboard(mark=market.mark))
    return Picture({symbol: _look(market, symbol) for symbol in symbols}, ranking)


def _look(market: Market, symbol: str) -> Look:
    line, depth = market.ticker(symbol), market.depth(symbol, LEVELS)
    return Look(
        reference=line.reference,
        last=line.last,
        high=line.high,
        low=line.low,
        volume=line.volume,
        value=line.value,
        trades=line.trades,
        bid=line.best_bid,
        ask=line.best_ask,
        depth=_quantity(*depth.bids, *depth.asks),
    )


def _quantity(*levels: Level) -> Shares:
    return Shares(sum(level.qty for level in levels))
