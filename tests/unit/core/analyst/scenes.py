"""A market for the tests of the analyst, in steps: what happens is applied to the market and to the window."""

from dataclasses import dataclass, field

from unit.core.market_data.market_facts import book, listed, started, trade

from stockex.core.analyst.picture import Picture, taken
from stockex.core.analyst.remarks import comment
from stockex.core.analyst.window import Window
from stockex.core.clearing.house import House
from stockex.core.market_data.market import Market
from stockex.messages.codec import Message
from stockex.messages.market_data import Statement


@dataclass
class Day:
    """A day of NBG and PEIR that has begun at 18.05 and 20.00; the first insight has been given."""

    market: Market = field(default_factory=Market)
    house: House = field(default_factory=House)
    window: Window = field(default_factory=Window)
    before: Picture | None = None

    def __post_init__(self) -> None:
        """Begin the day."""
        self.happens(
            listed("NBG"), listed("PEIR", reference=200_000), started(NBG=180_500, PEIR=200_000), book("180500:100")
        )
        self.said()

    def happens(self, *facts: Message) -> None:
        """Apply facts; the members stay as they are."""
        for fact in facts:
            self.market.apply(fact)
            self.window.apply(fact)

    def trades(self, symbol: str, *prices: int, first: int = 10, qty: int = 1) -> None:
        """Trade at these prices, each by a command of its own, from `first` on."""
        self.happens(*(trade(first + n, price=price, qty=qty, symbol=symbol) for n, price in enumerate(prices)))

    def said(self) -> list[Statement]:
        """Return the sentences of the insight that would be given now; what follows is another window."""
        now = taken(self.market, self.house, symbols=self.market.instruments)
        statements = comment(self.window, before=self.before, now=now)
        self.window, self.before = self.window.next(), now
        return statements

    def texts(self) -> list[str]:
        """Return the same as texts."""
        return [each.text for each in self.said()]
