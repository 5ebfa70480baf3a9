"""The desk of one visitor: a session, its log, its orders, and the pages that look at it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from msgspec.structs import replace

from stockex.bus.interface import Clock
from stockex.core.fix.client.blotter import Blotter, Changed, OrderLine
from stockex.core.fix.decode import Decoder
from stockex.core.fix.framing import Frame, Framer
from stockex.core.fix.message import Message, Refused, head
from stockex.core.fix.reasons import TEXTS
from stockex.core.fix.session import outputs
from stockex.core.fix.session.settings import SessionSettings
from stockex.errors import FixError
from stockex.fix_client.heard import Delivered, Down, Happening, Heard, Noise, Renumbered, Said, Up
from stockex.fix_client.initiator import Initiator, Venue, dictionary
from stockex.vocabulary.units import Nanos
from stockex.web.fix.place import plain
from stockex.web.fix.views import Entry, Everything, SessionView, entry_of
from stockex.web.stream.client import Client
from stockex.web.stream.events import wire

ENTRIES_KEPT: Final = 2_000
"""How many lines of the log a desk keeps, the newest."""

SHOWN: Final = 500
"""How many of them, and how many orders and executions, a page gets when it connects."""


class Identity(NamedTuple):
    """A session: host and port of the venue, and the two CompIDs."""

    host: str
    port: int
    sender: str
    target: str


class Desk:
    """What belongs to one visitor.

    Attributes:
        readers: The pages that are open.
        left_at: When the last of them was closed.
    """

    def __init__(self, venue: Venue, settings: SessionSettings, *, clock: Clock) -> None:
        self.readers: set[Client] = set()
        self.left_at = clock()
        self.entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)
        self.blotter = Blotter()
        self._clock = clock
        self._decoder = Decoder(dictionary(), takes_user_fields=True)
        self._count = 0
        self._ids = 0
        self._mark = _base36(self.left_at // 1_000_000)
        self._state, self._why = "idle", ""
        self.taken: Callable[[], tuple[str, ...]] = tuple
        self.initiator = Initiator(venue, settings)
        self.initiator.listen(self._hear)

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, or one is being made."""
        return self._state in {"connecting", "up"}

    @property
    def identity(self) -> Identity:
        """Whose session it is at which venue: two desks with one identity would be one session."""
        venue, settings = self.initiator.venue, self.initiator.settings
        return Identity(plain(venue.host), venue.port, settings.sender, settings.target)

    def next_id(self) -> str:
        """Return a ClOrdID that no desk has used."""
        self._ids += 1
        return f"{self._mark}-{self._ids}"

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Use no ids: what is made in the block is not sent."""
        before = self._ids
        try:
            yield
        finally:
            self._ids = before

    async def connect(self, venue: Venue, settings: SessionSettings) -> None:
        """Connect and log on; another pair of CompIDs is another session. Raises: FixError."""
        before = self.initiator.settings
        if (before.sender, before.target) == (settings.sender, settings.target) and self.initiator.venue == venue:
            self.initiator.set_up(venue, settings)
        else:
            self.initiator.ignore(self._hear)
            self.initiator = Initiator(venue, settings)
            self.initiator.listen(self._hear)
        self._state, self._why = "connecting", ""
        self.tell_session()
        try:
            await self.initiator.connect()
        except FixError as error:
            self._state, self._why = "down", str(error)
            self.tell_session()
            raise

    def renumber(self, expected: int, *, next_out: int) -> None:
        """Set the numbers to come."""
        self.initiator.renumber(outputs.Numbers(expected, next_out))
        self._note(f"Numbers set: next in {expected}, next out {next_out}")

    def view(self) -> SessionView:
        """Return the session as the page shows it."""
        initiator, settings = self.initiator, self.initiator.settings
        return SessionView(
            state=self._state,
            why=self._why,
            host=initiator.venue.host,
            port=initiator.venue.port,
            sender=settings.sender,
            target=settings.target,
            expected=initiator.numbers.expected,
            next_out=initiator.numbers.next_out,
            heartbeat_s=settings.heartbeat_s,
            resets=settings.resets_on_logon,
            taken=self.taken(),
        )

    def everything(self) -> bytes:
        """Return the event that tells a page all that it shows."""
        orders = list(self.blotter.orders.values())[-SHOWN:]
        executions = list(self.blotter.executions.values())[-SHOWN:]
        entries = list(self.entries)[-SHOWN:]
        view = Everything(session=self.view(), entries=entries, orders=orders, executions=executions)
        return wire("everything", view)

    def line(self, key: str) -> OrderLine | None:
        """Return an order by the ClOrdID that it was entered with."""
        return self.blotter.orders.get(key)

    def clear(self) -> None:
        """Forget the log; orders and executions stay."""
        self.entries.clear()
        self._tell(self.everything())

    def tell_session(self) -> None:
        """Tell all pages how the session is."""
        event = wire("session", self.view())
        for reader in self.readers:
            reader.show("session", event)

    def _tell(self, event: bytes) -> None:
        for reader in self.readers:
            reader.tell(event)

    def _hear(self, happening: Happening) -> None:
        """Take what the initiator tells."""
        match happening:
            case Said(at, data):
                self._log(data, at=at, way="out")
                self._said(data, at)
            case Heard(at, data, message):
                self._log(data, at=at, way="in", fault=_fault(message))
                if isinstance(message, Message) and message.msg_type == "3":
                    self._changed(self.blotter.rejected(message, at))
            case Noise(at, data, why):
                self._log(data, at=at, way="in", fault=f"garbled: {why}")
            case Delivered(at, message):
                self._changed(self.blotter.heard(message, at))
            case Up(_, is_anew):
                self._state = "up"
                self._note(f"Logged on{', numbers begin anew' if is_anew else ''}")
                self.tell_session()
            case Down(_, why):
                self._state, self._why = "down", why
                self._note(f"Disconnected: {why}")
                self.tell_session()
            case Renumbered():
                self.tell_session()

    def _said(self, data: bytes, at: int) -> None:
        """Take orders and requests that went out for the first time."""
        for frame in Framer().feed(data):
            message = self._decoder.decode(frame) if isinstance(frame, Frame) else None
            if isinstance(message, Message) and head(message, 43) != "Y":
                self._changed(self.blotter.said(message, at))

    def _log(self, data: bytes, *, at: int, way: str, fault: str = "") -> None:
        self._count += 1
        entry = entry_of(data, dictionary(), id=self._count, at=at, way=way)
        self._add(replace(entry, fault=fault) if fault else entry)

    def _note(self, text: str) -> None:
        self._count += 1
        self._add(Entry(self._count, Nanos(self._clock()), "note", text=text))

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._tell(wire("entry", entry))

    def _changed(self, changed: list[Changed]) -> None:
        for each in changed:
            self._tell(wire("order" if isinstance(each, OrderLine) else "execution", each))


def _base36(number: int) -> str:
    """Return a number in as few letters and digits as can be."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits


def _fault(message: Message | Refused) -> str:
    if isinstance(message, Message):
        return ""
    tag = f", tag {message.tag}" if message.tag is not None else ""
    return f"{TEXTS[message.reason]}{tag}"
