"""A process that appends to the embedded log named on its command line until it is killed.

For each acknowledged append of two orders and a trade it writes one line: "<first offset> <second offset> <text>". A
text is never used twice, by no process. Another backend's process opens its log and calls `write`.
"""

import asyncio
import sys
from itertools import count
from os import getpid
from pathlib import Path

from contract.bus_contract import HandClock, order, trade

from stockex.bus.interface import Bus
from stockex.bus.sqlite import SqliteBus

WRITERS = 10


async def write(bus: Bus) -> None:
    """Let several writers append at once, for ever."""
    await asyncio.gather(*(_write(bus, writer) for writer in range(WRITERS)))


async def _write(bus: Bus, writer: int) -> None:
    """Append and tell of each append once it is acknowledged."""
    for number in count():
        text = f"{getpid()}-{writer}-{number}"
        first, _, second = await bus.append([order(text), trade(text), order(text)])
        sys.stdout.write(f"{first} {second} {text}\n")
        sys.stdout.flush()


async def main() -> None:
    """Append to the file."""
    await write(await SqliteBus.open(Path(sys.argv[1]), clock=HandClock()))


if __name__ == "__main__":
    asyncio.run(main())
