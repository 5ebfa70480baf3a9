"""Hold the auction price against a walk over every candidate: random books under every ladder there can be.

    python benchmarks/auctions.py --books 100000

The walk says what AUC-02 says, as plainly and slowly as it reads, and shares nothing with the search but the words for
the steps. A ladder is any of the five steps in any order: 325 of them, each with every tick as a candidate and with
prices of orders only. Ends with 1 if a price, volume, surplus or deciding step differs.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from random import Random
from time import perf_counter
from typing import Final, NamedTuple

from stockex.core.matching.auction import Equilibrium, equilibrium
from stockex.vocabulary.market_rules import LadderStep
from stockex.vocabulary.tick_tables import Grid, TickRow
from stockex.vocabulary.units import Price, Shares

Side = Sequence[tuple[int | None, int]]
"""Limit, None for a market order, and quantity of each order."""

LADDERS: Final = tuple(steps for size in range(1, 6) for steps in permutations(LadderStep, size))
TABLES: Final = ((), ((0, 1), (4, 2), (10, 5)), ((0, 5), (10, 2), (12, 1)), ((0, 2), (20, 10), (100, 50)))
"""No table, ticks that grow, ticks that shrink, ranges wider than a book."""

ALL: Final = 2 * len(LADDERS)
"""After so many books each ladder has come, with every tick and with prices of orders only."""


class Book(NamedTuple):
    """What an auction starts from. `has_ticks`: a price need not be that of an order."""

    bids: Side
    asks: Side
    tick: int
    table: Sequence[tuple[int, int]]
    reference: int | None
    ladder: Sequence[LadderStep]
    has_ticks: bool

    def is_valid(self, price: int) -> bool:
        """Say whether `price` is a multiple of the tick of its range."""
        ticks = [tick for start, tick in self.table if start <= price] or [self.tick]
        return price % ticks[-1] == 0

    @property
    def limits(self) -> list[int]:
        """Every limit, lowest first."""
        return sorted(limit for limit, _ in (*self.bids, *self.asks) if limit is not None)


class Result(NamedTuple):
    """An auction that trades, and the last step of the ladder that ran, or else the first."""

    price: int
    volume: int
    surplus: int
    decided_by: LadderStep


Search = Callable[[Book], Result | None]


def book(number: int) -> Book:
    """Draw the book of a number; numbers in a row go through all ladders."""
    dice = Random(number)
    tick, table = dice.choice((1, 2, 5)), dice.choice(TABLES)
    bare = Book((), (), tick, table, None, LADDERS[number % len(LADDERS)], number // len(LADDERS) % 2 == 0)
    top = max(tick * dice.choice((4, 12, 40)), 12)
    prices = [price for price in range(1, top + 1) if bare.is_valid(price)]
    sizes, unpriced = dice.choice((2, 9, 100)), dice.choice((0, 0, 0.2, 0.6, 1))
    bids, asks = (
        [
            (None if dice.random() < unpriced else _limit(prices, dice), dice.randint(1, sizes))
            for _ in range(dice.randint(0, 7))
        ]
        for _ in range(2)
    )
    return bare._replace(bids=bids, asks=asks, reference=dice.choice((None, dice.randint(1, top + 9))))


def _limit(prices: Sequence[int], dice: Random) -> int:
    """Return a valid price, now and then one that is off the grid: ticks may have changed since it was given."""
    return dice.choice(prices) + (dice.random() < 0.05)


def equilibrium_of(drawn: Book) -> Equilibrium | None:
    """Return what the exchange makes of a book, and all that it says of it."""
    bids, asks = (
        [(None if limit is None else Price(limit), Shares(qty)) for limit, qty in side]
        for side in (drawn.bids, drawn.asks)
    )
    grid = Grid(drawn.tick, tuple(TickRow(Price(start), Price(tick)) for start, tick in drawn.table))
    reference = None if drawn.reference is None else Price(drawn.reference)
    return equilibrium(bids, asks, ladder=drawn.ladder, grid=grid if drawn.has_ticks else None, reference=reference)


def searched(drawn: Book) -> Result | None:
    """Return what the exchange makes of a book."""
    found = equilibrium_of(drawn)
    return None if found is None else Result(found.price, found.volume, found.surplus, found.decided_by)


def both(drawn: Book, price: int) -> tuple[int, int]:
    """Return what is bought and what is sold at a price."""
    buy = sum(qty for limit, qty in drawn.bids if limit is None or limit >= price)
    sell = sum(qty for limit, qty in drawn.asks if limit is None or limit <= price)
    return buy, sell


def is_outside(drawn: Book, price: int) -> bool:
    """Say whether a price lies outside all limits."""
    limits = drawn.limits
    return not limits or not limits[0] <= price <= limits[-1]


def candidates(drawn: Book) -> list[int]:
    """Return the prices at which something trades, of those that may be the price, lowest first."""
    limits, reference = drawn.limits, drawn.reference
    spots = set(limits)
    if limits and drawn.has_ticks:
        spots |= {price for price in range(limits[0], limits[-1] + 1) if drawn.is_valid(price)}
    if reference is not None and not limits:
        spots.add(reference)
    elif reference is not None and drawn.has_ticks and is_outside(drawn, reference):
        outermost = limits[-1] if reference > limits[-1] else limits[0]
        unpriced = tuple(sum(qty for limit, qty in side if limit is None) for side in (drawn.bids, drawn.asks))
        if both(drawn, reference) in {both(drawn, outermost), unpriced}:
            spots.add(reference)
    return sorted(price for price in spots if min(both(drawn, price)) > 0)


def walked(drawn: Book) -> Result | None:
    """Return what the rule makes of a book."""
    left = candidates(drawn)
    if not left:
        return None
    decided_by = drawn.ladder[0]
    for step in drawn.ladder:
        if len(left) > 1:
            left, decided_by = left_by(step, left, drawn=drawn), step
    buy, sell = both(drawn, left[0])
    return Result(left[0], min(buy, sell), buy - sell, decided_by)


def left_by(step: LadderStep, left: list[int], *, drawn: Book) -> list[int]:
    """Return which of these prices a step of the ladder leaves."""
    sides = {price: both(drawn, price) for price in left}
    surplus = {price: buy - sell for price, (buy, sell) in sides.items()}
    if step is LadderStep.MAX_VOLUME:
        most = max(min(pair) for pair in sides.values())
        return [price for price in left if min(sides[price]) == most]
    if step is LadderStep.MIN_SURPLUS:
        least = min(abs(amount) for amount in surplus.values())
        return [price for price in left if abs(surplus[price]) == least]
    if step is LadderStep.PRESSURE:
        within = [price for price in left if not is_outside(drawn, price)]
        if all(amount > 0 for amount in surplus.values()):
            return [max(within)]
        if all(amount < 0 for amount in surplus.values()):
            return [min(within)]
        return left
    reference = drawn.reference
    if reference is None:
        return left[:1] if step is LadderStep.CLAMP_REFERENCE else left
    near = min(abs(price - reference) for price in left)
    return [min(price for price in left if abs(price - reference) == near)]


def differences(numbers: Sequence[int], search: Search = searched) -> Iterator[str]:
    """Yield each book of these numbers of which search and walk do not make the same."""
    for number in numbers:
        drawn = book(number)
        expected, found = walked(drawn), search(drawn)
        if found != expected:
            yield f"book {number}, {drawn}: {found}, by the walk {expected}"


def kinds(numbers: Sequence[int]) -> Counter[str]:
    """Count what kinds of books these numbers are, and which step decides them."""
    counted: Counter[str] = Counter()
    for number in numbers:
        drawn = book(number)
        found = walked(drawn)
        orders = [*drawn.bids, *drawn.asks]
        has_market = any(limit is None for limit, _ in orders)
        counted["with market orders"] += has_market
        counted["with market orders only"] += has_market and not drawn.limits
        counted["prices of orders only"] += not drawn.has_ticks
        if found is None:
            counted["nothing trades"] += 1
            continue
        counted[f"decided by {found.decided_by.value}"] += 1
        counted["priced where no order stands"] += found.price not in drawn.limits
    return counted


def main() -> int:
    """Draw the books, hold them, and print what they were; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first book")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.books)
    began, faults = perf_counter(), 0
    for line in differences(numbers):
        faults += 1
        print(line)
    ladders = min(ALL, options.books)
    print(f"{options.books:,} books, {ladders} ladders, {faults} differences, {perf_counter() - began:.1f} s")
    for kind, count in sorted(kinds(numbers).items()):
        print(f"  {count:>9,} {kind}")
    return min(faults, 1)


if __name__ == "__main__":
    raise SystemExit(main())
