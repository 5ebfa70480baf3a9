"""Frames to messages, quickly: a message with the same fields in the same order as one before matches one expression.

A shape is the row of tags of a message without groups and data fields. The first two messages of a shape are read
field by field (`reading`); from then on one regular expression of the fields' patterns finds all values, or does not
match and the message is read as the first one was. The shapes of a decoder are bounded, and change no result.

To make an expression takes as long as to read 70 messages field by field. So it is made of a row that has come before,
and over any length of time of one in `MESSAGES_A_SHAPE` messages at most, whatever rows a counterparty thinks of.
"""

import re
from typing import Final

import msgspec

from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.framing import SOH, Frame
from stockex.core.fix.message import Message, Refused
from stockex.core.fix.reading import read

SHAPES_OF_A_TYPE: Final = 4
TYPES: Final = 64
MESSAGES_A_SHAPE: Final = 100
AT_ONCE: Final = 16
"""How many shapes may be learned from the first messages."""

_ROWS: Final = 256


class _Shape(msgspec.Struct, frozen=True):
    """One row of tags."""

    pattern: "re.Pattern[str]"
    header: tuple[int, ...]
    body: tuple[int, ...]


class Decoder:
    """Reads messages by one dictionary."""

    def __init__(self, dictionary: Dictionary, *, takes_user_fields: bool = False) -> None:
        self.dictionary = dictionary
        self._takes_user_fields = takes_user_fields
        self._shapes: dict[str, list[_Shape]] = {}
        self._seen: set[tuple[str | int, ...]] = set()
        self._credit = AT_ONCE * MESSAGES_A_SHAPE

    def decode(self, frame: Frame) -> Message | Refused:
        """Return the message of a frame, or why it is refused. Cost: some microseconds for a known shape."""
        text = frame.text
        msg_type = text[3 : text.index(SOH)]
        for shape in self._shapes.get(msg_type, ()):
            match = shape.pattern.fullmatch(text)
            if match is not None:
                values = match.groups()
                header = dict(zip(shape.header, values, strict=False))
                body = dict(zip(shape.body, values[len(shape.header) :], strict=True))
                return Message(msg_type, header, body, {}, frame.begin_string)
        message = read(frame, self.dictionary, takes_user_fields=self._takes_user_fields)
        self._credit = min(self._credit + 1, AT_ONCE * MESSAGES_A_SHAPE)
        if isinstance(message, Message) and self._credit >= MESSAGES_A_SHAPE and self._has_seen(message):
            self._learn(message)
        return message

    def _has_seen(self, message: Message) -> bool:
        """Say whether a message of this shape has come not long before."""
        row: tuple[str | int, ...] = (message.msg_type, *message.header, 0, *message.body)
        if row in self._seen:
            return True
        if len(self._seen) >= _ROWS:
            self._seen.clear()
        self._seen.add(row)
        return False

    def _learn(self, message: Message) -> None:
        """Remember the shape of a message that has no group, no data and no field of the user's."""
        tags = (*message.header, *message.body)
        fields = self.dictionary.fields
        is_plain = all(isinstance(value, str) for part in (message.header, message.body) for value in part.values())
        if message.trailer or not is_plain or any(tag not in fields or fields[tag].kind == "DATA" for tag in tags):
            return
        self._credit -= MESSAGES_A_SHAPE
        if message.msg_type not in self._shapes and len(self._shapes) >= TYPES:
            self._shapes.clear()
        known = self._shapes.setdefault(message.msg_type, [])
        pattern = "".join(f"{tag}=({fields[tag].pattern}){SOH}" for tag in tags)
        whole = re.compile(f"35={re.escape(message.msg_type)}{SOH}{pattern}")
        known.insert(0, _Shape(whole, tuple(message.header), tuple(message.body)))
        del known[SHAPES_OF_A_TYPE:]
