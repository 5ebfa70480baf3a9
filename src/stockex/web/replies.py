"""What the web answers: JSON of the exchange's own shapes, and problems that name field, rule and reason."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field
from starlette.responses import Response

from stockex.core.market_data.tape import Print
from stockex.messages.codec import encode
from stockex.messages.executions import Rejected
from stockex.messages.views import FillView, OrderView, TradeStatus
from stockex.vocabulary.enums import Side
from stockex.vocabulary.reasons import RULES, RejectReason
from stockex.vocabulary.tick_tables import TickTable
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

_R = RejectReason
_NOT_FOUND: Final = frozenset({_R.UNKNOWN_ACCOUNT, _R.UNKNOWN_SYMBOL, _R.UNKNOWN_ORDER, _R.UNKNOWN_TRADE})
_CONFLICT: Final = frozenset(
    {
        _R.ACCOUNT_KILLED,
        _R.ALREADY_KILLED,
        _R.NOT_KILLED,
        _R.TRADE_BUSTED,
        _R.MARKET_CLOSED,
        _R.MARKET_SUSPENDED,
        _R.DUPLICATE_CL_ORD_ID,
        _R.SESSION_ALREADY_OPEN,
        _R.SESSION_NOT_OPEN,
        _R.ALREADY_SUSPENDED,
        _R.NOT_SUSPENDED,
        _R.NEEDS_CALL,
        _R.NOT_IN_CALL,
        _R.NEEDS_OPENING,
        _R.CLOSE_IS_PAST,
        _R.OCO_TAKEN,
        _R.INSTRUMENT_HALTED,
        _R.NO_CALL,
        _R.WRONG_PHASE,
    }
)


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong: one sentence, and where known the field, the rule's number and the engine's reason.

    `offset` is that of the command that the engine refused: what the explanation asks for.
    """

    message: str
    field: str | None = None
    rule: str | None = None
    reason: str | None = None
    offset: int | None = None


class ErrorReply(Struct, frozen=True):
    """The body of every 4xx and 5xx."""

    error: Fault


class Problem(Exception):
    """A request that is refused, with its HTTP status."""

    def __init__(self, status: int, fault: Fault, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(fault.message)
        self.status = status
        self.fault = fault
        self.headers = headers

    def answer(self) -> Response:
        """Return the response that says so."""
        return reply(ErrorReply(self.fault), status=self.status, headers=self.headers)


class InstrumentView(Struct, frozen=True, kw_only=True):
    """What can be traded, on which grid, and the last close.

    `tick` is the step where the price is now, `tick_table` that of every range of prices if there are several. The most
    that one order may be are null where there is no such limit.
    """

    symbol: str
    name: str
    tick: Price
    lot: Shares
    reference: Price
    tick_table: TickTable = ()
    max_qty: Shares | None = field(default=None, name="max_quantity")
    max_value: Cash | None = None


class PublicTrade(Struct, frozen=True, kw_only=True):
    """One trade as everybody may see it: nobody's name and nobody's order, with the terms of now if it was corrected.

    `changed_by` is the command that busted or corrected it last, `note` what its sender said about it.
    """

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    aggressor: Side
    offset: int
    index: int
    at: Nanos = field(name="timestamp")
    status: TradeStatus
    changed_by: int | None
    note: str


class OrderReply(Struct, frozen=True):
    """An order after a command, and the fills that the command brought."""

    order: OrderView
    fills: list[FillView]


class ItemReply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item of a batch: the status and the fields that its own request would have had."""

    status: int
    order: OrderView | None = None
    fills: list[FillView] = field(default_factory=list)
    error: Fault | None = None


class CancelReply(Struct, frozen=True):
    """An order that has been cancelled."""

    order: OrderView


class CountReply(Struct, frozen=True):
    """How many orders a mass cancel ended."""

    count: int


class Me(Struct, frozen=True, kw_only=True):
    """Who asks; null when nobody is logged in."""

    user: str | None
    role: str | None


def reply(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return `value` as JSON, with whole units as their wire numbers."""
    return Response(encode(value), status_code=status, media_type="application/json", headers=headers)


def refusal(reason: RejectReason, text: str = "", *, offset: int | None = None) -> Problem:
    """Return the problem that tells a participant the rule that was broken, with the figures that decided."""
    number, at_fault, sentence = RULES[reason]
    message = f"{sentence.removesuffix('.')} ({text})." if text else sentence
    status = 404 if reason in _NOT_FOUND else 409 if reason in _CONFLICT else 422
    return Problem(status, Fault(message=message, field=at_fault, rule=number, reason=reason.value, offset=offset))


def rejection(fact: Rejected) -> Problem:
    """Return the problem that an engine's refusal is."""
    return refusal(fact.reason, fact.text, offset=fact.offset)


def public(done: Print) -> PublicTrade:
    """Return what everybody may see of a trade."""
    trade = done.trade
    return PublicTrade(
        trade_id=trade.trade_id,
        symbol=trade.symbol,
        price=trade.price,
        qty=trade.qty,
        aggressor=trade.aggressor,
        offset=trade.offset,
        index=trade.index,
        at=trade.at,
        status=done.status,
        changed_by=done.changed_by,
        note=done.note,
    )
