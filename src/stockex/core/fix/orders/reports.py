"""Reports: facts about a session's orders as ExecutionReport (8), OrderCancelReject (9), OrderMassCancelReport (r).

Each fact gives at most one report, but a trade within the session, which gives one to each side.

Source: FIX 4.4, volume 4; order state changes for exchanges, which know no pending states.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from stockex.core.fix.message import Fields
from stockex.core.fix.orders import reasons
from stockex.core.fix.orders.terms import decimal_text
from stockex.core.fix.orders.ticket import CANCELED, EXPIRED, FILLED, REJECTED, Terms, Ticket
from stockex.core.fix.times import stamp
from stockex.messages.executions import (
    Cancelled,
    Expired,
    Fact,
    Fill,
    MassCancelled,
    Party,
    Priced,
    Reduced,
    Rejected,
    Replaced,
    Repriced,
    StopMoved,
    TradeBusted,
    TradeCorrected,
    Traded,
    Triggered,
)
from stockex.messages.orders import AnyCommand, CancelOrder, MassCancel, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, Side

NOBODY: Final = "NONE"
"""OrderID (37) where there is no order."""

STATUS: Final = "I"
"""ExecType (150) of a report that tells where an order stands."""

CANCEL_REQUEST: Final = "1"
REPLACE_REQUEST: Final = "2"
"""CxlRejResponseTo (434)."""

_REPRICED: Final = "3"
_DECLINED: Final = "5"
_MARKET_OPTION: Final = "8"


NOWHERE: Final[Fields] = MappingProxyType({})
"""No fields of a header: the message is for the session itself."""


class Report(NamedTuple):
    """A message of the application to be sent: MsgType, body, and what of its header routes it."""

    msg_type: str
    body: Fields
    header: Fields = NOWHERE


def exec_id(fact: Fact) -> str:
    """Return the ExecID (17) of a fact that concerns one order: no two facts have the same."""
    return f"{fact.offset}-{fact.index}"


def executed(ticket: Ticket, fact: Fact, *, exec_type: str, **more: str | None) -> Report:
    """Return the report of what happened to an order, as it stands after it. `more`: tags as `t19`, None for none."""
    told = {int(tag[1:]): value for tag, value in more.items() if value is not None}
    return Report("8", {**ticket.figures(), 17: exec_id(fact), 60: stamp(fact.at), 150: exec_type, **told})


def accepted(ticket: Ticket, fact: Fact) -> Report:
    """Tell that the engine has taken an order."""
    told = ticket.figures()
    told[17], told[60], told[150] = exec_id(fact), stamp(fact.at), "0"
    return Report("8", told)


def traded(ticket: Ticket, fact: Traded, *, leaves: int, side: Side) -> Report:
    """Tell a fill: LastQty (32) at LastPx (31); SecondaryExecID (527) is the trade's id."""
    ticket.fill(fact.trade_id, price=fact.price, qty=fact.qty, leaves=leaves)
    return Report(
        "8",
        {
            **ticket.figures(),
            17: fill_id(fact.trade_id, side),
            31: decimal_text(fact.price),
            32: str(fact.qty),
            60: stamp(fact.at),
            150: "F",
            527: fact.trade_id,
        },
    )


def fill_id(trade_id: str, side: Side) -> str:
    """Return the ExecID (17) of one side of a trade."""
    return f"{trade_id}-{side.value[0]}"


def undone(ticket: Ticket, fact: TradeBusted | TradeCorrected, *, side: Side) -> Report | None:
    """Tell that a fill was busted (150=H) or corrected (G); None for one of which nothing is known any more."""
    if fact.trade_id not in ticket.fills:
        return None
    is_busted = isinstance(fact, TradeBusted)
    ticket.undo(fact.trade_id, price=fact.price, qty=0 if is_busted else fact.qty)
    told = {19: fill_id(fact.trade_id, side), 31: decimal_text(fact.price), 32: str(fact.qty), 527: fact.trade_id}
    if fact.text:
        told[58] = fact.text
    own_id = f"{exec_id(fact)}-{side.value[0]}"
    exec_type = "H" if is_busted else "G"
    return Report("8", {**ticket.figures(), 17: own_id, 60: stamp(fact.at), 150: exec_type, **told})


def cancelled(ticket: Ticket, fact: Cancelled, *, request: AnyCommand | None) -> Report:
    """Tell an end by cancel: asked for, with the request's ClOrdID (11); by the market, with why.

    A replacement to less than what was filled leaves a filled order. What was for an auction that is over expires.
    """
    old_id = ticket.cl_ord_id
    if fact.reason is CancelReason.REPLACED_BELOW_FILLED and isinstance(request, ReplaceOrder):
        ticket.qty = ticket.cum
        ticket.end(FILLED if ticket.cum else CANCELED)
        return executed(ticket, fact, exec_type="5", t11=request.cl_ord_id, t41=old_id)
    if isinstance(request, CancelOrder) and fact.reason is CancelReason.BY_OWNER:
        ticket.end(CANCELED)
        orig = old_id if request.cl_ord_id else None
        return executed(ticket, fact, exec_type=CANCELED, t11=request.cl_ord_id, t41=orig)
    status = EXPIRED if fact.reason is CancelReason.CALL_ENDED else CANCELED
    ticket.end(status)
    restated = reasons.UNSOLICITED.get(fact.reason)
    return executed(
        ticket, fact, exec_type=status, t58=fact.reason.value, t378=None if restated is None else str(restated)
    )


def expired(ticket: Ticket, fact: Expired) -> Report:
    """Tell an end by time."""
    ticket.end(EXPIRED)
    return executed(ticket, fact, exec_type=EXPIRED)


def replaced(ticket: Ticket, fact: Replaced, *, request: AnyCommand | None) -> Report:
    """Tell new terms: asked for here (150=5), or elsewhere by the same account (150=D)."""
    ticket.replace(fact)
    is_ours = isinstance(request, ReplaceOrder)
    orig = fact.orig_cl_ord_id if is_ours or fact.orig_cl_ord_id != fact.cl_ord_id else None
    return executed(ticket, fact, exec_type="5" if is_ours else "D", t41=orig, t378=None if is_ours else _MARKET_OPTION)


def reduced(ticket: Ticket, fact: Reduced) -> Report:
    """Tell that self-trade prevention took something off an order that stays open."""
    ticket.qty -= fact.qty
    ticket.leaves = fact.leaves
    return executed(ticket, fact, exec_type="D", t378=_DECLINED, t58=fact.reason.value)


def turned(ticket: Ticket, fact: Triggered | Priced | Repriced | StopMoved) -> Report:
    """Tell that a stop was reached or has moved, that an order has a limit now, or where a peg stands (839)."""
    terms = ticket.terms
    match fact:
        case Triggered():
            terms.ord_type = terms.ord_type.when_reached
            return executed(
                ticket, fact, exec_type="D", t378=_MARKET_OPTION, t58=f"stop reached at {decimal_text(fact.last)}"
            )
        case Priced():
            terms.ord_type, terms.limit = terms.ord_type.LIMIT, fact.limit
            return executed(ticket, fact, exec_type="D", t378=_REPRICED)
        case StopMoved():
            terms.stop = fact.stop
            return executed(ticket, fact, exec_type="D", t378=_REPRICED)
        case Repriced():
            at = None if fact.limit is None else decimal_text(fact.limit)
            return executed(ticket, fact, exec_type="D", t378=_REPRICED, t839=at)


def refused_order(fact: Rejected, order: NewOrder, *, standing: Ticket | None, list_id: str) -> Report:
    """Tell that an order was refused. One whose ClOrdID is taken tells the quantities of the order that has it."""
    body: dict[int, str] = {37: NOBODY, **Terms.of(order).fields(), 6: "0", 14: "0", 38: str(order.qty), 151: "0"}
    body |= {11: order.cl_ord_id, 39: REJECTED}
    if standing is not None:
        body |= standing.figures()
    if list_id:
        body[66] = list_id
    body |= {17: exec_id(fact), 60: stamp(fact.at), 150: REJECTED}
    return Report(
        "8",
        {**body, 58: reasons.text_of(fact.reason, fact.text), 103: str(reasons.ord_rej_reason(fact.reason))},
    )


def refused_request(fact: Rejected, request: CancelOrder | ReplaceOrder, *, ticket: Ticket | None) -> Report:
    """Tell that a cancel or a replacement was refused (9)."""
    has_ended = ticket is not None and not ticket.is_open
    return cancel_reject(
        {11: request.cl_ord_id or "", 41: request.orig_cl_ord_id, 1: request.account, 60: stamp(fact.at)},
        ticket,
        response_to=CANCEL_REQUEST if isinstance(request, CancelOrder) else REPLACE_REQUEST,
        reason=reasons.cxl_rej_reason(fact.reason, has_ended=has_ended),
        text=reasons.text_of(fact.reason, fact.text),
    )


def cancel_reject(
    named: Mapping[int, str], ticket: Ticket | None, *, response_to: str, reason: int, text: str
) -> Report:
    """Return an OrderCancelReject; an order that is not known is told as rejected, with OrderID NONE."""
    known = {37: NOBODY, 39: REJECTED} if ticket is None else {37: str(ticket.order_id), 39: ticket.status}
    return Report("9", {**named, **known, 58: text, 102: str(reason), 434: response_to})


def mass_cancelled(fact: MassCancelled, request: MassCancel) -> Report:
    """Tell that a mass cancel was obeyed, after the report of each order."""
    kind = "7" if request.symbol is None else "1"
    return Report("r", {**_asked(request, fact), 530: kind, 531: kind, 533: str(fact.count)})


def refused_mass_cancel(fact: Rejected, request: MassCancel) -> Report:
    """Tell that a mass cancel was refused; the one reason that the engine has is a security that is not known."""
    told = {530: "7" if request.symbol is None else "1", 531: "0", 532: "1" if request.symbol else "99"}
    return Report("r", {**_asked(request, fact), **told, 58: reasons.text_of(fact.reason, fact.text)})


def _asked(request: MassCancel, fact: Fact) -> dict[int, str]:
    asked = {11: request.cl_ord_id or "", 37: exec_id(fact), 60: stamp(fact.at)}
    if request.symbol is not None:
        asked[55] = request.symbol
    if request.side is not None:
        asked[54] = "1" if request.side.is_buy else "2"
    return asked


def sides_of(fact: Traded | TradeBusted | TradeCorrected) -> Iterator[tuple[Side, Fill | Party]]:
    """Yield both sides of a trade."""
    yield Side.BUY, fact.buy
    yield Side.SELL, fact.sell
