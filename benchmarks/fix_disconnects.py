"""How soon flagged orders end when their session is cut, on a durable log: `python benchmarks/fix_disconnects.py`."""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from stockex.adapters.clock import wall_clock
from stockex.bus.sqlite import SqliteBus
from stockex.torture.fix.disconnects import Dropped, cut_off


async def measured(sessions: int) -> Dropped:
    """Cut so many sessions."""
    with tempfile.TemporaryDirectory() as name:
        bus = await SqliteBus.open(Path(name) / "log.db", clock=wall_clock)
        found = await cut_off(bus, Path(name) / "venue", sessions=sessions)
        await bus.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=200)
    found = asyncio.run(measured(parser.parse_args().sessions))
    cuts = statistics.quantiles(found.times_ms, n=100)
    print(f"{len(found.times_ms)} sessions cut: {found.gone} of {found.flagged} flagged orders ended, ", end="")
    print(
        f"{found.others_gone} others; the last of a session after p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, ",
        end="",
    )
    print(f"at most {max(found.times_ms):.1f} ms")


if __name__ == "__main__":
    main()
