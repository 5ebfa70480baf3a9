"""A QuickFIX acceptor that answers each order with a report at once: `python benchmarks/fix_peer.py PORT FOLDER`.

It has no book and no log of commands; it keeps its messages and numbers in memory, and validates nothing.
"""

import sys
import threading
from pathlib import Path
from typing import Protocol

import quickfix

from stockex.core.fix.framing import SOH

SETTINGS = """\
[DEFAULT]
ConnectionType=acceptor
StartTime=00:00:00
EndTime=00:00:00
SocketAcceptPort={port}
SocketNodelay=Y
UseDataDictionary=N
[SESSION]
BeginString=FIX.4.4
SenderCompID=FIX_SERVER
TargetCompID=C0
"""
COPIED = (11, 38, 40, 44, 54, 55, 59)


class Message(Protocol):
    """A message, as far as it is asked here."""

    def toString(self) -> str:  # noqa: N802 (QuickFIX's names)
        """Return all of it as text."""


class Echo(quickfix.Application):  # type: ignore[misc]
    """Answers each order."""

    count = 0

    def onCreate(self, session: object) -> None:  # noqa: N802
        """Nothing."""

    onLogon = onLogout = onCreate  # noqa: N815

    def toAdmin(self, message: Message, session: object) -> None:  # noqa: N802
        """Nothing."""

    fromAdmin = toApp = toAdmin  # noqa: N815

    def fromApp(self, message: Message, session: object) -> None:  # noqa: N802
        """Send the report of an order."""
        fields = dict(field.split("=", 1) for field in message.toString().split(SOH) if field)
        self.count += 1
        report = quickfix.Message()
        report.getHeader().setField(quickfix.MsgType("8"))
        told = {tag: fields[str(tag)] for tag in COPIED}
        told |= {6: "0", 14: "0", 17: str(self.count), 37: str(self.count), 39: "0", 150: "0", 151: fields["38"]}
        for tag, value in {**told, 60: fields["60"]}.items():
            report.setField(quickfix.StringField(tag, value))
        quickfix.Session.sendToTarget(report, session)


def main() -> None:
    """Listen until killed; print the port."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    path = folder / "quickfix.cfg"
    path.write_text(SETTINGS.format(port=port))
    settings = quickfix.SessionSettings(str(path))
    acceptor = quickfix.SocketAcceptor(Echo(), quickfix.MemoryStoreFactory(), settings)
    acceptor.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
