"""What the FIX page is told."""

import msgspec

from stockex.core.fix.client.blotter import Execution, OrderLine
from stockex.core.fix.client.summary import summary
from stockex.core.fix.client.words import Line, lines, title
from stockex.core.fix.dictionary import Dictionary
from stockex.vocabulary.units import Nanos


class Entry(msgspec.Struct, frozen=True):
    """One line of the log: a message, bytes that are none, or what became of the session.

    Attributes:
        id: Ascends by one.
        way: "out", "in", or "note" for what is no message.
        raw: The bytes as Latin-1; "" for a note.
        fault: Why the bytes are no message, or why the dictionary refuses it; "" for a sound one.
    """

    id: int
    at: Nanos
    way: str
    raw: str = ""
    number: str = ""
    msg_type: str = ""
    name: str = ""
    text: str = ""
    fault: str = ""
    lines: tuple[Line, ...] = ()


class Numbers(msgspec.Struct, frozen=True):
    """The next number that is expected, and the next one to be sent."""

    expected: int = 1
    next_out: int = 1


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """The session of a visitor.

    Attributes:
        state: "idle", "connecting", "up" or "down".
        why: Why it is down.
        taken: CompIDs that other visitors use now.
    """

    state: str
    host: str
    port: int
    sender: str
    target: str
    expected: int
    next_out: int
    heartbeat_s: int
    resets: bool
    why: str = ""
    taken: tuple[str, ...] = ()


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page shows: what it is told when it connects."""

    session: SessionView
    entries: list[Entry]
    orders: list[OrderLine]
    executions: list[Execution]


def entry_of(data: bytes, dictionary: Dictionary, *, id: int, at: int, way: str) -> Entry:  # noqa: A002
    """Return the line of the log about a message."""
    told = tuple(lines(data, dictionary))
    fields = {line.tag: line.value for line in reversed(told)}
    msg_type = fields.get(35, "")
    return Entry(
        id,
        Nanos(at),
        way,
        raw=data.decode("latin-1"),
        number=fields.get(34, ""),
        msg_type=msg_type,
        name=title(msg_type, dictionary),
        text=summary(told),
        lines=told,
    )
