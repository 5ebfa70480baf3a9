"""An exchange with FIX sessions, in this process, on a log of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSessions
from stockex.bus.interface import Bus
from stockex.core.exchange import Exchange
from stockex.core.fix.powers.register import Powers
from stockex.core.genesis import genesis, opening
from stockex.core.market_data.market import Market
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.services.engines.plain import PlainEngine
from stockex.services.fix.building import clients_of
from stockex.services.fix.client import Client
from stockex.services.fix.service import FixGateway, Place
from stockex.services.matcher import Matcher
from stockex.services.opening import set_up
from stockex.services.recorder import Recorder
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.units import Price, Shares

ALPHA: Final = Instrument("ALPHA", "Alpha Bank", Price(100), Shares(1), Price(249_500))


class Open(Struct, frozen=True):
    """Where the exchange listens, its gateway, its sessions by CompID, and a wait until they were told all."""

    port: int
    gateway: FixGateway
    clients: dict[str, Client]
    all_told: Callable[[], Awaitable[None]]


def _missing(_: Exchange, *, is_new: bool) -> list[AnyCommand]:
    return [*genesis([ALPHA], accounts=(), symbols=()), opening()] if is_new else []


@asynccontextmanager
async def venue(
    bus: Bus,
    folder: Path,
    *,
    sessions: FixSessions,
    tls: ssl.SSLContext | None = None,
    powers: Powers | None = None,
) -> AsyncIterator[Open]:
    """Run engine, views and gateway on a log until the block ends; a password is the user's name."""
    said: asyncio.Queue[str] = asyncio.Queue()
    clients = clients_of(sessions, verify=lambda user, password: user == password, demo=True, powers=powers)
    gateway = FixGateway(bus, clients, place=Place("127.0.0.1", 0, tls=tls), clock=wall_clock, say=said.put_nowait)
    gateway.remember(Checkpoints(folder))
    recorder = Recorder(bus, [market := Market()], checkpoints=Checkpoints(folder / "views"))
    recorder.listen(gateway.show(market))
    matcher = Matcher(bus, PlainEngine(), checkpoints=Checkpoints(folder), every=10**9)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(matcher.serve())]
        await set_up(bus, matcher, missing=_missing)
        tasks.append(group.create_task(recorder.serve()))
        await recorder.caught_up()
        tasks.append(group.create_task(gateway.serve()))
        port = int((await said.get()).rpartition(":")[2])

        async def all_told() -> None:
            await matcher.reached(await bus.end(Topic.ORDERS) - 1)
            await gateway.reached({topic: await bus.end(topic) for topic in Topic})

        yield Open(port, gateway, {client.name: client for client in clients}, all_told)
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait({task})
