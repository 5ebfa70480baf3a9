"""What a session asks its shell to do."""

import msgspec

from stockex.core.fix.message import Message


class Numbers(msgspec.Struct, frozen=True):
    """Store the next number that is expected and the next one to be sent, before anything else is done."""

    expected: int
    next_out: int


class Send(msgspec.Struct, frozen=True):
    """Send these bytes."""

    data: bytes


class Deliver(msgspec.Struct, frozen=True):
    """Give this message to the application; it comes once and in its order."""

    message: Message


class LoggedOn(msgspec.Struct, frozen=True):
    """The session is up."""

    is_anew: bool
    """Its numbers began anew."""


class LoggedOut(msgspec.Struct, frozen=True):
    """The session is no longer up."""


class Noted(msgspec.Struct, frozen=True):
    """Something happened that is worth a line in the log."""

    what: str


class Disconnect(msgspec.Struct, frozen=True):
    """Close the connection once everything before has been sent."""


Output = Numbers | Send | Deliver | LoggedOn | LoggedOut | Noted | Disconnect
