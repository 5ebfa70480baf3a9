"""One listed instrument: its book, its settings, its prices, and the orders that wait outside the book."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.core.matching.sweep import Conditions
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import OrdType, Phase, Side
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import DEFAULT_RULES, ORDER_LIMITS, MarketRules, StopElection
from stockex.vocabulary.ranges import Corridor, common, corridors
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import MAX_PRICE, Nanos, Price, Shares

Indication = tuple[Price | None, Shares, int]
"""Price, volume and surplus of an auction, as last told."""


class CallEnd(NamedTuple):
    """When a call ends by itself: not before `earliest`, which everybody knows, but `at`, which nobody does."""

    earliest: Nanos
    at: Nanos


class Interruption(NamedTuple):
    """What began a volatility call: `centre` is what its prices are measured against. `extensions` counts from 0."""

    centre: Price
    extensions: int = 0


@dataclass(slots=True)
class Listing:
    """One instrument with its book and its last price of the day, if it has traded.

    `reference` is what auctions and unpriced orders look at. `stops` are the orders whose stop was not reached,
    `pegs` all pegged orders, in the book or not, `closers` those that wait for the closing call. `path` are the last
    prices, in turn, since stops were last elected.
    `close` is the day's closing price once it is known; `resumes_to` the phase that a halt found;
    `ends` is when the call ends by itself. `pairs` are the legs of which one cancels the other (OTY-20), `untied` those
    that are to be cancelled now. `auction_price` is that of the last auction since the reference was set;
    `interruption` is what began the volatility call.
    """

    instrument: Instrument
    book: Book
    last: Price | None = None
    rules: MarketRules = DEFAULT_RULES
    phase: Phase = Phase.CONTINUOUS
    reference: Price | None = None
    stops: dict[int, Order] = field(default_factory=dict)
    pegs: dict[int, Order] = field(default_factory=dict)
    closers: dict[int, Order] = field(default_factory=dict)
    indication: Indication | None = None
    close: Price | None = None
    resumes_to: Phase | None = None
    path: list[Price] = field(default_factory=list)
    ends: CallEnd | None = None
    pairs: dict[int, Order] = field(default_factory=dict)
    untied: list[Order] = field(default_factory=list)
    auction_price: Price | None = None
    interruption: Interruption | None = None
    grid: Grid = field(init=False)
    has_limits: bool = field(init=False)
    has_ranges: bool = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the valid prices."""
        self.set_rules(self.rules)

    def set_rules(self, rules: MarketRules) -> None:
        """Have these settings from now on, and what follows from them: the valid prices, whether orders have limits."""
        self.rules = rules
        self.grid = Grid(self.instrument.tick, self.rules.tick_table)
        self.has_limits = any(getattr(rules, name) is not None for name in ORDER_LIMITS)
        self.has_ranges = rules.static_range_bp is not None or rules.dynamic_range_bp is not None

    @property
    def conditions(self) -> Conditions:
        """What matching looks at beside the book."""
        fixed = self.close if self.phase is Phase.TRADING_AT_LAST else None
        return Conditions(self.rules, self.known_price, fixed, common(self.ranges()))

    def ranges(self) -> tuple[Corridor, ...]:
        """Return the ranges in which orders trade continuously now (LIM-08)."""
        if not self.has_ranges or not self.is_continuous:
            return ()
        return corridors(self.rules, last=self.last, auction=self.auction_price, reference=self.reference)

    @property
    def is_continuous(self) -> bool:
        """Whether orders trade continuously now, as far as the session lets them."""
        return self.phase is Phase.CONTINUOUS

    @property
    def known_price(self) -> Price | None:
        """The last price, or else the reference."""
        return self.reference if self.last is None else self.last

    @property
    def close_now(self) -> Price:
        """What the closing price is without a closing auction: the last price, or else the day's reference (SES-05)."""
        return self.instrument.reference if self.last is None else self.last

    @property
    def needs_following(self) -> bool:
        """Whether anything rests that may move or trade once an incoming order is done: pegs, residuals, unpriced."""
        return bool(self.pegs) or self.book.has_specials()

    def orders(self) -> Iterator[Order]:
        """Yield every open order: bids before asks in priority; then stops, waiting pegs, those for the close."""
        for side in Side:
            yield from self.book.queue(side)
        yield from sorted(self.stops.values(), key=by_place)
        yield from self.waiting()
        yield from sorted(self.closers.values(), key=by_place)

    def waiting(self) -> list[Order]:
        """Return the pegged orders that stand outside the book, by age."""
        return sorted((order for order in self.pegs.values() if order.limit is None), key=by_place)

    def put_back(self, order: Order) -> None:
        """Put an order of a snapshot where it was."""
        if order.oco is not None:
            self.pairs[order.order_id] = order
        if order.ord_type.is_peg:
            self.pegs[order.order_id] = order
        if order.ord_type.is_stop:
            self.stops[order.order_id] = order
        elif order.for_close:
            self.closers[order.order_id] = order
        elif order.limit is not None or not order.ord_type.is_peg:
            self.book.put_back(order)

    def take_out(self, order: Order) -> None:
        """Take an open order out of the book, or from where it waits."""
        is_waiting = order.ord_type.is_peg and order.limit is None
        self.pegs.pop(order.order_id, None)
        outside = self.closers if order.for_close else self.stops
        if outside.pop(order.order_id, None) is None and not is_waiting:
            self.book.remove(order)

    def tie(self, order: Order, other: Order) -> None:
        """Let one of two orders cancel the other from now on (OTY-20)."""
        order.oco, other.oco = other.order_id, order.order_id
        self.pairs[order.order_id], self.pairs[other.order_id] = order, other

    def untie(self, order_id: int) -> None:
        """Have the other leg end soon, if the order was one of a pair: it has traded, is triggered or has ended."""
        order = self.pairs.pop(order_id, None)
        if order is not None and order.oco is not None:
            other = self.pairs.pop(order.oco)
            order.oco = other.oco = None
            self.untied.append(other)

    def traded_at(self, price: Price) -> None:
        """Take note of a new last price."""
        self.last = price
        if self.stops and self.phase is not Phase.TRADING_AT_LAST and price not in self.path[-1:]:
            self.path.append(price)

    def has_reached(self, order: Order) -> bool:
        """Say whether the last price has reached the order's stop (OTY-05)."""
        return self.last is not None and _reaches(self.last, order)

    def trailed(self, order: Order, price: Price) -> Price | None:
        """Return the stop that a trailing stop has after one more last price: it never moves back (OTY-17)."""
        assert order.trail is not None, "only a trailing stop follows"
        found = self.stop_at(order.trail, price, side=order.side)
        return found if order.stop is None else order.side.tightest((found, order.stop))

    def stop_at(self, trail: Price, price: Price, *, side: Side) -> Price:
        """Return the stop that far from a price: on the tick grid, rounded away from it."""
        return self.cautious(price + side.sign * trail, side.opposite)

    def follow_prices(self) -> tuple[list[Order], list[Order]]:
        """Let stops see the last prices since the last call: which of them trail, move (OTY-17), and which are reached.

        Returns: The stops that have moved, by age, and those that were reached, in the order of election (OTY-06).
        """
        moved: list[Order] = []
        elected: list[Order] = []
        if not self.path or self.last is None:
            return moved, elected
        path, self.path = self.path, []
        extremes = {Side.BUY: max(path), Side.SELL: min(path)}
        for order in self.stops.values():
            before = order.stop
            if self._follow(order, path) if order.trail is not None else _reaches(extremes[order.side], order):
                elected.append(order)
            if order.stop != before:
                moved.append(order)
        moved.sort(key=by_place)
        elected.sort(key=by_place)
        if self.rules.stop_election is StopElection.FURTHEST_FIRST:
            elected.sort(key=lambda order: -abs((order.stop or 0) - path[-1]))
        return moved, elected

    def _follow(self, order: Order, path: Iterable[Price]) -> bool:
        """Let a trailing stop follow the prices in turn; say whether one of them reached it."""
        for price in path:
            if _reaches(price, order):
                return True
            order.stop = self.trailed(order, price)
        return False

    def peg_price(self, order: Order) -> Price | None:
        """Return where a pegged order stands now; None while it has no price to follow (OTY-12, OTY-13, OTY-21)."""
        if self.phase is not Phase.CONTINUOUS:
            return None
        is_mid, offset = order.ord_type is OrdType.PEG_MID, order.peg_offset or 0
        own = self.book.best_limit(order.side)
        other = self.book.best_limit(order.side.opposite) if is_mid else own
        if own is None or other is None:
            return None
        twice = own + other + 2 * offset
        if offset != 0 and not 2 * self.grid.lowest <= twice <= 2 * MAX_PRICE:
            return None
        price = self._mid(twice, order.side) if is_mid or offset != 0 else own
        bounds = (price, order.peg_limit, order.cap, other if is_mid and offset != 0 else None)
        return order.side.tightest([bound for bound in bounds if bound is not None])

    def _mid(self, twice: int, side: Side) -> Price:
        """Return half of `twice` on the tick grid, rounded away from the other side."""
        return self.cautious(twice // 2 if side.is_buy else -(-twice // 2), side)

    def cautious(self, price: int, side: Side) -> Price:
        """Return the valid price at `price`, or else the next one away from the other side."""
        found = self.grid.at_most(price) if side.is_buy else self.grid.at_least(price)
        return Price(max(found, self.grid.lowest))


def _reaches(price: Price, order: Order) -> bool:
    return order.stop is not None and order.side.opposite.accepts(order.stop, price)


def by_place(order: Order) -> int:
    """Return what sorts orders by age."""
    return order.place


def shown_levels(listing: Listing) -> tuple[list[Level], list[Level]]:
    """Return the levels (bids, asks) that a book shows, best first. Cost: O(orders) at most."""
    book = listing.book
    bids, asks = ([book.level(side, price) for price in {price for price, _ in book.wanted(side)}] for side in Side)
    bids.sort(key=lambda level: -level.price)
    asks.sort(key=lambda level: level.price)
    return [level for level in bids if level.orders], [level for level in asks if level.orders]
