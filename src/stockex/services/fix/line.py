"""The sending half of a connection."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from stockex.bus.interface import Clock
from stockex.core.fix.powers.wire import Effect, Wire
from stockex.services.fix.powers.spoiler import Spoiler

MOST_WAITING: Final = 8 * 2**20
"""How many bytes may wait for a counterparty that does not read; beyond, its connection is cut."""

_log = structlog.get_logger(__name__)


class Line:
    """The sending half of a connection. While it is held, what is sent waits in its order."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._held: list[bytes] = []
        self._holds = 0
        self._size = 0
        self.is_cut = False
        self.write: Callable[[bytes], None] = writer.write
        """Where bytes leave: the socket, or what spoils them on purpose."""

    @property
    def waiting(self) -> int:
        """How many bytes wait for the counterparty."""
        return self._writer.transport.get_write_buffer_size()

    def spoilt_by(self, wire: Wire, *, clock: Clock, act: Callable[[Effect], None]) -> Spoiler:
        """Let rules decide from now on what leaves."""
        spoiler = Spoiler(wire, self._writer, clock=clock, act=act)
        self.write = spoiler.write
        return spoiler

    def hold(self) -> None:
        """Send nothing until each `hold` has had its `release`."""
        self._holds += 1

    def release(self) -> None:
        """Send what has waited, unless somebody else still holds."""
        self._holds -= 1
        if not self._holds and self._held:
            held, self._held, self._size = self._held, [], 0
            self.send(b"".join(held))

    def cut(self) -> None:
        """End the connection once everything before has been sent; what still comes in counts no more."""
        self.is_cut = True
        self._writer.close()

    def send(self, data: bytes) -> None:
        """Send, or let wait; cut a connection for which too much waits."""
        if self._writer.is_closing():
            return
        if self._holds:
            self._held.append(data)
            self._size += len(data)
            is_slow = self._size > MOST_WAITING
        else:
            self.write(data)
            is_slow = self.waiting > MOST_WAITING
        if is_slow:
            _log.warning("fix_slow_client_cut", waiting=self.waiting + self._size, who="operator")
            self._writer.transport.abort()
