"""A message in words: each field with its name and what its value means, groups as a tree."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from stockex.core.fix.dictionary import Dictionary, Layout
from stockex.core.fix.framing import SOH

_TYPE: Final = 35
_HEAD: Final = re.compile("([0-9]{1,9})=")
_IS_LENGTH: Final = re.compile("[0-9]{1,9}")
_NO_LAYOUT: Final = Layout({}, (), {})


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One field of a message.

    Attributes:
        tag: 0 for what is no field.
        name: "" for a tag that the dictionary does not know.
        meaning: "" where the dictionary gives the value none.
        depth: How deep in groups it stands; the message's own fields are 0.
    """

    tag: int
    name: str
    value: str
    meaning: str
    depth: int


def lines(data: bytes, dictionary: Dictionary) -> Iterator[Line]:
    """Yield a frame field by field, whatever is wrong with it. Bytes are told as Latin-1."""
    layouts = [_NO_LAYOUT]
    for tag, value in _pairs(data.decode("latin-1"), dictionary):
        while len(layouts) > 1 and tag not in layouts[-1].order:
            layouts.pop()
        name = dictionary.fields[tag].name if tag in dictionary.fields else ""
        yield Line(tag, name, value, meaning(tag, value, dictionary=dictionary), len(layouts) - 1)
        if tag == _TYPE and value in dictionary.messages:
            layouts = [dictionary.messages[value].body]
        group = layouts[-1].groups.get(tag) or dictionary.header.groups.get(tag)
        if group is not None:
            layouts.append(group)


def title(msg_type: str, dictionary: Dictionary) -> str:
    """Return the name of a type of message, the type itself where it has none."""
    known = dictionary.messages.get(msg_type)
    return msg_type if known is None else known.name


def meaning(tag: int, value: str, *, dictionary: Dictionary) -> str:
    """Return what a value means: the words of the standard, several with commas; "" where it says none."""
    field = dictionary.fields.get(tag)
    if field is None:
        return ""
    if tag == _TYPE:
        return title(value, dictionary) if value in dictionary.messages else ""
    words = [field.meanings.get(part, "") for part in _parts(field.kind, value)]
    return ", ".join(word.replace("_", " ").lower() for word in words) if all(words) else ""


def _parts(kind: str, value: str) -> list[str]:
    return value.split(" ") if kind == "MULTIPLEVALUESTRING" else [value]


def _pairs(text: str, dictionary: Dictionary) -> Iterator[tuple[int, str]]:
    """Yield tags and values. A data field is as long as the field before it says; what is no field has the tag 0."""
    at, before = 0, ""
    while at < len(text):
        head = _HEAD.match(text, at)
        tag, start = (int(head[1]), head.end()) if head else (0, at)
        stop = text.find(SOH, start)
        length = int(before) if _IS_LENGTH.fullmatch(before) and tag in dictionary.lengths else None
        if length is not None and text[start + length : start + length + 1] == SOH:
            stop = start + length
        before = text[start:] if stop < 0 else text[start:stop]
        yield tag, before
        at = start + len(before) + 1
