"""Plays a case on the exchange and keeps what an expectation may ask for.

Orders go by their labels: each use of a label gets a client id of its own, and an order that names no member belongs
to an account of its own.
"""

from collections.abc import Iterator
from typing import Final

from stockex.core.exchange import Exchange
from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.messages.codec import Fact
from stockex.messages.control import Uncrossed
from stockex.messages.executions import Cancelled, Fill, Rejected, Traded
from stockex.messages.market_data import Indicative
from stockex.messages.orders import (
    AnyCommand,
    CancelOrder,
    ChangePhase,
    ListInstrument,
    NewOrder,
    ReplaceOrder,
    SetLastPrice,
    SetReferencePrice,
)
from stockex.simulation.books import Book, open_on, whole
from stockex.simulation.cases.format import (
    Action,
    AuctionSeen,
    Cancel,
    Case,
    Kind,
    LastPrice,
    Lifetime,
    New,
    OrderSeen,
    ReferencePrice,
    Replace,
    Terms,
    ToPhase,
    TradeSeen,
)
from stockex.vocabulary.enums import CancelReason, OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares

SYMBOL: Final = "CASE"
NOTHING: Final = AuctionSeen(price=None, volume=0, surplus=0)
"""The auction of a book in which no two orders agree."""

_BY_HAND: Final = frozenset({CancelReason.BY_OWNER, CancelReason.MASS_CANCEL})
_KINDS: Final[dict[OrdType, Kind]] = {
    OrdType.LIMIT: "limit",
    OrdType.MARKET: "market",
    OrdType.MARKET_TO_LIMIT: "market_to_limit",
    OrdType.STOP: "stop",
    OrdType.STOP_LIMIT: "stop_limit",
    OrdType.PEG_PRIMARY: "peg_primary",
    OrdType.PEG_MID: "peg_mid",
}
_LIFETIMES: Final[dict[TimeInForce, Lifetime]] = {
    TimeInForce.DAY: "day",
    TimeInForce.GTC: "gtc",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
    TimeInForce.GFA: "gfa",
}


class Play:
    """An exchange with one instrument on which a case is played.

    `auction` is the last one held, or the indicative one while a call runs. `cancelled` are labels, in order.
    `command` is the one of the last step.
    """

    def __init__(self, case: Case, *, book: Book = Book.PLAIN) -> None:
        self._exchange = open_on(book)
        self.trades: list[TradeSeen] = []
        self.cancelled: list[str] = []
        self.auction = NOTHING
        self.command: AnyCommand | None = None
        self._label_of: dict[str, str] = {}
        self._uses: dict[str, list[tuple[str, str]]] = {}
        self._apply(ListInstrument(symbol=SYMBOL, tick=case.tick, reference=case.tick, rules=case.rules))
        self._apply(SetReferencePrice(symbol=SYMBOL))

    @property
    def listing(self) -> Listing:
        """The instrument with its book and its prices."""
        return self.exchange.desk.listings[SYMBOL]

    @property
    def exchange(self) -> Exchange:
        """The exchange, to be looked at."""
        return whole(self._exchange)

    def do(self, action: Action) -> list[Fact]:
        """Play one step and return what happened."""
        self.command = self._command(action)
        return self._apply(self.command)

    def label(self, cl_ord_id: str | None) -> str:
        """Return the label of the order with this client id; an id that was never given out is its own label."""
        return self._label_of.get(cl_ord_id or "", cl_ord_id or "")

    def book(self, side: Side) -> Iterator[Order]:
        """Yield the resting orders in matching priority; untriggered stops and waiting pegs are none."""
        return iter(self.listing.book.queue(side))

    def open_orders(self) -> Iterator[tuple[str, Order]]:
        """Yield every open order with its label, stops and waiting pegs included."""
        return ((self.label(order.cl_ord_id), order) for order in self.listing.orders())

    def seen(self, order: Order) -> OrderSeen:
        """Return all that an expectation may say of an open order."""
        return OrderSeen(
            id=self.label(order.cl_ord_id),
            side=order.side.value.lower(),
            qty=order.leaves,
            price=order.limit,
            stop=order.stop,
            type=_kind(order),
            visible=order.visible,
            hidden=order.leaves - order.visible,
            filled=order.cum,
            tif=_LIFETIMES[order.tif],
            display=order.display,
            min_visible=order.min_visible,
            min_exec=order.min_exec,
            peg_limit=order.peg_limit,
        )

    def _apply(self, command: AnyCommand) -> list[Fact]:
        facts = self._exchange.apply(command, offset=self._exchange.next_offset, at=Nanos(0))
        for fact in facts:
            self._note(fact)
        return facts

    def _note(self, fact: Fact) -> None:
        match fact:
            case Traded():
                self.trades.append(self._trade(fact))
            case Cancelled() if fact.reason not in _BY_HAND:
                self.cancelled.append(self.label(fact.cl_ord_id))
            case Uncrossed() | Indicative():
                self.auction = AuctionSeen(price=fact.price, volume=fact.volume, surplus=fact.surplus)
            case _:
                pass

    def _trade(self, fact: Traded) -> TradeSeen:
        buy, sell = self._named(fact.buy), self._named(fact.sell)
        maker, taker = (sell, buy) if fact.aggressor is Side.BUY else (buy, sell)
        return TradeSeen(buy=buy, sell=sell, maker=maker, taker=taker, qty=fact.qty, price=fact.price)

    def _named(self, fill: Fill) -> str:
        return self.label(fill.cl_ord_id)

    def _command(self, action: Action) -> AnyCommand:
        match action:
            case New():
                return self._new(action)
            case Replace():
                return self._replace(action)
            case Cancel():
                account, cl_ord_id = self._found(action)
                return CancelOrder(account=account, orig_cl_ord_id=cl_ord_id, symbol=SYMBOL)
            case ToPhase():
                return ChangePhase(to=action.to, symbol=SYMBOL)
            case ReferencePrice():
                return SetReferencePrice(symbol=SYMBOL, price=action.price)
            case LastPrice():
                return SetLastPrice(symbol=SYMBOL, price=action.price)

    def _new(self, action: New) -> NewOrder:
        cl_ord_id = f"order-{len(self._label_of) + 1}"
        account = f"member-{action.member}" if action.member is not None else f"own-{cl_ord_id}"
        self._label_of[cl_ord_id] = action.id
        self._uses.setdefault(action.id, []).append((account, cl_ord_id))
        return NewOrder(
            account=account,
            cl_ord_id=cl_ord_id,
            symbol=SYMBOL,
            side=Side(action.side.upper()),
            qty=Shares(action.qty),
            ord_type=OrdType(action.type.upper()),
            limit=_limit(action),
            tif=TimeInForce(action.tif.upper()),
            stop=action.stop,
            display=_shares(action.display),
            min_visible=_shares(action.min_visible),
            hidden=action.hidden,
            min_exec=_shares(action.min_exec),
            cancel_below_min=action.cancel_below_min,
        )

    def _replace(self, action: Replace) -> ReplaceOrder:
        account, cl_ord_id = self._found(action)
        return ReplaceOrder(
            account=account,
            orig_cl_ord_id=cl_ord_id,
            symbol=SYMBOL,
            qty=_shares(action.qty),
            limit=_limit(action),
            stop=action.stop,
            min_exec=_shares(action.min_exec),
        )

    def _found(self, action: Terms) -> tuple[str, str]:
        """Return account and client id of the label's open order; of its last use, or of none, if none is open."""
        uses = self._uses.get(action.id, [("nobody", f"no-{action.id}")])
        if len(uses) > 1:
            is_open = {order.cl_ord_id for _, order in self.open_orders()}
            uses = [use for use in uses if use[1] in is_open] or uses
        return uses[-1]


def _kind(order: Order) -> Kind:
    """Return the type of an open order as it now is: what has a price of its own is a limit order."""
    if order.ord_type.is_peg or order.stop is not None:
        return _KINDS[order.ord_type]
    if order.limit is not None:
        return "limit"
    return "market_to_limit" if order.ord_type is OrdType.MARKET_TO_LIMIT else "market"


def _limit(action: Terms) -> Price | None:
    return action.peg_limit if action.price is None else action.price


def _shares(qty: int | None) -> Shares | None:
    return None if qty is None else Shares(qty)


def refusal_text(fact: Rejected, label: str) -> str:
    """Return a refusal in one line: what was refused, why, and the figures that decided."""
    return f"refused {fact.refused} {label}: {fact.reason.value} ({fact.rule}), {fact.text}".replace("  ", " ")
