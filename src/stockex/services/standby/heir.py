"""A matcher that follows the active one, and becomes the active one when it is told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from stockex.messages.envelope import Record
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.matcher import Matcher
from stockex.services.trust.causes import cause_of, newest_cause
from stockex.services.trust.marks import TOLD_IN, Marks, after


class Heir(Matcher):
    """Obeys commands whose facts are in the log, and appends nothing until it leads; then it is a matcher.

    Until then its state owes the log nothing, so that its checkpoints are those of a matcher too.
    """

    _led: asyncio.Event | None = None
    _read = Marks()

    def lead(self) -> None:
        """Publish from now on; whoever did before has been fenced. `reached` tells when all facts are in the log."""
        self._leading.set()

    @property
    def _leading(self) -> asyncio.Event:
        self._led = self._led or asyncio.Event()
        return self._led

    async def serve(self) -> None:
        """Follow the log, then lead, until it is closed."""
        ends = {topic: await self._bus.end(topic) for topic in FACT_TOPICS}
        known, pending = await newest_cause(self._bus), deque[Record]()
        self._read = Marks(known + 1, {topic: ends[topic] for topic in TOLD_IN})
        async for records in self._until_led(self._bus.read({Topic.ORDERS: self.engine.next_offset, **ends})):
            pending += [record for record in records if record.topic is Topic.ORDERS]
            newest = pending[-1].offset if pending else known
            facts = [record for record in records if record.topic is not Topic.ORDERS]
            known = max([known, *(cause_of(record, end=newest + 1) for record in facts)])
            self._read = after(self._read, facts, commands=known + 1)
            self._follow(pending, known)
            if self.engine.next_offset - self._saver.newest >= self._interval(known):
                await self._begin_saving()
        if self._leading.is_set():
            await super().serve()

    async def _begins(self) -> Marks:
        """Return how far it has read: to look for facts from there on costs no time when somebody else is silent."""
        return self._read

    async def _until_led(self, batches: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches until this matcher leads or the log is closed."""
        led = asyncio.ensure_future(self._leading.wait())
        try:
            while not led.done():
                batch = asyncio.ensure_future(anext(batches, None))
                await asyncio.wait({batch, led}, return_when=asyncio.FIRST_COMPLETED)
                if not batch.done():
                    batch.cancel()
                    await asyncio.wait({batch})
                elif (records := batch.result()) is None:
                    return
                else:
                    yield records
        finally:
            led.cancel()

    def _follow(self, pending: deque[Record], known: int) -> None:
        """Obey the commands up to the newest one whose facts are in the log."""
        told: list[Record] = []
        while pending and pending[0].offset <= known:
            told.append(pending.popleft())
        self.heard([entry for caused in self.engine.entries(told) for entry in caused])
        self._move()
