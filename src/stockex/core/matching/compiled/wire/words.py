"""The words of commands: field names, values of enumerations and literals, each with a number.

Everything comes from the message types. A field without a place in a command record is fine as long as its value is the
default; else the line is for the plain book.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import FieldInfo, fields

from stockex.core.matching.compiled.machine.code import shared
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes, is_same
from stockex.core.matching.compiled.records import NONE, ORD_TYPES, SELF_TRADES, SIDES, TIFS
from stockex.messages.codec import encode
from stockex.messages.orders import CancelOrder, NewOrder, ReplaceOrder

KINDS: Final[tuple[type[msgspec.Struct], ...]] = (NewOrder, CancelOrder, ReplaceOrder)
"""The commands in the order of their numbers in records."""

_SLOTS: Final = {
    name: number
    for number, name in enumerate(
        (
            "account",
            "symbol",
            "cl_ord_id",
            "orig_cl_ord_id",
            "side",
            "qty",
            "limit",
            "ord_type",
            "tif",
            "post_only",
            "self_trade",
            "source",
            "sent_at",
        )
    )
}
IN_ACCOUNT, IN_SYMBOL, IN_CLIENT, IN_TARGET, IN_SIDE, IN_QTY, IN_PRICE, IN_ORD_TYPE, IN_TIF, IN_POST_ONLY = range(10)
IN_SELF_TRADE, IN_SOURCE, IN_SENT_AT, SLOTS = range(10, 14)
"""Places of a command's values, by the names of its fields."""

OTHER, UNKNOWN = -1, -2
"""The slot of a field that has no place in a record, and of a name that is no field."""

_TABLE: Final = 1_024
_BITS: Final = 64


class _Words:
    """Collects words."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}

    def add(self, word: bytes) -> int:
        """Return the number of a word, new or not."""
        return self.numbers.setdefault(word, len(self.numbers))


_all = _Words()


def _quoted(text: str) -> bytes:
    return encode(text)


def _is_required(field: FieldInfo) -> bool:
    return field.default is msgspec.NODEFAULT


TYPE_WORD: Final = _all.add(_quoted(str(NewOrder.__struct_config__.tag_field)))
KIND_WORDS: Final = np.array([_all.add(_quoted(str(kind.__struct_config__.tag))) for kind in KINDS], np.int64)
TRUE_WORD, FALSE_WORD, NULL_WORD = (_all.add(encode(value)) for value in (True, False, None))


def _values(members: Sequence[StrEnum]) -> Wholes:
    return np.array([_all.add(_quoted(member.value)) for member in members], np.int64)


SIDE_WORDS, ORD_TYPE_WORDS, TIF_WORDS, SELF_TRADE_WORDS = (
    _values(members) for members in (SIDES, ORD_TYPES, TIFS, SELF_TRADES)
)
"""The words of each enumeration's values, in the order of their numbers in records."""

_fields: Final = [(kind, field) for kind, command in enumerate(KINDS) for field in fields(command)]
_names: Final = [_all.add(_quoted(field.encode_name)) for _, field in _fields]
_defaults: Final = [NONE if _is_required(field) else _all.add(encode(field.default)) for _, field in _fields]

SLOT_OF: Final = np.full((len(KINDS), len(_all.numbers)), UNKNOWN, np.int64)
"""The slot of a word that names a field of a command."""

DEFAULT_OF: Final = np.full((len(KINDS), len(_all.numbers)), NONE, np.int64)
"""The word of that field's default value."""

REQUIRED: Final = np.zeros((len(KINDS), SLOTS), np.bool_)
"""Whether a command must give the value of a slot."""

NAME_AFTER: Final = np.full((len(KINDS), len(_all.numbers)), TYPE_WORD, np.int64)
"""The name that most likely follows another one: of the field that the codec writes after it."""

for _kind, _command in enumerate(KINDS):
    for _name, _next in pairwise([TYPE_WORD, *(_all.add(_quoted(field.encode_name)) for field in fields(_command))]):
        NAME_AFTER[_kind, _name] = _next

for (_kind, _field), _name, _default in zip(_fields, _names, _defaults, strict=True):
    SLOT_OF[_kind, _name] = _SLOTS.get(_field.name, OTHER)
    DEFAULT_OF[_kind, _name] = _default
    if _is_required(_field):
        assert _field.name in _SLOTS, f"{_field.name} has no place in a record"
        REQUIRED[_kind, _SLOTS[_field.name]] = True

_given: Final = {field.name: field.default for field in fields(NewOrder)}
DEFAULT_ORD_TYPE: Final = ORD_TYPES.index(_given["ord_type"])
DEFAULT_TIF: Final = TIFS.index(_given["tif"])


@shared
def _hash_of(word: Bytes, start: int, size: int) -> int:
    second, third = np.int64(word[start + min(1, size - 1)]), np.int64(word[start + size // 3])
    middle, last = np.int64(word[start + size // 2]), np.int64(word[start + size - 1])
    return int(size * 131 + second * 31 + third * 17 + middle * 7 + last * 61) & (_TABLE - 1)


def _joined(texts: Sequence[bytes]) -> tuple[Bytes, Wholes, Wholes]:
    """Return texts one after another, with the start and the size of each."""
    sizes = np.array([len(text) for text in texts], np.int64)
    return np.frombuffer(b"".join(texts), np.uint8), np.cumsum(sizes) - sizes, sizes


_order: Final = list(_all.numbers)
assert len(_order) < _BITS, "the words that a line has named fit the bits of one whole number"
WORD_TEXT, WORD_START, WORD_SIZE = _joined(_order)

_last: Final = [max(place for place, field in enumerate(fields(kind)) if field.name in _SLOTS) for kind in KINDS]
LAST_NAME: Wholes = np.array(
    [_all.add(_quoted(fields(kind)[place].encode_name)) for kind, place in zip(KINDS, _last, strict=True)], np.int64
)
"""The name of the last field of a command that has a place in a record, as the codec orders them."""


def _tail(kind: type[msgspec.Struct], place: int) -> bytes:
    """Return what the codec writes after a field when all others have their default values."""
    rest = fields(kind)[place + 1 :]
    return b"".join(b"," + _quoted(field.encode_name) + b":" + encode(field.default) for field in rest) + b"}"


TAIL_TEXT, TAIL_START, TAIL_SIZE = _joined([_tail(kind, place) for kind, place in zip(KINDS, _last, strict=True)])
"""How the codec ends a command after its last name that has a place, by kind."""


def _table() -> Wholes:
    hash_of = getattr(_hash_of, "py_func", _hash_of)
    table = np.full(_TABLE, NONE, np.int64)
    for number, word in enumerate(_order):
        slot = hash_of(np.frombuffer(word, np.uint8), 0, len(word))
        while table[slot] != NONE:
            slot = (slot + 1) % _TABLE
        table[slot] = number
    return table


WORD_TABLE: Wholes = _table()


@shared
def is_word(text: Bytes, start: int, size: int, word: int) -> bool:
    """Say whether a text is the word of that number."""
    return bool(WORD_SIZE[word] == size) and is_same(text, start, WORD_TEXT, WORD_START[word], size)


@shared
def is_tail(text: Bytes, start: int, size: int, kind: int) -> bool:
    """Say whether a text ends a command of that kind, with default values only, as the codec does."""
    return bool(TAIL_SIZE[kind] == size) and is_same(text, start, TAIL_TEXT, TAIL_START[kind], size)


@shared
def word_at(text: Bytes, start: int, size: int) -> int:
    """Return the number of a word, or NONE when it is no word of commands."""
    slot = _hash_of(text, start, size)
    while WORD_TABLE[slot] != NONE:
        if is_word(text, start, size, WORD_TABLE[slot]):
            return int(WORD_TABLE[slot])
        slot = (slot + 1) & (_TABLE - 1)
    return NONE
