"""A FIX message as a value."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from stockex.core.fix.reasons import SessionRejectReason

ROUTES: Final = {115: 128, 116: 129, 144: 145, 128: 115, 129: 116, 145: 144}
"""OnBehalfOf... and DeliverTo..., each to its opposite: an answer goes back the way that a message came."""

Fields = Mapping[int, "str | tuple[Fields, ...]"]
"""Values by tag, in the order in which they came. A group stands under its count's tag as a tuple of entries.

Text is Latin-1, so that any byte of a data field is one character.
"""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message that keeps to the dictionary, or one to be sent.

    `header` has neither BeginString, BodyLength nor MsgType, `trailer` no CheckSum: the frame has them.
    """

    msg_type: str
    header: Fields
    body: Fields
    trailer: Fields = {}
    begin_string: str = "FIX.4.4"

    def text(self, tag: int) -> str:
        """Return the value of a body field, "" without it."""
        value = self.body.get(tag, "")
        return value if isinstance(value, str) else str(len(value))

    def group(self, tag: int) -> tuple[Fields, ...]:
        """Return the entries of a body's group, none without it."""
        value = self.body.get(tag, ())
        return value if isinstance(value, tuple) else ()


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A whole frame that breaks the dictionary.

    Attributes:
        header: What of the header could be read.
        tag: The field at fault; None when it is none in particular.
    """

    msg_type: str
    header: Fields
    reason: SessionRejectReason
    tag: int | None = None
    begin_string: str = "FIX.4.4"


def head(message: Message | Refused, tag: int) -> str:
    """Return the value of a header field, "" without it."""
    value = message.header.get(tag, "")
    return value if isinstance(value, str) else ""


def reversed_route(message: Message | Refused) -> dict[int, str]:
    """Return the header fields that send an answer back to whom the message came from."""
    if ROUTES.keys().isdisjoint(message.header):
        return {}
    return {back: value for there, back in ROUTES.items() if (value := head(message, there))}


def flat(fields: Fields) -> Iterator[tuple[int, str]]:
    """Yield tags and values in their order, groups unrolled behind their counts."""
    for tag, value in fields.items():
        if isinstance(value, str):
            yield tag, value
        else:
            yield tag, str(len(value))
            for entry in value:
                yield from flat(entry)
