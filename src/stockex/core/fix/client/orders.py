"""Requests of a client as FIX messages: an order, its cancel, its replacement, and questions about it.

Source: FIX 4.4, volume 4: NewOrderSingle (D), OrderCancelRequest (F), OrderCancelReplaceRequest (G),
OrderMassCancelRequest (q), OrderStatusRequest (H), OrderMassStatusRequest (AF), NewOrderList (E).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from stockex.core.fix.message import Fields
from stockex.core.fix.times import stamp
from stockex.messages.orders import MassCancel, NewOrder
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import euro_text

SIDES: Final = {Side.BUY: "1", Side.SELL: "2"}
"""Side (54)."""

ORD_TYPES: Final = {
    OrdType.MARKET: "1",
    OrdType.LIMIT: "2",
    OrdType.STOP: "3",
    OrdType.STOP_LIMIT: "4",
    OrdType.MARKET_TO_LIMIT: "K",
    OrdType.PEG_PRIMARY: "P",
    OrdType.PEG_MID: "P",
    OrdType.TRAILING_STOP: "P",
    OrdType.TRAILING_STOP_LIMIT: "P",
}
"""OrdType (40)."""

PEGS: Final = {
    OrdType.PEG_PRIMARY: "R",
    OrdType.PEG_MID: "M",
    OrdType.TRAILING_STOP: "a",
    OrdType.TRAILING_STOP_LIMIT: "a",
}
"""ExecInst (18) of what is pegged: to the best price of its side, to the middle, or a stop to the last price."""

TIMES: Final = {
    TimeInForce.DAY: "0",
    TimeInForce.GTC: "1",
    TimeInForce.AT_OPEN: "2",
    TimeInForce.IOC: "3",
    TimeInForce.FOK: "4",
    TimeInForce.GTD: "6",
    TimeInForce.GTT: "6",
    TimeInForce.AT_CLOSE: "7",
    TimeInForce.GFA: "5",
}
"""TimeInForce (59)."""

_POST_ONLY: Final = "6"
_ENDS_WITH_SESSION: Final = "Q"
_ALL, _OF_SYMBOL = "7", "1"


Terms = Mapping[int, str]
"""What an order asks for, by tag."""


class Request(NamedTuple):
    """A message to be sent: its type and its body."""

    msg_type: str
    body: Fields


def new_order_single(order: NewOrder, *, at: int) -> Request:
    """Return 35=D for `order`, entered at `at`. Its account is the session's, and not told."""
    return Request("D", {**_order(order), 21: "1", 60: stamp(at)})


def cancel_request(order: NewOrder, *, cl_ord_id: str, at: int) -> Request:
    """Return 35=F that cancels what is open of `order`; the request is called `cl_ord_id`."""
    return cancel_of(_order(order), orig_cl_ord_id=order.cl_ord_id, cl_ord_id=cl_ord_id, at=at)


def cancel_of(terms: Terms, *, orig_cl_ord_id: str, cl_ord_id: str, at: int) -> Request:
    """Return the same by the terms of the order, as its sender or its reports told them."""
    named = {tag: terms[tag] for tag in (55, 54, 38) if tag in terms}
    return Request("F", {**named, 41: orig_cl_ord_id, 11: cl_ord_id, 60: stamp(at)})


def replace_request(order: NewOrder, *, orig_cl_ord_id: str, at: int) -> Request:
    """Return 35=G that makes the open order `orig_cl_ord_id` what `order` says, under its new ClOrdID."""
    return replacement_of(_order(order), orig_cl_ord_id=orig_cl_ord_id, cl_ord_id=order.cl_ord_id, at=at)


def replacement_of(terms: Terms, *, orig_cl_ord_id: str, cl_ord_id: str, at: int) -> Request:
    """Return the same by the terms that the order shall have, all of them."""
    return Request("G", {**terms, 41: orig_cl_ord_id, 11: cl_ord_id, 21: "1", 60: stamp(at)})


def mass_cancel_request(which: MassCancel, *, cl_ord_id: str, at: int) -> Request:
    """Return 35=q that cancels all open orders, those of a symbol, those of a side, or both."""
    body = {11: cl_ord_id, 530: _ALL if which.symbol is None else _OF_SYMBOL, 60: stamp(at)}
    if which.symbol is not None:
        body[55] = which.symbol
    if which.side is not None:
        body[54] = SIDES[which.side]
    return Request("q", body)


def status_request(order: NewOrder) -> Request:
    """Return 35=H that asks for the state of `order`."""
    return status_of(_order(order), cl_ord_id=order.cl_ord_id)


def status_of(terms: Terms, *, cl_ord_id: str) -> Request:
    """Return the same by the terms of the order."""
    return Request("H", {**{tag: terms[tag] for tag in (55, 54) if tag in terms}, 11: cl_ord_id})


def mass_status_request(request_id: str) -> Request:
    """Return 35=AF that asks for the state of all open orders."""
    return Request("AF", {584: request_id, 585: "7"})


def order_list(legs: Sequence[NewOrder], *, list_id: str, at: int) -> Request:
    """Return 35=E with orders that are tied to each other: one cancels the other."""
    entries = tuple(
        _in_order({**_order(leg), 67: str(number), 60: stamp(at)}) for number, leg in enumerate(legs, start=1)
    )
    return Request("E", {66: list_id, 394: "3", 433: "1", 69: "OCO", 68: str(len(legs)), 73: entries})


_ENTRY: Final = (11, 67, 18, 110, 111, 55, 54, 60, 38, 40, 44, 99, 59, 432, 126, 211)
"""The order of an entry's fields, as component ListOrdGrp has it."""


def _in_order(entry: dict[int, str]) -> dict[int, str]:
    """Return an entry of a group with its fields in the order of the standard, where they must stand in it."""
    return {tag: entry[tag] for tag in sorted(entry, key=_ENTRY.index)}


def _order(order: NewOrder) -> dict[int, str]:
    """Return what D, G and the entries of E say of an order."""
    body = {11: order.cl_ord_id, 55: order.symbol, 54: SIDES[order.side], 38: str(order.qty)}
    body |= {40: ORD_TYPES[order.ord_type], 59: TIMES[order.tif]}
    body |= {tag: euro_text(price) for tag, price in _prices(order) if price is not None}
    if instructions := " ".join(_instructions(order)):
        body[18] = instructions
    if order.expire_at is not None:
        body[126] = stamp(order.expire_at)
    least = order.min_exec if order.hidden else order.min_qty
    if least is not None:
        body[110] = str(least)
    if order.display is not None or order.hidden:
        body[111] = "0" if order.hidden else str(order.display)
    return body


def _prices(order: NewOrder) -> Iterator[tuple[int, int | None]]:
    yield 44, order.limit
    yield 99, order.stop
    yield 211, order.peg_offset if order.trail is None else order.trail


def _instructions(order: NewOrder) -> Iterator[str]:
    if order.ord_type in PEGS:
        yield PEGS[order.ord_type]
    if order.post_only:
        yield _POST_ONLY
    if order.cancel_on_disconnect:
        yield _ENDS_WITH_SESSION
