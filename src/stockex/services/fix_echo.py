"""The session conformance server: the session layer of FIX 4.4 with an application that sends back what it gets."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_dictionary import fix44
from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.message import ROUTES, Fields, Message, head, reversed_route
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, Noted, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import SECOND
from stockex.errors import ConfigurationError

SLOW_S: Final = 10
"""A counterparty that does not read for so long is cut off."""

_CHUNK: Final = 65_536
_ECHOED: Final = frozenset("Dd")
_OURS: Final = frozenset({34, 43, 49, 52, 56, 122, *ROUTES})
"""Header fields that the session writes itself, and those that are turned round."""

_log = structlog.get_logger(__name__)


class EchoApplication:
    """Sends orders and security definitions back and refuses any other message, for one session."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def begin(self) -> None:
        """Forget the orders: the session begins anew."""
        self._seen.clear()

    def answer(self, message: Message) -> tuple[str, Fields, Fields] | None:
        """Return type, body and header of the answer; None to an order sent again with PossResend=Y."""
        route = reversed_route(message)
        if message.msg_type not in _ECHOED:
            refused = {45: head(message, 34), 58: "Unsupported Message Type", 372: message.msg_type, 380: "3"}
            return "j", refused, route
        if message.msg_type == "D":
            order = message.text(11)
            if head(message, 97) == "Y" and order in self._seen:
                return None
            self._seen.add(order)
        kept = {tag: value for tag, value in message.header.items() if tag not in _OURS}
        return message.msg_type, message.body, {**kept, **route}


class EchoServer:
    """Listens, and does what the sessions say."""

    def __init__(self, settings: Iterable[SessionSettings]) -> None:
        sessions = [Session(each) for each in settings]
        self._acceptor = Acceptor(sessions, Decoder(Dictionary.from_text(fix44())))
        self._applications = {id(session): EchoApplication() for session in sessions}

    async def serve(self, host: str, port: int, *, say: Callable[[str], None]) -> None:
        """Listen until cancelled. Raises: ConfigurationError: the address is taken, or not ours."""
        try:
            server = await asyncio.start_server(self._client, host, port)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        say(f"address    {host}:{server.sockets[0].getsockname()[1]}")
        async with server:
            await server.serve_forever()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        connection = Connection(self._acceptor, wall_clock())
        try:
            while await self._turn(connection, reader, writer=writer):
                async with asyncio.timeout(SLOW_S):
                    await writer.drain()
        except (ConnectionError, TimeoutError) as error:
            _log.info("fix_connection_lost", error=repr(error), who="operator")
        finally:
            self._done(connection, connection.closed(wall_clock()), writer=writer)
            writer.close()

    async def _turn(
        self, connection: Connection, reader: asyncio.StreamReader, *, writer: asyncio.StreamWriter
    ) -> bool:
        """Wait for bytes or for the time; say whether the connection goes on."""
        due = connection.due()
        try:
            async with asyncio.timeout(None if due is None else max(0, due - wall_clock()) / SECOND):
                data = await reader.read(_CHUNK)
        except TimeoutError:
            return self._done(connection, connection.tick(wall_clock()), writer=writer)
        return bool(data) and self._done(connection, connection.received(data, wall_clock()), writer=writer)

    def _done(self, connection: Connection, outputs: Iterable[Output], *, writer: asyncio.StreamWriter) -> bool:
        """Do what the session asks; say whether the connection goes on."""
        for output in outputs:
            match output:
                case Send(data) if not writer.is_closing():
                    writer.write(data)
                case Deliver(message):
                    self._deliver(connection, message, writer=writer)
                case LoggedOn(is_anew) if connection.session is not None and is_anew:
                    self._applications[id(connection.session)].begin()
                case Noted(what):
                    _log.info("fix_noted", what=what, who="operator")
                case Disconnect():
                    return False
        return True

    def _deliver(self, connection: Connection, message: Message, *, writer: asyncio.StreamWriter) -> None:
        session = connection.session
        assert session is not None, "only a session delivers"
        answer = self._applications[id(session)].answer(message)
        if answer is not None:
            msg_type, body, header = answer
            self._done(connection, session.send(msg_type, body, at=wall_clock(), header=header), writer=writer)
