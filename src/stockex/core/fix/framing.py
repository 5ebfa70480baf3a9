"""Frames in a stream of bytes: BeginString, BodyLength, MsgType first, CheckSum last.

What is not a whole frame is garbled and skipped: noise up to the next `8=FIX`; a wrong BodyLength up to the CheckSum
that follows the place it points to, so that a length too long takes the next message with it.

Source: FIX 4.4, volume 2, "Message framing" and "Valid FIX message"; session test cases 2d, 2m, 2t, 3b and 3c.
"""

import re
from collections.abc import Iterator
from typing import Final
from zlib import adler32

import msgspec

SOH: Final = "\x01"
MAX_BODY: Final = 65_536
"""Longest body a frame may have, in bytes."""

_START: Final = b"8=FIX"
_HEAD: Final = re.compile(rb"8=(FIX[^\x01]{0,12})\x019=([0-9]{1,9})\x01")
_LONGEST_HEAD: Final = 2 + 15 + 3 + 9 + 1
_TAIL: Final = re.compile(rb"10=([0-9]{3})\x01")
_TAIL_LENGTH: Final = 7
_BLOCK: Final = 256
_TAILS: Final = [b"10=%03d\x01" % checksum for checksum in range(256)]


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A whole frame.

    Attributes:
        text: What lies between BodyLength and CheckSum, from MsgType on, as Latin-1.
    """

    begin_string: str
    text: str


class Garbled(msgspec.Struct, frozen=True, gc=False):
    """Bytes that were skipped, and what was wrong with them."""

    why: str
    data: bytes = b""


class Framer:
    """Cuts a stream into frames. Holds what has not ended yet, at most the bound of one message and a little."""

    def __init__(self, *, max_body: int = MAX_BODY) -> None:
        self._max_body = max_body
        self._rest = b""
        self._at = 0

    def feed(self, data: bytes) -> Iterator[Frame | Garbled]:
        """Take more of the stream; yield the frames that are complete now, and what was skipped."""
        buffer = self._rest = self._rest[self._at :] + data
        at = self._at = 0
        while True:
            start = buffer.find(_START, at)
            if start < 0:
                kept = max(at, len(buffer) - len(_START) + 1)
                if noise := buffer[at:kept].strip(b"\r\n"):
                    yield Garbled(f"{len(noise)} bytes before BeginString", noise)
                self._rest, self._at = buffer[kept:], 0
                return
            if start > at and (noise := buffer[at:start].strip(b"\r\n")):
                yield Garbled(f"{len(noise)} bytes before BeginString", noise)
            found, at = self._frame(buffer, start)
            if found is None:
                self._rest, self._at = buffer[start:], 0
                return
            # The state must be right before somebody else runs: the caller may stop listening here.
            self._at = at
            yield found

    def _frame(self, buffer: bytes, start: int) -> tuple[Frame | Garbled | None, int]:
        """Return the frame at `start` and where it ends; None for one that has not come whole yet."""
        head = _HEAD.match(buffer, start)
        if head is None:
            is_short = len(buffer) - start <= _LONGEST_HEAD and buffer.count(b"\x01", start) < 2  # noqa: PLR2004
            return (None, start) if is_short else (Garbled("BeginString and BodyLength", _START), start + len(_START))
        length = int(head[2])
        if length > self._max_body:
            return Garbled("BodyLength over the bound", _START), start + len(_START)
        first, last = head.end(), head.end() + length
        if len(buffer) < last + _TAIL_LENGTH:
            return None, start
        tail = _TAIL.match(buffer, last)
        if tail is None or buffer[last - 1] != 1:
            return self._misjudged(buffer, start, last=last)
        if _checksum(buffer[start:last]) != int(tail[1]):
            return Garbled("CheckSum", buffer[start : tail.end()]), tail.end()
        if not buffer.startswith(b"35=", first) or buffer[first + 3] == 1:
            return Garbled("MsgType is not third", buffer[start : tail.end()]), tail.end()
        return Frame(head[1].decode("latin-1"), buffer[first:last].decode("latin-1")), tail.end()

    def _misjudged(self, buffer: bytes, start: int, *, last: int) -> tuple[Garbled | None, int]:
        """Skip a frame that does not end where it says, up to the next CheckSum behind that place."""
        tail = buffer.find(b"\x0110=", last - 1)
        end = buffer.find(b"\x01", tail + 4) if tail >= 0 else -1
        if end >= 0:
            return Garbled("BodyLength or CheckSum", buffer[start : end + 1]), end + 1
        if len(buffer) - last > self._max_body:
            return Garbled("no CheckSum", _START), start + len(_START)
        return None, start


def framed(body: str, *, begin_string: str = "FIX.4.4") -> bytes:
    """Return the bytes of a message whose text from MsgType up to CheckSum is `body`."""
    frame = f"8={begin_string}{SOH}9={len(body)}{SOH}{body}".encode("latin-1")
    return frame + _TAILS[_checksum(frame)]


def _checksum(data: bytes) -> int:
    """Return the sum of all bytes modulo 256.

    The lower half of Adler-32 is one more than the sum, modulo 65,521: exact up to 256 bytes, twice as many of ASCII,
    and 20 times quicker.
    """
    if len(data) <= _BLOCK or (len(data) <= 2 * _BLOCK and data.isascii()):
        return (adler32(data) - 1) & 0xFF if data else 0
    return sum((adler32(data[at : at + _BLOCK]) & 0xFFFF) - 1 for at in range(0, len(data), _BLOCK)) & 0xFF
