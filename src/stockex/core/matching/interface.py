"""What the engine asks of a book. `plain` answers readably."""

from collections.abc import Iterator
from typing import Protocol

from stockex.core.matching.order import Order
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price


class Book(Protocol):
    """The resting orders of one instrument, in price-time priority."""

    def first(self, side: Side) -> Order | None:
        """Return the order of `side` that trades next: best price, then oldest. None when the side is empty."""

    def add(self, order: Order) -> None:
        """Put `order`, which has a limit and leaves, last in the queue at its price."""

    def remove(self, order: Order) -> None:
        """Take `order` out, wherever it stands."""

    def reduce(self, order: Order, qty: int) -> None:
        """Lower what a resting order leaves by `qty`; it keeps its place. At zero it is taken out."""

    def queue(self, side: Side) -> Iterator[Order]:
        """Yield the orders of `side` in the order in which they would trade."""

    def take_changes(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Return the levels (bids, asks) touched since the last call, best first, and forget them."""

    def level(self, side: Side, price: Price) -> Level:
        """Return the totals at one price; zero orders when nothing stands there."""
