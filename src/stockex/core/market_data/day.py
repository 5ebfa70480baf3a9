"""The figures of one security's trading day."""

from msgspec import Struct

from stockex.messages.market_data import Bust, Correction, Trade
from stockex.vocabulary.units import Cash, Price, Shares


class DayFigures(Struct):
    """What a day's trades add up to. Prices are None before the first trade; `value` is price times quantity.

    `last` may also have been set without a trade.
    """

    open: Price | None = None
    high: Price | None = None
    low: Price | None = None
    last: Price | None = None
    volume: Shares = Shares(0)
    value: Cash = Cash(0)
    trades: int = 0

    def add(self, trade: Trade) -> None:
        """Count one trade."""
        price = trade.price
        self.open = price if self.open is None else self.open
        self.high = price if self.high is None else max(self.high, price)
        self.low = price if self.low is None else min(self.low, price)
        self.last = price
        self.volume = Shares(self.volume + trade.qty)
        self.value = Cash(self.value + price * trade.qty)
        self.trades += 1

    def undo(self, fact: Bust | Correction) -> None:
        """Count a trade no more, or with its new terms. No price of the day changes (CTL-11)."""
        if isinstance(fact, Correction):
            qty, value = fact.old_qty - fact.qty, fact.old_price * fact.old_qty - fact.price * fact.qty
        else:
            qty, value = fact.qty, fact.price * fact.qty
            self.trades -= 1
        self.volume = Shares(self.volume - qty)
        self.value = Cash(self.value - value)

    def change(self, reference: Price) -> Price | None:
        """Return last minus `reference`; None before the first trade."""
        return None if self.last is None else Price(self.last - reference)
