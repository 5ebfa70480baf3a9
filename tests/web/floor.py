"""A whole little exchange in this process: log in memory, engine, projections and the web application."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from starlette.types import Message

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.credentials import Credentials
from stockex.bus.memory import MemoryBus
from stockex.core.clearing.house import House
from stockex.core.genesis import genesis, opening
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.messages.topics import Topic
from stockex.services.analyst.newest import Newest
from stockex.services.engines.plain import PlainEngine
from stockex.services.explainer import Explainer
from stockex.services.matcher import Matcher
from stockex.services.recorder import Recorder
from stockex.vocabulary.instrument import SECURITIES
from stockex.vocabulary.units import Nanos
from stockex.web.app import create_app
from stockex.web.parts import Parts

HOST = "exchange.test"
START = Nanos(1_772_960_000 * 1_000_000_000)
PATIENCE_S = 10.0
SECOND = 1_000_000_000


class Clock:
    """A clock that only moves when a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Nanos:
        """Return the time now."""
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now = Nanos(self.now + round(seconds * SECOND))


class SseEvent(NamedTuple):
    """One event as a browser would get it. `id` is "" when the event has none."""

    name: str
    data: Any
    id: str


class Reader:
    """A browser at the stream: reads until it leaves, or stands still when told to."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.raw = b""
        self.is_over = False
        self.reads = asyncio.Event()
        self.reads.set()
        self.left = asyncio.Event()
        self._grown = asyncio.Condition()
        self.task: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """Say nothing until the reader leaves."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take what the server sends, as soon as the reader reads."""
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.raw += message["body"]
            self.is_over = not message.get("more_body", False)
        async with self._grown:
            self._grown.notify_all()

    @property
    def events(self) -> list[SseEvent]:
        """All events that have come, in order."""
        return [event for event in map(_parsed, self.raw.decode().split("\n\n")) if event is not None]

    def named(self, name: str) -> list[Any]:
        """Return what the events of this name say."""
        return [event.data for event in self.events if event.name == name]

    async def until(self, name: str, count: int = 1) -> list[Any]:
        """Wait until `count` events of this name have come; return what they say."""
        async with asyncio.timeout(PATIENCE_S), self._grown:
            await self._grown.wait_for(lambda: len(self.named(name)) >= count)
        return self.named(name)

    async def over(self) -> None:
        """Wait until the server has ended the stream."""
        assert self.task is not None
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.shield(self.task)

    async def leave(self) -> None:
        """Close the connection, and wait until the server has noticed."""
        self.left.set()
        self.reads.set()
        await self.over()


class Floor:
    """The running exchange. Two instruments are listed, ALPHA and PEIR; the session is open."""

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.bus = MemoryBus(self.clock)
        self.matcher = Matcher(self.bus, PlainEngine(), checkpoints=Checkpoints(directory / "engine"))
        self.market, self.bars, self.blotter, self.house = Market(), Bars(), Blotter(), House()
        self.switches = Switches()
        views = (self.market, self.bars, self.blotter, self.house, self.switches)
        self.recorder = Recorder(self.bus, views, checkpoints=Checkpoints(directory / "views"))
        self.insights = Newest(self.bus)
        self.unready: str | None = None
        orders = self.bus._topics[Topic.ORDERS]
        self.explainer = Explainer(lambda since: list(orders[since:]), lambda: self.matcher.exchange)
        self.site = create_app(
            Parts(
                bus=self.bus,
                clock=self.clock,
                market=self.market,
                bars=self.bars,
                blotter=self.blotter,
                house=self.house,
                switches=self.switches,
                recorder=self.recorder,
                insights=self.insights,
                explainer=self.explainer,
                credentials=Credentials.open(directory, demo=True),
                demo=True,
                ready=lambda: self.unready,
                routes=self.matcher.engine.routes,
            )
        )
        self._readers: list[Reader] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Floor"]:
        """Run engine and recorder, list, endow and open."""
        tasks = [asyncio.create_task(each.serve()) for each in (self.matcher, self.recorder, self.insights)]
        for command in [*genesis(SECURITIES[:2], accounts=(), symbols=()), opening()]:
            await self.site.front.gateway.submit(command)
        try:
            yield self
        finally:
            for reader in self._readers:
                await reader.leave()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.bus.close()

    def client(self, user: str | None = None, **options: Any) -> httpx.AsyncClient:  # noqa: ANN401 (httpx's own)
        """Return a client of the REST interface, by HTTP Basic as `user`."""
        auth = (user, user) if user else None
        transport = httpx.ASGITransport(self.site, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", auth=auth, **options)

    async def call(self, method: str, path: str, user: str | None = None, **options: Any) -> httpx.Response:  # noqa: ANN401
        """Send one request as `user`."""
        async with self.client(user) as client:
            return await client.request(method, path, **options)

    async def place(self, user: str, text: str, **more: object) -> httpx.Response:
        """Place an order, such as "buy 10 ALPHA 24.95"; without a price it is a market order."""
        side, quantity, symbol, *price = text.split()
        order: dict[str, object] = {"side": side.upper(), "quantity": int(quantity), "symbol": symbol, **more}
        order |= {"price": float(price[0])} if price else {"ord_type": "MARKET", "time_in_force": "IOC"}
        return await self.call("POST", "/api/v1/orders", user, json=order)

    async def commands(self) -> int:
        """Return how many commands the log holds."""
        return await self.bus.end(Topic.ORDERS)

    async def read(self, user: str | None = None, *, last_id: str = "", cookie: str = "", **query: str) -> Reader:
        """Open the stream and wait for its first bytes, or for its end."""
        headers: list[tuple[bytes, bytes]] = [(b"host", HOST.encode())]
        if user:
            headers.append((b"authorization", httpx.BasicAuth(user, user)._auth_header.encode()))
        if last_id:
            headers.append((b"last-event-id", last_id.encode()))
        if cookie:
            headers.append((b"cookie", f"stockex_session={cookie}".encode()))
        reader = Reader()
        scope = _scope("/stream", urlencode(query), headers)
        reader.task = asyncio.create_task(self.site(scope, reader.receive, reader.send))
        self._readers.append(reader)
        async with asyncio.timeout(PATIENCE_S), reader._grown:
            await reader._grown.wait_for(lambda: bool(reader.raw) or reader.is_over)
        return reader


def _scope(path: str, query: str, headers: Sequence[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": list(headers),
        "client": ("127.0.0.1", 50_000),
        "server": (HOST, 80),
    }


def _parsed(block: str) -> SseEvent | None:
    """Return the event of one block; None for a comment or a lone `retry`."""
    lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
    if "data" not in lines:
        return None
    return SseEvent(lines.get("event", "message"), json.loads(lines["data"]), lines.get("id", ""))
