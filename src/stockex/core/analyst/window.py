"""What has happened since the last insight, and whether it asks for one."""

from typing import Final

from msgspec import Struct, field

from stockex.core.analyst.words import Commands, ratio
from stockex.messages.codec import Message
from stockex.messages.control import (
    Interrupted,
    PhaseChanged,
    Resumed,
    Started,
    Stopped,
    Suspended,
    Uncrossed,
)
from stockex.messages.market_data import Trade
from stockex.vocabulary.enums import InsightCause, Phase, Side
from stockex.vocabulary.units import Cash, Price, Shares

BIG_MOVE_BP: Final = 200
"""A price that has moved by so many basis points since the last insight asks for one."""

Event = Started | Stopped | Suspended | Resumed | PhaseChanged | Interrupted | Uncrossed
"""What asks for an insight by itself."""

_CAUSES: Final[dict[type[Event], InsightCause]] = {
    Stopped: InsightCause.SESSION_END,
    Started: InsightCause.SESSION_START,
    Suspended: InsightCause.HALT,
    Resumed: InsightCause.RESUMED,
    PhaseChanged: InsightCause.HALT,
    Interrupted: InsightCause.VOLATILITY,
    Uncrossed: InsightCause.AUCTION,
}


class Span(Struct):
    """The trades of one security in a window. `opened` is its price before them; `bought` is what buyers took."""

    opened: Price
    first: int
    last: int = 0
    trades: int = 0
    volume: Shares = Shares(0)
    value: Cash = Cash(0)
    bought: Shares = Shares(0)
    price: Price = Price(0)
    high: Price = Price(0)
    low: Price = Price(0)

    def add(self, trade: Trade) -> None:
        """Count one trade."""
        price = trade.price
        self.low = price if self.trades == 0 else min(self.low, price)
        self.high = max(self.high, price)
        self.trades += 1
        self.volume = Shares(self.volume + trade.qty)
        self.value = Cash(self.value + price * trade.qty)
        self.bought = Shares(self.bought + (trade.qty if trade.aggressor is Side.BUY else 0))
        self.price, self.last = price, trade.offset

    @property
    def move(self) -> int:
        """How far the price went, in basis points."""
        return ratio(self.price - self.opened, self.opened)

    @property
    def commands(self) -> Commands:
        """The commands that traded."""
        return Commands(self.first, self.last)


class Window(Struct):
    """The facts since the last insight.

    `prices` are the last ones by symbol, before the window too. `first` and `last` are the commands that it covers,
    -1: none; `began` is the one that began the day.
    """

    prices: dict[str, Price] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    first: int = -1
    last: int = -1
    began: int = -1

    def apply(self, message: Message) -> None:
        """Take in one fact. Cost: O(1)."""
        match message:
            case Trade():
                self._trade(message)
            case Started():
                self.prices.update(message.references)
                self.spans.clear()
                self.began = message.offset
                self.events.append(message)
            case PhaseChanged() if message.phase is not Phase.HALTED:
                pass
            case Stopped() | Suspended() | Resumed() | PhaseChanged() | Interrupted() | Uncrossed():
                self.events.append(message)
            case _:
                pass
        offset = getattr(message, "offset", None)
        if offset is not None:
            self.last = max(self.last, offset)
            self.first = offset if self.first < 0 else self.first

    def _trade(self, trade: Trade) -> None:
        span = self.spans.get(trade.symbol)
        if span is None:
            opened = self.prices.get(trade.symbol, trade.price)
            span = self.spans[trade.symbol] = Span(opened=opened, first=trade.offset)
        span.add(trade)
        self.prices[trade.symbol] = trade.price

    @property
    def cause(self) -> InsightCause | None:
        """What asks for an insight now: the newest event, else a big move; None: nothing does."""
        if self.events:
            return max((_CAUSES[type(event)] for event in self.events), key=_WEIGHTS.index)
        has_leapt = any(abs(span.move) >= BIG_MOVE_BP for span in self.spans.values())
        return InsightCause.BIG_MOVE if has_leapt else None

    @property
    def commands(self) -> Commands:
        """The commands that the window covers."""
        return Commands(self.first, self.last)

    def next(self) -> "Window":
        """Return the empty window that follows."""
        return Window(prices=self.prices, began=self.began)


_WEIGHTS: Final = [
    InsightCause.RESUMED,
    InsightCause.AUCTION,
    InsightCause.VOLATILITY,
    InsightCause.HALT,
    InsightCause.SESSION_START,
    InsightCause.SESSION_END,
]
"""What an insight that several events ask for is named after: the last of these."""
