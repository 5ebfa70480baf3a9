"""The venue's end of a connection: it does exactly what it is told, and sends what is wrong as well."""

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct

from stockex.adapters.clock import wall_clock
from stockex.core.fix.decode import Decoder
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH, Frame, Framer, Garbled, framed
from stockex.core.fix.message import Message, Refused, head
from stockex.core.fix.reasons import TEXTS
from stockex.core.fix.times import SECOND, nanos_of, stamp
from stockex.fix_client.initiator import dictionary

_CHUNK: Final = 65_536
_SKEW: Final = 120 * SECOND


class Gone(Exception):
    """The client has ended the connection."""


class Names(Struct, frozen=True):
    """The CompIDs of a session: ours and the client's."""

    sender: str
    target: str


class Counts(Struct):
    """The numbers of a session, which go on over its connections."""

    expected: int = 1
    next_out: int = 1


class Wrong(Struct, frozen=True, kw_only=True):
    """What is wrong with a message that is sent.

    Attributes:
        number: Its number, instead of the next one, which then stays.
        is_repeated: It has PossDupFlag (43) and OrigSendingTime (122).
        checksum, length: Added to what would be right.
        stale_s: How far SendingTime (52) lies back.
        header: Header fields that it has instead; "" for one that it lacks.
        version: BeginString (8).
    """

    number: int | None = None
    is_repeated: bool = False
    checksum: int = 0
    length: int = 0
    stale_s: int = 0
    header: dict[int, str] = {}
    version: str = "FIX.4.4"


SOUND: Final = Wrong()


class Puppet:
    """One connection. What goes over it is written down, as people read it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, names: Names, counts: Counts
    ) -> None:
        self.said: list[str] = []
        self.counts = counts
        self._reader = reader
        self._writer = writer
        self._names = names
        self._framer = Framer()
        self._decoder = Decoder(dictionary(), takes_user_fields=True)
        self._found: deque[Frame | Garbled] = deque()
        self._is_over = False

    async def next(self, patience_s: float) -> Message | Refused | Garbled:
        """Return the next message. Raises: TimeoutError; Gone."""
        async with asyncio.timeout(patience_s):
            while not self._found:
                if self._is_over:
                    raise Gone
                data = await self._read()
                self._is_over = not data
                self._found += self._framer.feed(data)
        found = self._found.popleft()
        if isinstance(found, Garbled):
            self.said.append(f"< {found.data.decode('latin-1').replace(SOH, '|')}")
            return found
        self.said.append(f"< {found.text.replace(SOH, '|')}")
        return self._decoder.decode(found)

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(_CHUNK)
        except ConnectionError:
            return b""

    def send(self, msg_type: str, body: dict[int, str], *, wrong: Wrong = SOUND) -> int:
        """Send a message; return its number."""
        number = self.counts.next_out if wrong.number is None else wrong.number
        if wrong.number is None:
            self.counts.next_out += 1
        now = stamp(wall_clock() - wrong.stale_s * SECOND)
        header = {34: str(number), 49: self._names.sender, 52: now, 56: self._names.target}
        if wrong.is_repeated:
            header |= {43: "Y", 122: now}
        header = {tag: value for tag, value in {**header, **wrong.header}.items() if value}
        frame = encoded(Message(msg_type, header, body, {}, wrong.version))
        self.write(_spoilt(frame, wrong))
        return number

    def send_text(self, text: str) -> int:
        """Send what stands from MsgType on, under the next number; the header's other fields are added."""
        msg_type, _, rest = text.partition("|")
        number = self.counts.next_out
        self.counts.next_out += 1
        header = f"{msg_type}|34={number}|49={self._names.sender}|52={stamp(wall_clock())}|56={self._names.target}|"
        self.write(framed((header + rest).replace("|", SOH)))
        return number

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self.said.append(f"> {data.decode('latin-1').replace(SOH, '|')}")
        if not self._writer.is_closing():
            self._writer.write(data)

    def close(self) -> None:
        """End the connection without a word."""
        self._writer.close()

    def fault(self, message: Message | Refused | Garbled) -> str:
        """Return what is wrong with a message of the client's by the session's rules, "" for nothing; count it."""
        if isinstance(message, Garbled):
            return f"the client sent no whole message: {message.why}"
        if isinstance(message, Refused):
            tag = f", tag {message.tag}" if message.tag is not None else ""
            return f"35={message.msg_type} is against the dictionary: {TEXTS[message.reason]}{tag}"
        if (head(message, 49), head(message, 56)) != (self._names.target, self._names.sender):
            return f"CompIDs are {head(message, 49)} to {head(message, 56)}"
        if abs(nanos_of(head(message, 52)) - wall_clock()) > _SKEW:
            return f"SendingTime {head(message, 52)} is two minutes off"
        return self._miscounted(message, int(head(message, 34)))

    def _miscounted(self, message: Message, number: int) -> str:
        is_reset = message.msg_type == "4"
        if head(message, 43) == "Y" and number < self.counts.expected:
            return ""
        if message.msg_type == "A" and message.text(141) == "Y":
            self.counts.expected, self.counts.next_out = 1, 1
        if message.msg_type == "A" and number >= self.counts.expected:
            self.counts.expected = number
        if number != self.counts.expected and not (is_reset and message.text(123) != "Y"):
            return f"MsgSeqNum is {number}, not {self.counts.expected}"
        self.counts.expected = int(message.text(36)) if is_reset else number + 1
        return ""


def _spoilt(frame: bytes, wrong: Wrong) -> bytes:
    if wrong.length:
        begin, length, rest = frame.split(b"\x01", 2)
        frame = b"%b\x019=%d\x01%b" % (begin, int(length[2:]) + wrong.length, rest)
    if wrong.checksum:
        frame = b"%b%03d\x01" % (frame[:-4], (int(frame[-4:-1]) + wrong.checksum) % 256)
    return frame
