"""The ladder: which prices have orders, and the line of orders at each.

    bit of the heap ──> group of 64 words ──> word of 64 levels ──> level ──> oldest order ──> next ──> youngest

A symbol has a window of valid prices that follow each other, whatever their ticks; it is of a power of two and aligned
to it. Both sides share it, for the book is never crossed: all levels up to the best bid are bids, all from the best ask
are asks.
"""

import numpy as np

from stockex.core.matching.compiled.machine.code import compiled, part, shared
from stockex.core.matching.compiled.machine.instructions import leading, trailing, wide
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.records import BUY
from stockex.core.matching.compiled.tables import Tables

ALL = np.int64(-1)
ABOVE = np.int64(-2)
ONE = np.int64(1)


@part
def above(t: Tables, level: int) -> int:
    """Return the first level over `level` that has orders, of whatever symbol near by; 0: there is none."""
    word = level >> 6
    found = t.bits[word] & (ABOVE << (level & 63))
    if found != 0:
        return (word << 6) + trailing(found)
    group = word >> 6
    found = t.groups[group] & (ABOVE << (word & 63))
    if found == 0:
        heap = group >> 6
        found = t.heaps[heap] & (ABOVE << (group & 63))
        if found == 0:
            return 0
        group = (heap << 6) + trailing(found)
        found = t.groups[group]
    word = (group << 6) + trailing(found)
    return (word << 6) + trailing(t.bits[word])


@part
def below(t: Tables, level: int) -> int:
    """Return the first level under `level` that has orders, of whatever symbol near by; 0: there is none."""
    word = level >> 6
    found = t.bits[word] & ~(ALL << (level & 63))
    if found != 0:
        return (word << 6) + 63 - leading(found)
    group = word >> 6
    found = t.groups[group] & ~(ALL << (word & 63))
    if found == 0:
        heap = group >> 6
        found = t.heaps[heap] & ~(ALL << (group & 63))
        if found == 0:
            return 0
        group = (heap << 6) + 63 - leading(found)
        found = t.groups[group]
    word = (group << 6) + 63 - leading(found)
    return (word << 6) + 63 - leading(t.bits[word])


@part
def mark(t: Tables, level: int) -> None:
    """Note that `level` has orders."""
    word = level >> 6
    if t.bits[word] == 0:
        group = word >> 6
        if t.groups[group] == 0:
            t.heaps[group >> 6] |= ONE << (group & 63)
        t.groups[group] |= ONE << (word & 63)
    t.bits[word] |= ONE << (level & 63)


@part
def unmark(t: Tables, level: int) -> None:
    """Note that `level` has no order left."""
    word = level >> 6
    t.bits[word] &= ~(ONE << (level & 63))
    if t.bits[word] == 0:
        group = word >> 6
        t.groups[group] &= ~(ONE << (word & 63))
        if t.groups[group] == 0:
            t.heaps[group >> 6] &= ~(ONE << (group & 63))


@part
def further(t: Tables, level: int) -> int:
    """Return the level that comes after `level` for who trades with its side; 0: it was the last."""
    order = t.orders[int(t.levels[level]["tail"])]
    symbol = t.symbols[int(order["symbol"])]
    if order["side"] == BUY:
        found = below(t, level)
        return found if found >= wide(symbol["first"]) else 0
    found = above(t, level)
    return found if found < wide(symbol["first"]) + wide(symbol["size"]) else 0


@part
def append(t: Tables, slot: int) -> None:
    """Put the order last in the line at its level. The level's quantity and the best price follow."""
    order = t.orders[slot]
    at = wide(order["level"])
    level = t.levels[at]
    tail = wide(level["tail"])
    order["next"] = 0
    order["prev"] = tail
    level["tail"] = slot
    level["qty"] += wide(order["leaves"])
    level["count"] += 1
    if tail != 0:
        t.orders[tail]["next"] = slot
        return
    level["head"] = slot
    level["price"] = order["price"]
    mark(t, at)
    symbol = t.symbols[int(order["symbol"])]
    if order["side"] == BUY:
        symbol["bid"] = max(wide(symbol["bid"]), at)
    elif wide(symbol["ask"]) == 0 or at < wide(symbol["ask"]):
        symbol["ask"] = at


@part
def unlink(t: Tables, slot: int) -> None:
    """Take the order out of its line, whose quantity falls by what it leaves; the best price follows."""
    order = t.orders[slot]
    at = wide(order["level"])
    level = t.levels[at]
    after = wide(order["next"])
    before = wide(order["prev"])
    level["qty"] -= wide(order["leaves"])
    level["count"] -= 1
    if after != 0:
        t.orders[after]["prev"] = before
    else:
        level["tail"] = before
    if before != 0:
        t.orders[before]["next"] = after
    else:
        level["head"] = after
        if after == 0:
            _clear(t, slot)


@part
def _clear(t: Tables, slot: int) -> None:
    """Forget the level of its last order; if it was the best, the next one is."""
    order = t.orders[slot]
    at = wide(order["level"])
    symbol = t.symbols[int(order["symbol"])]
    unmark(t, at)
    if order["side"] == BUY:
        if at == wide(symbol["bid"]):
            found = below(t, at)
            symbol["bid"] = found if found >= wide(symbol["first"]) else 0
    elif at == wide(symbol["ask"]):
        found = above(t, at)
        symbol["ask"] = found if found < wide(symbol["first"]) + wide(symbol["size"]) else 0


@shared
def turn(t: Tables, pair: tuple[int, int]) -> None:
    """Have tick and base of a symbol be those of the row of its tick table that a price above zero is in."""
    number, price = pair
    symbol = t.symbols[number]
    at = wide(symbol["row"])
    while price > wide(t.rows[at]["end"]):
        at += 1
    row = t.rows[at]
    symbol["lowest"], symbol["highest"], symbol["tick"] = row["start"], row["end"], row["tick"]
    symbol["base"] = wide(row["start"]) + (wide(symbol["window"]) - wide(row["below"])) * wide(row["tick"])


@compiled
def move_levels(tables: Tables, number: int) -> None:
    """Move the levels of a symbol to another window: first level, size, prices below: `filled`, `cost`, `worst`."""
    t = pointed(tables)
    state = t.state[0]
    symbol = t.symbols[number]
    end = wide(symbol["first"]) + wide(symbol["size"])
    at = wide(symbol["first"])
    higher = wide(state["worst"]) - wide(symbol["window"])
    shift = wide(state["filled"]) - at - higher
    if at != 0 and t.levels[at]["count"] == 0:
        at = above(t, at)
    while at != 0 and at < end:
        after = above(t, at)
        t.levels[at + shift] = t.levels[at]
        unmark(t, at)
        mark(t, at + shift)
        slot = wide(t.levels[at]["head"])
        t.levels[at]["head"] = t.levels[at]["tail"] = t.levels[at]["count"] = 0
        t.levels[at]["qty"] = 0
        while slot != 0:
            t.orders[slot]["level"] = at + shift
            slot = wide(t.orders[slot]["next"])
        at = after
    if symbol["bid"] != 0:
        symbol["bid"] += shift
    if symbol["ask"] != 0:
        symbol["ask"] += shift
    symbol["first"] = state["filled"]
    symbol["size"] = state["cost"]
    symbol["window"] = state["worst"]
    symbol["base"] += higher * wide(symbol["tick"])
