"""An order as FIX tells it: its terms, and quantities from which busted fills are taken away."""

from typing import Final

from msgspec import Struct, field

from stockex.core.fix.orders.terms import (
    CANCEL_WHEN_DOWN,
    POST_ONLY,
    SIDE_TEXTS,
    TIME_TEXTS,
    TYPE_TEXTS,
    average_text,
    date_of,
    decimal_text,
    is_midnight,
)
from stockex.core.fix.times import stamp
from stockex.messages.executions import Accepted, Replaced
from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price

NEW: Final = "0"
PARTIALLY_FILLED: Final = "1"
FILLED: Final = "2"
CANCELED: Final = "4"
REJECTED: Final = "8"
PENDING_NEW: Final = "A"
EXPIRED: Final = "C"


class Terms(Struct, gc=False):
    """What an order asks for. Tells itself in the tags of NewOrderSingle.

    `entered_as` stays when a stop is reached or a market-to-limit order has its limit.
    """

    account: str
    symbol: str
    side: Side
    entered_as: OrdType
    ord_type: OrdType
    tif: TimeInForce
    limit: Price | None
    stop: Price | None
    trail: Price | None
    peg_offset: Price | None
    expire_at: Nanos | None
    display: int | None
    min_qty: int | None
    min_exec: int | None
    is_hidden: bool
    is_post_only: bool
    ends_when_down: bool

    @classmethod
    def of(cls, order: NewOrder | Accepted) -> "Terms":
        """Return the terms of an order as it was asked for or taken."""
        return cls(  # By place: by name it takes four times as long.
            order.account,
            order.symbol,
            order.side,
            order.ord_type,
            order.ord_type,
            order.tif,
            order.limit,
            order.stop,
            order.trail,
            order.peg_offset,
            order.expire_at,
            order.display,
            order.min_qty,
            order.min_exec,
            order.hidden,
            order.post_only,
            order.cancel_on_disconnect,
        )

    def fields(self) -> dict[int, str]:
        """Return the fields of the terms: 1, 18, 40, 44, 54, 55, 59, 99, 110, 111, 126, 211, 432."""
        ord_type, instruction = TYPE_TEXTS[self.ord_type]
        told = {
            1: self.account,
            40: ord_type,
            54: SIDE_TEXTS[self.side],
            55: self.symbol,
            59: TIME_TEXTS[self.tif],
        }
        if self.limit is not None:
            told[44] = decimal_text(self.limit)
        if instruction or self.is_post_only or self.ends_when_down:
            flags = (instruction, POST_ONLY * self.is_post_only, CANCEL_WHEN_DOWN * self.ends_when_down)
            told[18] = " ".join(filter(None, flags))
        if self.ord_type.is_stop and self.stop is not None:
            told[99] = decimal_text(self.stop)
        offset = self.trail if self.ord_type.is_trailing else self.peg_offset
        if offset is not None:
            told[211] = decimal_text(offset)
        if self.display is not None or self.is_hidden:
            told[111] = str(self.display or 0)
        minimum = self.min_exec if self.is_hidden else self.min_qty
        if minimum is not None:
            told[110] = str(minimum)
        if self.expire_at is not None:
            told |= _expiry(self.expire_at)
        return told


def _expiry(at: Nanos) -> dict[int, str]:
    """Return ExpireDate for an instant at which a day ends, else ExpireTime."""
    return {432: date_of(at - 1)} if is_midnight(at) else {126: stamp(at)}


class Ticket(Struct, kw_only=True, gc=False):
    """One order of a session.

    Attributes:
        cl_ord_ids: All that it has had, the one of now last.
        qty: OrderQty: what it asks for in all.
        cum: What has been filled and not been busted, at `cost` in units of price times shares.
        source: The `source` of the command that placed it.
        busted: What was filled and busted; the engine's figures count it.
        status: OrdStatus (39).
        fills: Price and quantity of its trades, as they stand now, by trade.
    """

    order_id: int
    cl_ord_ids: list[str]
    terms: Terms
    qty: int
    leaves: int
    cum: int = 0
    cost: int = 0
    busted: int = 0
    status: str = NEW
    source: str = ""
    list_id: str = ""
    fills: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, fact: Accepted, *, list_id: str = "") -> "Ticket":
        """Return the ticket of an order that the engine has taken, of a list if it came with one."""
        return cls(
            order_id=fact.order_id,
            cl_ord_ids=[fact.cl_ord_id],
            terms=Terms.of(fact),
            qty=fact.qty,
            leaves=fact.qty,
            source=fact.source,
            list_id=list_id,
        )

    @property
    def cl_ord_id(self) -> str:
        """The client id of now."""
        return self.cl_ord_ids[-1]

    @property
    def is_open(self) -> bool:
        """Whether the order may still trade."""
        return self.leaves > 0

    def figures(self) -> dict[int, str]:
        """Return what is the same in every report of the order as it stands now, for the caller to add to."""
        told = self.terms.fields()
        told[6] = average_text(self.cost, self.cum)
        told[11] = self.cl_ord_ids[-1]
        told[14] = str(self.cum)
        told[37] = str(self.order_id)
        told[38] = str(self.qty)
        told[39] = self.status
        told[151] = str(self.leaves)
        if self.list_id:
            told[66] = self.list_id
        return told

    def fill(self, trade_id: str, *, price: int, qty: int, leaves: int) -> None:
        """Take in a trade."""
        self.fills[trade_id] = (price, qty)
        self.cum += qty
        self.cost += price * qty
        self.leaves = leaves
        self.status = PARTIALLY_FILLED if leaves else FILLED

    def undo(self, trade_id: str, *, price: int, qty: int) -> None:
        """Give a trade other terms; a quantity of 0 busts it. What is taken away does not come back to the book.

        So an open order asks for less, and one that was filled counts as canceled.
        """
        old_price, old_qty = self.fills[trade_id]
        self.fills[trade_id] = (price, qty)
        lost = old_qty - qty
        self.busted += lost
        self.cum -= lost
        self.cost += price * qty - old_price * old_qty
        if self.is_open:
            self.qty -= lost
            self.status = PARTIALLY_FILLED if self.cum else NEW
        elif lost and self.status == FILLED:
            self.status = CANCELED

    def replace(self, fact: Replaced) -> None:
        """Take in new terms."""
        terms = self.terms
        terms.limit, terms.peg_offset, terms.min_exec = fact.limit, fact.peg_offset, fact.min_exec
        terms.stop = fact.stop or terms.stop
        terms.trail = fact.trail or terms.trail
        terms.min_qty = fact.min_qty or terms.min_qty
        terms.expire_at = fact.expire_at or terms.expire_at
        self.qty, self.leaves = fact.qty - self.busted, fact.leaves
        if fact.cl_ord_id != self.cl_ord_id:
            self.cl_ord_ids.append(fact.cl_ord_id)
        self.status = PARTIALLY_FILLED if self.cum else NEW

    def end(self, status: str) -> None:
        """Take in the end of an order that was not filled."""
        self.leaves, self.status = 0, status
