"""What the compiled book takes: memory for many books, and time to compile and to load. Each in a fresh process.

    python benchmarks/footprint.py           measures all of it, and writes one JSON object
    python benchmarks/footprint.py memory    what this process takes with a million orders resting in 10,000 books
    python benchmarks/footprint.py start     how long this process takes until the first command is obeyed

The third measures what it is started with: set NUMBA_CACHE_DIR to an empty folder to see it compile.
"""

from time import perf_counter

BEGAN = perf_counter()

# ruff: noqa: E402 the imports below are part of what is measured

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from batch import TICK, batches
from flows.crowd import FIRST_OFFSET, Commands

from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.engine import Engine

SYMBOLS, ORDERS, ACCOUNTS = 10_000, 1_000_000, 100
MIDDLE: Final = 20_000
"""In ticks."""

REACH: Final = 100
"""Orders rest within this many ticks of the middle, on either side."""


def resident_mib() -> int:
    """Return the most memory that this process has had, in MiB.

    Linux tells it of this program alone; what `getrusage` tells is not less than what the starting process had.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line[:6] == "VmHWM:") // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def resting_orders(count: int) -> Commands:
    """Return orders that rest, all of them, in all books."""
    dice = np.random.default_rng(23)
    commands = np.zeros(count, dtype=records.COMMAND)
    sides = dice.integers(0, 2, count)
    distance = 1 + dice.integers(0, REACH, count)
    commands["kind"] = records.NEW
    commands["client"] = np.arange(count)
    commands["target"] = records.NONE
    commands["offset"] = FIRST_OFFSET + np.arange(count)
    commands["symbol"] = np.arange(count) % SYMBOLS
    commands["account"] = dice.integers(0, ACCOUNTS, count)
    commands["side"] = sides
    commands["price"] = TICK * (MIDDLE + np.where(sides == records.BUY, -distance, distance))
    commands["qty"] = dice.integers(1, 1_000, count)
    commands["flags"] = records.HAS_PRICE
    return commands


def memory() -> dict[str, float]:
    """Fill the books; return what this process took for it, and before."""
    commands = resting_orders(ORDERS)
    engine = Engine(is_open=True, levels=False)
    for _ in range(SYMBOLS):
        engine.list_symbol(tick=TICK)
    engine.run(commands[:0])
    before = resident_mib()
    began = perf_counter()
    for batch in batches(commands):
        engine.run(batch)
    seconds = perf_counter() - began
    resting = int(engine.tables.symbols["orders"].sum())
    rooms = {name: round(array.nbytes / 2**20) for name, array in engine.tables._asdict().items()}
    rooms = {name: mib for name, mib in rooms.items() if mib}
    return {"resting": resting, "mib": resident_mib(), "mib_before": before, "seconds": round(seconds, 2), **rooms}


def start() -> dict[str, float]:
    """Obey one command; return how long that took since this script began, and what of that the imports."""
    imported = perf_counter() - BEGAN
    engine = Engine(is_open=True)
    engine.list_symbol(tick=TICK)
    facts = len(engine.run(resting_orders(1)).facts)
    return {"seconds": round(perf_counter() - BEGAN, 2), "imports": round(imported, 2), "facts": facts}


def fresh(act: str, cache: str) -> dict[str, float]:
    """Return what the act measures in a process of its own, with this folder for machine code."""
    command = [sys.executable, str(Path(__file__)), act]
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)  # noqa: S603 this script
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure() -> dict[str, dict[str, float]]:
    """Measure the first start, a later one, and memory."""
    with TemporaryDirectory() as cache:
        return {
            "first start": fresh("start", cache),
            "later start": fresh("start", cache),
            "memory": fresh("memory", cache),
        }


if __name__ == "__main__":
    acts = {"memory": memory, "start": start}
    print(json.dumps(acts[sys.argv[1]]() if sys.argv[1:] else measure()))
