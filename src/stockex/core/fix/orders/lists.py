"""Lists of orders: NewOrderList (E), what is asked about one (M), and its cancel (K).

Two orders that name the same ClOrdLinkID (583), or the two of a list whose ListExecInst (69) is OCO, are a pair: one
cancels the other (OTY-20). All others stand for themselves.

Source: FIX 4.4, volume 4, "List trading".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders import entry, reasons
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.entry import Unfit
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import TAKES, Take, Taken, unfit_order
from stockex.core.fix.orders.ticket import CANCELED, EXPIRED, FILLED, PENDING_NEW, REJECTED
from stockex.core.fix.times import stamp
from stockex.messages.orders import CancelOrder, NewOrder

MOST_ORDERS: Final = 100
"""How many orders a list may have."""

_OCO: Final = "OCO"
_ACK, _RESPONSE = "1", "2"
_RECEIVED, _EXECUTING, _CANCELING, _ALL_DONE, _REJECTED = "2", "3", "4", "6", "7"
_DONE: Final = frozenset({FILLED, CANCELED, REJECTED, EXPIRED})


def take_list(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take a NewOrderList, whole or not at all; the engine then judges each order by itself."""
    list_id, entries = message.text(66), message.group(73)
    orders = [Message("D", message.header, {60: stamp(at), 66: list_id, **each}) for each in entries]
    try:
        commands = _paired(_commands(message, desk, orders=orders, at=at), entries, is_pair=message.text(69) == _OCO)
    except Unfit as unfit:
        refused = [unfit_order(order, unfit, party=desk.party, at=at) for order in orders]
        status = _status(list_id, {order.text(11): {39: REJECTED} for order in orders}, kind=_ACK, state=_REJECTED)
        return Taken(answers=[Report("N", {**status, 444: unfit.text}), *refused])
    for command in commands:
        desk.ask(command)
    ids = tuple(command.cl_ord_id for command in commands)
    desk.enlist(list_id, ids)
    status = _status(list_id, {cl_ord_id: _order_status(desk, cl_ord_id) for cl_ord_id in ids}, kind=_ACK)
    return Taken(commands=commands, answers=[Report("N", status)], lists={list_id: ids})


def take_list_status(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take a ListStatusRequest; of a list that is not known there are no orders."""
    del at
    found = _orders(message, desk)
    is_done = all(order[39] in _DONE for order in found.values())
    state = _REJECTED if not found else _ALL_DONE if is_done else _EXECUTING
    return Taken(answers=[Report("N", _status(message.text(66), found, kind=_RESPONSE, state=state))])


def take_list_cancel(message: Message, desk: Desk, *, at: int) -> Taken:
    """Take a ListCancelRequest: cancel what is open of a list. Each order is told by itself."""
    found = [ticket for each in desk.lists.get(message.text(66), ()) if (ticket := desk.ticket(each)) is not None]
    commands = [
        CancelOrder(
            account=desk.party.account,
            source=desk.party.source,
            orig_cl_ord_id=ticket.cl_ord_id,
            symbol=ticket.terms.symbol,
        )
        for ticket in found
        if ticket.is_open
    ]
    if not commands:
        return take_list_status(message, desk, at=at)
    told = _status(message.text(66), _orders(message, desk), kind=_RESPONSE, state=_CANCELING)
    return Taken(commands=commands, answers=[Report("N", told)])


LIST_TAKES: Final[Mapping[str, Take]] = {**TAKES, "E": take_list, "M": take_list_status, "K": take_list_cancel}
"""What a session for orders may send, lists included."""


def _commands(message: Message, desk: Desk, *, orders: Sequence[Message], at: int) -> list[NewOrder]:
    """Return the orders of a list as commands. Raises: Unfit."""
    if not 0 < len(orders) <= MOST_ORDERS or message.text(68) != str(len(orders)):
        raise Unfit(reasons.OTHER, f"a list has 1 to {MOST_ORDERS} orders, all in one message (68, 73)")
    ids = [order.text(11) for order in orders]
    if len(set(ids)) != len(ids) or any(map(desk.has_used, ids)) or message.text(66) in desk.lists:
        raise Unfit(reasons.DUPLICATE_ORDER, "ListID (66) or ClOrdID (11) was used before")
    if desk.is_full(len(orders)):
        raise Unfit(reasons.EXCEEDS_LIMIT, f"this session has at most {desk.party.most_open} open orders")
    return [entry.new_order(order, desk.party, at=at) for order in orders]


def _paired(commands: Sequence[NewOrder], entries: Sequence[Fields], *, is_pair: bool) -> list[NewOrder]:
    """Tie the second order of each pair to its first. Raises: Unfit: three or more are linked."""
    links = [_OCO if is_pair else str(each.get(583, "")) for each in entries]
    if any(link and count > 2 for link, count in Counter(links).items()):  # noqa: PLR2004 (a pair)
        raise Unfit(reasons.UNSUPPORTED, "of linked orders (583) there are two")
    first: dict[str, NewOrder] = {}
    tied = []
    for link, command in zip(links, commands, strict=True):
        other = first.setdefault(link, command) if link else command
        tied.append(command if other is command else replace(command, oco=other.cl_ord_id))
    return tied


def _orders(message: Message, desk: Desk) -> dict[str, dict[int, str]]:
    """Return the figures of the orders of the list that a request names."""
    return {each: _order_status(desk, each) for each in desk.lists.get(message.text(66), ())}


def _order_status(desk: Desk, cl_ord_id: str) -> dict[int, str]:
    """Return the figures of an order of a list; one of which nothing is known was refused."""
    ticket = desk.ticket(cl_ord_id)
    if ticket is not None:
        return {tag: value for tag, value in ticket.figures().items() if tag in {6, 14, 39, 151}}
    asked = desk.on_way.get(cl_ord_id)
    return {39: PENDING_NEW, 151: str(asked.qty)} if isinstance(asked, NewOrder) else {39: REJECTED}


def _status(
    list_id: str, orders: Mapping[str, Mapping[int, str]], *, kind: str, state: str = _RECEIVED
) -> dict[int, "str | tuple[Fields, ...]"]:
    """Return the body of a ListStatus (N)."""
    group = tuple(
        {
            11: cl_ord_id,
            14: order.get(14, "0"),
            39: order[39],
            151: order.get(151, "0"),
            84: "0",
            6: order.get(6, "0"),
        }
        for cl_ord_id, order in orders.items()
    )
    told: dict[int, str | tuple[Fields, ...]] = {66: list_id, 68: str(len(group)), 82: "1", 83: "1"}
    return {**told, 429: kind, 431: state, 73: group}
