"""Our engine behind the protocol of `tracebook-conformance`: its events in, what our engine said and holds out.

    event ──> commands ──> Exchange ──> facts ──> outcome, trades
                              └─ open orders ──> queues

The suite starts this script once a trace and speaks NDJSON with it; `serve_stdio` is the suite's own framing. The
adapter keeps no order and decides nothing: it words events as commands, and facts as observations.

Where the words differ:

- The suite halves quantities; ours are whole, so one of its shares is 2**20 of ours.
- It asks that prices be rounded to the tick, half to even; our engine refuses a price off the grid.
- Its ids may be used again after an order's end; ours gets the offset behind the id, so that it is new.
- Its `replace` always goes to the back of the queue; ours keeps its place when it asks for less (REP-01). Such an
  order is cancelled and placed anew.

Named `compiled` on the command line, the exchange is the one on two books; orders are looked at on whichever they are.
"""

import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Final

from tracebook.conformance import (
    BookSnapshot,
    BookState,
    ConformanceConfig,
    EngineMetadata,
    Observation,
    Outcome,
    RestingOrder,
    TradeFill,
    canonical_decimal,
    serve_stdio,
)
from tracebook.core.order import OrderSide, OrderType, SelfTradePolicy
from tracebook.events import MarketEvent

from stockex import __version__
from stockex.core.exchange import Exchange
from stockex.core.fast.orders import orders_of
from stockex.core.matching.order import Order
from stockex.messages.codec import Fact
from stockex.messages.executions import Rejected, Replaced, Traded
from stockex.messages.orders import AnyCommand, CancelOrder, ListInstrument, MassCancel, NewOrder, ReplaceOrder
from stockex.simulation.books import Book, open_on
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRules, ReplaceQty
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import UNITS_PER_EURO, Nanos, Price, Shares

SHARE: Final = 2**20
TYPES: Final = {
    OrderType.LIMIT: (OrdType.LIMIT, TimeInForce.DAY),
    OrderType.MARKET: (OrdType.MARKET, TimeInForce.DAY),
    OrderType.IOC: (OrdType.LIMIT, TimeInForce.IOC),
    OrderType.FOK: (OrdType.LIMIT, TimeInForce.FOK),
}
SELF_TRADE: Final = {
    SelfTradePolicy.NONE: SelfTrade.ALLOW,
    SelfTradePolicy.CANCEL_RESTING: SelfTrade.CANCEL_OLDEST,
    SelfTradePolicy.CANCEL_INCOMING: SelfTrade.CANCEL_NEWEST,
}
REASONS: Final = {
    RejectReason.UNKNOWN_ORDER: "ORDER_NOT_ACTIVE",
    RejectReason.UNKNOWN_SYMBOL: "ORDER_NOT_ACTIVE",
    RejectReason.DUPLICATE_CL_ORD_ID: "DUPLICATE_ORDER_ID",
}
"""The suite's words for our refusals; all others are faults of form."""


class StockExAdapter:
    """One exchange, and the settings of its instruments.

    Raises: ValueError: the suite asks for what our engine does not have, or counts finer than it.
    """

    def __init__(self, config: ConformanceConfig, *, book: Book = Book.PLAIN) -> None:
        if config.matching_algorithm != "fifo":
            raise ValueError(f"no {config.matching_algorithm} matching here")
        self.metadata = EngineMetadata("stockex", __version__, "Python" if book is Book.PLAIN else "Numba")
        self.exchange = open_on(book)
        self._symbols: list[str] = []
        self._rules = MarketRules(self_trade=SELF_TRADE[config.self_trade_policy], replace_qty=ReplaceQty.OPEN)
        self._tick = Price(_whole(Decimal(canonical_decimal(config.tick_size)) * UNITS_PER_EURO))
        self._decimals = config.quantity_decimal_places

    def apply(self, event: MarketEvent, index: int) -> Observation:
        """Do what one event asks; tell what the engine said."""
        facts = list(self._done(event))
        outcome = _outcome(facts, form="INVALID_REPLACEMENT" if event.op == "replace" else "INVALID_ORDER")
        state = self.snapshot()
        trades = tuple(self._fill(fact) for fact in facts if isinstance(fact, Traded))
        return Observation(index, outcome, trades, state.digest(), state.order_count)

    def snapshot(self) -> BookState:
        """Return the queues of every listed instrument, as the engine holds them."""
        listed = sorted(self._symbols)
        return BookState(
            tuple(
                BookSnapshot(symbol, self._queue(symbol, Side.BUY), self._queue(symbol, Side.SELL)) for symbol in listed
            )
        )

    def close(self) -> None:
        """There is nothing to close."""

    def _ask(self, command: AnyCommand) -> list[Fact]:
        return self.exchange.apply(command, offset=self.exchange.next_offset, at=Nanos(0))

    def _done(self, event: MarketEvent) -> Iterator[Fact]:
        if event.op in {"new", "clear"} and event.symbol not in self._symbols:
            self._symbols.append(event.symbol)
            yield from self._ask(
                ListInstrument(symbol=event.symbol, tick=self._tick, reference=self._tick, rules=self._rules)
            )
        match event.op:
            case "new":
                yield from self._ask(self._new(event))
            case "cancel":
                account, name = self._name(event)
                yield from self._ask(CancelOrder(account=account, orig_cl_ord_id=name, symbol=event.symbol))
            case "reduce":
                yield from self._ask(self._reduction(event))
            case "replace":
                yield from self._replaced(event)
            case _:
                for account in sorted({order.account for order in self._open(event.symbol)}):
                    yield from self._ask(MassCancel(account=account, symbol=event.symbol))

    def _new(self, event: MarketEvent) -> NewOrder:
        known = self._find(event)
        ord_type, tif = TYPES[event.order_type]
        return NewOrder(
            account=str(event.owner),
            cl_ord_id=f"{event.order_id}.{self.exchange.next_offset}" if known is None else known.cl_ord_id,
            symbol=event.symbol,
            side=Side.BUY if event.side is OrderSide.BUY else Side.SELL,
            qty=_shares(event.quantity or 0),
            limit=None if ord_type is OrdType.MARKET else self._price(event.price or 0),
            ord_type=ord_type,
            tif=tif,
        )

    def _reduction(self, event: MarketEvent) -> CancelOrder | ReplaceOrder:
        """Word the suite's reduction *by* a quantity as one *to* a quantity; down to nothing is a cancel."""
        account, name = self._name(event)
        order = self._find(event)
        leaves = Shares((0 if order is None else order.leaves) - _shares(event.quantity or 0))
        if leaves == 0:
            return CancelOrder(account=account, orig_cl_ord_id=name, symbol=event.symbol)
        return ReplaceOrder(account=account, orig_cl_ord_id=name, symbol=event.symbol, qty=leaves)

    def _replaced(self, event: MarketEvent) -> Iterator[Fact]:
        """Replace an order; one that asks for no more at the same price kept its place (REP-01) and gives it up."""
        account, name = self._name(event)
        order = self._find(event)
        before = None if order is None else (order.limit, order.leaves)
        qty = None if event.quantity is None else _shares(event.quantity)
        limit = None if event.price is None else self._price(event.price)
        facts = self._ask(ReplaceOrder(account=account, orig_cl_ord_id=name, symbol=event.symbol, qty=qty, limit=limit))
        yield from facts
        first = facts[0]
        if (
            isinstance(first, Replaced)
            and before is not None
            and first.limit == before[0]
            and first.leaves <= before[1]
        ):
            yield from self._ask(CancelOrder(account=account, orig_cl_ord_id=name, symbol=event.symbol))
            yield from self._ask(
                NewOrder(
                    account=account,
                    cl_ord_id=f"{event.order_id}.{self.exchange.next_offset}",
                    symbol=event.symbol,
                    side=first.side,
                    qty=first.leaves,
                    limit=first.limit,
                )
            )

    def _open(self, symbol: str) -> list[Order]:
        exchange = self.exchange
        if isinstance(exchange, Exchange):
            return [order for order in exchange.desk.open_orders() if order.symbol == symbol]
        runner = exchange._runner
        number = exchange._names.index(symbol) if symbol in exchange._names else None
        if number is None or not runner.lender.is_here(number):
            return [order for order in exchange._desk.open_orders() if order.symbol == symbol]
        return list(orders_of(runner.lender.orders(number), symbol, runner=runner))

    def _find(self, event: MarketEvent) -> Order | None:
        return next(
            (order for order in self._open(event.symbol) if _source_id(order.cl_ord_id) == event.order_id), None
        )

    def _name(self, event: MarketEvent) -> tuple[str, str]:
        """Return the account and the client id of the order meant; of an unknown one, a name that nobody has."""
        order = self._find(event)
        return (str(event.owner), str(event.order_id)) if order is None else (order.account, order.cl_ord_id)

    def _price(self, euros: float) -> Price:
        ticks = Decimal(str(euros)) * UNITS_PER_EURO / self._tick
        return Price(round(ticks) * self._tick)

    def _quantity(self, shares: int) -> str:
        return canonical_decimal(Decimal(shares) / SHARE, self._decimals)

    def _fill(self, fact: Traded) -> TradeFill:
        return TradeFill(
            symbol=fact.symbol,
            buy_order_id=_source_id(fact.buy.cl_ord_id),
            sell_order_id=_source_id(fact.sell.cl_ord_id),
            price=_euros(fact.price),
            quantity=self._quantity(fact.qty),
        )

    def _queue(self, symbol: str, side: Side) -> tuple[RestingOrder, ...]:
        return tuple(
            RestingOrder(
                order_id=_source_id(order.cl_ord_id),
                price=_euros(order.price),
                remaining_quantity=self._quantity(order.leaves),
                owner=int(order.account),
                order_type=order.ord_type.value,
            )
            for order in self._open(symbol)
            if order.side is side
        )


def _outcome(facts: list[Fact], *, form: str) -> Outcome:
    """Return the suite's word for what happened; `form` is that for a fault of form."""
    refused = next((fact for fact in facts if isinstance(fact, Rejected)), None)
    if refused is None:
        return Outcome("applied")
    return Outcome("rejected", REASONS.get(refused.reason, form), f"{refused.rule}: {refused.text}")


def _source_id(cl_ord_id: str) -> int:
    return int(cl_ord_id.partition(".")[0])


def _euros(price: Price) -> str:
    return canonical_decimal(Decimal(price) / UNITS_PER_EURO)


def _shares(quantity: float) -> Shares:
    return Shares(_whole(Decimal(quantity) * SHARE))


def _whole(number: Decimal) -> int:
    if number != int(number):
        raise ValueError(f"{number} is no whole number of units")
    return int(number)


if __name__ == "__main__":
    status = serve_stdio(partial(StockExAdapter, book=Book(sys.argv[1])))
    sys.stdout.flush()
    os._exit(status)  # The suite ends whoever takes half a second to leave, as an interpreter may that is taken down.
