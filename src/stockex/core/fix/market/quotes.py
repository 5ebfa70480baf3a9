"""One instrument's market data for one subscription: a snapshot (W), then changes (X), or the whole again (W)."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from stockex.core.fix.market.entries import (
    Entries,
    action_of,
    differences,
    last_trade,
    standing,
    traded,
    update,
)
from stockex.core.fix.market.request import TRADE, Wish
from stockex.core.fix.market.seen import Market
from stockex.core.fix.message import Fields
from stockex.core.fix.orders.reports import Report
from stockex.messages.market_data import Bust, Correction, Trade

MOST_TRADES: Final = 1_000
"""How many trades wait for a session that cannot be told; of more, the newest."""


class QuoteWatch:
    """Tells what the market shows of one instrument.

    Attributes:
        symbol: Whose.
        header: The way back to who asked.
    """

    def __init__(self, wish: Wish, symbol: str, *, header: Fields) -> None:
        self.symbol: str | None = symbol
        self.header = header
        self._symbol = symbol
        self._wish = wish
        self._told: Entries | None = None
        self._trades: deque[Trade | Bust | Correction] = deque(maxlen=MOST_TRADES)

    def note(self, fact: Trade | Bust | Correction) -> None:
        """Take in a trade, or that one was undone or corrected."""
        if TRADE in self._wish.kinds and self._told is not None:
            self._trades.append(fact)

    def news(self, market: Market, *, at: int) -> Iterator[Report]:
        """Yield the snapshot, later what has changed since, if anything has. `at` is not told: trades have theirs."""
        del at
        before, after = self._told, standing(market, self._symbol, wish=self._wish)
        trades = list(self._trades)
        self._trades.clear()
        self._told = after
        if before is None or not self._wish.is_incremental:
            if before != after or trades:
                yield self._snapshot(market, after)
            return
        changes: list[Mapping[int, str]] = [
            update(action_of(fact), fact.trade_id, symbol=self._symbol, entry=traded(fact)) for fact in trades
        ]
        changes += differences(before, after, symbol=self._symbol)
        if changes:
            yield Report("X", {262: self._wish.asked, 268: tuple(changes)})

    def _snapshot(self, market: Market, entries: Entries) -> Report:
        shown = list(entries.values())
        if TRADE in self._wish.kinds:
            shown += last_trade(market, self._symbol)
        return Report("W", {55: self._symbol, 262: self._wish.asked, 268: tuple(shown)})
