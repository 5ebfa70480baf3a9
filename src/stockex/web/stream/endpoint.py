"""The stream's endpoint: raw ASGI, because a stream must know when its reader has gone or stands still."""

import asyncio
import socket
from collections.abc import MutableMapping
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from stockex.vocabulary.reasons import RejectReason
from stockex.web.auth import Doorkeeper
from stockex.web.parts import Parts
from stockex.web.replies import Fault, Problem, refusal
from stockex.web.stream.client import Client
from stockex.web.stream.hub import Hub

PING_S: Final = 15.0
"""After how many silent seconds a comment is sent, so that nothing on the way takes the stream for dead."""

SEND_LIMIT_S: Final = 10.0
"""How long a reader may take no bytes before it is cut."""

KERNEL_BUFFER: Final = 32 * 1024
"""How many bytes the kernel may hold for a reader, so that one that does not read is noticed soon and stays small."""

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Pace:
    """How a stream keeps its readers: when it pings, and how long one may take no bytes."""

    def __init__(self) -> None:
        self.ping_s = PING_S
        self.send_limit_s = SEND_LIMIT_S

    async def pour(self, client: Client, receive: Receive, *, send: Send) -> None:
        """Serve a reader until it leaves, is cut, or its stream is closed."""
        _bound(send)
        writer = asyncio.create_task(self._write(client, send))
        leaver = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({writer, leaver}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            writer.cancel()
            leaver.cancel()
            await asyncio.gather(writer, leaver, return_exceptions=True)

    async def _write(self, client: Client, send: Send) -> None:
        """Send what is queued, or a ping. A reader that takes nothing for too long is cut."""
        try:
            await self._send(send, {"type": "http.response.start", "status": 200, "headers": _HEADERS})
            is_last = False
            while not is_last:
                try:
                    async with asyncio.timeout(self.ping_s):
                        chunk, is_last = await client.next()
                except TimeoutError:
                    chunk = b": ping\n\n"
                await self._send(send, {"type": "http.response.body", "body": chunk, "more_body": not is_last})
        except TimeoutError:
            _cut(send)

    async def _send(self, send: Send, message: MutableMapping[str, object]) -> None:
        async with asyncio.timeout(self.send_limit_s):
            await send(message)


class Stream(Pace):
    """GET /stream?symbol=ALPHA&since=12-3, an ASGI application of its own."""

    def __init__(self, hub: Hub, parts: Parts, *, doorkeeper: Doorkeeper) -> None:
        super().__init__()
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one reader until it leaves, is cut, or the exchange stops."""
        try:
            client = await self._admitted(scope)
        except Problem as problem:
            await problem.answer()(scope, receive, send)
            return
        try:
            await self.pour(client, receive, send=send)
        finally:
            self._hub.leave(client)

    async def _admitted(self, scope: Scope) -> Client:
        if scope["method"] != "GET":
            raise Problem(405, Fault(message="The stream can only be read."), headers={"Allow": "GET"})
        connection = HTTPConnection(scope)
        visitor = await self._doorkeeper.visitor(connection)
        listed = self._parts.market.instruments
        symbol = connection.query_params.get("symbol") or next(iter(listed), None)
        if symbol is not None and symbol not in listed:
            raise refusal(RejectReason.UNKNOWN_SYMBOL)
        since = connection.headers.get("last-event-id") or connection.query_params.get("since")
        return self._hub.join(visitor, symbol=symbol, since=since)


async def _gone(receive: Receive) -> None:
    """Wait until the reader has gone. A server's `send` may not say so."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(send: Send) -> asyncio.WriteTransport | None:
    """Return the connection behind uvicorn's `send`, which ASGI does not show; None under another server."""
    transport: asyncio.WriteTransport | None = getattr(getattr(send, "__self__", None), "transport", None)
    return transport


def _bound(send: Send) -> None:
    """Let the kernel hold little for this reader; left alone it holds megabytes."""
    transport = _transport(send)
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)


def _cut(send: Send) -> None:
    """Drop the connection at once: closing it would wait for a reader that takes nothing."""
    transport = _transport(send)
    if transport is not None:
        transport.abort()
