"""One side of a book as the public sees it: a level for each price."""

import heapq
from collections.abc import Iterable

from msgspec import Struct

from stockex.messages.market_data import Level


class Ladder(Struct):
    """The levels of one side. `sign` is +1 for bids, where the highest price is best, and -1 for asks.

    `best` is kept as levels come and go, so that asking for it is O(1).
    """

    sign: int
    levels: dict[int, Level]
    best: int | None = None

    def put(self, changed: Iterable[Level]) -> None:
        """Take over the new totals of the levels that changed; a level without orders is gone.

        Cost: O(1) a level; O(levels) when the best one goes.
        """
        for level in changed:
            if level.orders > 0:
                self._set(level)
            else:
                self._drop(level.price)

    def best_level(self) -> Level | None:
        """Return the best level; None when the side is empty."""
        return None if self.best is None else self.levels[self.best]

    def top(self, count: int) -> tuple[Level, ...]:
        """Return the best `count` levels, best first. Cost: O(levels log count)."""
        pick = heapq.nlargest if self.sign > 0 else heapq.nsmallest
        return tuple(self.levels[price] for price in pick(count, self.levels))

    def _set(self, level: Level) -> None:
        price = int(level.price)
        self.levels[price] = level
        if self.best is None or self.sign * price > self.sign * self.best:
            self.best = price

    def _drop(self, price: int) -> None:
        self.levels.pop(price, None)
        if price == self.best:
            pick = max if self.sign > 0 else min
            self.best = pick(self.levels, default=None)
