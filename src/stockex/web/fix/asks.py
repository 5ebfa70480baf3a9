"""What a visitor asks to be sent, as JSON, and the messages that it makes."""

import re
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from stockex.core.fix.client import orders
from stockex.core.fix.client.blotter import OrderLine
from stockex.core.fix.client.orders import Request
from stockex.core.fix.framing import SOH
from stockex.messages.codec import encode, wire_error
from stockex.messages.orders import MassCancel, Name, NewOrder, Text
from stockex.vocabulary.enums import Side
from stockex.web.fix.desk import Desk
from stockex.web.forms import Fields, command_of, unfit
from stockex.web.replies import Fault, Problem

_PAIR: Final = re.compile(r"([1-9][0-9]{0,8})=([^\x01]+)")


class Ask(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """Anything that a visitor may ask for. `extra` are more fields, as `58=hello|1=A`: they replace those of before."""

    extra: str = ""


class New(Ask, frozen=True, kw_only=True, tag="new"):
    """Send one order, or two of which one cancels the other. Each has the fields of `POST /api/v1/orders`."""

    orders: list[dict[str, Raw]]


class Cancel(Ask, frozen=True, kw_only=True, tag="cancel"):
    """Cancel an order, named by the ClOrdID that it was entered with."""

    key: str


class Replace(Ask, frozen=True, kw_only=True, tag="replace"):
    """Give an order other terms, by tag: 38, 44, 99, 110, 126, 211, 432."""

    key: str
    terms: dict[str, str]


class MassCancels(Ask, frozen=True, kw_only=True, tag="mass_cancel"):
    """Cancel all open orders, of a symbol, of a side."""

    symbol: Name | None = None
    side: Side | None = None


class Status(Ask, frozen=True, kw_only=True, tag="status"):
    """Ask for the state of an order; of all open ones without a key."""

    key: str | None = None


class OfSession(Ask, frozen=True, kw_only=True, tag="session"):
    """Send a message of the session: 0, 1, 2, 3, 4 or 5, with these fields."""

    msg_type: str
    text: str = ""


class Typed(Ask, frozen=True, kw_only=True, tag="raw"):
    """Send a body as it was typed, fields separated by `|` or SOH. With `is_whole` it is all of the bytes."""

    msg_type: str = ""
    text: str
    is_whole: bool = False


AnyAsk = New | Cancel | Replace | MassCancels | Status | OfSession | Typed


_ASKS: "Final[msgspec.json.Decoder[AnyAsk]]" = msgspec.json.Decoder(AnyAsk)


class Form(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to connect to, and as whom."""

    host: Text = "127.0.0.1"
    port: int = field(default=5001)
    tls: bool = False
    sender: Name
    target: Name
    username: Text = ""
    password: Text = ""
    heartbeat_s: int = 30
    resets: bool = True


def ask_of(fields: Fields) -> AnyAsk:
    """Return what a visitor asks for. Raises: Problem 422."""
    try:
        return _ASKS.decode(encode(fields))
    except msgspec.MsgspecError as error:
        raise unfit(wire_error(error)) from error


def request_of(ask: AnyAsk, desk: Desk, *, at: int) -> Request | None:
    """Return the message of an application that is asked for, None for one that is typed. Raises: Problem 404, 422."""
    request = _request(ask, desk, at=at)
    if request is None or not ask.extra:
        return request
    return Request(request.msg_type, {**request.body, **_extra(ask.extra)})


def typed(text: str) -> str:
    """Return a typed body as it is sent: each field with its SOH."""
    plain = text.strip().replace("|", SOH).replace("\n", SOH).replace("\r", "")
    return plain if not plain or plain.endswith(SOH) else plain + SOH


def _request(ask: AnyAsk, desk: Desk, *, at: int) -> Request | None:
    match ask:
        case New():
            legs = [_order(fields, desk) for fields in ask.orders]
            if len(legs) == 1:
                return orders.new_order_single(legs[0], at=at)
            return orders.order_list(legs, list_id=desk.next_id(), at=at)
        case Cancel():
            line = _line(desk, ask.key)
            return orders.cancel_of(line.terms, orig_cl_ord_id=line.cl_ord_id, cl_ord_id=desk.next_id(), at=at)
        case Replace():
            line = _line(desk, ask.key)
            terms = {**line.terms, **_tags(ask.terms)}
            return orders.replacement_of(terms, orig_cl_ord_id=line.cl_ord_id, cl_ord_id=desk.next_id(), at=at)
        case MassCancels():
            which = MassCancel(account="-", symbol=ask.symbol, side=ask.side)
            return orders.mass_cancel_request(which, cl_ord_id=desk.next_id(), at=at)
        case Status(key=None):
            return orders.mass_status_request(desk.next_id())
        case Status(key=str() as key):
            line = _line(desk, key)
            return orders.status_of(line.terms, cl_ord_id=line.cl_ord_id)
        case _:
            return None


def _order(fields: Fields, desk: Desk) -> NewOrder:
    named = fields if "cl_ord_id" in fields else {**fields, "cl_ord_id": Raw(encode(desk.next_id()))}
    return command_of(NewOrder, named, filled={"account": desk.initiator.settings.sender}, is_bounded=False)


def _line(desk: Desk, key: str) -> OrderLine:
    line = desk.line(key)
    if line is None:
        raise Problem(404, Fault(message="There is no such order in your blotter.", field="key"))
    return line


def _tags(terms: dict[str, str]) -> dict[int, str]:
    """Return terms by tag. Raises: Problem 422."""
    if not all(_PAIR.fullmatch(f"{tag}={value}") for tag, value in terms.items()):
        raise Problem(422, Fault(message="Terms are tags with values.", field="terms"))
    return {int(tag): value for tag, value in terms.items()}


def _extra(text: str) -> dict[int, str]:
    """Return the further fields of a message. Raises: Problem 422."""
    found: dict[str, str] = {}
    for part in typed(text).strip(SOH).split(SOH):
        pair = _PAIR.fullmatch(part.strip())
        if pair is None:
            raise Problem(422, Fault(message=f"“{part}” is no field: write 58=hello|1=A.", field="extra"))
        found[pair[1]] = pair[2]
    return _tags(found)
