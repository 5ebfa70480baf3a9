"""Forms: from a request's body to a command, by the one schema of `messages.orders`.

A client sends the fields of the command; what the shell knows better, it fills in itself and refuses to be told.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final, NoReturn, TypeVar

import msgspec
from msgspec import Raw
from starlette.requests import Request

from stockex.errors import WireError
from stockex.messages.codec import decode_command, encode, wire_error
from stockex.messages.orders import Command, NewOrder, ReplaceOrder
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Price, Shares, euro_text
from stockex.web.replies import Fault, Problem, refusal

BODY_LIMIT: Final = 64 * 1024
"""The largest body that is read, in bytes."""

SHELL_FIELDS: Final = ("account", "type", "source", "timestamp")
"""The fields of a command that a client may not send."""

CONTROL_FIELDS: Final = ("type", "source", "timestamp", "by")
"""The fields that not even the operator may send: who asks is who is logged in."""

Fields = Mapping[str, Raw]
"""A JSON object's fields by name, each still in JSON."""

C = TypeVar("C", bound=Command)
T = TypeVar("T")


async def body_of(request: Request) -> bytes:
    """Return the request's whole body. Raises: Problem 413, it is larger than 64 KiB."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Problem(413, Fault(message=f"The body is larger than {BODY_LIMIT} bytes."))
    return bytes(body)


async def fields_of(request: Request) -> Fields:
    """Return the fields of the JSON object in the body.

    Raises:
        Problem: 400, it is no JSON object; 422, a field stands in it twice; 413, it is too large.
    """
    return _decoded(await body_of(request), dict[str, Raw], what="JSON object")


async def items_of(request: Request) -> list[dict[str, Raw]]:
    """Return the fields of each object in the JSON array in the body. Raises: Problem, as `fields_of`."""
    return _decoded(await body_of(request), list[dict[str, Raw]], what="JSON array of objects")


def _decoded(body: bytes, kind: type[T], *, what: str) -> T:
    try:
        json.loads(body.decode(), object_pairs_hook=_unrepeated, parse_int=str, parse_float=str, parse_constant=_refuse)
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Problem(400, Fault(message=f"The body is no {what}: {error}.")) from error
    except RecursionError:
        raise Problem(400, Fault(message="The body is nested too deeply.")) from None


def command_of(
    kind: type[C],
    fields: Fields,
    *,
    filled: Mapping[str, object],
    barred: Collection[str] = SHELL_FIELDS,
    is_bounded: bool = True,
) -> C:
    """Return the command that a client's fields and the shell's own, `filled`, make together.

    `barred` are the fields that this client may not send; figures out of range are refused only when `is_bounded`.

    Raises:
        Problem: 422 with the field at fault: unknown, of the wrong type or range, or not the client's to send.
    """
    for name in (*barred, *filled):
        if name in fields:
            raise Problem(422, Fault(message=f"The field `{name}` is not yours to send.", field=name))
    try:
        command = decode_command(encode({"type": kind.__struct_config__.tag, **fields, **filled}))
    except WireError as error:
        raise unfit(error) from error
    except RecursionError:
        raise Problem(400, Fault(message="The body is nested too deeply.")) from None
    assert isinstance(command, kind)
    if is_bounded:
        _check_ranges(command)
    return command


async def form_of(request: Request, kind: type[T]) -> T:
    """Return the body as a form of its own schema, such as a login. Raises: Problem, as the others here."""
    fields = await fields_of(request)
    try:
        return msgspec.json.decode(encode(fields), type=kind)
    except msgspec.MsgspecError as error:
        raise unfit(wire_error(error)) from error


def text_of(fields: Fields, name: str) -> str:
    """Return a field that must be there and be text. Raises: Problem 422."""
    try:
        return msgspec.json.decode(fields.get(name, b"null"), type=str)
    except msgspec.MsgspecError as error:
        raise Problem(422, Fault(message=f"The field `{name}` must be text.", field=name)) from error


def unfit(error: WireError) -> Problem:
    """Return the problem that a schema fault is."""
    return Problem(422, Fault(message=f"{error}.", field=error.field or None))


def _check_ranges(command: Command) -> None:
    """Refuse at the door what no engine would take: VAL-04, VAL-06, VAL-09 to VAL-11, VAL-15, VAL-16 and VAL-19."""
    if not isinstance(command, NewOrder | ReplaceOrder):
        return
    _check_qty(command.qty)
    _check_price(command.limit)
    if command.stop is not None and not 0 < command.stop <= MAX_PRICE:
        raise refusal(RejectReason.BAD_STOP, f"stop price {euro_text(command.stop)}")
    if command.peg_offset is not None and abs(command.peg_offset) > MAX_PRICE:
        text = f"offset {euro_text(command.peg_offset)}, at most {euro_text(MAX_PRICE)}"
        raise refusal(RejectReason.BAD_PEG_OFFSET, text)
    if command.trail is not None and not 0 < command.trail <= MAX_PRICE:
        raise refusal(RejectReason.BAD_TRAIL, f"trail {euro_text(command.trail)}, at most {euro_text(MAX_PRICE)}")
    _check_part(command.min_qty, RejectReason.BAD_MIN_QTY)
    if isinstance(command, NewOrder):
        _check_part(command.display, RejectReason.BAD_DISPLAY)
        _check_part(command.min_visible, RejectReason.BAD_MIN_VISIBLE)
    _check_part(command.min_exec, RejectReason.BAD_MIN_EXEC)


def _check_qty(qty: Shares | None) -> None:
    if qty is not None and qty <= 0:
        raise refusal(RejectReason.BAD_QUANTITY, f"quantity {qty}")
    if qty is not None and qty > MAX_QTY:
        raise refusal(RejectReason.QUANTITY_TOO_LARGE, f"quantity {qty}, at most {MAX_QTY}")


def _check_price(price: Price | None) -> None:
    if price is not None and price <= 0:
        raise refusal(RejectReason.BAD_PRICE, f"price {euro_text(price)}")
    if price is not None and price > MAX_PRICE:
        raise refusal(RejectReason.PRICE_TOO_HIGH, f"price {euro_text(price)}, at most {euro_text(MAX_PRICE)}")


def _check_part(part: Shares | None, reason: RejectReason) -> None:
    if part is not None and not 0 < part <= MAX_QTY:
        raise refusal(reason, f"{part} shares")


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs as a dict. Raises: Problem 422, a name stands twice, so that nobody can say which counts."""
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            shown = name.encode(errors="replace").decode()
            raise Problem(422, Fault(message=f"The field `{shown}` stands twice.", field=shown))
        fields[name] = value
    return fields


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
