"""How many records a second the log takes, durable: the embedded one or, with KAFKA_BOOTSTRAP, the one on Kafka.

    python benchmarks/appends.py [--seconds 5] [--json]

Many append at once, one record or a batch each, and append again as soon as theirs is durable; what waits is written in
one group. A record is an order of 220 bytes.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from stockex.adapters.clock import wall_clock
from stockex.bus.interface import Bus
from stockex.bus.sqlite import SqliteBus
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic

SHAPES = ((1, 1), (1_000, 1), (16, 500))
"""How many append at the same time, and how many records at once each."""

VALUE = json.dumps({"type": "new", "account": "CLIENT1", "cl_ord_id": "A" * 40, "symbol": "ALPHA", "filler": "x" * 100})


async def opened(folder: Path) -> Bus:
    """Return a new log."""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    if bootstrap is None:
        return await SqliteBus.open(folder / "log.db", clock=wall_clock)
    from stockex.bus.kafka.client import Cluster  # noqa: PLC0415 (an extra)
    from stockex.bus.kafka.log import KafkaBus  # noqa: PLC0415 (an extra)

    return await KafkaBus.open(Cluster(bootstrap, prefix=f"appends-{os.getpid()}-{time.time_ns()}-"), clock=wall_clock)


async def measured(bus: Bus, writers: int, *, batch: int, seconds: float) -> dict[str, float]:
    """Return records a second, and the median and the 99th percentile of an append in milliseconds."""
    entries: Sequence[Entry] = [Entry(Topic.ORDERS, "ALPHA", VALUE.encode())] * batch
    waits: list[float] = []
    began = time.perf_counter()

    async def write() -> None:
        while (at := time.perf_counter()) < began + seconds:
            await bus.append(entries)
            waits.append(time.perf_counter() - at)

    await asyncio.gather(*(write() for _ in range(writers)))
    elapsed = time.perf_counter() - began
    waits.sort()
    return {
        "writers": writers,
        "batch": batch,
        "records_per_s": round(len(waits) * batch / elapsed),
        "p50_ms": round(waits[len(waits) // 2] * 1_000, 2),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1_000, 2),
    }


async def run(seconds: float, *, as_json: bool) -> None:
    """Print a line for each shape."""
    for writers, batch in SHAPES:
        with TemporaryDirectory(prefix="stockex-appends-") as folder:
            bus = await opened(Path(folder))
            await measured(bus, writers, batch=batch, seconds=1.0)
            found = await measured(bus, writers, batch=batch, seconds=seconds)
            await bus.close()
        print(json.dumps(found) if as_json else "  ".join(f"{name} {value:,g}" for name, value in found.items()))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    uvloop.run(run(given.seconds, as_json=given.json))
