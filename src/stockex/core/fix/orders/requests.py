"""What a session may send: by MsgType, what becomes of a message.

A part of the application takes one type of message: it returns the commands that it stands for, and what can be
answered at once. Other parts (market data, trade capture) join by their own table.

Source: FIX 4.4, volume 4; BusinessMessageReject (j): volume 2.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct

from stockex.core.fix.message import Message, head
from stockex.core.fix.orders import entry, reasons
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.entry import Party, Unfit
from stockex.core.fix.orders.reports import (
    CANCEL_REQUEST,
    NOBODY,
    REPLACE_REQUEST,
    STATUS,
    Report,
    cancel_reject,
)
from stockex.core.fix.orders.terms import SIDES
from stockex.core.fix.orders.ticket import PENDING_NEW, REJECTED, Terms, Ticket
from stockex.core.fix.times import stamp
from stockex.messages.gateways.fix import Capture
from stockex.messages.orders import AnyCommand, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import Side

NO_SYMBOL: Final = "[N/A]"
"""Symbol (55) where there is none."""

OTHER: Final = "0"
UNSUPPORTED_TYPE: Final = "3"
NOT_AVAILABLE: Final = "4"
CONDITIONAL: Final = "5"
NOT_AUTHORIZED: Final = "6"
"""BusinessRejectReason (380)."""

IGNORED: Final = frozenset("jQ")
"""Messages of the application that need no answer: a BusinessMessageReject, and DontKnowTrade."""

_ENTRY: Final = frozenset("DEFGKMq")
"""What only a session that may enter orders may send."""

LOOKED_AT: Final = 1_000
"""How many orders or trades are looked at in one piece."""

_OF_SECURITY, _ALL_ORDERS = "1", "7"

_ECHOED: Final = (1, 11, 18, 38, 40, 44, 54, 55, 59, 66, 99)
"""What goes back of an order that is no command."""


class Taken(Struct, frozen=True):
    """What became of a message.

    Attributes:
        commands: To be appended, in this order.
        answers: To be sent at once, in this order.
        lists: The client ids of new lists, by ListID.
        captures: Subscriptions to trades that begin or end.
        more: An answer that may be long: its reports, and None whenever `LOOKED_AT` things were looked at for the next.
    """

    commands: Sequence[AnyCommand] = ()
    answers: Sequence[Report] = ()
    lists: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    captures: Sequence[Capture] = ()
    more: Iterator[Report | None] | None = None


class Take(Protocol):
    """Takes messages of one type."""

    def __call__(self, message: Message, desk: Desk, *, at: int) -> Taken:
        """Return what becomes of a message that arrived at `at`."""


def taken(message: Message, desk: Desk, *, at: int, takes: Mapping[str, Take]) -> Taken:
    """Return what becomes of a message that a session has sent, by the table of what is taken here."""
    if message.msg_type in IGNORED:
        return Taken()
    take = takes.get(message.msg_type)
    if take is None:
        return Taken(answers=[refusal(message, UNSUPPORTED_TYPE, text="Unsupported Message Type")])
    if message.msg_type in _ENTRY and not desk.may_enter:
        return Taken(answers=[refusal(message, NOT_AUTHORIZED, text="this session enters no orders")])
    return take(message, desk, at=at)


def refusal(message: Message, reason: str, *, text: str) -> Report:
    """Return the BusinessMessageReject of a message."""
    refused = {45: head(message, 34), 58: text, 372: message.msg_type, 380: reason}
    named = message.text(11)
    return Report("j", {**refused, 379: named} if named else refused)


def too_many(message: Message) -> Report:
    """Return the BusinessMessageReject of a message for whose answer there is no room."""
    return refusal(message, NOT_AVAILABLE, text="too many requests wait for their answer")


def take_order(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take a NewOrderSingle. One that is sent again on purpose (97=Y) and is known is answered with its status."""
    cl_ord_id = message.text(11)
    if head(message, 97) == "Y" and desk.has_used(cl_ord_id):
        return Taken(answers=[_status(message, desk, cl_ord_id=cl_ord_id, at=at)])
    try:
        command = entry.new_order(message, desk.party, at=at)
    except Unfit as unfit:
        return Taken(answers=[unfit_order(message, unfit, party=desk.party, at=at)])
    if desk.is_full():
        full = Unfit(reasons.EXCEEDS_LIMIT, f"this session has at most {desk.party.most_open} open orders")
        return Taken(answers=[unfit_order(message, full, party=desk.party, at=at)])
    return _sent(desk, command)


def take_cancel(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take an OrderCancelRequest."""
    return _take_request(message, desk, at=at)


def take_replacement(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take an OrderCancelReplaceRequest."""
    return _take_request(message, desk, at=at)


def _take_request(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take a request about an order of this session; what the engine need not be asked is answered at once."""
    is_cancel = message.msg_type == "F"
    orig, cl_ord_id = message.text(41), message.text(11)
    ticket, terms = desk.ticket(orig), desk.terms(orig)

    def refused(reason: int, text: str) -> Taken:
        named = {1: desk.party.account, 11: cl_ord_id, 41: orig, 60: stamp(at)}
        response_to = CANCEL_REQUEST if is_cancel else REPLACE_REQUEST
        return Taken(answers=[cancel_reject(named, ticket, response_to=response_to, reason=reason, text=text)])

    if desk.has_used(cl_ord_id):
        if head(message, 97) == "Y":
            return Taken(answers=[_status(message, desk, cl_ord_id=orig, at=at)])
        return refused(reasons.DUPLICATE_ID, "ClOrdID (11) was used before")
    if terms is None:
        return refused(reasons.UNKNOWN_ORDER, "no such order of this session")
    if ticket is not None and not ticket.is_open:
        return refused(reasons.TOO_LATE, "the order has ended")
    try:
        if is_cancel:
            return _sent(desk, entry.cancellation(message, desk.party, terms=terms))
        busted = 0 if ticket is None else ticket.busted
        return _sent(desk, entry.replacement(message, desk.party, terms=terms, busted=busted, at=at))
    except Unfit as unfit:
        return refused(reasons.EXCHANGE_OPTION, unfit.text)


def take_mass_cancel(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take an OrderMassCancelRequest."""
    kind, named = message.text(530), {11: message.text(11), 37: NOBODY, 60: stamp(at)}
    told = {**named, 530: kind, 531: "0"}
    if desk.has_used(message.text(11)):
        return Taken(answers=[Report("r", {**told, 532: "99", 58: "ClOrdID (11) was used before"})])
    try:
        return _sent(desk, entry.mass_cancellation(message, desk.party))
    except Unfit as unfit:
        return Taken(answers=[Report("r", {**told, 532: str(unfit.reason), 58: unfit.text})])


def take_status(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take an OrderStatusRequest: about an order by its client id, or by OrderID (37)."""
    return Taken(answers=[_status(message, desk, cl_ord_id=message.text(11), at=at)])


def take_mass_status(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take an OrderMassStatusRequest: about the open orders of a security (1), or about all (7)."""
    kind = message.text(585)
    if kind not in {_OF_SECURITY, _ALL_ORDERS}:
        return Taken(answers=[refusal(message, OTHER, text=f"MassStatusReqType (585) {kind}")])
    if kind == _OF_SECURITY and not message.text(55):
        return Taken(answers=[refusal(message, CONDITIONAL, text="Conditionally Required Field Missing: Symbol (55)")])
    side = SIDES.get(message.text(54))
    return Taken(more=_states(message, desk, side=side, at=at))


def _states(message: Message, desk: Desk, *, side: Side | None, at: int) -> Iterator[Report | None]:
    """Yield where the open orders stand that a request asks for, each as it stands when it is told."""
    found, symbol, asked = [], message.text(55), {584: message.text(584)}
    is_of_all = message.text(585) == _ALL_ORDERS
    for place, ticket in enumerate(desk.tickets(), 1):
        terms = ticket.terms
        if ticket.is_open and (is_of_all or terms.symbol == symbol) and side in {None, terms.side}:
            found.append(ticket)
        if place % LOOKED_AT == 0:
            yield None
    if not found:
        yield Report("8", {**_unknown(symbol, side or Side.BUY, at=at), **asked, 911: "0", 912: "Y"})
    count = str(len(found))
    for place, ticket in enumerate(found, 1):
        last = "Y" if place == len(found) else "N"
        yield Report("8", {**_state(ticket, at=at), **asked, 911: count, 912: last})


TAKES: Final[Mapping[str, Take]] = {
    "D": take_order,
    "F": take_cancel,
    "G": take_replacement,
    "q": take_mass_cancel,
    "H": take_status,
    "AF": take_mass_status,
}
"""What a session for orders may send."""


def _sent(desk: Desk, *commands: AnyCommand) -> Taken:
    for command in commands:
        desk.ask(command)
    return Taken(commands=commands)


def unfit_order(message: Message, unfit: Unfit, *, party: Party, at: int) -> Report:
    """Refuse an order that is no command (8 with 150=8): what it asked for goes back as it came."""
    echoed = {tag: message.text(tag) for tag in _ECHOED if tag in message.body}
    own_id = f"U-{at}-{head(message, 34)}.{message.text(67) or 1}"
    figures = {6: "0", 14: "0", 17: own_id, 37: NOBODY, 39: REJECTED, 60: stamp(at), 150: REJECTED, 151: "0"}
    return Report("8", {1: party.account, **echoed, **figures, 58: unfit.text, 103: str(unfit.reason)})


def _status(message: Message, desk: Desk, *, cl_ord_id: str, at: int) -> Report:
    """Tell where an order stands (150=I), also one that is on its way or of which nothing is known."""
    ticket = desk.ticket_of(message.text(37)) or desk.ticket(cl_ord_id)
    asked = {790: message.text(790)} if message.text(790) else {}
    if ticket is not None:
        return Report("8", {**_state(ticket, at=at), **asked})
    order = desk.on_way.get(cl_ord_id)
    while isinstance(order, ReplaceOrder):
        ticket = desk.ticket(order.orig_cl_ord_id)
        if ticket is not None:
            return Report("8", {**_state(ticket, at=at), **asked})
        order = desk.on_way.get(order.orig_cl_ord_id)
    if isinstance(order, NewOrder):
        figures = {6: "0", 11: order.cl_ord_id, 14: "0", 37: NOBODY, 38: str(order.qty), 39: PENDING_NEW}
        told = {**Terms.of(order).fields(), **figures, 151: str(order.qty), 17: "0", 60: stamp(at), 150: STATUS}
        return Report("8", {**told, **asked})
    unknown = _unknown(message.text(55), SIDES.get(message.text(54), Side.BUY), at=at)
    return Report("8", {**unknown, 11: cl_ord_id, **asked})


def _state(ticket: Ticket, *, at: int) -> dict[int, str]:
    return {**ticket.figures(), 17: "0", 60: stamp(at), 150: STATUS}


def _unknown(symbol: str, side: Side, *, at: int) -> dict[int, str]:
    """Return the fields of a report on no order: status rejected, reason unknown order."""
    told = {6: "0", 14: "0", 17: "0", 37: NOBODY, 39: REJECTED, 54: "1" if side.is_buy else "2"}
    return {
        **told,
        55: symbol or NO_SYMBOL,
        58: "no such order of this session",
        60: stamp(at),
        103: "5",
        150: STATUS,
        151: "0",
    }
