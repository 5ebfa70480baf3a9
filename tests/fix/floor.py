"""A gateway with an engine behind it, in one process on one log."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import DEFAULT, FixSessions
from stockex.bus.interface import Bus
from stockex.bus.memory import MemoryBus
from stockex.core.exchange import Exchange
from stockex.core.fix.powers.register import Powers
from stockex.core.genesis import genesis, opening
from stockex.core.market_data.market import Market
from stockex.messages.envelope import Entry
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.services.engines.plain import PlainEngine
from stockex.services.fix.building import clients_of
from stockex.services.fix.service import FixGateway, Place
from stockex.services.matcher import Matcher
from stockex.services.opening import set_up
from stockex.services.recorder import Recorder
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.units import Nanos, Price, Shares

ALPHA = Instrument("ALPHA", "Alpha Bank", Price(100), Shares(1), Price(249_500))

GATEWAYS: list[FixGateway] = []
"""The gateway of the newest floor."""


def missing(_: Exchange, *, is_new: bool) -> list[AnyCommand]:
    """Return what a new log lacks: one instrument, the accounts, and an open session."""
    return [*genesis([ALPHA], accounts=(), symbols=()), opening()] if is_new else []


@asynccontextmanager
async def floor(
    bus: Bus,
    folder: Path,
    sessions: FixSessions = DEFAULT,
    *,
    tls: ssl.SSLContext | None = None,
    powers: Powers | None = None,
) -> AsyncIterator[int]:
    """Run engine and gateway until the block ends; give the gateway's port."""
    said: asyncio.Queue[str] = asyncio.Queue()
    clients = clients_of(sessions, verify=lambda user, password: user == password, demo=True, powers=powers)
    gateway = FixGateway(bus, clients, place=Place("127.0.0.1", 0, tls=tls), clock=wall_clock, say=said.put_nowait)
    gateway.remember(Checkpoints(folder))
    GATEWAYS[:] = [gateway]
    recorder = Recorder(bus, [market := Market()], checkpoints=Checkpoints(folder / "views"))
    recorder.listen(gateway.show(market))
    matcher = Matcher(bus, PlainEngine(), checkpoints=Checkpoints(folder))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(matcher.serve())]
        await set_up(bus, matcher, missing=missing)
        tasks.append(group.create_task(recorder.serve()))
        await recorder.caught_up()
        tasks.append(group.create_task(gateway.serve()))
        yield int((await said.get()).rpartition(":")[2])
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait({task})


async def copied(bus: MemoryBus) -> MemoryBus:
    """Return a log with the records of another, each at its time; what is appended later has that of the wall."""
    times: list[Nanos] = []
    copy = MemoryBus(lambda: times.pop() if times else wall_clock())
    records = [record for topic in Topic for record in await bus.last(topic, 1_000)]
    for at, together in groupby(sorted(records, key=attrgetter("at")), key=attrgetter("at")):
        times.append(at)
        await copy.append([Entry(record.topic, record.key, record.value) for record in together])
    return copy
