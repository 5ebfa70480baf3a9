"""Batches for the compiled engine, in few words."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.tables import Ran, Records

TICK: Final = 100
MIDDLE: Final = 10_000
Row = Mapping[str, int]


def opened(*, levels: bool = True) -> Engine:
    """Return an engine with one symbol, in which every account may trade without limits."""
    engine = Engine(is_open=True, levels=levels)
    engine.list_symbol(tick=TICK)
    return engine


def batch(*rows: Row) -> Records:
    """Return commands in order; the first has offset 1000."""
    commands = np.zeros(len(rows), r.COMMAND)
    commands["client"] = commands["target"] = r.NONE
    commands["offset"] = 1000 + np.arange(len(rows))
    for command, row in zip(commands, rows, strict=True):
        for name, value in row.items():
            command[name] = value
    return commands


def buy(client: int, qty: int, price: int = MIDDLE, **more: int) -> Row:
    """Return a new day order to buy, of account 0 unless `more` says otherwise."""
    terms = {"kind": r.NEW, "side": r.BUY, "client": client, "qty": qty, "price": price, "flags": r.HAS_PRICE}
    return terms | more


def sell(client: int, qty: int, price: int = MIDDLE, **more: int) -> Row:
    """Return a new day order to sell, of account 1 unless `more` says otherwise."""
    return {**buy(client, qty, price), "side": r.SELL, "account": 1} | more


def cancel(target: int, **more: int) -> Row:
    """Return a cancel of account 0, unless `more` says otherwise."""
    return {"kind": r.CANCEL, "target": target} | more


def replace(target: int, **more: int) -> Row:
    """Return a replacement of account 0 by the quantity and price that `more` has."""
    flags = (r.HAS_QTY if "qty" in more else 0) | (r.HAS_PRICE if "price" in more else 0)
    return {"kind": r.REPLACE, "target": target, "flags": flags} | more


def kinds(ran: Ran) -> list[int]:
    """Return what kind each fact is of."""
    found: list[int] = ran.facts["kind"].tolist()
    return found


def levels(ran: Ran) -> list[tuple[int, int, int, int]]:
    """Return the levels that were told: side, price, quantity, number of orders."""
    told = ran.facts[ran.facts["kind"] == r.LEVEL]
    return [
        tuple(row) for row in zip(*(told[name].tolist() for name in ("side", "price", "order", "qty")), strict=True)
    ]
