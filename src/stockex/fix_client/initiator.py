"""An initiator: one session with a venue, over connections that we make."""

import asyncio
import re
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Final, cast

import msgspec

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_dictionary import fix44
from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.framing import Frame, Framer, Garbled, framed
from stockex.core.fix.message import Fields, Message, Refused
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, Numbers, Output, Send
from stockex.core.fix.session.sent import SentInMemory
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.table import LIVE, State
from stockex.core.fix.times import SECOND
from stockex.errors import LogonRefused, NotLoggedOn, VenueUnreachable
from stockex.fix_client.heard import Delivered, Down, Happening, Heard, Noise, Renumbered, Said, Up

Listener = Callable[[Happening], None]

_CONNECT_S: Final = 10
_PARTING: Final = re.compile(rb"\x0135=5\x01.*?\x0158=([^\x01]+)", re.DOTALL)


@cache
def dictionary() -> Dictionary:
    """Return FIX 4.4, read once."""
    return Dictionary.from_text(fix44())


class Venue(msgspec.Struct, frozen=True):
    """Where a venue listens; with TLS its certificate must be good for `host`."""

    host: str
    port: int
    tls: bool = False


class Initiator:
    """One session with a venue. It lives on when connections end: numbers, and what was sent, stay."""

    def __init__(self, venue: Venue, settings: SessionSettings, *, numbers: Numbers | None = None) -> None:
        self.venue = venue
        self._sent = SentInMemory()
        self._session = Session(settings, sent=self._sent, numbers=numbers)
        self._decoder = Decoder(dictionary(), takes_user_fields=True)
        self._listeners: list[Listener] = []
        self._wire: _Wire | None = None
        self._logon: asyncio.Future[None] | None = None
        self._why = ""

    @property
    def settings(self) -> SessionSettings:
        """What the session was set up with last."""
        return self._session.settings

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._session.state

    @property
    def is_up(self) -> bool:
        """Whether messages go out at once."""
        return self._session.state in LIVE

    @property
    def numbers(self) -> Numbers:
        """The next number that is expected and the next one to be sent."""
        return self._session.numbers

    def listen(self, listener: Listener) -> None:
        """Tell `listener` everything from now on."""
        self._listeners.append(listener)

    def ignore(self, listener: Listener) -> None:
        """Tell `listener` nothing more."""
        self._listeners.remove(listener)

    def set_up(self, venue: Venue, settings: SessionSettings) -> None:
        """Take other settings for the connections to come; the numbers go on. Only between connections."""
        assert self._wire is None, "settings change between connections"
        self.venue = venue
        self._session = Session(settings, sent=self._sent, numbers=self.numbers)

    async def connect(self) -> None:
        """Connect and log on.

        Raises:
            VenueUnreachable: nobody listens there, or not within ten seconds.
            LogonRefused: the venue ended the connection, with its reason if it gave one.
        """
        assert self._wire is None, "one connection at a time"
        assert self._logon is None or self._logon.done(), "one connection at a time"
        loop = asyncio.get_running_loop()
        self._why, self._logon = "", loop.create_future()
        try:
            async with asyncio.timeout(_CONNECT_S):
                secured = ssl.create_default_context() if self.venue.tls else None
                await loop.create_connection(
                    lambda: _Wire(self, self._decoder), self.venue.host, self.venue.port, ssl=secured
                )
            await self._logon
        except OSError as error:
            why = error.strerror or str(error) or "no answer"
            self._tell(Down(wall_clock(), why))
            raise VenueUnreachable(f"cannot reach {self.venue.host}:{self.venue.port}: {why}") from error
        finally:
            if not self._logon.done():
                self._logon.cancel()
                self.drop()

    async def stay(self, *, pause_s: float = 5.0) -> None:
        """Be connected until cancelled: after each loss or refusal wait a little and connect again."""
        while True:
            with suppress(VenueUnreachable, LogonRefused):
                await self.connect()
                await self.closed()
            await asyncio.sleep(pause_s)

    async def leave(self, text: str = "") -> None:
        """Log out and wait until the connection has ended; at once if there is none."""
        self._why = self._why or "logged out"
        self._do(self._session.leave(wall_clock(), text=text))
        await self.closed()

    def drop(self) -> None:
        """End the connection without a Logout, as a broken line does."""
        if self._wire is not None:
            self._why = "dropped by us"
            self._wire.cut()

    async def closed(self) -> None:
        """Wait until there is no connection."""
        if self._wire is not None:
            await self._wire.ended.wait()

    async def drained(self) -> None:
        """Wait until the venue has taken most of what was sent: who sends without end calls it now and then."""
        if self._wire is not None:
            await self._wire.is_free.wait()

    def send(self, msg_type: str, body: Fields, *, header: Fields | None = None) -> int:
        """Send a message of the application; return its number. Raises: NotLoggedOn."""
        number = self._next()
        self._do(self._session.send(msg_type, body, at=wall_clock(), header=header))
        return number

    def utter(self, msg_type: str, body: str) -> int:
        """Send any message as it stands, sound or not, under the next number, which is returned.

        Args:
            msg_type: Also one of the session's own.
            body: `TAG=VALUE` fields behind the header, each with its SOH.

        Raises:
            NotLoggedOn: the session is not up.
        """
        number = self._next()
        self._do(self._session.utter(msg_type, body, at=wall_clock()))
        return number

    def write(self, data: bytes) -> None:
        """Send bytes as they stand, without number or frame of ours: the session knows nothing of it.

        Raises:
            NotLoggedOn: the session is not up.
        """
        self._next()
        self._do([Send(data)])

    def renumber(self, numbers: Numbers) -> None:
        """Expect, and send next, other numbers: at once, connected or not."""
        self._do(self._session.set_numbers(numbers, wall_clock()))

    def _next(self) -> int:
        if not self.is_up:
            raise NotLoggedOn("the session is not up: log on first")
        return self.numbers.next_out

    def opened(self, wire: "_Wire") -> None:
        """Log on: the wire stands."""
        self._wire = wire
        self._do(self._session.dial(wall_clock()))

    def received(self, found: Message | Refused | Garbled, data: bytes) -> None:
        """Take what came, tell it, and do what the session says about it."""
        at = wall_clock()
        if isinstance(found, Garbled):
            self._tell(Noise(at, data, found.why))
            self._do(self._session.garbled(found.why, at))
            return
        self._tell(Heard(at, data, found))
        if found.msg_type == "5" and isinstance(found, Message):
            self._why = self._why or found.text(58) or "they logged out"
        self._do(self._session.arrived(found, at))

    def due(self) -> int | None:
        """Return when `tick` is to be called."""
        return self._session.due()

    def tick(self) -> None:
        """Let time pass."""
        self._do(self._session.tick(wall_clock()))

    def lost(self) -> None:
        """Take the end of the connection."""
        self._do(self._session.hang_up(wall_clock()))
        wire, self._wire = self._wire, None
        assert wire is not None, "only a connection is lost"
        why = self._why or "they ended the connection"
        if self._logon is not None and not self._logon.done():
            self._logon.set_exception(LogonRefused(f"no logon: {why}"))
        self._tell(Down(wall_clock(), why))
        wire.ended.set()

    def _do(self, outputs: Iterable[Output]) -> None:
        """Do what the session asks."""
        for output in outputs:
            match output:
                case Send(data):
                    self._say(data)
                case Numbers(expected, next_out):
                    self._tell(Renumbered(wall_clock(), expected, next_out))
                case Deliver(message):
                    self._tell(Delivered(wall_clock(), message))
                case LoggedOn(is_anew):
                    self._tell(Up(wall_clock(), is_anew))
                    if self._logon is not None and not self._logon.done():
                        self._logon.set_result(None)
                case Disconnect() if self._wire is not None:
                    self._why = self._why or "no answer"
                    self._wire.close()
                case _:
                    pass
        if self._wire is not None:
            self._wire.arm()

    def _say(self, data: bytes) -> None:
        if self._wire is None:
            return
        if parting := _PARTING.search(data):
            self._why = self._why or parting[1].decode("latin-1")
        self._wire.write(data)
        self._tell(Said(wall_clock(), data))

    def _tell(self, happening: Happening) -> None:
        for listener in tuple(self._listeners):
            listener(happening)


class _Wire(asyncio.Protocol):
    """One connection: bytes in and out, and the session's alarm clock."""

    def __init__(self, initiator: Initiator, decoder: Decoder) -> None:
        self._initiator = initiator
        self._decoder = decoder
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()
        self.is_free = asyncio.Event()
        self.is_free.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Log on."""
        self._transport = cast("asyncio.Transport", transport)
        self._initiator.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes, message by message; none after the session has ended the connection."""
        for found in self._framer.feed(data):
            if self._transport is None or self._transport.is_closing():
                return
            if isinstance(found, Frame):
                raw = framed(found.text, begin_string=found.begin_string)
                self._initiator.received(self._decoder.decode(found), raw)
            else:
                self._initiator.received(found, found.data)

    def connection_lost(self, _: Exception | None) -> None:
        """Take the end."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._transport = None
        self.is_free.set()
        self._initiator.lost()

    def pause_writing(self) -> None:
        """Take that the venue reads slower than we write."""
        self.is_free.clear()

    def resume_writing(self) -> None:
        """Take that it has caught up."""
        self.is_free.set()

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection is at its end."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """End the connection once what was written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def arm(self) -> None:
        """Ring when the session wants it; a bell that rings too early does no harm and is set anew."""
        due = self._initiator.due()
        if due is None or self._transport is None or self._transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(0, due - wall_clock()) / SECOND
        if self._alarm is None or self._alarm.when() > when:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._initiator.tick()
