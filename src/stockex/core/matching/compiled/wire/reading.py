"""Lines of JSON to command records, as the codec reads them: the orders of a log at compiled speed.

Only the plain form is read here: one flat object, each field once, texts without escapes, decimals without exponents.
Whatever has another form, or asks for something that a record cannot say, is RARE: the codec reads it, or refuses it.
"""

from typing import Final, NamedTuple

import numpy as np

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.machine.code import compiled, shared
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire import words as w
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SOURCE, SYMBOL, Arrays, seek, settle

RARE: Final = 0
"""The kind of a command record that is not filled in."""

MOST_FIELDS: Final = 32
MOST_NAME: Final = 64
MOST_SOURCE: Final = 256
MOST_SOURCES: Final = 1_000
_NO_TIME: Final = -1
_MOST_DIGITS: Final = 15
_SECOND_DIGITS: Final = 10
_LATEST: Final = 2**32 * 1_000_000
"""Up to this time, in microseconds, in 2106, the codec takes each text for exact; of later ones it refuses some."""

_SPACE, _TAB, _RETURN = np.uint8(32), np.uint8(9), np.uint8(13)
_QUOTE, _COLON, _COMMA = (np.uint8(ord(sign)) for sign in '":,')
_OPEN, _CLOSE, _POINT, _ZERO, _NINE = (np.uint8(ord(sign)) for sign in "{}.09")

_FIRST_PLAIN, _LAST_PLAIN = 32, 126
_IS_PLAIN: Final = np.array([_FIRST_PLAIN <= sign <= _LAST_PLAIN and chr(sign) not in '"\\' for sign in range(256)])
_ENDS_LITERAL: Final = np.array([chr(sign) in ",} \t\r" for sign in range(256)])
"""What a byte is, by its value."""


def scratch() -> tuple[Wholes, Wholes]:
    """Return `spans` and `values`."""
    return np.zeros((MOST_FIELDS, 3), np.int64), np.zeros((w.SLOTS, 2), np.int64)


class Lines(NamedTuple):
    """Lines to be read: line `n` is `text[starts[n]:ends[n]]`.

    `sent_at` receives the times that commands name, or -1. `spans` and `values` are scratch, of one line: each field's
    name and value, and the values by slots.
    """

    text: Bytes
    starts: Wholes
    ends: Wholes
    sent_at: Wholes
    spans: Wholes
    values: Wholes


@shared
def _skipped(text: Bytes, at: int, end: int) -> int:
    """Return the first place from `at` that is not white."""
    while at < end and text[at] <= _SPACE and text[at] in (_SPACE, _TAB, _RETURN):
        at += 1
    return at


@shared
def _text_end(text: Bytes, at: int, end: int) -> int:
    """Return the place behind the text in quotes at `at`, or NONE when it is not plain."""
    if at >= end or text[at] != _QUOTE:
        return r.NONE
    at += 1
    while at < end and _IS_PLAIN[text[at]]:
        at += 1
    return at + 1 if at < end and text[at] == _QUOTE else r.NONE


@shared
def _literal_end(text: Bytes, at: int, end: int) -> int:
    """Return the place behind the number or literal at `at`."""
    while at < end and not _ENDS_LITERAL[text[at]]:
        at += 1
    return at


@shared
def _kind(lines: Lines, count: int) -> int:
    """Return the kind of command that the fields name, or RARE."""
    for place in range(count):
        if lines.spans[place, 0] == w.TYPE_WORD:
            for kind in range(len(w.KIND_WORDS)):
                if w.is_word(lines.text, lines.spans[place, 1], lines.spans[place, 2], w.KIND_WORDS[kind]):
                    return kind + r.NEW
    return RARE


@shared
def _split(lines: Lines, line: int) -> int:
    """Find the fields of a line: the word of the name, start and size of the value. Return how many, or NONE.

    Most lines are as the codec writes them. So the name that it writes next is looked for first; and after the last
    field that has a place in a record, all that it writes when the others have their default values.
    """
    text, spans = lines.text, lines.spans
    end = lines.ends[line]
    at = _skipped(text, lines.starts[line], end)
    count, kind, name = 0, 0, w.TYPE_WORD
    while count < MOST_FIELDS and at < end and text[at] == (_COMMA if count > 0 else _OPEN):
        at += 1
        stop = at + w.WORD_SIZE[name]
        if stop >= end or text[stop] != _COLON or not w.is_word(text, at, stop - at, name):
            at = _skipped(text, at, end)
            stop = _text_end(text, at, end)
            if stop == r.NONE:
                return r.NONE
            name = w.word_at(text, at, stop - at)
            stop = _skipped(text, stop, end)
            if stop >= end or text[stop] != _COLON:
                return r.NONE
        at = _skipped(text, stop + 1, end)
        stop = _text_end(text, at, end) if at < end and text[at] == _QUOTE else _literal_end(text, at, end)
        if stop in (r.NONE, at):
            return r.NONE
        spans[count, 0], spans[count, 1], spans[count, 2] = name, at, stop - at
        count += 1
        if name == w.TYPE_WORD:
            kind = max(_kind(lines, count) - r.NEW, 0)
        if name == w.LAST_NAME[kind] and w.is_tail(text, stop, end - stop, kind):
            return count
        name = w.NAME_AFTER[kind, max(name, 0)]
        at = _skipped(text, stop, end)
        if at < end and text[at] == _CLOSE:
            return count if _skipped(text, at + 1, end) == end else r.NONE
    return r.NONE


@shared
def _placed(lines: Lines, count: int, kind: int, values: Wholes) -> bool:
    """Put the span of each value into its slot of `values`. Say whether all is there once, and nothing rare."""
    for slot in range(w.SLOTS):
        values[slot, 1] = 0
    seen = 0
    for place in range(count):
        name, start, size = lines.spans[place, 0], lines.spans[place, 1], lines.spans[place, 2]
        if name == r.NONE or seen >> name & 1:
            return False
        seen |= 1 << name
        if name == w.TYPE_WORD:
            continue
        slot = w.SLOT_OF[kind - r.NEW, name]
        default = w.DEFAULT_OF[kind - r.NEW, name]
        if slot == w.UNKNOWN:
            return False
        if default != r.NONE and w.is_word(lines.text, start, size, default):
            continue
        if slot == w.OTHER:
            return False
        values[slot, 0], values[slot, 1] = start, size
    missing = 0
    for slot in range(w.SLOTS):
        missing += w.REQUIRED[kind - r.NEW, slot] and values[slot, 1] == 0
    return missing == 0


@shared
def _is_name(text: Bytes, start: int, size: int) -> bool:
    """Say whether a value is a name: a text of visible characters, with its quotes."""
    spaces = 0
    for place in range(start + 1, start + size - 1):
        spaces += text[place] == _SPACE
    return spaces == 0 and 0 < size - 2 <= MOST_NAME and text[start] == _QUOTE


@shared
def _decimal(text: Bytes, start: int, size: int, decimals: int, most: int) -> int:
    """Return a decimal as a whole number of its last decimal; NONE for one that is not plain, or below zero.

    It has at most so many digits before the point.
    """
    at, end, value, left, digits = start, start + size, 0, decimals, 0
    while at < end and _ZERO <= text[at] <= _NINE:
        value = 10 * value + int(np.int64(text[at] - _ZERO))
        at += 1
        digits += 1
    if digits == 0 or digits > most or (digits > 1 and text[start] == _ZERO):
        return r.NONE
    if at < end:
        if text[at] != _POINT or at + 1 == end:
            return r.NONE
        at += 1
        while at < end and _ZERO <= text[at] <= _NINE and left > 0:
            value = 10 * value + int(np.int64(text[at] - _ZERO))
            at += 1
            left -= 1
        if at < end:
            return r.NONE
    while left > 0:
        value *= 10
        left -= 1
    return value


@shared
def _member(lines: Lines, values: Wholes, slot: int, members: Wholes) -> int:
    """Return the number of an enumeration's member, or NONE."""
    word = w.word_at(lines.text, values[slot, 0], values[slot, 1])
    for number in range(len(members)):
        if members[number] == word:
            return number
    return r.NONE


@shared
def _read_new(lines: Lines, values: Wholes, command: np.void) -> bool:
    """Fill in what only a new order has; say whether it could be said in a record."""
    side = _member(lines, values, w.IN_SIDE, w.SIDE_WORDS)
    ord_type, tif, mode = w.DEFAULT_ORD_TYPE, w.DEFAULT_TIF, r.NONE
    if values[w.IN_ORD_TYPE, 1] != 0:
        ord_type = _member(lines, values, w.IN_ORD_TYPE, w.ORD_TYPE_WORDS)
    if values[w.IN_TIF, 1] != 0:
        tif = _member(lines, values, w.IN_TIF, w.TIF_WORDS)
    if values[w.IN_SELF_TRADE, 1] != 0:
        mode = _member(lines, values, w.IN_SELF_TRADE, w.SELF_TRADE_WORDS)
        if mode == r.NONE:
            return False
    if values[w.IN_POST_ONLY, 1] != 0:
        if w.word_at(lines.text, values[w.IN_POST_ONLY, 0], values[w.IN_POST_ONLY, 1]) != w.TRUE_WORD:
            return False
        command["flags"] |= r.POST_ONLY
    if r.NONE in (side, ord_type, tif):
        return False
    command["side"], command["ord_type"], command["tif"], command["self_trade"] = side, ord_type, tif, mode + 1
    return True


@shared
def _read_numbers(lines: Lines, values: Wholes, command: np.void) -> int:
    """Fill in quantity and price; return the time that the command names, _NO_TIME, or less when one is not plain."""
    text = lines.text
    if values[w.IN_QTY, 1] != 0:
        command["qty"] = _decimal(text, values[w.IN_QTY, 0], values[w.IN_QTY, 1], 0, _MOST_DIGITS)
        command["flags"] |= r.HAS_QTY
        if command["qty"] == r.NONE:
            return _NO_TIME - 1
    if values[w.IN_PRICE, 1] != 0:
        command["price"] = _decimal(text, values[w.IN_PRICE, 0], values[w.IN_PRICE, 1], 4, _MOST_DIGITS - 4)
        command["flags"] |= r.HAS_PRICE
        if command["price"] == r.NONE:
            return _NO_TIME - 1
    if values[w.IN_SENT_AT, 1] == 0:
        return _NO_TIME
    micros = _decimal(text, values[w.IN_SENT_AT, 0], values[w.IN_SENT_AT, 1], 6, _SECOND_DIGITS)
    return _NO_TIME - 1 if micros == r.NONE or micros > _LATEST else micros * 1_000


@shared
def _client(texts: Arrays, lines: Lines, values: Wholes, slot: int, account: int) -> int:
    if values[slot, 1] == 0:
        return r.NONE
    return settle(texts, CLIENT + account, lines.text, values[slot, 0] + 1, values[slot, 1] - 2)


@shared
def _read_names(texts: Arrays, lines: Lines, values: Wholes, command: np.void) -> bool:
    """Fill in the numbers of all names; say whether they are names, and symbol and source have numbers."""
    text = lines.text
    for slot in (w.IN_ACCOUNT, w.IN_SYMBOL, w.IN_CLIENT, w.IN_TARGET):
        if values[slot, 1] != 0 and not _is_name(text, values[slot, 0], values[slot, 1]):
            return False
    start, size = 0, 0
    if values[w.IN_SOURCE, 1] != 0:
        start, size = values[w.IN_SOURCE, 0] + 1, values[w.IN_SOURCE, 1] - 2
        if size > MOST_SOURCE or text[start - 1] != _QUOTE:
            return False
    if texts.counts[SOURCE] >= MOST_SOURCES:
        return False
    symbol = seek(texts, SYMBOL, text, values[w.IN_SYMBOL, 0] + 1, values[w.IN_SYMBOL, 1] - 2)
    if symbol == r.NONE:
        return False
    command["symbol"] = symbol
    command["source"] = settle(texts, SOURCE, text, start, size)
    account = settle(texts, ACCOUNT, text, values[w.IN_ACCOUNT, 0] + 1, values[w.IN_ACCOUNT, 1] - 2)
    command["account"] = account
    command["client"] = _client(texts, lines, values, w.IN_CLIENT, account)
    command["target"] = _client(texts, lines, values, w.IN_TARGET, account)
    return True


@shared
def _read_line(texts: Arrays, lines: Lines, line: int, command: np.void) -> bool:
    count, values = _split(lines, line), lines.values
    if count == r.NONE:
        return False
    kind = _kind(lines, count)
    if kind == RARE or not _placed(lines, count, kind, values):
        return False
    command["flags"] = 0
    time = _read_numbers(lines, values, command)
    if time < _NO_TIME or (kind == r.NEW and not _read_new(lines, values, command)):
        return False
    if not _read_names(texts, lines, values, command):
        return False
    command["kind"] = kind
    lines.sent_at[line] = time
    return True


@compiled
def read(texts: Arrays, lines: Lines, commands: Records) -> None:
    """Read all lines into records, RARE ones for those that are for the codec; texts must have room."""
    known, all_lines = pointed(texts), pointed(lines)
    for line in range(len(lines.ends)):
        lines.sent_at[line] = _NO_TIME
        if not _read_line(known, all_lines, line, commands[line]):
            commands[line]["kind"] = RARE
