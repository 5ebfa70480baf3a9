"""The acceptor's sockets: each connection in a task of its own, bound in time and in bytes."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Final

import structlog

from stockex.adapters.fix_dictionary import fix44
from stockex.bus.interface import Clock
from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.framing import SOH
from stockex.core.fix.powers.wire import Demand, Effect, Omit, Part, Wire
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, LoggedOut, Noted, Numbers, Output, Send
from stockex.core.fix.session.table import LIVE
from stockex.core.fix.times import SECOND
from stockex.errors import ConfigurationError, LogError
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.line import Line
from stockex.services.fix.step import Step

SLOW_S: Final = 10
"""A counterparty that takes nothing for so long while much waits for it is cut."""

MOST_CONNECTIONS: Final = 1_000

WINDOWS_WAITING: Final = 5
"""A session whose messages wait for their turn is not read while so many times its rate waits."""

_CHUNK: Final = 65_536
_LITTLE: Final = 4_096

_log = structlog.get_logger(__name__)


class Server:
    """Listens for counterparties, and does what their sessions say."""

    def __init__(self, gateway: Gateway, *, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        sessions = [client.session for client in gateway.clients.values()]
        self._acceptor = Acceptor(sessions, Decoder(Dictionary.from_text(fix44())))
        self._connections = 0

    async def serve(self, host: str, port: int, *, tls: ssl.SSLContext | None, say: Callable[[str], None]) -> None:
        """Listen, once the gateway is ready, until cancelled. Raises: ConfigurationError: the address is taken."""
        await self._gateway.ready()

        def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._connections < MOST_CONNECTIONS:
                group.create_task(self._visit(reader, writer))
            else:
                writer.transport.abort()

        try:
            patience_s = SLOW_S if tls else None
            server = await asyncio.start_server(
                arrived, host, port, ssl=tls, ssl_handshake_timeout=patience_s, start_serving=False
            )
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port} for FIX: {error.strerror}") from error
        async with asyncio.TaskGroup() as group, server:
            await server.start_serving()
            say(f"fix        {'TLS ' if tls else ''}{host}:{server.sockets[0].getsockname()[1]}")
            await server.serve_forever()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        self._connections += 1
        visit = Visit(self._gateway, Connection(self._acceptor, self._clock()), line=Line(writer), clock=self._clock)
        try:
            while not visit.is_cut and await visit.turn(reader):
                async with asyncio.timeout(SLOW_S):
                    await writer.drain()
        except asyncio.CancelledError:
            await visit.leave()
            raise
        except OSError as error:  # the network's many ways to end a connection, and our own patience
            _log.info("fix_connection_lost", error=repr(error), who="operator")
        except LogError as error:
            _log.error("fix_session_stopped", error=str(error), who="operator")
        finally:
            self._connections -= 1
            with closing(writer):
                await visit.end()


class Visit:
    """One connection at a time of its life."""

    def __init__(self, gateway: Gateway, connection: Connection, *, line: Line, clock: Clock) -> None:
        self._gateway = gateway
        self._connection = connection
        self._line = line
        self._clock = clock
        self._client: Client | None = None
        self._acts: set[asyncio.Task[None]] = set()

    @property
    def is_cut(self) -> bool:
        """Whether the connection is at its end, by somebody else's hand."""
        return self._line.is_cut

    async def turn(self, reader: asyncio.StreamReader) -> bool:
        """Wait for bytes or for the time, and do what the session says; say whether the connection goes on."""
        now, chunk, client = self._clock(), _CHUNK, self._client
        due = min(filter(None, (self._connection.due(), None if client is None else client.due(now))), default=None)
        if client is not None and client.throttle is not None and client.throttle.rate.waits:
            chunk = _LITTLE
            if len(client.waiting) >= WINDOWS_WAITING * client.throttle.rate.most:
                await asyncio.sleep(max(0, (due or now) - now) / SECOND)
                return await self._do(self._connection.tick(self._clock()))
        try:
            async with asyncio.timeout(None if due is None else max(0, due - now) / SECOND):
                data = await reader.read(chunk)
        except TimeoutError:
            return await self._do(self._connection.tick(self._clock()))
        return bool(data) and not self._line.is_cut and await self._do(self._connection.received(data, self._clock()))

    async def leave(self) -> None:
        """Say goodbye: the exchange goes down."""
        session = self._connection.session
        if session is not None:
            await self._do(session.leave(self._clock(), text="the exchange goes down"))

    async def end(self) -> None:
        """Take the end of the connection."""
        await self._do(self._connection.closed(self._clock()))

    async def _do(self, outputs: Iterable[Output]) -> bool:
        """Do what the session asks for, nothing of which leaves before it is durable; say whether it goes on."""
        step, goes_on = Step(), True
        self._line.hold()
        for output in outputs:
            match output:
                case Numbers():
                    pass  # They are in the record that `commit` appends.
                case Deliver(message):
                    self._gateway.take(self._up(), message, step=step)
                case Send(data):
                    self._line.send(data)
                case LoggedOn():
                    client = self._up()
                    client.is_up, client.line = True, self._line
                    self._spoil(client)
                case LoggedOut():
                    self._gateway.lost(self._up(), step)
                case Noted(what):
                    _log.info("fix_noted", what=what, who="operator")
                case Disconnect():
                    goes_on = False
        if self._client is not None or self._connection.session is not None:
            self._gateway.release(self._up(), step)
            await self._gateway.commit(self._up(), step)
        self._line.release()
        return goes_on

    def _spoil(self, client: Client) -> None:
        """Let the client's rules decide what leaves and what is heard."""
        powers = client.powers
        if powers is not None:
            wire = Wire(lambda: powers.chooser(client.name))
            spoiler = self._line.spoilt_by(wire, clock=self._clock, act=self._act)
            self._connection.hears = spoiler.hears

    def _act(self, effect: Effect) -> None:
        """Do what a rule asks of the session, in a turn of its own."""
        task = asyncio.get_running_loop().create_task(self._acted(effect))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    async def _acted(self, effect: Effect) -> None:
        session, now = self._up().session, self._clock()
        match effect:
            case Omit(count):
                numbers = session.numbers
                await self._do(session.set_numbers(Numbers(numbers.expected, numbers.next_out + count), now))
            case Demand(begin) if session.state in LIVE:
                await self._do(session.utter("2", f"7={begin}{SOH}16=0{SOH}", at=now))
            case Part(text):
                await self._do(session.leave(now, text=text))
            case _:
                pass

    def _up(self) -> Client:
        """Return whose connection it is: the session says so from the first message on."""
        if self._client is None:
            session = self._connection.session
            assert session is not None, "only a session has outputs that concern it"
            self._client = self._gateway.clients[session.settings.target]
        return self._client
