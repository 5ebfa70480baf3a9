"""Many texts and orders at once: what would take a call for each of them, for books that are long."""

from collections.abc import Sequence

import msgspec
import numpy as np

from stockex.core.matching.compiled.ladder import unlink
from stockex.core.matching.compiled.lending.lender import Lender, rows_for
from stockex.core.matching.compiled.lending.moving import ELSEWHERE
from stockex.core.matching.compiled.machine.code import compiled
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.records import BUY
from stockex.core.matching.compiled.tables import Records, Tables
from stockex.core.matching.compiled.wire.texts import USED, Arrays, Texts, json_text, settle
from stockex.core.matching.compiled.writing import end


@compiled
def _settle_all(given: Arrays, spaces: Wholes, text: Bytes, ends: Wholes, numbers: Wholes) -> None:
    """Give each text of a space a number; there is room."""
    texts, start = pointed(given), 0
    for place in range(len(ends)):
        numbers[place] = settle(texts, spaces[place], text, start, ends[place] - start)
        start = ends[place]


def numbers_of(words: Sequence[str], spaces: Sequence[int], *, texts: Texts) -> Wholes:
    """Return the numbers of texts, each in a space of its own, given out now where they are new."""
    parts = [json_text(word) for word in words]
    raw, ends = np.frombuffer(b"".join(parts), np.uint8), np.cumsum([len(part) for part in parts], dtype=np.int64)
    texts.make_room(len(raw), len(parts))
    numbers = np.empty(len(parts), np.int64)
    _settle_all(texts.arrays, np.array(spaces, np.int64), raw, ends, numbers)
    return numbers


def json_of(numbers: Wholes | Sequence[int], kind: int, *, texts: Texts) -> list[bytes]:
    """Return the texts of numbers of one kind, as JSON has them between quotes."""
    arrays = texts.arrays
    pool = arrays.pool[: int(arrays.counts[USED])].tobytes()
    return [pool[start : start + size] for start, size in arrays.entries[arrays.known[kind, numbers], :2].tolist()]


def words_of(numbers: Wholes | Sequence[int], kind: int, *, texts: Texts) -> list[str]:
    """Return the texts of numbers of one kind."""
    parts = json_of(numbers, kind, texts=texts)
    return msgspec.json.decode(b'["%s"]' % b'","'.join(parts), type=list[str]) if parts else []


@compiled
def _take_out(given: Tables, slots: Wholes, rows: Records) -> None:
    """Take orders out into rows; what they hold stays held."""
    t = pointed(given)
    for place in range(len(slots)):
        slot = slots[place]
        rows[place] = t.orders[slot]
        unlink(t, slot)
        end(t, slot)
        t.clients[int(rows[place]["client"])]["slot"] = ELSEWHERE


def take_out(lender: Lender, number: int, *, account: int, side: int | None) -> Records:
    """Take an account's orders in a symbol out, of one side or of both when None; those at one price the older first.

    What they hold stays held. Each row's `level` tells where it stood. Cost: O(slots), as arrays.
    """
    tables = lender.tables
    orders = tables.orders[: int(tables.state[0]["fresh"])]
    slots = (orders["account"] == account).nonzero()[0]
    mine = orders[slots]
    is_meant = (mine["symbol"] == number) & (slots > 0) & (tables.clients["slot"][mine["client"]] == slots)
    if side is not None:
        is_meant &= mine["side"] == side
    slots = slots[is_meant]
    slots = slots[orders["place"][slots].argsort()]
    rows = rows_for(len(slots))
    _take_out(tables, slots, rows)
    return rows


def level_at(lender: Lender, level: int) -> tuple[int, int]:
    """Return what the orders at a level leave, and how many they are."""
    found = lender.tables.levels[level]
    return (int(found["qty"]), int(found["count"])) if found["count"] > 0 else (0, 0)


def levels(lender: Lender, number: int) -> list[tuple[int, int, int, int]]:
    """Return side, price, what its orders leave and how many they are of each of a symbol's levels, bids best first.

    Cost: O(slots), as arrays.
    """
    slots = _slots(lender, number)
    orders = lender.tables.orders
    one = np.zeros(len(lender.tables.levels), np.int64)
    one[orders["level"][slots]] = slots
    rows = orders[one[one > 0]]
    found = zip(*(rows[name].tolist() for name in ("side", "price", "level")), strict=True)
    best_first = sorted(found, key=lambda each: (each[0], -each[1] if each[0] == BUY else each[1]))
    return [(side, price, *level_at(lender, level)) for side, price, level in best_first]


def _slots(lender: Lender, number: int) -> Wholes:
    """Return where a symbol's orders stand, in no order."""
    tables = lender.tables
    orders = tables.orders[: int(tables.state[0]["fresh"])]
    slots = (orders["symbol"] == number).nonzero()[0]
    found: Wholes = slots[(slots > 0) & (tables.clients["slot"][orders["client"][slots]] == slots)]
    return found


def resting(lender: Lender, number: int) -> Records:
    """Return a copy of a symbol's orders: bids, then asks, as they would trade. Cost: O(slots), as arrays."""
    rows: Records = lender.tables.orders[_slots(lender, number)]
    keys = np.where(rows["side"] == BUY, -rows["price"], rows["price"])
    found: Records = rows[np.lexsort((rows["place"], keys, rows["side"]))]
    return found
