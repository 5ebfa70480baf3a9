"""Messages as bytes: MsgType, then the header ascending by tag, then the body ascending, groups in their own order.

Source: FIX 4.4, volume 1, "Message format": any order within a part is allowed, except in groups and before data.
"""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
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
    trailer = "".join(f"{tag}={value}{SOH}" for tag, value in flat(message.trailer))
    return frame_of(message, fields_text(message.body) + trailer)


def frame_of(message: Message, body: str) -> bytes:
    """Return the frame of type and header of `message` around a body that `fields_text` gave."""
    text = f"35={message.msg_type}{SOH}{fields_text(message.header)}{body}"
    return framed(text, begin_string=message.begin_string)


def fields_text(fields: Fields) -> str:
    """Return fields as they stand in a frame: ascending by tag, with a SOH behind each.

    Most messages have no group, and their tags are those of messages before: only their values are put in.
    """
    if not fields:
        return ""
    names, values = _form(tuple(fields))
    parts = names.copy()
    parts[1::2] = values(fields)
    try:
        return "".join(parts)
    except TypeError:  # a value is a group
        return "".join(f"{tag}={value}{SOH}" for tag, value in flat({tag: fields[tag] for tag in sorted(fields)}))


@lru_cache(maxsize=1024)
def _form(tags: tuple[int, ...]) -> tuple[list[str], Callable[[Fields], tuple[str, ...]]]:
    """Return the text around the values of such fields, a gap for each value after it, and what finds the values."""
    ascending = sorted(tags)
    names = [f"{SOH}{tag}=" for tag in ascending]
    names[0] = names[0].removeprefix(SOH)
    parts = [part for name in names for part in (name, "")]
    values = itemgetter(*ascending) if len(tags) > 1 else lambda fields: (fields[tags[0]],)
    return [*parts, SOH], values


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
    return framed(f"{msg_type}{SOH}{fields_text(header)}{body}", begin_string=begin)
