"""Messages as bytes: MsgType, then the header ascending by tag, then the body ascending, groups in their own order.

Source: FIX 4.4, volume 1, "Message format": any order within a part is allowed, except in groups and before data.
"""

from collections.abc import Iterator

from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.message import Fields, Message, flat


def encoded(message: Message) -> bytes:
    """Return the frame of `message`."""
    parts = [f"35={message.msg_type}", *_ascending(message.header), *_ascending(message.body)]
    parts += [f"{tag}={value}" for tag, value in flat(message.trailer)]
    return framed(SOH.join(parts) + SOH, begin_string=message.begin_string)


def _ascending(fields: Fields) -> Iterator[str]:
    for tag in sorted(fields):
        value = fields[tag]
        if isinstance(value, str):
            yield f"{tag}={value}"
        else:
            yield from (f"{inner}={text}" for inner, text in flat({tag: value}))
