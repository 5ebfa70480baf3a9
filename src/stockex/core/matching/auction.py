"""The price of a call auction, and why it is that one.

    price      buy     sell   trades  surplus
    10.01    1,000    1,100    1,000     -100      buy: all who would pay the price; sell: all who would take it
    10.00    1,000      800      800      200      surplus: buy minus sell

Any tick from the lowest limit to the highest may be the price, or only the limits. A venue's ladder of rules narrows
them until one is left (AUC-02). Between two limits nothing changes, so the search knows a whole run of ticks by its two
ends.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from stockex.vocabulary.market_rules import LadderStep
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import Price, Shares

Interest = tuple[Price | None, Shares]
"""What an order, or all orders of one limit, want of an auction: limit and quantity; no limit accepts every price."""


class Row(NamedTuple):
    """What an auction at `price` would do. `surplus` is `buy - sell`."""

    price: Price
    buy: Shares
    sell: Shares
    volume: Shares
    surplus: int


class Narrowed(NamedTuple):
    """What one step of the ladder left: candidates from `low` to `high`."""

    step: LadderStep
    low: Price
    high: Price


class _Run(NamedTuple):
    """Candidates from `low` to `high`, every tick of them, at which the same is bought and sold."""

    low: int
    high: int
    buy: int
    sell: int

    @property
    def volume(self) -> int:
        return min(self.buy, self.sell)

    @property
    def surplus(self) -> int:
        return self.buy - self.sell

    def at(self, price: int) -> Row:
        return Row(Price(price), Shares(self.buy), Shares(self.sell), Shares(self.volume), self.surplus)


class Sides(NamedTuple):
    """Both sides of an auction: limits in order, and what is bought and sold at each.

    Without a grid the limits alone are candidates.
    """

    grid: Grid | None
    limits: Sequence[int]
    buys: list[int]
    sells: list[int]
    market_buy: int
    market_sell: int

    @classmethod
    def of(cls, bids: Iterable[Interest], asks: Iterable[Interest], *, grid: Grid | None) -> "Sides":
        """Add up what both sides want."""
        bid_at, ask_at = _by_limit(bids), _by_limit(asks)
        market_buy, market_sell = bid_at.pop(None, 0), ask_at.pop(None, 0)
        limits = sorted(limit for limit in bid_at.keys() | ask_at.keys() if limit is not None)
        buys = list(accumulate((bid_at[limit] for limit in reversed(limits)), initial=market_buy))[:0:-1]
        sells = list(accumulate((ask_at[limit] for limit in limits), initial=market_sell))[1:]
        return cls(grid, limits, buys, sells, market_buy, market_sell)

    def span(self, least: int) -> range:
        """Return the places of the limits from the first to the last at which `least` or more trades.

        Nowhere else does: between two limits no more is bought than at the upper, nor sold than at the lower.
        """
        places = [place for place, pair in enumerate(zip(self.buys, self.sells, strict=True)) if min(pair) >= least]
        return range(places[0], places[-1] + 1) if places else range(0)

    def most(self) -> int:
        """Return how much trades at the limit at which most does."""
        return max(map(min, self.buys, self.sells), default=0)

    def runs(self, span: range) -> Iterator[_Run]:
        """Yield the candidates of a span, lowest first: each limit, and the ticks between it and the next."""
        for place in span:
            limit, buy = self.limits[place], self.buys[place]
            if place > span.start and self.grid is not None:
                first, last = self.grid.above(self.limits[place - 1]), self.grid.below(limit)
                if first <= last:
                    yield _Run(first, last, buy, self.sells[place - 1])
            yield _Run(limit, limit, buy, self.sells[place])

    def outside(self, reference: int) -> _Run | None:
        """Return a reference price outside all limits as a candidate, or None where it is none.

        It is one where only unpriced orders take part, or where ticks are candidates and just as much is bought and
        sold as at the outermost limit: unpriced orders on one side leave the range open.
        """
        if not self.limits:
            return _Run(reference, reference, self.market_buy, self.market_sell)
        if self.grid is None or self.limits[0] <= reference <= self.limits[-1]:
            return None
        is_above, end = (True, -1) if reference > self.limits[-1] else (False, 0)
        buy, sell = (self.market_buy, self.sells[-1]) if is_above else (self.buys[0], self.market_sell)
        if (buy, sell) in {(self.market_buy, self.market_sell), (self.buys[end], self.sells[end])}:
            return _Run(reference, reference, buy, sell)
        return None

    def inside(self, runs: Iterable[_Run]) -> list[_Run]:
        """Return the runs within the limits: of several candidates, all but a reference price outside."""
        return [run for run in runs if self.limits[0] <= run.low <= self.limits[-1]]


class Equilibrium(NamedTuple):
    """The price at which an auction trades, and the step of the ladder that left only it.

    `row` says what it does at that price. `candidates` are the lowest and the highest price at which something trades,
    `narrowed` what each step that ran left of them.
    """

    row: Row
    decided_by: LadderStep
    candidates: tuple[Price, Price]
    narrowed: tuple[Narrowed, ...]
    sides: Sides

    @property
    def price(self) -> Price:
        """The auction price."""
        return self.row.price

    @property
    def volume(self) -> Shares:
        """How much trades at it."""
        return self.row.volume

    @property
    def surplus(self) -> int:
        """How much more is bought than sold at it."""
        return self.row.surplus

    @property
    def table(self) -> tuple[Row, ...]:
        """A row for every limit and for the price, lowest first."""
        limits = zip(self.sides.limits, self.sides.buys, self.sides.sells, strict=True)
        return tuple(sorted({_Run(limit, limit, buy, sell).at(limit) for limit, buy, sell in limits} | {self.row}))


def equilibrium(
    bids: Iterable[Interest],
    asks: Iterable[Interest],
    *,
    ladder: Sequence[LadderStep],
    grid: Grid | None,
    reference: Price | None,
) -> Equilibrium | None:
    """Return the auction price, or None when nothing trades (AUC-02).

    Candidates are the prices at which something trades: each limit, every tick between the lowest and the highest,
    and a reference price outside them when only unpriced orders meet there, or when as much is bought and sold there
    as at the outermost limit. Without a grid they are the limits; where there is none, the reference price. If the
    ladder leaves several, the lowest is taken.

    Args:
        bids: What is bought, in any order.
        asks: What is sold, in any order.
        ladder: The steps, at least one; they run in order until one price is left.
        grid: The valid prices; None where the price must be that of an order.
        reference: What the steps that ask for a reference price look at.

    Cost: O(n log n) in the orders, however wide the range.
    """
    assert ladder, "a ladder has a step"
    sides = Sides.of(bids, asks, grid=grid)
    outside = None if reference is None else sides.outside(reference)
    trading = sides.span(1)
    ends = [sides.limits[place] for place in trading[:1]] + [sides.limits[place] for place in trading[-1:]]
    # The first step of most ladders leaves only where most trades: what lies outside that need not be looked at.
    span = sides.span(sides.most()) if trading and ladder[0] is LadderStep.MAX_VOLUME else trading
    left = list(sides.runs(span))
    if outside is not None and outside.volume > 0:
        left = sorted([*left, outside])
        ends = sorted([*ends, outside.low])
    if not left:
        return None
    candidates = (Price(ends[0]), Price(ends[-1]))
    narrowed: list[Narrowed] = []
    if candidates[0] != candidates[1]:
        for step in ladder:
            left = _narrowed(left, step, call=sides, reference=reference)
            narrowed.append(Narrowed(step, Price(left[0].low), Price(left[-1].high)))
            if _is_one(left):
                break
    decided_by = narrowed[-1].step if narrowed else ladder[0]
    return Equilibrium(left[0].at(left[0].low), decided_by, candidates, tuple(narrowed), sides)


def _by_limit(side: Iterable[Interest]) -> Counter[Price | None]:
    totals: Counter[Price | None] = Counter()
    for limit, qty in side:
        totals[limit] += qty
    return totals


def _is_one(runs: Sequence[_Run]) -> bool:
    return runs[0].low == runs[-1].high


def _narrowed(left: list[_Run], step: LadderStep, *, call: Sides, reference: Price | None) -> list[_Run]:
    """Return which of several candidates `step` leaves, at least one, lowest first.

    The two steps that look at the reference price do the same here, each takes the candidate nearest to it; but
    without one they differ.
    """
    match step:
        case LadderStep.MAX_VOLUME:
            most = max(run.volume for run in left)
            return [run for run in left if run.volume == most]
        case LadderStep.MIN_SURPLUS:
            least = min(abs(run.surplus) for run in left)
            return [run for run in left if abs(run.surplus) == least]
        case LadderStep.PRESSURE:
            return _pressed(left, call=call)
        case LadderStep.CLAMP_REFERENCE if reference is None:
            return [left[0]._replace(high=left[0].low)]
        case _:
            return left if reference is None else [_nearest(left, reference, grid=call.grid)]


def _pressed(left: list[_Run], *, call: Sides) -> list[_Run]:
    """Return the highest price within the limits if all leave buyers over, the lowest if all leave sellers over."""
    within = call.inside(left)
    if all(run.surplus > 0 for run in left):
        return [within[-1]._replace(low=within[-1].high)]
    if all(run.surplus < 0 for run in left):
        return [within[0]._replace(high=within[0].low)]
    return left


def _nearest(left: Sequence[_Run], reference: int, *, grid: Grid | None) -> _Run:
    """Return the candidate nearest to the reference price; of two as near, the lower."""
    around = (reference,) if grid is None else (grid.at_most(reference), grid.above(reference))
    points = ((run, min(max(price, run.low), run.high)) for run in left for price in around)
    run, nearest = min(points, key=lambda point: (abs(point[1] - reference), point[1]))
    return run._replace(low=nearest, high=nearest)


REASONS: Final = {
    LadderStep.MAX_VOLUME: "at no other price as much trades",
    LadderStep.MIN_SURPLUS: "of the prices at which most trades, it leaves the least over",
    LadderStep.PRESSURE: "all remaining prices leave over the same side: buyers lift the price, sellers lower it",
    LadderStep.NEAREST_REFERENCE: "of the remaining prices it is nearest to the reference, or the lowest without one",
    LadderStep.CLAMP_REFERENCE: "it is the reference moved to the nearest one that remains, or the lowest without one",
}
"""What each step of the ladder says for the price that it left alone."""
