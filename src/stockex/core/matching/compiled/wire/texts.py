"""Texts as small whole numbers: accounts, symbols, sources, and each account's client order ids.

    pool     USR01ALPHAWEBorder-1order-2...      the texts, as JSON writes them between its quotes
    entries  #0 USR01, space 0, number 0         each text with its space and its number in it
             #3 order-1, space 3, number 0       space 3 + n: client ids of account n; their numbers are common to all
    table    hash of space and text -> entry     open addressing

A client id's number is given to another text once nobody can ask for it any more: `Texts.forget`.
"""

from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from stockex.core.matching.compiled.machine.code import compiled, shared
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes, copy
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.records import NONE

ACCOUNT, SYMBOL, SOURCE, CLIENT = 0, 1, 2, 3
"""Spaces of texts; CLIENT plus an account's number is that of its client ids."""

USED, ENTRIES, FREE = 4, 5, 6
"""Places in `counts`, after those of the spaces: bytes of the pool, entries, client numbers to be given out again."""

_PRIME: Final = 16_777_619
_START: Final = 2_166_136_261
_WORD: Final = 2**32 - 1
_ROOM: Final = 1_024


class Arrays(NamedTuple):
    """Everything about texts as the compiled code sees it. `known[space, number]` is the entry of a text."""

    pool: Bytes
    counts: Wholes
    entries: Wholes  # [entry, (start, size, space, number)]
    table: NDArray[np.int32]
    known: NDArray[np.int32]
    owners: NDArray[np.int32]
    free: NDArray[np.int32]


@shared
def _slot(texts: Arrays, space: int, text: Bytes, start: int, size: int) -> int:
    """Return the place in the table of a text, or where it would stand."""
    value = ((_START ^ space) * _PRIME) & _WORD
    for place in range(start, start + size):
        value = ((value ^ int(np.int64(text[place]))) * _PRIME) & _WORD
    mask = len(texts.table) - 1
    slot = int(value ^ (value >> 15)) & mask
    while texts.table[slot] != NONE:
        entry = texts.table[slot]
        if texts.entries[entry, 1] == size and texts.entries[entry, 2] == space:
            begin = texts.entries[entry, 0]
            place = 0
            while place < size and texts.pool[begin + place] == text[start + place]:
                place += 1
            if place == size:
                return slot
        slot = (slot + 1) & mask
    return slot


@shared
def seek(texts: Arrays, space: int, text: Bytes, start: int, size: int) -> int:
    """Return the number of a text, or NONE."""
    entry = texts.table[_slot(texts, space, text, start, size)]
    return NONE if entry == NONE else int(texts.entries[entry, 3])


@compiled
def find(texts: Arrays, space: int, text: Bytes) -> int:
    """Return the number of a text, or NONE."""
    return seek(pointed(texts), space, text, 0, len(text))


@shared
def settle(texts: Arrays, space: int, text: Bytes, start: int, size: int) -> int:
    """Return the number of a text, which is given one if it is new; there must be room."""
    slot = _slot(texts, space, text, start, size)
    if texts.table[slot] != NONE:
        return int(texts.entries[texts.table[slot], 3])
    counts = texts.counts
    kind = min(space, CLIENT)
    if kind == CLIENT and counts[FREE] > 0:
        counts[FREE] -= 1
        number = int(texts.free[counts[FREE]])
    else:
        number = int(counts[kind])
        counts[kind] += 1
    entry = int(counts[ENTRIES])
    counts[ENTRIES] += 1
    texts.table[slot] = entry
    texts.entries[entry, 0] = counts[USED]
    texts.entries[entry, 1] = size
    texts.entries[entry, 2] = space
    texts.entries[entry, 3] = number
    texts.known[kind, number] = entry
    if kind == CLIENT:
        texts.owners[number] = space - CLIENT
    counts[USED] = copy(texts.pool, int(counts[USED]), text, start, size)
    return number


@compiled
def intern(texts: Arrays, space: int, text: Bytes) -> int:
    """Return the number of a text, which is given one if it is new; there must be room."""
    return settle(pointed(texts), space, text, 0, len(text))


@compiled
def _move_over(source: Arrays, target: Arrays, is_dead: NDArray[np.bool_]) -> None:
    """Copy all texts but those of dead client numbers, each with its number, into arrays that are empty."""
    old, new = pointed(source), pointed(target)
    for kind in range(CLIENT + 1):
        new.counts[kind] = old.counts[kind]
    for number in range(old.counts[FREE]):
        new.free[number] = old.free[number]
    new.counts[FREE] = old.counts[FREE]
    for entry in range(old.counts[ENTRIES]):
        start, size = old.entries[entry, 0], old.entries[entry, 1]
        space, number = old.entries[entry, 2], old.entries[entry, 3]
        kind = min(space, CLIENT)
        if kind == CLIENT and is_dead[number]:
            new.free[new.counts[FREE]] = number
            new.counts[FREE] += 1
            continue
        place = new.counts[ENTRIES]
        new.counts[ENTRIES] += 1
        new.table[_slot(new, space, old.pool, start, size)] = place
        new.entries[place, 0] = new.counts[USED]
        new.entries[place, 1] = size
        new.entries[place, 2] = space
        new.entries[place, 3] = number
        new.known[kind, number] = place
        new.owners[number] = old.owners[number]
        new.counts[USED] = copy(new.pool, new.counts[USED], old.pool, start, size)


def _empty(size: int, entries: int) -> Arrays:
    slots = 1 << (2 * entries - 1).bit_length()
    return Arrays(
        pool=np.empty(size, np.uint8),
        counts=np.zeros(FREE + 1, np.int64),
        entries=np.empty((entries, 4), np.int64),
        table=np.full(slots, NONE, np.int32),
        known=np.full((CLIENT + 1, entries), NONE, np.int32),
        owners=np.full(entries, NONE, np.int32),
        free=np.empty(entries, np.int32),
    )


def json_text(text: str) -> bytes:
    """Return the text as JSON has it between quotes."""
    return msgspec.json.encode(text)[1:-1]


class Texts:
    """All texts that have numbers. `arrays` is for compiled code, and another object after `make_room` or `forget`."""

    def __init__(self) -> None:
        self.arrays = _empty(64 * _ROOM, _ROOM)

    def __len__(self) -> int:
        """Return how many texts have a number now."""
        return int(self.arrays.counts[ENTRIES])

    def count(self, kind: int) -> int:
        """Return how many numbers were given out to accounts, symbols, sources or client ids."""
        return int(self.arrays.counts[kind])

    def make_room(self, size: int, more: int) -> None:
        """Make room for `more` texts of `size` bytes altogether."""
        arrays, counts = self.arrays, self.arrays.counts
        bytes_needed, needed = int(counts[USED]) + size, int(counts[ENTRIES]) + more
        if bytes_needed > len(arrays.pool) or needed > len(arrays.entries):
            self._rebuild(2 * max(bytes_needed, len(arrays.pool) // 2), 2 * max(needed, len(arrays.entries) // 2))

    def forget(self, is_dead: NDArray[np.bool_]) -> None:
        """Give the marked client numbers back."""
        self._rebuild(len(self.arrays.pool), len(self.arrays.entries), is_dead=is_dead)

    def _rebuild(self, size: int, entries: int, *, is_dead: NDArray[np.bool_] | None = None) -> None:
        none = np.zeros(len(self.arrays.owners), np.bool_)
        new = _empty(size, entries)
        _move_over(self.arrays, new, none if is_dead is None else is_dead)
        self.arrays = new

    def number(self, space: int, text: str) -> int:
        """Return the number of a text, given out now if it is new."""
        raw = np.frombuffer(json_text(text), np.uint8)
        self.make_room(len(raw), 1)
        return int(intern(self.arrays, space, raw))

    def found(self, space: int, text: str) -> int:
        """Return the number of a text, or NONE."""
        raw = np.frombuffer(json_text(text), np.uint8)
        return int(find(self.arrays, space, raw))

    def text(self, kind: int, number: int) -> str:
        """Return the text of a number."""
        start, size, _, _ = self.arrays.entries[self.arrays.known[kind, number]]
        return str(msgspec.json.decode(b'"' + self.arrays.pool[start : start + size].tobytes() + b'"'))
