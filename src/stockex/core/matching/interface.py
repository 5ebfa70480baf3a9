"""What the engine asks of a book. `plain` answers readably."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from stockex.core.matching.order import Order
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares


class Book(Protocol):
    """The resting orders of one instrument, in price-time priority. `places` counts the places given out."""

    places: int

    def first(self, side: Side, *, limit: Price | None = None) -> Order | None:
        """Return the order of `side` that leads: unpriced, then best price, shown, oldest.

        None: the side is empty, or its best price is not within the `limit` of an incoming order.
        """

    def add(self, order: Order) -> None:
        """Put `order`, which leaves something, last in the queue at its price, or of the unpriced ones."""

    def give_place(self, order: Order) -> None:
        """Make `order` the youngest, without putting it into the book."""

    def put_back(self, order: Order) -> None:
        """Put an order of a snapshot back, with the place it had; the older come first."""

    def remove(self, order: Order) -> None:
        """Take `order` out, wherever it stands."""

    def reduce(self, order: Order, qty: int, *, peak: int = 0) -> None:
        """Lower what a resting order leaves by `qty`; it keeps its place. At zero it is taken out.

        `peak` is how much of it an iceberg had shown; what an iceberg shows is never more than what it leaves.
        """

    def best_limit(self, side: Side) -> Price | None:
        """Return the best price of `side` that is shown and not a peg's: what pegs and collars start from."""

    def has_specials(self, side: Side | None = None) -> bool:
        """Say whether `side`, or either when None, has an iceberg, a minimum execution size or an unpriced order."""

    def queue(self, side: Side) -> Iterator[Order]:
        """Yield the orders of `side` in the order in which they would trade."""

    def unpriced(self, side: Side) -> Iterable[Order]:
        """Return the orders of `side` without a price, oldest first."""

    def wanted(self, side: Side, *, limit: Price | None = None) -> Iterator[tuple[Price, Shares]]:
        """Yield what the priced orders of `side` want, as pairs of price and open quantity in any order.

        With a limit, of those alone that would trade there.
        """

    def take_changes(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Return the levels (bids, asks) touched since the last call, best first, and forget them."""

    def level(self, side: Side, price: Price) -> Level:
        """Return the totals at one price; zero orders when nothing stands there."""
