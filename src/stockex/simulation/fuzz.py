"""Random and hostile lines by the million, and what must hold after each of them.

After every command the facts are held against what was promised: no order is filled beyond its quantity or outside its
limit, quantity, cash and shares are neither made nor lost, what may not rest does not, no continuous book is crossed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import TracebackType
from typing import Final, NamedTuple

from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.messages import executions as ex
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.control import Uncrossed
from stockex.simulation.authors.any_command import meant
from stockex.simulation.authors.scripts import SORTS, line_of, script_of
from stockex.simulation.books import open_exchange
from stockex.simulation.ndjson import command_of, facts_of
from stockex.vocabulary.enums import Phase, Side
from stockex.vocabulary.market_rules import MarketRules, MinExecResidual
from stockex.vocabulary.units import Price

_Ending = ex.Rested | ex.Priced | ex.Reduced | ex.Replaced | ex.Cancelled | ex.Expired

_UNKNOWN: Final = "order {} is told of, and is not open"
_LOOK_EVERY: Final = 250
"""The open orders as a whole are compared after so many commands."""


class Fuzzed(NamedTuple):
    """What came of a seed's script: how much of what, and the first promise that was broken, or None."""

    counts: Mapping[str, int]
    fault: str | None


@dataclass(slots=True)
class _Told:
    """An order as its facts tell it."""

    side: Side
    limit: Price | None
    total: int
    cum: int
    may_rest: bool


class Watch:
    """Follows every order, and all cash and shares, by facts alone, and says what cannot be."""

    def __init__(self) -> None:
        self._count = Counter[object]()
        self.cash = 0
        self.shares = Counter[str]()
        self._orders: dict[int, _Told] = {}

    def faults(self, facts: Iterable[Fact]) -> Iterator[str]:
        """Yield what is wrong with the facts of one command."""
        for fact in facts:
            self._count[type(fact)] += 1
            match fact:
                case ex.Accepted():
                    limit = None if fact.ord_type.is_peg else fact.limit
                    self._orders[fact.order_id] = _Told(fact.side, limit, fact.qty, 0, fact.tif.rests)
                case ex.Traded():
                    for fill in (fact.buy, fact.sell):
                        yield from self._filled(fill, fact)
                case ex.Rested() | ex.Priced() | ex.Reduced() | ex.Replaced() | ex.Cancelled() | ex.Expired():
                    yield from self._told(fact)
                case Deposited():
                    self.cash += fact.cash
                    self.shares[fact.symbol or ""] += fact.qty
                case _:
                    pass

    def counts(self) -> Mapping[str, int]:
        """Return how many facts there were, and how many of some kinds."""
        kinds = {"rejected": ex.Rejected, "quarantined": ex.Quarantined, "trades": ex.Traded, "auctions": Uncrossed}
        return {"facts": self._count.total(), **{name: self._count[kind] for name, kind in kinds.items()}}

    def misses(self, exchange: Exchange) -> Iterator[str]:
        """Yield where the exchange's balances are not what was deposited."""
        balances = exchange.desk.accounts.balances.values()
        if (cash := sum(balance.cash for balance in balances)) != self.cash:
            yield f"the accounts own {cash} in cash, {self.cash} was deposited"
        owned = Counter[str]()
        for balance in balances:
            owned.update(balance.shares)
        if any(owned[symbol] != self.shares[symbol] for symbol in {*owned, *self.shares} - {""}):
            yield f"the accounts own {dict(owned)}, {dict(self.shares)} was deposited"

    def strays(self, exchange: Exchange) -> Iterator[str]:
        """Yield where the exchange's open orders are not those that the facts leave open."""
        told = {order_id: order.total - order.cum for order_id, order in self._orders.items()}
        held = {order.order_id: order.leaves for order in exchange.desk.open_orders()}
        for order_id in sorted(told.keys() | held.keys()):
            if (left := told.get(order_id)) != (there := held.get(order_id)):
                yield f"order {order_id} has {left} left by its facts, {there} in the exchange"

    def _filled(self, fill: ex.Fill, trade: ex.Traded) -> Iterator[str]:
        if (order := self._orders.get(fill.order_id)) is None:
            yield _UNKNOWN.format(fill.order_id)
            return
        order.cum += trade.qty
        if fill.cum != order.cum or fill.leaves != order.total - order.cum or fill.leaves < 0:
            yield f"order {fill.order_id} of {order.total} has {fill.cum} filled and {fill.leaves} open"
        if not order.side.accepts(order.limit, trade.price):
            yield f"order {fill.order_id} with limit {order.limit} traded at {trade.price}"
        if fill.leaves == 0:
            del self._orders[fill.order_id]

    def _told(self, fact: _Ending) -> Iterator[str]:
        if (order := self._orders.get(fact.order_id)) is None:
            yield _UNKNOWN.format(fact.order_id)
            return
        match fact:
            case ex.Rested():
                if not order.may_rest:
                    yield f"order {fact.order_id}, which may not rest, rests"
                left = fact.leaves
            case ex.Priced():
                order.limit, left = fact.limit, fact.leaves
            case ex.Reduced():
                order.total -= fact.qty
                left = fact.leaves
            case ex.Replaced():
                order.total, left = fact.qty, fact.leaves
                order.limit = None if order.limit is None else fact.limit
            case ex.Cancelled() | ex.Expired():
                left = fact.qty
                del self._orders[fact.order_id]
        if left + order.cum != order.total:
            yield f"order {fact.order_id} of {order.total} has {order.cum} filled and {left} left"


def fuzzed(seed: int, length: int) -> Fuzzed:
    """Give a new exchange the lines of a seed's script; stop at the first fault."""
    dice, watch = Dice(seed), Watch()
    exchange = open_exchange() if seed // SORTS % 3 == 0 else Exchange()
    done, fault = 0, None
    for offset, command in enumerate(script_of(seed, length)):
        line = _mangled(line_of(meant(command, exchange), offset, dice=dice), dice)
        with _Naming(f"seed {seed}, command {offset}: {line!r}"):
            facts = facts_of(exchange, command_of(line), number=offset)
            found = [*watch.faults(facts), *watch.misses(exchange), *crossings(exchange, facts)]
            if offset % _LOOK_EVERY == 0 or offset == length - 1:
                found += watch.strays(exchange)
        done += 1
        if found:
            fault = f"seed {seed}, command {offset}: {found[0]}"
            break
    return Fuzzed({"commands": done, **watch.counts()}, fault)


class _Naming:
    """Adds to an exception where it happened."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(self._where)


def _mangled(line: bytes, dice: Dice) -> bytes:
    """Return the line; one in 30 with a byte that is another, that is missing, or with a piece that is there twice."""
    if not line or dice.integer(1, 30) > 1:
        return line
    at = dice.integer(0, len(line) - 1)
    byte = dice.choose((dice.integer(0, 255), *b"0123456789-.eE,:[]{}"))
    return line[:at] + dice.choose((b"", line[at : at + 20] + line[at:][:1], bytes([byte]))) + line[at + 1 :]


def crossings(exchange: Exchange, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield the continuous books, of those that the facts are about, that are crossed."""
    if exchange.phase is not Phase.CONTINUOUS:
        return
    for symbol in {getattr(fact, "symbol", None) for fact in facts}:
        listing = exchange.desk.listings.get(symbol or "")
        if listing is not None and listing.phase is Phase.CONTINUOUS:
            yield from (f"{symbol}: order {bid} and order {ask} could trade" for bid, ask in crossed(listing))


def crossed(listing: Listing) -> Iterator[tuple[int, int]]:
    """Yield the resting orders with limits that cross and that nothing keeps apart."""
    bids, asks = ([order for order in listing.book.queue(side) if order.limit is not None] for side in Side)
    if max((bid.limit or 0 for bid in bids), default=0) < min((ask.limit or 0 for ask in asks), default=0):
        return
    for bid, ask in product(bids, asks):
        if could_trade(bid, ask, rules=listing.rules):
            yield bid.order_id, ask.order_id


def could_trade(bid: Order, ask: Order, *, rules: MarketRules) -> bool:
    """Say whether two resting orders are kept apart by nothing: neither a minimum nor a common owner (OTY-11)."""
    if bid.limit is None or ask.limit is None or bid.limit < ask.limit or bid.account == ask.account:
        return False
    least = 0
    for order in (bid, ask):
        needed = order.min_exec or 0
        if order.leaves < needed:
            needed = 0 if rules.min_exec_residual is MinExecResidual.WAIVED else order.leaves
        least = max(least, needed)
    return min(bid.leaves, ask.leaves) >= least
