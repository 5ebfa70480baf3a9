"""A symbol's orders, into the kernel's lines and out of them again."""

from typing import Final

from stockex.core.matching.compiled.kernel import free_slot, take_slot
from stockex.core.matching.compiled.ladder import append, turn, unlink
from stockex.core.matching.compiled.machine.code import compiled
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.records import BUY
from stockex.core.matching.compiled.tables import Records, Tables
from stockex.core.matching.compiled.writing import end

ELSEWHERE: Final = -1
"""The slot of an order that stands in a plain book."""


@compiled
def move_in(tables: Tables, number: int, rows: Records) -> None:
    """Put the rows, orders of one symbol, last in their lines; there is room for them, and what they hold is held."""
    t = pointed(tables)
    symbol = t.symbols[number]
    for row in range(len(rows)):
        slot = free_slot(t)
        take_slot(t, slot)
        t.orders[slot] = rows[row]
        order = t.orders[slot]
        price = int(order["price"])
        if not int(symbol["lowest"]) <= price <= int(symbol["highest"]):
            turn(t, (number, price))
        ticks = (price - int(symbol["base"])) // int(symbol["tick"])
        order["level"] = int(symbol["first"]) + ticks
        append(t, slot)
        symbol["orders"] += 1
        t.clients[int(order["client"])]["slot"] = slot


@compiled
def move_out(tables: Tables, number: int, rows: Records) -> None:
    """Take all orders of a symbol out into rows: bids, then asks, as they would trade; what they hold stays held."""
    t = pointed(tables)
    symbol = t.symbols[number]
    row = 0
    for side in range(2):
        level = int(symbol["bid"] if side == BUY else symbol["ask"])
        while level != 0:
            slot = int(t.levels[level]["head"])
            rows[row] = t.orders[slot]
            unlink(t, slot)
            end(t, slot)
            t.clients[int(rows[row]["client"])]["slot"] = ELSEWHERE
            row += 1
            level = int(symbol["bid"] if side == BUY else symbol["ask"])
