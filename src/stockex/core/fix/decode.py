"""Frames to messages, quickly: a message with the same fields in the same order as one before matches one expression.

A shape is the row of tags of a message without groups and data fields. The first message of a shape is read field by
field (`reading`); from then on one regular expression of the fields' patterns finds all values, or does not match and
the message is read as the first one was. The shapes of a decoder are bounded, and change no result.
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
        if isinstance(message, Message):
            self._learn(message)
        return message

    def _learn(self, message: Message) -> None:
        """Remember the shape of a message that has no group, no data and no field of the user's."""
        tags = (*message.header, *message.body)
        fields = self.dictionary.fields
        is_plain = all(isinstance(value, str) for part in (message.header, message.body) for value in part.values())
        if message.trailer or not is_plain or any(tag not in fields or fields[tag].kind == "DATA" for tag in tags):
            return
        if message.msg_type not in self._shapes and len(self._shapes) >= TYPES:
            self._shapes.clear()
        known = self._shapes.setdefault(message.msg_type, [])
        pattern = "".join(f"{tag}=({fields[tag].pattern}){SOH}" for tag in tags)
        whole = re.compile(f"35={re.escape(message.msg_type)}{SOH}{pattern}")
        known.insert(0, _Shape(whole, tuple(message.header), tuple(message.body)))
        del known[SHAPES_OF_A_TYPE:]
