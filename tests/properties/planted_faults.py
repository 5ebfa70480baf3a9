"""Faults planted in the kernel, the router, the money and the journal, one at a time; the comparison must see each.

With NUMBA_DISABLE_JIT=1 the compiled code is Python, so that a fault is another source text. `python planted_faults.py`
prints, for each fault, the seed whose script showed it.
"""

import importlib
import inspect
import json
import sys
from types import FunctionType, ModuleType
from typing import Final

from stockex.simulation.differential import played

FAST, COMPILED = "stockex.core.fast.", "stockex.core.matching.compiled."
FAULTS: Final = {
    "the younger order trades first": (
        COMPILED + "matching",
        'head = wide(t.levels[level]["head"])',
        'head = wide(t.levels[level]["tail"])',
    ),
    "a fill-or-kill that fills in part is taken": (
        COMPILED + "matching",
        'if wide(state["filled"]) < wide(order["leaves"]):',
        'if wide(state["filled"]) == 0:',
    ),
    "decrement takes nothing off the resting order": (
        COMPILED + "matching",
        "        hold(t, (head, -qty))\n        _reduce(t, (head, qty))",
        "        _reduce(t, (head, 0))",
    ),
    "a cancel frees nothing": (
        COMPILED + "writing",
        'hold(t, (slot, -wide(t.orders[slot]["leaves"])))',
        "hold(t, (slot, 0))",
    ),
    "the seller is paid nothing": (
        COMPILED + "matching",
        'wide(resting["symbol"]), -qty, cash))',
        'wide(resting["symbol"]), -qty, 0))',
    ),
    "an order of the same size loses its place": (
        COMPILED + "kernel",
        'leaves <= wide(order["leaves"]) and not',
        'leaves < wide(order["leaves"]) and not',
    ),
    "a limit off the tick grid is taken": (COMPILED + "checks", "if limit % tick != 0:", "if limit % tick < 0:"),
    "levels are told best last": (
        COMPILED + "writing",
        "if second != 0 and (second > first) == (side == BUY):",
        "if second != 0 and (second > first) != (side == BUY):",
    ),
    "prices have a decimal too many": (
        COMPILED + "wire.digits",
        "return _put_decimals(out, at, value % _UNITS, _DECIMALS, 1)",
        "return _put_decimals(out, at, value % _UNITS, _DECIMALS, 2)",
    ),
    "the journal swaps the parties of a trade": (
        COMPILED + "wire.writing",
        "at = _fill(batch, at, place, is_buy)",
        "at = _fill(batch, at, place, not is_buy)",
    ),
    "the journal numbers facts from one": (
        COMPILED + "wire.writing",
        "batch.cause[INDEX] = 0",
        "batch.cause[INDEX] = 1",
    ),
    "a market order runs where its rest would stay": (
        COMPILED + "lending.running",
        "rules.market_remainder is MarketRemainder.CANCEL",
        "True",
    ),
    "orders go into their lines youngest first": (
        COMPILED + "lending.moving",
        "t.orders[slot] = rows[row]",
        "t.orders[slot] = rows[len(rows) - 1 - row]",
    ),
    "time does not pass on the compiled book": (
        COMPILED + "lending.running",
        "at = max(at, sent_at[place])",
        "at = max(at, 0)",
    ),
    "something due is forgotten": (COMPILED + "lending.running", "or at >= due or", "or"),
    "a phase change takes nothing back": (
        FAST + "exchange",
        "CancelOrders() if command.symbol is not None:\n                return (command.symbol,)",
        "CancelOrders() if command.symbol is not None:\n                return ()",
    ),
    "a mass cancel forgets the lent orders": (
        FAST + "exchange",
        "return [self._names[number] for number in numbers]",
        "return ()",
    ),
    "an iceberg is lent": (FAST + "common", "if getattr(order, name) != default:", "if False:"),
    "a halted instrument is lent": (FAST + "common", "if listing.phase is not Phase.CONTINUOUS:", "if False:"),
    "the last price stays behind": (
        FAST + "exchange",
        "self._desk.listings[symbol].last = lender.last(number)",
        "pass",
    ),
    "places stay behind": (
        FAST + "desk",
        "listing.book.places = places\n        listing.book.take",
        "listing.book.take",
    ),
    "what came back holds twice as much": (
        FAST + "desk",
        "unit = order.price if order.side is Side.BUY else 1",
        "unit = order.price * 2 if order.side is Side.BUY else 1",
    ),
    "trades of the compiled book are forgotten": (FAST + "names", "self._done[done.trade_id] = done", "pass"),
    "a deposit is lost": (FAST + "money", '(self._number)["cash"] = cash', '(self._number)["cash"] += 0'),
    "ids of the plain book may be used again": (FAST + "names", '["used"] = row["used"]', '["used"] = 0'),
}
"""What is wrong: the module, a text of it that stands there once, and what takes its place."""

SEEDS: Final = (6, 9, 12, 19, 39)
LENGTH: Final = 500


def plant(module: ModuleType, source: str) -> None:
    """Let a module have this source, and everybody who has taken a function or a class of it the new one."""
    before = {name: value for name, value in vars(module).items() if _is_own(value, module)}
    exec(compile(source, str(module.__file__), "exec"), vars(module))  # noqa: S102 (our own source)
    new = {id(value): vars(module)[name] for name, value in before.items()}
    for other in [known for name, known in sys.modules.items() if name.startswith("stockex.")]:
        for name, value in list(vars(other).items()):
            if id(value) in new:
                setattr(other, name, new[id(value)])


def _is_own(value: object, module: ModuleType) -> bool:
    return isinstance(value, type | FunctionType) and value.__module__ == module.__name__


def caught(fault: str) -> int | None:
    """Plant one fault; return the first seed whose script shows it, or None. Then everything is as before."""
    name, text, wrong = FAULTS[fault]
    module = importlib.import_module(name)
    source = inspect.getsource(module)
    assert source.count(text) == 1, f"{fault}: {text!r} stands {source.count(text)} times in {name}"
    plant(module, source.replace(text, wrong))
    try:
        return next((seed for seed in SEEDS if _is_seen(seed)), None)
    finally:
        plant(module, source)


def _is_seen(seed: int) -> bool:
    """Say whether a script shows a difference, or that something broke."""
    try:
        return played(seed, LENGTH).differs is not None
    except (AssertionError, IndexError, KeyError, ValueError):
        return True


if __name__ == "__main__":
    importlib.import_module(FAST + "exchange")
    assert not any(_is_seen(seed) for seed in SEEDS), "without a fault nothing differs"
    sys.stdout.write(json.dumps({fault: caught(fault) for fault in FAULTS}))
