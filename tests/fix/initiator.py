"""A client of the gateway over a real socket: our own session as initiator, one message at a time."""

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from typing import Self

from fix.notation import decoder

from stockex.adapters.clock import wall_clock
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import stamp

WAIT_S = 10.0
OPENED: list[asyncio.StreamWriter] = []
"""The sending halves of all connections, to be closed after a test."""


async def hang_up() -> None:
    """Close all connections."""
    while OPENED:
        OPENED.pop().close()
        await asyncio.sleep(0)


class Initiator:
    """One counterparty. Its session, with its numbers, outlives connections."""

    def __init__(self, name: str, *, heartbeat_s: int = 30, resets: bool = False, password: str | None = None) -> None:
        self.session = Session(
            SessionSettings(
                sender=name,
                target="FIX_SERVER",
                heartbeat_s=heartbeat_s,
                resets_on_logon=resets,
                logon={} if password is None else {553: name, 554: password},
            )
        )
        self.found: deque[Message] = deque()
        self.is_up = False
        self._connection: Connection | None = None

    async def connect(self, port: int, *, tls: ssl.SSLContext | None = None) -> Self:
        """Connect and log on."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        OPENED.append(self._writer)
        acceptor = Acceptor([self.session], decoder())
        self._connection = Connection(acceptor, wall_clock())
        self._do(self._connection.dial(self.session, wall_clock()))
        while not self.is_up:
            await self._read()
        return self

    def send(self, msg_type: str, body: Fields, *, header: Mapping[int, str] | None = None) -> None:
        """Send a message of the application; TransactTime (60) is added."""
        timed = {tag: value for tag, value in {60: stamp(wall_clock()), **body}.items() if value}
        self._do(self.session.send(msg_type, timed, at=wall_clock(), header=header))

    async def message(self) -> Message:
        """Return the next message of the application."""
        while not self.found:
            await self._read()
        return self.found.popleft()

    async def report(self, **want: str) -> Message:
        """Return the next message; its fields must be these, as `t39="0"`."""
        message = await self.message()
        got = {name: message.text(int(name[1:])) for name in want}
        assert got == want, message
        return message

    def write(self, data: bytes) -> None:
        """Write bytes as they stand."""
        self._writer.write(data)

    async def cut(self) -> None:
        """End the connection without a word."""
        self._writer.transport.abort()
        self.is_up = False
        assert self._connection is not None
        self._connection.closed(wall_clock())

    async def _read(self) -> None:
        async with asyncio.timeout(WAIT_S):
            data = await self._reader.read(65_536)
        assert data, "the gateway has ended the connection"
        assert self._connection is not None
        for output in self._connection.received(data, wall_clock()):
            self._do([output])
        while (due := self._connection.due()) is not None and due <= wall_clock():
            self._do(self._connection.tick(wall_clock()))

    def _do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Send(data):
                    self._writer.write(data)
                case Deliver(message):
                    self.found.append(message)
                case LoggedOn():
                    self.is_up = True
                case Disconnect():
                    self._writer.close()
                case _:
                    pass
