"""The matcher: carries commands from `orders` to the exchange, and its facts to their topics."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Bus
from stockex.core.exchange import Exchange
from stockex.core.snapshot import VERSION, digest_of, load
from stockex.errors import CheckpointUnfit, WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.engines.interface import Heard, MatchingEngine
from stockex.services.trust.causes import newest_cause
from stockex.services.trust.claims import caught_up
from stockex.services.trust.marks import Marks, saved_marks
from stockex.services.trust.saving import ENGINE, Keep, Saver, let_go

COMMANDS_PER_CHECKPOINT: Final = 15_000
"""How many commands are obeyed between two checkpoints at least, and one in `_SHARE` of all there were."""

_AT_START: Final = 15
"""A start that obeyed more than this part of an interval again saves a checkpoint at once: another may come soon."""

_SHARE: Final = 20
_TIMES_WHILE_BEHIND: Final = 40
"""So many times more while commands are obeyed again whose facts the log has: a checkpoint of much takes long."""

_PART: Final = 500


def recovered(checkpoints: Checkpoints, *, end: int) -> Exchange:
    """Return the exchange of the newest checkpoint that fits a log of `end` commands, or else a new one.

    A new one replays the whole log; a checkpoint only saves that work.
    """

    def fitting(data: bytes) -> Exchange:
        exchange = load(data)
        if exchange.next_offset > end:
            raise CheckpointUnfit(f"it has seen {exchange.next_offset} commands, and the log ends below {end}")
        return exchange

    return checkpoints.load(ENGINE, fitting, version=VERSION) or Exchange()


def facts_of(exchange: Exchange, record: Record) -> list[Fact]:
    """Return what one record of `orders` causes; a record that cannot be read is quarantined."""
    try:
        command = decode_command(record.value)
    except WireError as error:
        return exchange.quarantine(error, offset=record.offset, at=record.at)
    return exchange.apply(command, offset=record.offset, at=record.at)


def _pass(_entries: Sequence[Entry]) -> None:
    """Take no note."""


class Matcher:
    """The one writer of facts about orders.

    After a restart it replays what its checkpoint has not seen, and appends only the facts of commands beyond the
    newest one whose facts the log holds, byte for byte: every command has its facts once.

    Attributes:
        engine: What obeys.
        heard: Called with what the engine has told, once it is in the log, and with what it gives while it catches up.
    """

    heard: Heard = staticmethod(_pass)

    def __init__(
        self,
        bus: Bus,
        engine: MatchingEngine,
        *,
        checkpoints: Checkpoints,
        keep: Keep = let_go,
        every: int = COMMANDS_PER_CHECKPOINT,
    ) -> None:
        """Obey what `bus` brings, and save a checkpoint after `every` commands.

        `keep` is given the offset and the bytes of each checkpoint, in a thread.
        """
        self._bus = bus
        self._every = every
        self._checkpoints = checkpoints
        self.engine = engine
        self._saver = Saver(bus, checkpoints, newest=engine.next_offset, keep=keep)
        self._published = engine.next_offset
        self._is_author = False
        self._moved = asyncio.Event()

    @property
    def covered(self) -> int:
        """The offset that the last two checkpoints of this process both lie beyond."""
        return self._saver.covered

    @property
    def exchange(self) -> Exchange:
        """The exchange to look at: instruments, settings, phases, accounts. Orders may stand elsewhere."""
        return self.engine.exchange

    async def serve(self) -> None:
        """Obey commands until the log is closed."""
        await self._catch_up()
        await self._go_on(self.engine.next_offset - 1)

    async def _catch_up(self) -> None:
        """Obey what may have its facts in the log, and append those that are missing."""
        untold = await caught_up(self._bus, self.engine, marks=await self._begins(), heard=self.heard)
        while part := list(islice(untold, _PART)):
            await self._bus.append([entry for entries in part for entry in entries])
        self._is_author = True
        self._move()

    async def _begins(self) -> Marks:
        """Return where the facts begin that may have to be held against the engine's."""
        return await saved_marks(self._checkpoints, self._bus)

    async def _go_on(self, published: int) -> None:
        """Obey what comes; the facts of commands up to `published` are in the log."""
        try:
            if self.engine.next_offset - self._saver.newest > self._every // _AT_START:
                await self._begin_saving()
            async for records in self._bus.read({Topic.ORDERS: self.engine.next_offset}):
                await self._obey(records)
                if self.engine.next_offset - self._saver.newest >= self._interval(published):
                    await self._begin_saving()
        finally:
            await self._saver.ended()

    def _interval(self, published: int) -> int:
        """Return how many commands lie between two checkpoints: more of them in a long log, whose state is larger."""
        if self.engine.next_offset <= published:
            return self._every * _TIMES_WHILE_BEHIND
        return max(self._every, self.engine.next_offset // _SHARE)

    async def reached(self, offset: int) -> None:
        """Wait until the command at `offset` has been obeyed and its facts are in the log."""
        while self._published <= offset:
            await self._moved.wait()

    async def save(self) -> None:
        """Write a checkpoint, so that the next start need not replay from the beginning.

        There is none while the facts of the newest commands may not be in the log: nobody would write them any more.
        A disk that refuses it costs time at the next start, no more.
        """
        await self._saver.ended()
        await self._begin_saving()
        await self._saver.ended()

    async def _begin_saving(self) -> None:
        await self._saver.begin(
            self.engine, is_told=lambda: self._published == self.engine.next_offset, is_author=self._is_author
        )

    def digest(self) -> tuple[int, str]:
        """Return the offset that the engine has reached and the digest of its state there."""
        return self.engine.next_offset, digest_of(self.engine.dump())

    async def _obey(self, records: Sequence[Record]) -> None:
        entries = [entry for caused in self.engine.entries(records) for entry in caused]
        if entries:
            await self._bus.append(entries)
            self.heard(entries)
        self._move()

    def _move(self) -> None:
        """Count all facts of what has been obeyed as published."""
        self._published = self.engine.next_offset
        self._moved.set()
        self._moved = asyncio.Event()


class Shadow(Matcher):
    """Obeys what another matcher publishes the facts of, and appends nothing."""

    async def serve(self) -> None:
        """Obey commands until the log is closed."""
        await self._go_on(await newest_cause(self._bus))

    async def _obey(self, records: Sequence[Record]) -> None:
        deque(self.engine.entries(records), maxlen=0)
        self._move()
