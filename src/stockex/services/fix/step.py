"""What one turn of a connection brings to the log, how it comes there, and what is kept of all turns."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from stockex.bus.interface import Bus
from stockex.bus.patient import PatientBus
from stockex.core.fix.encode import fields_text
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders.desk import DeskState
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import Taken
from stockex.core.fix.session.sent import SentInMemory
from stockex.messages.envelope import Entry
from stockex.messages.gateways.fix import Answer, Capture, SessionMoved
from stockex.messages.orders import AnyCommand
from stockex.services.fix.line import Line

if TYPE_CHECKING:
    from stockex.services.fix.client import Client


class Appending:
    """Appends records of sessions, the last of `fix`, and knows which are under way.

    Attributes:
        end: The offset above the newest record that is in the log.
    """

    def __init__(self, bus: Bus) -> None:
        self.end = 0
        self._bus = bus
        self._patient = PatientBus(bus)
        self._under_way: set[asyncio.Future[int | None]] = set()

    async def append(self, entries: Sequence[Entry], *, patiently: bool = False) -> None:
        """Append all entries or none, at once or as soon as the log takes them. Raises: LogError."""
        done = asyncio.get_running_loop().create_future()
        self._under_way.add(done)
        found = None
        try:
            found = (await (self._patient if patiently else self._bus).append(entries))[-1] + 1
            self.end = max(self.end, found)
        finally:
            self._under_way.discard(done)
            done.set_result(None if patiently else found)

    def settled(self) -> Awaitable[int | None]:
        """Wait for those that are under way now; return the offset above the newest of them, None where none is sure.

        One that failed is not in the log, and a patient one may be there behind what was begun after it.
        """
        return self._settled(tuple(self._under_way), self.end)

    async def _settled(self, waiting: Sequence[asyncio.Future[int | None]], end: int) -> int | None:
        for each in waiting:
            found = await each
            if found is None:
                return None
            end = max(end, found)
        return end


class Step:
    """What one turn of a connection has brought, to be appended in one piece."""

    def __init__(self) -> None:
        self.commands: list[AnyCommand] = []
        self.origins: list[Message] = []
        """The message behind each command of an order or a request."""
        self.firsts: list[AnyCommand] = []
        """What rules of a test venue have its own account do before."""
        self.lasts: list[AnyCommand] = []
        """And after."""
        self.lists: dict[str, tuple[str, ...]] = {}
        self.routes: dict[str, dict[int, str]] = {}
        self.captures: list[Capture] = []
        self.watchers: list[Client] = []
        """The sessions that are sent copies of what no fact makes."""
        self._held: list[Line] = []

    def watched(self, watcher: "Client") -> None:
        """Let a session be sent nothing until `release`: a copy is on its way to the log."""
        if watcher not in self.watchers:
            self.watchers.append(watcher)
            if watcher.line is not None:
                watcher.line.hold()
                self._held.append(watcher.line)

    def release(self, *, is_safe: bool) -> None:
        """Let those who watch be sent what has waited, or cut them where the log has it not."""
        for line in self._held:
            if not is_safe:
                line.cut()
            line.release()
        self._held.clear()

    def take(self, message: Message, taken: Taken) -> None:
        """Take in what has become of a message."""
        self.commands += taken.commands
        self.origins += [message] * len(taken.commands)
        if taken.lists:
            self.lists |= taken.lists
        self.captures += taken.captures


class Outbox(SentInMemory):
    """What was sent; whether numbers have begun anew, and what was answered, since the last record."""

    def __init__(self) -> None:
        super().__init__()
        self.is_anew = False
        self.answers: list[Answer] = []

    @property
    def is_open(self) -> bool:
        """Whether something is in no record yet."""
        return self.is_anew or bool(self.answers)

    def note(self, number: int, answer: Report, *, header: Fields) -> None:
        """Take note of an answer that is sent under a number."""
        routed = {tag: str(value) for tag, value in header.items()}
        self.answers.append(
            Answer(number=number, msg_type=answer.msg_type, body=fields_text(answer.body), header=routed or None)
        )

    def forget(self) -> None:
        """As `Sent` says."""
        super().forget()
        self.is_anew = True
        self.answers.clear()


class ClientState(Struct, frozen=True):
    """Where a session stands, as a record of it would say; what it was sent, by number; and its desk."""

    moved: SessionMoved
    frames: Mapping[int, bytes]
    desk: DeskState
