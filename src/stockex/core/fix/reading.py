"""From the text of a frame to a message, or to why it is refused: field by field, any message.

The first fault in reading order is told. For one field the order is: is there such a tag (373=0), has it a value (4),
is that of the right form (6) and among the allowed ones (5), is the tag there once (13), in its part (14), and part of
this message (2). Then, of the whole message, whether all is there that must be (1).

Source: FIX 4.4, volume 2, Reject; session test case 14.
"""

import re
from collections.abc import Iterator
from typing import Final

from stockex.core.fix.dictionary import FRAME, USER_FIELDS, Dictionary, Layout
from stockex.core.fix.framing import SOH, Frame
from stockex.core.fix.message import Fields, Message, Refused
from stockex.core.fix.reasons import SessionRejectReason as Reason

Pair = tuple[int, str, Reason | None]
"""Tag, value, and what is wrong with the field's own form."""

_NO_TAG: Final = -(10**9)
_IS_TAG: Final = re.compile("-?(?:0|[1-9][0-9]{0,8})")
_IS_LENGTH: Final = re.compile("[0-9]{1,9}")


class _Fault(Exception):
    """A message breaks the dictionary. Never leaves this module."""

    def __init__(self, reason: Reason, tag: int | None) -> None:
        super().__init__()
        self.reason = reason
        self.tag = tag


def read(frame: Frame, dictionary: Dictionary, *, takes_user_fields: bool = False) -> Message | Refused:
    """Return the message of a whole frame, or why the dictionary refuses it.

    Fields from 5000 on are taken in the body when `takes_user_fields`; else they are refused as not defined.
    """
    reader = _Reader(dictionary, frame.text, takes_user_fields=takes_user_fields)
    msg_type = frame.text[3 : frame.text.index(SOH)]
    known = dictionary.messages.get(msg_type)
    if known is None:
        return Refused(msg_type, reader.found_header(), Reason.INVALID_MSG_TYPE, None, frame.begin_string)
    try:
        header, body, trailer = reader.message(known.body)
    except _Fault as fault:
        return Refused(msg_type, reader.found_header(), fault.reason, fault.tag, frame.begin_string)
    return Message(msg_type, header, body, trailer, frame.begin_string)


class _Reader:
    """Reads one message. `_pairs` has a sentinel at its end."""

    def __init__(self, dictionary: Dictionary, text: str, *, takes_user_fields: bool) -> None:
        self._dictionary = dictionary
        self._takes_user_fields = takes_user_fields
        self._pairs: list[Pair] = [*_pairs(text, dictionary), (_NO_TAG, "", None)]
        self._at = 1

    def found_header(self) -> Fields:
        """Return what of the header stands anywhere in the message and has a value."""
        members = self._dictionary.header.order
        found: dict[int, str] = {}
        for tag, value, _ in self._pairs:
            if tag in members and value:
                found.setdefault(tag, value)
        return found

    def message(self, body: Layout) -> tuple[Fields, Fields, Fields]:
        """Return header, body and trailer."""
        layouts = (self._dictionary.header, body, self._dictionary.trailer)
        parts = [self._part(layout, is_body=layout is body) for layout in layouts]
        if self._pairs[self._at][0] != _NO_TAG or self._pairs[self._at][2] is not None:
            raise self._misplaced(parts)
        for layout, part in zip(layouts, parts, strict=True):
            for tag in layout.must:
                if tag not in part:
                    raise _Fault(Reason.REQUIRED_TAG_MISSING, tag)
        return parts[0], parts[1], parts[2]

    def _part(self, layout: Layout, *, is_body: bool) -> Fields:
        """Read fields as long as they belong to `layout`, in any order."""
        part: dict[int, str | tuple[Fields, ...]] = {}
        while True:
            tag, value, _ = self._pairs[self._at]
            is_user = is_body and self._takes_user_fields and tag >= USER_FIELDS
            if tag not in layout.order and not is_user:
                return part
            self._check()
            if tag in part:
                raise _Fault(Reason.REPEATED_TAG, tag)
            self._at += 1
            part[tag] = self._group(tag, value, layout=layout.groups[tag]) if tag in layout.groups else value

    def _group(self, count: int, value: str, *, layout: Layout) -> tuple[Fields, ...]:
        """Read the entries of a group; each begins with the first field of its layout."""
        first = next(iter(layout.order))
        entries: list[Fields] = []
        while self._pairs[self._at][0] == first:
            entries.append(self._entry(layout))
        tag = self._pairs[self._at][0]
        if not entries and int(value) and tag in layout.order:
            raise _Fault(Reason.GROUP_OUT_OF_ORDER, tag)
        if len(entries) != int(value):
            raise _Fault(Reason.GROUP_COUNT, count)
        return tuple(entries)

    def _entry(self, layout: Layout) -> Fields:
        """Read one entry, whose fields stand in their order."""
        first = next(iter(layout.order))
        entry: dict[int, str | tuple[Fields, ...]] = {}
        place = -1
        while True:
            tag, value, _ = self._pairs[self._at]
            if tag not in layout.order or (tag == first and entry):
                break
            self._check()
            if tag in entry:
                raise _Fault(Reason.REPEATED_TAG, tag)
            if layout.order[tag] < place:
                raise _Fault(Reason.GROUP_OUT_OF_ORDER, tag)
            place = layout.order[tag]
            self._at += 1
            entry[tag] = self._group(tag, value, layout=layout.groups[tag]) if tag in layout.groups else value
        for tag in layout.must:
            if tag not in entry:
                raise _Fault(Reason.REQUIRED_TAG_MISSING, tag)
        return entry

    def _check(self) -> None:
        """Hold the field that comes next against the standard, wherever it stands."""
        tag, value, fault = self._pairs[self._at]
        field = self._dictionary.fields.get(tag)
        if fault is Reason.INVALID_TAG or (field is None and not (self._takes_user_fields and tag >= USER_FIELDS)):
            raise _Fault(Reason.INVALID_TAG, None if tag == _NO_TAG else tag)
        if not value:
            raise _Fault(Reason.NO_VALUE, tag)
        if fault is not None:
            raise _Fault(fault, tag)
        if field is None or field.kind == "DATA":
            return
        if field.is_formatted.fullmatch(value) is None:
            raise _Fault(Reason.FORMAT_INCORRECT, tag)
        if field.is_allowed.fullmatch(value) is None:
            raise _Fault(Reason.VALUE_INCORRECT, tag)

    def _misplaced(self, parts: list[Fields]) -> _Fault:
        """Return what is wrong with the first field that no part takes."""
        try:
            self._check()
        except _Fault as fault:
            return fault
        tag = self._pairs[self._at][0]
        if tag in FRAME or any(tag in part for part in parts):
            return _Fault(Reason.REPEATED_TAG, tag)
        if any(tag in layout.order for layout in (self._dictionary.header, self._dictionary.trailer)):
            return _Fault(Reason.OUT_OF_ORDER, tag)
        return _Fault(Reason.OUT_OF_ORDER if parts[2] else Reason.TAG_NOT_DEFINED, tag)


def _pairs(text: str, dictionary: Dictionary) -> Iterator[Pair]:
    """Yield tag, value and what is wrong with the field's own form."""
    at, end = 0, len(text)
    before = (_NO_TAG, "")
    while at < end:
        stop = text.index(SOH, at)
        name, sign, value = text[at:stop].partition("=")
        fault: Reason | None = None
        if not sign:
            fault, tag, value = Reason.CONTAINS_DELIMITER, before[0], SOH
        elif _IS_TAG.fullmatch(name):
            tag = int(name)
        else:
            fault, tag = Reason.INVALID_TAG, _NO_TAG
        length = dictionary.lengths.get(tag)
        if length is not None and fault is None:
            value, stop, fault = _data(text, at + len(name) + 1, length=before[1] if before[0] == length else "")
        yield tag, value, fault
        before = (tag, value)
        at = stop + 1


def _data(text: str, start: int, *, length: str) -> tuple[str, int, Reason | None]:
    """Return a data field's value, where it ends, and the fault of a length that is wrong or does not come before."""
    stop = text.index(SOH, start)
    if _IS_LENGTH.fullmatch(length) is None:
        return text[start:stop], stop, Reason.OUT_OF_ORDER
    end = start + int(length)
    if end < len(text) and text[end] == SOH:
        return text[start:end], end, None
    return text[start:stop], stop, Reason.VALUE_INCORRECT
