"""Appends on their way from the event loop to the thread that writes the log, and their answers on the way back.

    append ──► queue ──► the thread takes all that waits, a *group* ──► Writer.write ──► answers on the event loop

While one group is being written the next one gathers, so many small appends cost one sync or one transaction.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from stockex.bus.turns import Turns
from stockex.errors import LogClosed, LogError
from stockex.messages.envelope import Entry
from stockex.vocabulary.units import Nanos

_GROUP: Final = 4_096
"""A group takes no further append once it has this many entries, or `_GROUP_BYTES` of values."""

_GROUP_BYTES: Final = 8 * 2**20

Written = TypeVar("Written")
Written_co = TypeVar("Written_co", covariant=True)


class Call(NamedTuple):
    """The entries of one append, with their time."""

    entries: Sequence[Entry]
    at: Nanos


class Writer(Protocol[Written_co]):
    """What writes a log, in the thread. It may block."""

    def write(self, calls: Sequence[Call]) -> Written_co:
        """Append all these calls, durably, or none.

        Raises:
            LogClosed: nothing was appended, and nothing will be any more.
            LogError: nothing was appended.
        """

    def close(self) -> None:
        """Let go of the log; nothing is written any more."""


class _Append(NamedTuple):
    call: Call
    waiting: asyncio.Future[Sequence[int]]


class _Job(NamedTuple):
    do: Callable[[], Sequence[int]]
    waiting: asyncio.Future[Sequence[int]]


class Appends(Generic[Written]):
    """The appends of one log that wait for its writer. They belong to the event loop that opened it.

    Attributes:
        turns: Let a thread of the log have its turn while somebody waits for it.
        fault: Why the writer stopped, if it is not that the log was closed.
    """

    def __init__(
        self,
        writer: Writer[Written],
        place: str,
        *,
        publish: Callable[[Written], Sequence[Sequence[int]]],
        ended: Callable[[], None],
    ) -> None:
        """Start the thread.

        Args:
            writer: Used in the thread only, and closed there.
            place: Where the log is, in words.
            publish: Called on the event loop with what was written, before anybody is answered; returns the offsets of
                each call.
            ended: Called on the event loop when the writer has been closed.
        """
        self.turns = Turns()
        self.fault: LogClosed | None = None
        self._writer = writer
        self._place = place
        self._publish = publish
        self._tell_ended = ended
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Append | _Job | None] = queue.SimpleQueue()
        self._waiting: set[asyncio.Future[Sequence[int]]] = set()
        self._is_closing = False
        self._ended: asyncio.Future[None] = self._loop.create_future()
        threading.Thread(target=self._run, name=f"log writer {place}", daemon=True).start()

    def check_open(self) -> None:
        """Raises: LogClosed: the log is closed, or its writer stopped."""
        if self.fault is not None:
            raise type(self.fault)(str(self.fault))
        if self._is_closing:
            raise LogClosed(f"{self._place} is closed")

    async def append(self, entries: Sequence[Entry], at: Nanos) -> Sequence[int]:
        """Append all entries or none, and return their offsets once they are durable.

        A caller that is cancelled meanwhile leaves once their fate is settled, without learning it: what is queued
        is written, and whoever waits for the caller may count on that.

        Raises:
            LogClosed: the writer stopped.
            LogError: nothing was appended; later appends may succeed.
        """
        waiting: asyncio.Future[Sequence[int]] = self._loop.create_future()
        return await self._settled(_Append(Call(tuple(entries), at), waiting))

    async def run(self, do: Callable[[], Sequence[int]]) -> Sequence[int]:
        """Have the thread do something else between two groups. Raises: LogClosed; LogError: what `do` raised."""
        waiting: asyncio.Future[Sequence[int]] = self._loop.create_future()
        return await self._settled(_Job(do, waiting))

    async def _settled(self, item: _Append | _Job) -> Sequence[int]:
        waiting = item.waiting
        self._waiting.add(waiting)
        self._queue.put(item)
        try:
            with self.turns:
                try:
                    return await asyncio.shield(waiting)
                except asyncio.CancelledError:
                    await asyncio.wait([waiting])
                    raise
        finally:
            self._waiting.discard(waiting)

    async def close(self) -> None:
        """Finish the appends that wait, and wait until the writer is closed."""
        if not self._is_closing:
            self._is_closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    def stop(self, fault: LogClosed) -> None:
        """Take no more appends, for the reason given; on the event loop."""
        if self.fault is None and not self._is_closing:
            self.fault = fault
            self._queue.put(None)

    def _run(self) -> None:
        """Write group after group until the log closes or can take nothing more: the thread."""
        try:
            with contextlib.closing(self._writer):
                while self.fault is None and (group := self._next_group()):
                    self._write(group)
        finally:
            self._tell(self._end)

    def _next_group(self) -> list[_Append]:
        """Wait for an append and take what else waits; empty when the log closes."""
        group: list[_Append] = []
        entries = size = 0
        item = self._queue.get()
        while item is not None:
            if isinstance(item, _Job):
                self._do(item)
            else:
                group.append(item)
                entries += len(item.call.entries)
                size += sum(len(entry.value) for entry in item.call.entries)
            if group and (entries >= _GROUP or size >= _GROUP_BYTES or self._queue.empty()):
                return group
            item = self._queue.get()
        if group:
            self._queue.put(None)
        return group

    def _do(self, job: _Job) -> None:
        try:
            found = job.do()
        except LogError as error:
            self._tell(self._fail, [job.waiting], error)
        else:
            self._tell(self._resolve, job.waiting, found)

    def _write(self, group: Sequence[_Append]) -> None:
        try:
            written = self._writer.write([append.call for append in group])
        except LogError as error:
            if isinstance(error, LogClosed):
                self.fault = self.fault or error
            self._tell(self._fail, [append.waiting for append in group], error)
        else:
            self._tell(self._answer, group, written)

    def _tell(self, call: Callable[..., None], *given: object) -> None:
        """Call on the event loop; when it is gone, so is everybody who waits."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *given)

    def _answer(self, group: Sequence[_Append], written: Written) -> None:
        for append, offsets in zip(group, self._publish(written), strict=True):
            self._resolve(append.waiting, offsets)

    def _resolve(self, waiting: asyncio.Future[Sequence[int]], found: Sequence[int]) -> None:
        if not waiting.done():
            waiting.set_result(found)

    def _fail(self, waiting: Sequence[asyncio.Future[Sequence[int]]], error: LogError) -> None:
        for future in waiting:
            if not future.done():
                future.set_exception(type(error)(str(error)))

    def _end(self) -> None:
        """Fail what still waits: the writer can take nothing more, or a bug stopped the thread."""
        if not self._is_closing:
            self.fault = self.fault or LogClosed(f"the writer of {self._place} stopped")
        self._fail(list(self._waiting), self.fault or LogClosed(f"{self._place} is closed"))
        self._tell_ended()
        self._ended.set_result(None)
