"""The auction price is the one that a walk over every tick finds, and nobody is worse off than his limit."""

from random import Random

import pytest

from stockex.core.matching.auction import Equilibrium, Interest, equilibrium
from stockex.vocabulary.market_rules import LadderStep
from stockex.vocabulary.tick_tables import Grid, TickRow
from stockex.vocabulary.units import Price, Shares

S = LadderStep
LADDERS = (
    (S.MAX_VOLUME, S.MIN_SURPLUS, S.PRESSURE, S.CLAMP_REFERENCE),
    (S.MAX_VOLUME, S.MIN_SURPLUS, S.NEAREST_REFERENCE),
    (S.MAX_VOLUME, S.MIN_SURPLUS, S.PRESSURE, S.NEAREST_REFERENCE, S.CLAMP_REFERENCE),
    (S.MAX_VOLUME, S.PRESSURE),
    (S.MIN_SURPLUS, S.MAX_VOLUME, S.CLAMP_REFERENCE),
    (S.NEAREST_REFERENCE,),
)
TABLES = ((), ((0, 1), (4, 2), (10, 5)), ((0, 5), (10, 2), (12, 1)), ((0, 2), (20, 10), (100, 50)))
"""No table, ticks that grow, ticks that shrink, ranges wider than a book."""
BOOKS = 4_000


class Call:
    """A random auction; `walked` finds its price the slow and obvious way."""

    def __init__(self, seed: int) -> None:
        dice = Random(seed)
        self.tick = dice.choice((1, 2, 5))
        self.table = tuple(TickRow(Price(start), Price(tick)) for start, tick in dice.choice(TABLES))
        self.top = dice.choice((4, 12, 40))
        self.prices = [price for price in range(1, max(self.tick * self.top, 12) + 1) if self.is_valid(price)]
        self.sizes = dice.choice((2, 9, 100))
        self.unpriced = dice.choice((0.0, 0.2, 0.6))
        self.bids = [self._interest(dice) for _ in range(dice.randint(0, 7))]
        self.asks = [self._interest(dice) for _ in range(dice.randint(0, 7))]
        self.ladder = dice.choice(LADDERS)
        self.reference = dice.choice((None, Price(dice.randint(1, self.tick * self.top + 9))))

    def _interest(self, dice: Random) -> Interest:
        off_grid = dice.random() < 0.05
        limit = Price(dice.choice(self.prices) + off_grid)
        return Interest(None if dice.random() < self.unpriced else limit, Shares(dice.randint(1, self.sizes)))

    @property
    def grid(self) -> Grid:
        """The grid under test."""
        return Grid(self.tick, self.table)

    def is_valid(self, price: int) -> bool:
        """Say whether `price` is a multiple of the tick of its range."""
        ticks = [int(row.tick) for row in self.table if row.start <= price] or [self.tick]
        return price % ticks[-1] == 0

    def found(self) -> Equilibrium | None:
        """Return what the search under test finds."""
        return equilibrium(self.bids, self.asks, ladder=self.ladder, grid=self.grid, reference=self.reference)

    def limits(self) -> list[int]:
        """Return every limit."""
        return [limit for limit, _ in (*self.bids, *self.asks) if limit is not None]

    def both(self, price: int) -> tuple[int, int]:
        """Return what is bought and what is sold at `price`."""
        buy = sum(qty for limit, qty in self.bids if limit is None or limit >= price)
        return buy, sum(qty for limit, qty in self.asks if limit is None or limit <= price)

    def candidates(self) -> list[int]:
        """Return every limit and tick between the outermost, and the reference where it is a candidate outside."""
        limits, reference = self.limits(), self.reference
        spots = {price for price in range(min(limits), max(limits) + 1) if self.is_valid(price)} if limits else set()
        spots |= set(limits)
        if reference is not None and self._is_outside():
            market = tuple(sum(qty for limit, qty in side if limit is None) for side in (self.bids, self.asks))
            outermost = min(limits, key=lambda limit: abs(limit - reference), default=None)
            if self.both(reference) in {market, market if outermost is None else self.both(outermost)}:
                spots.add(reference)
        return sorted(spot for spot in spots if min(self.both(spot)) > 0)

    def _is_outside(self) -> bool:
        limits, reference = self.limits(), self.reference
        return reference is not None and (not limits or not min(limits) <= reference <= max(limits))

    def walked(self) -> int | None:
        """Return the price that the ladder leaves of all candidates."""
        left = self.candidates()
        if not left:
            return None
        for step in self.ladder:
            if len(left) > 1:
                left = self._step(step, left)
        return left[0]

    def _step(self, step: LadderStep, left: list[int]) -> list[int]:
        surplus = {price: self.both(price)[0] - self.both(price)[1] for price in left}
        if step is S.MAX_VOLUME:
            return [price for price in left if min(self.both(price)) == max(min(self.both(spot)) for spot in left)]
        if step is S.MIN_SURPLUS:
            return [price for price in left if abs(surplus[price]) == min(map(abs, surplus.values()))]
        if step is S.PRESSURE:
            is_bid, is_offered = min(surplus.values()) > 0, max(surplus.values()) < 0
            within = [price for price in left if price != self.reference or not self._is_outside()] or left
            return within[-1:] if is_bid else within[:1] if is_offered else left
        reference = self.reference
        if reference is None:
            return left[: 1 if step is S.CLAMP_REFERENCE else None]
        return [min(left, key=lambda price: (abs(price - reference), price))]


@pytest.mark.parametrize("first", range(0, BOOKS, BOOKS // 10))
def test_the_price_is_that_of_a_walk_over_every_tick(first: int) -> None:
    """For random books, ladders, ticks and references, in runs of seeds."""
    for seed in range(first, first + BOOKS // 10):
        call = Call(seed)
        found = call.found()
        assert (found and found.price) == call.walked(), f"seed {seed}"


def test_volume_and_surplus_are_those_of_the_price() -> None:
    """As much is bought as is sold, and what is left over is on one side only."""
    for seed in range(BOOKS):
        call = Call(seed)
        found = call.found()
        if found is not None:
            buy, sell = call.both(found.price)
            assert (found.volume, found.surplus) == (min(buy, sell), buy - sell), f"seed {seed}"


def test_a_price_lies_within_the_limits_or_is_the_reference() -> None:
    """Only the reference price may lie outside all limits, where unpriced orders accept it."""
    for seed in range(BOOKS):
        call = Call(seed)
        found = call.found()
        if found is not None and found.price != call.reference:
            assert min(call.limits()) <= found.price <= max(call.limits()), f"seed {seed}"


def test_the_table_holds_every_limit_and_the_price() -> None:
    """Each row says what is bought and sold there."""
    for seed in range(BOOKS):
        call = Call(seed)
        found = call.found()
        if found is not None:
            assert [row.price for row in found.table] == sorted({*call.limits(), found.price}), f"seed {seed}"
            assert all((row.buy, row.sell) == call.both(row.price) for row in found.table), f"seed {seed}"
