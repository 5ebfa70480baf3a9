"""The market while the facts of a command go by: a copy of the exchange that follows them.

    before ──fact 0──> ──fact 1──> ... ──> as the exchange is now

So an explainer sees the queues, the prices and the money as they were when its fact came about.
"""

from collections.abc import Sequence
from typing import Final

from stockex.core.market.listing import Listing
from stockex.core.matching.continuous import take
from stockex.core.matching.order import Order
from stockex.core.risk.accounts import Balance
from stockex.core.snapshot import load
from stockex.core.why.words import Called
from stockex.messages.codec import Fact
from stockex.messages.control import LastChanged, PhaseChanged, ReferenceChanged, RulesChanged, Stopped
from stockex.messages.executions import (
    Accepted,
    Cancelled,
    Expired,
    Priced,
    Reduced,
    Refreshed,
    Replaced,
    Repriced,
    Rested,
    StopMoved,
    Traded,
    Triggered,
)
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import OrdType, Phase, Side
from stockex.vocabulary.market_rules import MarketRemainder
from stockex.vocabulary.units import Price

_Moved = Rested | Priced | Repriced | Refreshed | Reduced
_MOVED: Final = (Rested, Priced, Repriced, Refreshed, Reduced)


class Scene:
    """A copy of the exchange, the command, its facts, and how far they have been followed.

    `incoming` is the order that the engine is dealing with; `prices` are those of the command so far, each with the
    trade that made it, or "".
    """

    def __init__(self, state: bytes, called: Called) -> None:
        """Begin with the exchange that `state` is a snapshot of."""
        self._exchange = load(state)
        self._called = called
        self.command: AnyCommand | None = None
        self.facts: Sequence[Fact] = ()
        self.place = 0
        self.accounts = self._exchange.desk.accounts
        self.orders: dict[int, Order] = {order.order_id: order for order in self._exchange.desk.open_orders()}
        self.inside = {
            order.order_id
            for listing in self._exchange.desk.listings.values()
            for side in Side
            for order in listing.book.queue(side)
        }
        self.incoming: Order | None = None
        self.prices: list[tuple[str, Price, str]] = []
        self._ended_calls: set[str] = set()

    def listing(self, symbol: str) -> Listing | None:
        """Return the copy of an instrument, None for one that is not listed yet."""
        return self._exchange.desk.listings.get(symbol)

    def phase(self, symbol: str) -> Phase:
        """Return the phase that an instrument is in."""
        listing = self.listing(symbol)
        return self._exchange.phase if listing is None else listing.phase

    def named(self, account: str, cl_ord_id: str) -> str:
        """Return how the story calls an order."""
        return self._called(account, cl_ord_id)

    def name(self, order: Order) -> str:
        """Return how the story calls an open order."""
        return self._called(order.account, order.cl_ord_id)

    def limited(self, account: str) -> Balance | None:
        """Return the balance of an account that is held to what it has, None for one that is not."""
        return self.accounts.balances[account] if self.accounts.is_limited(account) else None

    def comes(self, kind: type[Fact], order_id: int) -> bool:
        """Say whether a fact of this kind about the order is still to come."""
        return any(
            isinstance(fact, kind) and getattr(fact, "order_id", None) == order_id for fact in self.facts[self.place :]
        )

    def is_incoming(self, aggressor: Order) -> bool:
        """Say whether the younger order of a trade came in, or rested as the other did.

        After a call, market orders that may not rest come in one after the other (AUC-06).
        """
        if aggressor.order_id not in self.inside:
            return True
        listing = self.listing(aggressor.symbol)
        is_released = aggressor.limit is None and aggressor.ord_type is OrdType.MARKET
        may_rest = listing is None or listing.rules.market_remainder is MarketRemainder.RESTS_UNPRICED
        return is_released and aggressor.symbol in self._ended_calls and not may_rest

    def follow(self, fact: Fact) -> None:
        """Take one fact in: afterwards the copy is as the exchange was when it had written it."""
        self.accounts.apply(fact)
        match fact:
            case Accepted():
                self._accept(fact)
            case Traded():
                self._trade(fact)
            case Triggered():
                self._trigger(fact)
            case StopMoved():
                order = self.orders.get(fact.order_id)
                if order is not None:
                    order.stop = fact.stop
            case Replaced():
                self._replace(fact)
            case Cancelled() | Expired():
                self._end(fact.order_id)
            case _:
                if isinstance(fact, _MOVED):
                    self._move(fact)
                else:
                    self._signal(fact)
        self.place += 1

    def _signal(self, fact: Fact) -> None:
        match fact:
            case PhaseChanged():
                listing = self.listing(fact.symbol)
                if listing is not None:
                    if listing.phase.gathers:
                        self._ended_calls.add(fact.symbol)
                    listing.phase = fact.phase
            case LastChanged():
                self._price(fact.symbol, fact.price, trade_id="")
            case ReferenceChanged():
                listing = self.listing(fact.symbol)
                if listing is not None:
                    listing.reference = fact.price
            case RulesChanged():
                listing = self.listing(fact.symbol)
                if listing is not None:
                    listing.set_rules(fact.rules)
            case Stopped():
                self._exchange.phase = Phase.CLOSED
            case _:
                pass

    def _price(self, symbol: str, price: Price, *, trade_id: str) -> None:
        self.prices.append((symbol, price, trade_id))
        listing = self.listing(symbol)
        if listing is not None:
            listing.last = price

    def _accept(self, fact: Accepted) -> None:
        is_peg = fact.ord_type.is_peg
        self.incoming = self.orders[fact.order_id] = Order(
            order_id=fact.order_id,
            account=fact.account,
            cl_ord_id=fact.cl_ord_id,
            symbol=fact.symbol,
            side=fact.side,
            leaves=fact.qty,
            cum=0,
            limit=None if is_peg else fact.limit,
            ord_type=fact.ord_type,
            tif=fact.tif,
            post_only=fact.post_only,
            self_trade=fact.self_trade,
            stop=fact.stop,
            display=fact.display,
            min_visible=fact.min_visible,
            hidden=fact.hidden,
            min_exec=fact.min_exec,
            min_qty=fact.min_qty,
            trail=fact.trail,
            cancel_below_min=fact.cancel_below_min,
            peg_limit=fact.limit if is_peg else None,
            cap=fact.cap,
            oco=fact.oco_id,
            peg_offset=fact.peg_offset,
        )
        other = None if fact.oco_id is None else self.orders.get(fact.oco_id)
        if other is not None:
            other.oco = fact.order_id

    def _take_out(self, order: Order) -> None:
        listing = self.listing(order.symbol)
        if listing is None:
            return
        if order.order_id in self.inside:
            listing.book.remove(order)
            self.inside.discard(order.order_id)
        listing.stops.pop(order.order_id, None)
        listing.closers.pop(order.order_id, None)

    def _put_in(self, order: Order) -> None:
        listing = self.listing(order.symbol)
        if listing is not None:
            listing.book.add(order)
            self.inside.add(order.order_id)

    def _end(self, order_id: int) -> None:
        order = self.orders.pop(order_id, None)
        if order is not None:
            self._take_out(order)

    def _trade(self, fact: Traded) -> None:
        incoming = fact.buy if fact.aggressor is Side.BUY else fact.sell
        for fill in (fact.buy, fact.sell):
            order, listing = self.orders.get(fill.order_id), self.listing(fact.symbol)
            if order is None or listing is None:
                continue
            if fill is incoming and self.is_incoming(order):
                self._take_out(order)
                self.incoming, order.min_qty = order, None
            if order.order_id in self.inside:
                take(listing.book, order, qty=fact.qty)
            order.leaves, order.cum = fill.leaves, fill.cum
            if fill.leaves == 0:
                self.inside.discard(fill.order_id)
                self.orders.pop(fill.order_id)
        self._price(fact.symbol, fact.price, trade_id=fact.trade_id)

    def _trigger(self, fact: Triggered) -> None:
        order = self.orders.get(fact.order_id)
        if order is not None:
            self._take_out(order)
            order.stop = None
            order.ord_type = order.ord_type.when_reached
            self.incoming = order

    def _replace(self, fact: Replaced) -> None:
        order, listing = self.orders.get(fact.order_id), self.listing(fact.symbol)
        if order is None or listing is None:
            return
        if not fact.kept_place:
            self._take_out(order)
            self.incoming = order
        elif order.order_id in self.inside:
            listing.book.reduce(order, order.leaves - fact.leaves)
        order.cl_ord_id, order.stop, order.min_exec = fact.cl_ord_id, fact.stop, fact.min_exec
        order.leaves, order.cum = fact.leaves, fact.cum
        order.trail, order.min_qty = fact.trail or order.trail, fact.min_qty
        if order.ord_type.is_peg:
            order.peg_limit, order.peg_offset = fact.limit, fact.peg_offset
        elif not fact.kept_place:
            order.limit = fact.limit

    def _move(self, fact: _Moved) -> None:
        """Let an order rest, move, show a new peak, or lose what self-trade prevention takes."""
        order, listing = self.orders.get(fact.order_id), self.listing(fact.symbol)
        if order is None or listing is None:
            return
        if isinstance(fact, Reduced):
            if order.order_id in self.inside:
                listing.book.reduce(order, order.leaves - fact.leaves)
            order.leaves = fact.leaves
            return
        self._take_out(order)
        if isinstance(fact, Priced):
            order.limit, order.ord_type = fact.limit, OrdType.LIMIT
            return
        if not isinstance(fact, Refreshed):
            order.limit = fact.limit
        if isinstance(fact, Rested | Refreshed):
            order.show_peak()
        if order.limit is not None or isinstance(fact, Rested):
            self._put_in(order)
