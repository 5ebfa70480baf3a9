"""The recorder: carries facts from the log to the projections, and tells who listens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec
import structlog

from stockex.adapters.checkpoints import Checkpoints, Saving
from stockex.bus.interface import Bus
from stockex.errors import CheckpointUnfit, StockExError
from stockex.messages.codec import Message
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.trust.projections import Projection, Saved, fits, name_of
from stockex.services.trust.sieve import Sieve, followed

Listener = Callable[[Sequence[tuple[Record, Message]]], None]
"""Told of each batch after the projections have taken it in."""

CHECKPOINT: Final = "projections"
"""The name of the checkpoint."""

VERSION: Final = 3
"""Of all projections' states together. It is raised when one of them means something else by the same bytes."""

RECORDS_PER_CHECKPOINT: Final = 100_000
"""How many records are applied between two checkpoints at least, and one in `_SHARE` of all there are."""

_AT_START: Final = 20
"""A start that applied more than this part of an interval saves a checkpoint at once: another may come soon."""

_SHARE: Final = 20
_TIMES_WHILE_BEHIND: Final = 100
"""So many times more until the start of the log has been read: a checkpoint of much takes long."""

_log = structlog.get_logger(__name__)


class Recorder:
    """Feeds all projections from one reading of the log, so that together they show one moment of it.

    It reads `orders` too, to know what a fact may be about. What cannot be believed it passes over and counts.
    It starts from its last checkpoint, or from the beginning of the log if there is none that fits.

    `covered` are the offsets, by topic, that the last two checkpoints of this process both lie beyond.
    """

    def __init__(
        self,
        bus: Bus,
        projections: Sequence[Projection],
        *,
        checkpoints: Checkpoints,
        every: int = RECORDS_PER_CHECKPOINT,
    ) -> None:
        """Feed `projections`, which must be new; what a checkpoint holds is put into them when serving begins.

        A checkpoint is saved after `every` records.
        """
        self._bus = bus
        self._every = every
        self._projections = projections
        self._checkpoints = checkpoints
        self._listeners: list[Listener] = []
        topics = sorted({topic for projection in projections for topic in projection.topics})
        self._wanting = {topic: [each for each in projections if topic in each.topics] for topic in topics}
        self._sieve = Sieve((Topic.ORDERS, *topics))
        self._next = dict.fromkeys((Topic.ORDERS, *topics), 0)
        self._newest: Mapping[Topic, int] = {}
        self.covered: Mapping[Topic, int] = {}
        self._unsaved = 0
        self._saving = Saving()
        self._caught_up = asyncio.Event()

    @property
    def passed_over(self) -> Mapping[Topic, Mapping[str, int]]:
        """How many records could not be believed since the log began, by topic and reason."""
        return self._sieve.tally.counts

    def listen(self, callback: Listener) -> None:
        """Call `callback` after each batch with the records that could be read and their messages, in order."""
        self._listeners.append(callback)

    async def serve(self) -> None:
        """Follow the log until it is closed or this task is cancelled; then save a checkpoint.

        An error in a projection or a listener is a bug: it ends the service, and nothing is saved.
        """
        await self.restore()
        goals = await self._ends()
        try:
            await self._follow(goals)
        except asyncio.CancelledError:
            await self._save()
            raise
        await self._save()

    async def restore(self) -> int:
        """Take the last checkpoint over, unless records were applied already; return how many are left to read."""
        ends = await self._ends()
        if not any(self._next.values()):
            self._take_over(ends)
        return sum(ends.values()) - sum(self._next.values())

    async def caught_up(self) -> None:
        """Wait until everything that was in the log when serving began has been applied."""
        await self._caught_up.wait()

    async def _ends(self) -> dict[Topic, int]:
        """Return the offset after the newest record of each topic."""
        newest = {topic: await self._bus.last(topic) for topic in self._next}
        return {topic: records[-1].offset + 1 if records else 0 for topic, records in newest.items()}

    async def _follow(self, goals: Mapping[Topic, int]) -> None:
        self._mark(goals)
        async for batch in followed(self._bus, dict(self._next), sieve=self._sieve):
            self._take(batch)
            self._mark(goals)
            if self._unsaved >= self._interval() and self._saving.is_free():
                self._begin_saving()

    def _interval(self) -> int:
        """Return how many records lie between two checkpoints: more of them in a long log, whose state is larger."""
        if not self._caught_up.is_set():
            return self._every * _TIMES_WHILE_BEHIND
        return max(self._every, sum(self._next.values()) // _SHARE)

    def _mark(self, goals: Mapping[Topic, int]) -> None:
        if not self._caught_up.is_set() and all(self._next[topic] >= goal for topic, goal in goals.items()):
            self._caught_up.set()
            if self._unsaved > self._every // _AT_START and self._saving.is_free():
                self._begin_saving()

    def _take(self, batch: Sequence[Record]) -> None:
        """Apply a batch, without waiting in between, then tell the listeners."""
        heard: list[tuple[Record, Message]] = []
        for record in batch:
            message = self._sieve.read(record)
            if message is not None:
                for projection in self._wanting[record.topic]:
                    projection.apply(message)
                heard.append((record, message))
            self._next[record.topic] = record.offset + 1
        self._unsaved += len(batch)
        for listener in self._listeners:
            listener(heard)

    async def _save(self) -> None:
        """Save a checkpoint if anything is new."""
        await self._saving.ended()
        if self._unsaved:
            self._begin_saving()
            await self._saving.ended()

    def _begin_saving(self) -> None:
        """Take the state of now, and let a task do the rest. A disk that refuses costs time at the next start."""
        self._unsaved = 0
        self._saving.begin(self._finish_saving(self._checkpoints.aside(self._state), dict(self._next)))

    def _state(self) -> bytes:
        """Return what a checkpoint of now holds."""
        states = {name_of(projection): projection.dump() for projection in self._projections}
        return msgspec.msgpack.encode(Saved(self._next, states, self._sieve.seen))

    async def _finish_saving(self, making: Awaitable[bytes], reached: Mapping[Topic, int]) -> None:
        try:
            await asyncio.to_thread(self._checkpoints.save, CHECKPOINT, await making, version=VERSION)
        except StockExError as error:
            _log.warning("checkpoint_not_saved", error=str(error))
        else:
            self.covered, self._newest = self._newest, reached

    def _take_over(self, ends: Mapping[Topic, int]) -> None:
        """Put the last checkpoint into the projections: into all of them or, if it does not fit, into none."""

        def fitting(data: bytes) -> tuple[Saved, list[Projection]]:
            saved = msgspec.msgpack.decode(data, type=Saved)
            if not fits(saved.next_offsets, ends):
                raise CheckpointUnfit("it has seen more than the log holds, or other topics")
            return saved, [type(each).load(saved.states.get(name_of(each), b"")) for each in self._projections]

        found = self._checkpoints.load(CHECKPOINT, fitting, version=VERSION)
        if found is None:
            return
        saved, loaded = found
        for projection, restored in zip(self._projections, loaded, strict=True):
            vars(projection).update(vars(restored))  # others hold `projection` already, so it takes the state over
        self._next.update(saved.next_offsets)
        self._sieve.seen = saved.seen
