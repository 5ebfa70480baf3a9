"""Rules about orders: what they refuse in the engine's place, and what they have the venue's own account do."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from stockex.core.fix.message import Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.reports import CANCEL_REQUEST, NOBODY, REPLACE_REQUEST, Report, cancel_reject
from stockex.core.fix.orders.ticket import Ticket
from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.rules import TRADES, Bust, Fill, Race, Reject
from stockex.core.fix.times import stamp
from stockex.messages.orders import BustTrade, NewOrder
from stockex.vocabulary.accounts import FLOW
from stockex.vocabulary.enums import TimeInForce
from stockex.vocabulary.units import Shares

SOURCE: Final = "rule"
"""The `source` of what the venue's own account does."""

_REQUESTS: Final = frozenset("DFG")
_LONGEST: Final = 40
_PENDING: Final = {"F": "6", "G": "E"}


class Judged(Struct, frozen=True):
    """What the rules make of a message.

    Attributes:
        refusal: Is sent, and the message goes no further.
        pending: Is sent before the message goes on.
        firsts: Commands of the venue's own account that come before those of the message.
    """

    refusal: Report | None = None
    pending: Report | None = None
    firsts: Sequence[NewOrder] = ()


NOTHING: Final = Judged()


def judged(message: Message, desk: Desk, *, chooser: Chooser, at: int) -> Judged:
    """Return what the rules make of an order or a request that has come."""
    if message.msg_type not in _REQUESTS:
        return NOTHING
    for rule, _ in chooser.chosen("in", message.msg_type, values=message.text, acts=(Reject, Race)):
        ticket = desk.ticket(message.text(41))
        match rule.act:
            case Reject():
                return Judged(_refusal(message, desk, act=rule.act, at=at))
            case Race(percent=percent) if message.msg_type != "D" and ticket is not None and ticket.is_open:
                return _raced(message, ticket, percent=percent, at=at)
            case _:
                pass
    return NOTHING


def meeting(order: NewOrder, *, chooser: Chooser, values: Message) -> Iterator[NewOrder]:
    """Yield the orders that meet one that has come."""
    if order.limit is None:
        return
    for rule, _ in chooser.chosen("in", "D", values=values.text, acts=(Fill,)):
        if isinstance(rule.act, Fill):
            whole = order.qty * rule.act.percent // 100
            for part in range(rule.act.parts):
                qty = whole * (part + 1) // rule.act.parts - whole * part // rule.act.parts
                if qty:
                    yield _met(order.cl_ord_id, order, qty=qty, part=part)


def busted(report: Report, *, chooser: Chooser | None) -> BustTrade | None:
    """Return the command that busts the trade of a report, None if no rule wants it."""
    told = Message("8", {}, report.body)
    if chooser is None or report.msg_type != "8" or told.text(150) != "F":
        return None
    for rule, _ in chooser.chosen("out", "8", values=told.text, acts=TRADES):
        if isinstance(rule.act, Bust):
            return BustTrade(trade_id=told.text(527), text=rule.act.text, by=SOURCE, source=SOURCE)
    return None


def _met(name: str, order: NewOrder | Ticket, *, qty: int, part: int) -> NewOrder:
    """Return an order of the venue's own account that would fill `qty` of an order at its limit."""
    terms = order.terms if isinstance(order, Ticket) else order
    return NewOrder(
        account=FLOW,
        source=SOURCE,
        cl_ord_id=f"RULE-{name[:_LONGEST]}-{part}",
        symbol=terms.symbol,
        side=terms.side.opposite,
        qty=Shares(qty),
        limit=terms.limit,
        tif=TimeInForce.IOC,
    )


def _raced(message: Message, ticket: Ticket, *, percent: int, at: int) -> Judged:
    status = _PENDING[message.msg_type]
    told = {11: message.text(11), 41: message.text(41), 39: status, 150: status, 60: stamp(at)}
    pending = Report("8", {**ticket.figures(), **told, 17: f"RULE-{message.text(11)}"})
    qty = ticket.leaves * percent // 100
    firsts = [_met(message.text(11), ticket, qty=qty, part=0)] if qty and ticket.terms.limit is not None else []
    return Judged(pending=pending, firsts=firsts)


def _refusal(message: Message, desk: Desk, *, act: Reject, at: int) -> Report:
    cl_ord_id = message.text(11)
    if message.msg_type != "D":
        named = {1: desk.party.account, 11: cl_ord_id, 41: message.text(41), 60: stamp(at)}
        response_to = CANCEL_REQUEST if message.msg_type == "F" else REPLACE_REQUEST
        ticket = desk.ticket(message.text(41))
        return cancel_reject(named, ticket, response_to=response_to, reason=act.reason, text=act.text)
    desk.use(cl_ord_id)
    told = {tag: message.text(tag) for tag in (38, 40, 44, 54, 55, 59) if message.text(tag)}
    figures = {1: desk.party.account, 6: "0", 14: "0", 37: NOBODY, 39: "8", 150: "8", 151: "0"}
    own = {11: cl_ord_id, 17: f"RULE-{cl_ord_id}", 58: act.text, 60: stamp(at), 103: str(act.reason)}
    return Report("8", {**told, **figures, **own})
