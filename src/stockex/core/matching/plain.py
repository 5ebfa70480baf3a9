"""The plain book: the executable specification, for reading.

    keys (sorted, best last)      queues: price -> orders
    bids   24.90  24.95           24.95 -> shown: #12 100, #17 200   hidden: #15 500   (oldest first)
           unpriced: #11 50       before every price

A side keeps its prices in one sorted list in which the best stands last, so that the best is read and removed at the
end. Asks are keyed by the negative price, so that one code serves both sides.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from stockex.core.matching.order import Link, Order, Queue
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares

_ROOM: Final = 64
"""How many prices a side of the book has at least before it looks for empty ones."""


class Ladder:
    """One side of the book. `specials` counts its orders that need more than price and time.

    Somebody stands at the best of `keys`. Others may have emptied: most prices are soon in use again, and it costs more
    to take them out of the list and to put them back. Once there are `room` keys, the empty ones are swept out. `spare`
    has their queues, for the next prices.
    """

    __slots__ = ("keys", "queues", "room", "sign", "spare", "specials", "touched", "unpriced")

    def __init__(self, side: Side) -> None:
        self.sign = side.sign
        self.keys: list[int] = []
        self.queues: dict[int, Queue] = {}
        self.spare: list[Queue] = []
        self.room = _ROOM
        self.unpriced: OrderedDict[int, Order] = OrderedDict()
        self.touched: set[int] = set()
        self.specials = 0

    def first(self, limit: Price | None) -> Order | None:
        """Return the oldest unpriced order, or else the oldest at the best price if that is within `limit`."""
        if self.unpriced:
            return next(iter(self.unpriced.values()))
        if not self.keys:
            return None
        key = self.keys[-1]
        if limit is not None and key < self.sign * limit:
            return None
        return next(iter(self.queues[key]))

    def best_limit(self) -> Price | None:
        """Return the best price that is shown and not a peg's."""
        for key in reversed(self.keys):
            if any(not order.ord_type.is_peg for order in self.queues[key].shown()):
                return Price(self.sign * key)
        return None

    def add(self, order: Order) -> None:
        """Append the order to the queue at its price, or to the unpriced ones."""
        if order.is_special:
            self.specials += 1
        if order.limit is None:
            self.unpriced[order.order_id] = order
        elif order.hidden:
            key = self.sign * order.limit
            queue = self.queues.get(key) or self._open(key)
            queue.hidden[order.order_id] = order
        else:
            self.stand(order, order.visible)
            self.touched.add(order.queue.key)

    def stand(self, order: Order, shown: int) -> None:
        """Put an order which is not hidden last at its price, and tell nobody: all there is to a common order."""
        assert order.limit is not None
        key = self.sign * order.limit
        queue = self.queues.get(key) or self._open(key)
        link: Link = order
        link.queue = link.after = queue
        link.before = youngest = queue.before
        youngest.after = queue.before = link
        queue.qty += shown
        queue.orders += 1

    def _open(self, key: int) -> Queue:
        """Return an empty queue at a key that had none."""
        if len(self.keys) >= self.room:
            self._sweep()
        queue = self.queues[key] = self.spare.pop() if self.spare else Queue()
        queue.key = key
        insort(self.keys, key)
        return queue

    def _sweep(self) -> None:
        """Take out all prices at which nobody stands."""
        empty = [key for key, queue in self.queues.items() if queue.is_empty]
        self.spare += map(self.queues.pop, empty)
        self.keys[:] = sorted(self.queues)
        self.room = 2 * len(self.keys) + _ROOM

    def reduce(self, order: Order, qty: int, *, peak: int) -> None:
        """Lower a resting order; take it out when nothing is left, and its price with the last of its queue."""
        if qty == order.leaves:
            self.remove(order)
            order.leaves = 0
            return
        shown = order.visible
        order.leaves -= qty
        if peak:
            order.peak -= peak
        if order.limit is not None and not order.hidden:
            key = self.sign * order.limit
            self.queues[key].qty += order.visible - shown
            self.touched.add(key)

    def lower(self, order: Order, qty: int) -> None:
        """Lower a common order, which leaves more than that and keeps its place, and tell nobody."""
        order.leaves -= qty
        order.queue.qty -= qty

    def remove(self, order: Order) -> None:
        """Take the order out; what it leaves goes with it but stays on the order."""
        if order.is_special:
            self.specials -= 1
        if order.limit is None:
            del self.unpriced[order.order_id]
        elif order.hidden:
            queue = self.queues[self.sign * order.limit]
            del queue.hidden[order.order_id]
            self._fall()
        else:
            self.touched.add(order.queue.key)
            self.leave(order, order.visible)

    def leave(self, order: Order, shown: int) -> None:
        """Take an order which is not hidden out, and tell nobody: all there is to a common order."""
        queue, before, after = order.queue, order.before, order.after
        before.after, after.before = after, before
        queue.qty -= shown
        queue.orders -= 1
        if before is after and queue.key == self.keys[-1]:
            self._fall()

    def _fall(self) -> None:
        """Take out the best price while nobody stands there."""
        keys, queues = self.keys, self.queues
        while keys and queues[keys[-1]].is_empty:
            self.spare.append(queues.pop(keys.pop()))

    def queue(self) -> Iterator[Order]:
        """Yield the orders in priority."""
        yield from self.unpriced.values()
        for key in reversed(self.keys):
            yield from self.queues[key]

    def wanted(self, limit: Price | None) -> Iterator[tuple[Price, Shares]]:
        """Yield the price and the open quantity of priced orders that would trade at `limit`, at all prices when None.

        They are together where nothing of a price is hidden.
        """
        first = 0 if limit is None else bisect_left(self.keys, self.sign * limit)
        for key in self.keys[first:]:
            queue, price = self.queues[key], Price(self.sign * key)
            if self.specials or queue.hidden:
                yield from ((price, Shares(order.leaves)) for order in queue)
            elif queue.qty > 0:
                yield price, Shares(queue.qty)

    def level(self, key: int) -> Level:
        """Return what is shown at one key."""
        queue = self.queues.get(key)
        qty, orders = (queue.qty, queue.orders) if queue is not None else (0, 0)
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

    __slots__ = ("asks", "bids", "places")

    def __init__(self) -> None:
        self.places = 0
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)

    def _ladder(self, side: Side) -> Ladder:
        return self.bids if side.is_buy else self.asks

    def first(self, side: Side, *, limit: Price | None = None) -> Order | None:
        """Return the order of `side` that trades next with an incoming one of this limit, or None."""
        return (self.bids if side.is_buy else self.asks).first(limit)

    def add(self, order: Order) -> None:
        """Put `order` last in the queue at its price."""
        self.places += 1
        order.place = self.places
        (self.bids if order.side.is_buy else self.asks).add(order)

    def give_place(self, order: Order) -> None:
        """Make `order` the youngest."""
        self.places += 1
        order.place = self.places

    def put_back(self, order: Order) -> None:
        """Put an order of a snapshot back, with the place it had; the older come first."""
        self._ladder(order.side).add(order)

    def remove(self, order: Order) -> None:
        """Take `order` out, wherever it stands."""
        (self.bids if order.side.is_buy else self.asks).remove(order)

    def reduce(self, order: Order, qty: int, *, peak: int = 0) -> None:
        """Lower what a resting order leaves, and by `peak` what an iceberg shows; it keeps its place."""
        self._ladder(order.side).reduce(order, qty, peak=peak)

    def best_limit(self, side: Side) -> Price | None:
        """Return the best price of `side` that is shown and not a peg's."""
        return self._ladder(side).best_limit()

    def has_specials(self, side: Side | None = None) -> bool:
        """Say whether `side`, or either when None, has an iceberg, a minimum execution size or an unpriced order."""
        if side is None:
            return self.bids.specials + self.asks.specials > 0
        return (self.bids if side.is_buy else self.asks).specials > 0

    def queue(self, side: Side) -> Iterator[Order]:
        """Yield the orders of `side` in priority."""
        return self._ladder(side).queue()

    def unpriced(self, side: Side) -> Iterable[Order]:
        """Return the orders of `side` without a price, oldest first."""
        return self._ladder(side).unpriced.values()

    def wanted(self, side: Side, *, limit: Price | None = None) -> Iterator[tuple[Price, Shares]]:
        """Yield what the priced orders of `side` that accept `limit` want, as pairs of price and open quantity."""
        return self._ladder(side).wanted(limit)

    def take_changes(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Return the levels (bids, asks) touched since the last call, best first."""
        return self.bids.take_changes(), self.asks.take_changes()

    def level(self, side: Side, price: Price) -> Level:
        """Return the totals at one price."""
        ladder = self._ladder(side)
        return ladder.level(ladder.sign * price)
