"""Commands on Kafka, from `orders` through the matcher to their facts, read back: how many a second, and how soon.

    python benchmarks/kafka_orders.py [--flow normal] [--rates 1000,5000,10000,0] [--seconds 10] [--most 1000]
                                      [--book compiled] [--json]

A broker, `stockex run matcher` and this process, which speaks to topics as a gateway does: it appends batches of a
flow (of one symbol; accounts are held to what they have) and follows `executions`. A command is due at an
instant that follows from the rate alone; it is answered when a fact of it was read, which it can be once it is
committed. Rate 0: as fast as it goes, with `--window` commands on their way. With KAFKA_BOOTSTRAP on that broker, else
on one of its own.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import numpy as np
import uvloop
from fix_orders import spent
from flows.catalogue import FLOWS, flow
from latency import POINTS
from msgspec import Struct
from plain import LISTING, command_of

from stockex.adapters.clock import wall_clock
from stockex.adapters.process import calm_garbage_collector
from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus
from stockex.messages.codec import encode, entry_of
from stockex.messages.envelope import Entry
from stockex.messages.orders import AnyCommand, Deposit
from stockex.messages.topics import Topic
from stockex.torture.fleet import Fleet
from stockex.torture.kafka.broker import Broker
from stockex.vocabulary.services import LiveBook, Service
from stockex.vocabulary.units import Cash, Shares

SYMBOL: Final = "FLOW"
STEP_S: Final = 0.005
WARM: Final = 20_000
"""So many commands go before the clock starts: caches are filled, and the book has orders."""


class Cause(Struct):
    """What is read of a fact: the offset of its command."""

    offset: int = -1


cause_of = msgspec.json.Decoder(Cause).decode


class Gateway:
    """Appends commands and hears when each has a fact.

    Attributes:
        waits: Seconds from when each command was due until a fact of it was read.
        facts: How many records of `executions` were read.
    """

    def __init__(self, bus: KafkaBus, *, most: int) -> None:
        """Append to `bus`, at most so many at once."""
        self.waits: list[float] = []
        self.facts = 0
        self._bus = bus
        self._most = most
        self._due: dict[int, float] = {}
        self._newest = -1
        self._moved = asyncio.Event()

    async def follow(self, since: int) -> None:
        """Read facts until cancelled."""
        async for batch in self._bus.read({Topic.EXECUTIONS: since}):
            now, self.facts = time.perf_counter(), self.facts + len(batch)
            for record in batch:
                offset = cause_of(record.value).offset
                if offset in self._due:
                    self.waits.append(now - self._due.pop(offset))
            self._newest = max(self._newest, offset)
            self._moved.set()

    async def paced(self, entries: Sequence[Entry], rate: float) -> None:
        """Append what is due every few milliseconds; return when all have their answer."""
        began, sent, appending = time.perf_counter(), 0, set[asyncio.Task[int]]()
        while sent < len(entries):
            ready = min(int((time.perf_counter() - began) * rate) + 1, len(entries))
            while sent < ready:
                upto = min(sent + self._most, ready)
                due = [began + place / rate for place in range(sent, upto)]
                appending.add(asyncio.create_task(self._append(entries[sent:upto], due)))
                sent = upto
            await asyncio.sleep(STEP_S)
        await self._until(max(await asyncio.gather(*appending)))

    async def flooded(self, entries: Sequence[Entry], window: int) -> None:
        """Keep so many commands on their way; return when all have their answer."""
        parts = iter([entries[first : first + self._most] for first in range(0, len(entries), self._most)])

        async def feed() -> None:
            for part in parts:
                now = time.perf_counter()
                await self._until(await self._append(part, [now] * len(part)))

        await asyncio.gather(*(feed() for _ in range(max(window // self._most, 1))))

    async def _append(self, part: Sequence[Entry], due: Sequence[float]) -> int:
        """Append some commands and note when they were due; return the offset of the last."""
        offsets = await self._bus.append(part)
        self._due.update(zip(offsets, due, strict=True))
        return offsets[-1]

    async def _until(self, offset: int) -> None:
        """Wait until a fact of the command at `offset`, or of a later one, has been read."""
        while self._newest < offset:
            self._moved.clear()
            await self._moved.wait()


def commands(name: str, count: int) -> list[Entry]:
    """Return so many commands of a flow, as the log takes them."""
    rows = flow(name).commands[:count]
    ours, theirs = (f'"symbol":"{name}"'.encode() for name in (SYMBOL, LISTING.symbol))
    return [Entry(Topic.ORDERS, SYMBOL, encode(command_of(row)).replace(theirs, ours)) for row in rows]


def opening(name: str) -> list[AnyCommand]:
    """Return what lists the symbol and funds all accounts of a flow."""
    names = [f"A{each}" for each in np.unique(flow(name).commands["account"]).tolist()]
    listing = msgspec.structs.replace(LISTING, symbol=SYMBOL)
    return [listing, *(Deposit(account=a, cash=Cash(10**13), symbol=SYMBOL, qty=Shares(10**8)) for a in names)]


async def measured(
    cluster: Cluster, entries: list[Entry], *, given: argparse.Namespace, rate: float
) -> dict[str, float]:
    """Return the figures of one rate on a matcher that runs."""
    bus = await KafkaBus.open(cluster, clock=wall_clock, name="load")
    gateway = Gateway(bus, most=given.most)
    following = asyncio.create_task(gateway.follow(await bus.end(Topic.EXECUTIONS)))
    await bus.append([entry_of(command) for command in opening(given.flow)])
    await gateway.flooded(entries[:WARM], given.window)
    calm_garbage_collector()
    gateway.waits.clear()
    rest, facts, began = entries[WARM:], gateway.facts, time.perf_counter()
    await (gateway.paced(rest, rate) if rate else gateway.flooded(rest, given.window))
    took, waits = time.perf_counter() - began, sorted(gateway.waits)
    following.cancel()
    await bus.close()
    at = {point: waits[min(int(len(waits) * point / 100), len(waits) - 1)] * 1_000 for point in POINTS}
    return {
        "asked_per_s": rate,
        "commands_per_s": round(len(rest) / took),
        "executions_per_s": round((gateway.facts - facts) / took),
        **{f"p{point:g}_ms": round(wait, 1) for point, wait in at.items()},
    }


@contextmanager
def brokered(folder: Path) -> Iterator[tuple[str, int | None]]:
    """Give the address of a broker and, of one of our own, its process."""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    if bootstrap is not None:
        yield bootstrap, None
        return
    broker = Broker(folder / "broker")
    number = broker.start()
    try:
        yield broker.bootstrap, number
    finally:
        broker.kill()


def main() -> None:
    """Print a line for each rate."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--flow", choices=list(FLOWS), default="normal")
    options.add_argument("--rates", default="1000,5000,10000,0", help="commands a second; 0: as fast as it goes")
    options.add_argument("--most", type=int, default=1_000, help="commands of an append, at most")
    options.add_argument("--window", type=int, default=8_000, help="commands on their way at rate 0")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--commands", type=int, default=200_000, help="at rate 0")
    options.add_argument("--book", type=LiveBook, choices=list(LiveBook), default=LiveBook.COMPILED)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="stockex-kafka-orders-")))
        bootstrap, broker = stack.enter_context(brokered(folder))
        for number, rate in enumerate(map(float, given.rates.split(","))):
            prefix = f"orders-{os.getpid()}-{number}-"
            entries = commands(given.flow, WARM + (int(rate * given.seconds) if rate else given.commands))
            cluster = Cluster(bootstrap, prefix=prefix)
            with Fleet(folder / prefix, bootstrap, prefix=prefix, STOCKEX_BOOK=given.book.value) as fleet:
                matcher = fleet.add(Service.MATCHER).ready()
                who = {"matcher": matcher.pid, "load": os.getpid()} | ({"broker": broker} if broker else {})
                before = {name: spent(pid) for name, pid in who.items()}
                found = uvloop.run(measured(cluster, entries, given=given, rate=rate))
                worked = {name: spent(pid) - before[name] for name, pid in who.items()}
            found |= {f"{name}_us": round(seconds / len(entries) * 1e6, 1) for name, seconds in worked.items()}
            print(json.dumps(found) if given.json else "  ".join(f"{name} {value:,g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
