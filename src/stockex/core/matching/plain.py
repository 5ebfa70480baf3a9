"""The plain book: the executable specification, for reading.

    keys (sorted, best last)      levels: price -> Level
    bids   24.90  24.95           24.95 -> 300 shares: #12 100, #17 200   (oldest first)

A side keeps its prices in one sorted list in which the best stands last, so that the best is read and removed at the
end. Asks are keyed by the negative price, so that one code serves both sides.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator

from stockex.core.matching.order import Order
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares


class _Queue:
    """The orders at one price, oldest first, and their total."""

    __slots__ = ("orders", "qty")

    def __init__(self) -> None:
        self.orders: OrderedDict[int, Order] = OrderedDict()
        self.qty = 0


class _Ladder:
    """One side of the book."""

    __slots__ = ("keys", "queues", "sign", "touched")

    def __init__(self, side: Side) -> None:
        self.sign = side.sign
        self.keys: list[int] = []
        self.queues: dict[int, _Queue] = {}
        self.touched: set[int] = set()

    def first(self) -> Order | None:
        """Return the oldest order at the best price."""
        if not self.keys:
            return None
        return next(iter(self.queues[self.keys[-1]].orders.values()))

    def add(self, order: Order) -> None:
        """Append the order to the queue at its price."""
        key = self.sign * order.price
        queue = self.queues.get(key)
        if queue is None:
            queue = self.queues[key] = _Queue()
            self.keys.insert(bisect_left(self.keys, key), key)
        queue.orders[order.order_id] = order
        queue.qty += order.leaves
        self.touched.add(key)

    def reduce(self, order: Order, qty: int) -> None:
        """Lower a resting order; take it out when nothing is left, and its price with the last of its queue."""
        key = self.sign * order.price
        queue = self.queues[key]
        order.leaves -= qty
        queue.qty -= qty
        self.touched.add(key)
        if order.leaves == 0:
            self._drop(order, key)

    def remove(self, order: Order) -> None:
        """Take the order out; what it leaves goes with it but stays on the order."""
        key = self.sign * order.price
        self.queues[key].qty -= order.leaves
        self.touched.add(key)
        self._drop(order, key)

    def _drop(self, order: Order, key: int) -> None:
        queue = self.queues[key]
        del queue.orders[order.order_id]
        if not queue.orders:
            del self.queues[key]
            del self.keys[bisect_left(self.keys, key)]

    def level(self, key: int) -> Level:
        """Return the totals at one key."""
        queue = self.queues.get(key)
        qty, orders = (queue.qty, len(queue.orders)) if queue is not None else (0, 0)
        return Level(Price(self.sign * key), Shares(qty), orders)

    def take_changes(self) -> tuple[Level, ...]:
        """Return the touched levels, best first, and forget them."""
        if not self.touched:
            return ()
        changes = tuple(self.level(key) for key in sorted(self.touched, reverse=True))
        self.touched.clear()
        return changes


class PlainBook:
    """The resting orders of one instrument. Implements `stockex.core.matching.interface.Book`."""

    __slots__ = ("_asks", "_bids")

    def __init__(self) -> None:
        self._bids = _Ladder(Side.BUY)
        self._asks = _Ladder(Side.SELL)

    def _ladder(self, side: Side) -> _Ladder:
        return self._bids if side is Side.BUY else self._asks

    def first(self, side: Side) -> Order | None:
        """Return the order of `side` that trades next, or None."""
        return self._ladder(side).first()

    def add(self, order: Order) -> None:
        """Put `order` last in the queue at its price."""
        self._ladder(order.side).add(order)

    def remove(self, order: Order) -> None:
        """Take `order` out, wherever it stands."""
        self._ladder(order.side).remove(order)

    def reduce(self, order: Order, qty: int) -> None:
        """Lower what a resting order leaves; it keeps its place."""
        self._ladder(order.side).reduce(order, qty)

    def queue(self, side: Side) -> Iterator[Order]:
        """Yield the orders of `side` in priority."""
        ladder = self._ladder(side)
        for key in reversed(ladder.keys):
            yield from ladder.queues[key].orders.values()

    def take_changes(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Return the levels (bids, asks) touched since the last call, best first."""
        return self._bids.take_changes(), self._asks.take_changes()

    def level(self, side: Side, price: Price) -> Level:
        """Return the totals at one price."""
        ladder = self._ladder(side)
        return ladder.level(ladder.sign * price)
