"""A QuickFIX initiator as a process of its own: requests and events are lines of JSON.

Arguments: a configuration file. Requests on standard input: [session, MsgType, [[tag, text], ...], {tag: text}]. Events
on standard output: [what, session, text], where `what` is up, down, app or fault. It ends with its input.
"""

import json
import sys
from typing import Protocol

import quickfix


class Value(Protocol):
    """A field of QuickFIX."""

    def getValue(self) -> str:
        """Return its text."""


class SessionName(Protocol):
    """Names a session of QuickFIX."""

    def getSenderCompID(self) -> Value:
        """Return the name of its own side."""


class Part(Protocol):
    """The header of a message of QuickFIX."""

    def getField(self, field: object) -> object:
        """Put the value of a field into it."""


class Raw(Protocol):
    """A message of QuickFIX."""

    def getHeader(self) -> Part:
        """Return its header."""

    def toString(self) -> str:
        """Return its bytes, as Latin-1."""


class Teller(quickfix.Application):  # type: ignore[misc]
    """Tells what QuickFIX hands over, from its own threads."""

    def onCreate(self, session: SessionName) -> None:
        """A session is there."""

    def onLogon(self, session: SessionName) -> None:
        """A session is up."""
        tell("up", session)

    def onLogout(self, session: SessionName) -> None:
        """A session is down."""
        tell("down", session)

    def toAdmin(self, message: Raw, session: SessionName) -> None:
        """A session message goes out; a Reject is QuickFIX's opinion of what it was sent."""
        if type_of(message) == "3":
            tell("fault", session, message.toString())

    def fromAdmin(self, message: Raw, session: SessionName) -> None:
        """A session message came in; a Reject is the exchange's opinion of what QuickFIX sent."""
        if type_of(message) == "3":
            tell("fault", session, message.toString())

    def toApp(self, message: Raw, session: SessionName) -> None:
        """A message of the application goes out."""

    def fromApp(self, message: Raw, session: SessionName) -> None:
        """A message of the application came in, once and in its order."""
        tell("app", session, message.toString())


def tell(what: str, session: SessionName, text: str = "") -> None:
    """Write one event."""
    sys.stdout.write(json.dumps([what, session.getSenderCompID().getValue(), text]) + "\n")
    sys.stdout.flush()


def type_of(message: Raw) -> str:
    """Return the MsgType."""
    kind = quickfix.MsgType()
    message.getHeader().getField(kind)
    return str(kind.getValue())


def main() -> None:
    """Do what the lines say."""
    settings = quickfix.SessionSettings(sys.argv[1])
    teller, store = Teller(), quickfix.FileStoreFactory(settings)
    initiator = quickfix.SocketInitiator(teller, store, settings)
    initiator.start()
    for line in sys.stdin:
        session, msg_type, fields, header = json.loads(line)
        message = quickfix.Message()
        message.getHeader().setField(quickfix.MsgType(msg_type))
        for tag, value in header.items():
            message.getHeader().setField(quickfix.StringField(int(tag), value))
        for tag, value in fields:
            message.setField(quickfix.StringField(tag, value))
        quickfix.Session.sendToTarget(message, quickfix.SessionID("FIX.4.4", session, "FIX_SERVER"))
    initiator.stop()


if __name__ == "__main__":
    main()
