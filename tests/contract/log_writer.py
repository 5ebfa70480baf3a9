"""A process that appends to the log named on its command line until it is killed.

For each acknowledged append of two orders and a trade it writes one line: "<first offset> <second offset> <text>".
"""

import asyncio
import sys
from pathlib import Path

from contract.bus_contract import HandClock, order, trade

from stockex.bus.sqlite import SqliteBus

WRITERS = 10


async def write_for_ever(bus: SqliteBus, writer: int) -> None:
    """Append and tell of each append once it is acknowledged."""
    number = 0
    while True:
        text = f"{writer}-{number}"
        first, _, second = await bus.append([order(text), trade(text), order(text)])
        sys.stdout.write(f"{first} {second} {text}\n")
        sys.stdout.flush()
        number += 1


async def main() -> None:
    """Let several writers append at once."""
    bus = await SqliteBus.open(Path(sys.argv[1]), clock=HandClock())
    await asyncio.gather(*(write_for_ever(bus, writer) for writer in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main())
