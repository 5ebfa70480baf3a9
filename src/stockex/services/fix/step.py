"""What one turn of a connection brings to the log, and what is kept of all turns."""

from collections.abc import Mapping

from msgspec import Struct

from stockex.core.fix.encode import fields_text
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders.desk import DeskState
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import Taken
from stockex.core.fix.session.sent import SentInMemory
from stockex.messages.gateways.fix import Answer, Capture, SessionMoved
from stockex.messages.orders import AnyCommand


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
