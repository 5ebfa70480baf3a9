"""One reader of the stream: what waits to be sent to it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from stockex.web.auth import Visitor

EVENTS_WAITING: Final = 1_000
"""How many events may wait for a reader; with one more it is told everything anew."""


class Client:
    """A reader and its queue.

    Events wait in order; of each conflated thing only the newest state waits. Memory is bounded by `EVENTS_WAITING`
    events and one state a thing.

    Attributes:
        visitor: Whose private events it gets, None for nobody's.
        symbol: Whose book it gets, None when nothing is listed.
    """

    def __init__(self, visitor: Visitor | None, symbol: str | None, *, anew: Callable[[], bytes]) -> None:
        """Serve `visitor`. `anew` gives the events that tell the whole state of now."""
        self.visitor = visitor
        self.symbol = symbol
        self._anew = anew
        self._events: deque[bytes] = deque()
        self._newest: dict[str, bytes] = {}
        self._is_lost = False
        self._is_closed = False
        self._woken = asyncio.Event()

    @property
    def user(self) -> str | None:
        """Whose private events it gets."""
        return self.visitor.user if self.visitor else None

    def tell(self, event: bytes) -> None:
        """Queue an event that must not be missed."""
        if self._is_lost:
            return
        if len(self._events) >= EVENTS_WAITING:
            self._events.clear()
            self._newest.clear()
            self._is_lost = True
        else:
            self._events.append(event)
        self._woken.set()

    def show(self, thing: str, event: bytes) -> None:
        """Queue the newest state of `thing`, in place of the one that still waits."""
        if not self._is_lost:
            self._newest[thing] = event
            self._woken.set()

    def close(self) -> None:
        """Say goodbye after what is queued."""
        self._is_closed = True
        self._woken.set()

    async def next(self) -> tuple[bytes, bool]:
        """Wait until something is queued; return all of it and whether it is the last."""
        await self._woken.wait()
        self._woken.clear()
        return self._take(), self._is_closed

    def _take(self) -> bytes:
        if self._is_lost:
            self._is_lost = False
            chunks = [self._anew()]
        else:
            chunks = [*self._events, *self._newest.values()]
            self._events.clear()
            self._newest.clear()
        if self._is_closed:
            chunks.append(b"event: bye\ndata: {}\n\n")
        return b"".join(chunks)
