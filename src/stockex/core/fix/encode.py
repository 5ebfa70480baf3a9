"""Messages as bytes: MsgType, then the header ascending by tag, then the body ascending, groups in their own order.

Source: FIX 4.4, volume 1, "Message format": any order within a part is allowed, except in groups and before data.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.message import Fields, Message, flat

_DATA: Final = frozenset({91, 213})
"""Header fields that may hold a SOH; the field before each says how long it is."""

_HEADER: Final = frozenset(
    {34, 43, 49, 50, 52, 56, 57, 90, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145, 212, 347, 369} | _DATA
)
"""The header without hops, which nothing that we send has."""

_TRAILER: Final = len("10=000") + 1


def encoded(message: Message) -> bytes:
    """Return the frame of `message`."""
    parts = [f"35={message.msg_type}", *_fields(message.header), *_fields(message.body)]
    parts += [f"{tag}={value}" for tag, value in flat(message.trailer)]
    return framed(SOH.join(parts) + SOH, begin_string=message.begin_string)


def body_text(body: Fields) -> str:
    """Return a body as it stands in a frame, with a SOH behind each field."""
    return "".join(f"{field}{SOH}" for field in _fields(body))


def frame_of(message: Message, body: str) -> bytes:
    """Return the frame of type and header of `message` around a body that `body_text` gave."""
    parts = [f"35={message.msg_type}", *_fields(message.header), body]
    return framed(SOH.join(parts), begin_string=message.begin_string)


def _fields(fields: Fields) -> Iterable[str]:
    """Return the fields as text, ascending by tag. Most messages have no group, and are quickly written."""
    for value in fields.values():
        if not isinstance(value, str):
            return _ascending(fields)
    return [f"{tag}={fields[tag]}" for tag in sorted(fields)]


def _ascending(fields: Fields) -> Iterator[str]:
    for tag in sorted(fields):
        value = fields[tag]
        if isinstance(value, str):
            yield f"{tag}={value}"
        else:
            yield from (f"{inner}={text}" for inner, text in flat({tag: value}))


def sent_again(frame: bytes, *, now: str) -> bytes:
    """Return a frame of ours as it is sent again: with PossDupFlag (43) and OrigSendingTime (122), its body as it was.

    Args:
        frame: A frame that `encoded` gave.
        now: SendingTime, as text.
    """
    text = frame.decode("latin-1")
    begin = text[len("8=") : text.index(SOH)]
    at = text.index("35=")
    stop = text.index(SOH, at)
    msg_type, at = text[at:stop], stop + 1
    header: dict[int, str] = {}
    before = ""
    while True:
        sign = text.index("=", at)
        tag = int(text[at:sign])
        if tag not in _HEADER:
            break
        stop = sign + 1 + int(before) if tag in _DATA else text.index(SOH, sign)
        header[tag] = before = text[sign + 1 : stop]
        at = stop + 1
    header |= {43: "Y", 52: now, 122: header[52]}
    body = text[at : len(text) - _TRAILER]
    return framed(SOH.join([msg_type, *_fields(header), body]), begin_string=begin)
