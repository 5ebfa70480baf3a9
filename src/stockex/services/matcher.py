"""The matcher: carries commands from `orders` to the exchange, and its facts to their topics."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import msgspec
import structlog

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Bus
from stockex.core.exchange import Exchange
from stockex.core.snapshot import VERSION, digest_of, load
from stockex.errors import CheckpointUnfit, StockExError, WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.engines.interface import MatchingEngine
from stockex.services.trust.causes import newest_cause
from stockex.services.trust.claims import caught_up
from stockex.services.trust.marks import MARKS, marks_of, saved_marks

_NAME: Final = "engine"
COMMANDS_PER_CHECKPOINT: Final = 15_000
"""How many commands are obeyed between two checkpoints at least, and one in `_SHARE` of all there were."""

_SHARE: Final = 20
_TIMES_WHILE_BEHIND: Final = 40
"""So many times more while commands are obeyed again whose facts the log has: a checkpoint of much takes long."""

Keep = Callable[[int, bytes], None]
"""Takes the bytes of a checkpoint, and the offset of the first command that it has not seen."""

Heard = Callable[[Sequence[Entry]], None]
"""Takes note of what the engine has told."""

_PART: Final = 500

_log = structlog.get_logger(__name__)


def recovered(checkpoints: Checkpoints, *, end: int) -> Exchange:
    """Return the exchange of the newest checkpoint that fits a log of `end` commands, or else a new one.

    A new one replays the whole log; a checkpoint only saves that work.
    """

    def fitting(data: bytes) -> Exchange:
        exchange = load(data)
        if exchange.next_offset > end:
            raise CheckpointUnfit(f"it has seen {exchange.next_offset} commands, and the log ends below {end}")
        return exchange

    return checkpoints.load(_NAME, fitting, version=VERSION) or Exchange()


def facts_of(exchange: Exchange, record: Record) -> list[Fact]:
    """Return what one record of `orders` causes; a record that cannot be read is quarantined."""
    try:
        command = decode_command(record.value)
    except WireError as error:
        return exchange.quarantine(error, offset=record.offset, at=record.at)
    return exchange.apply(command, offset=record.offset, at=record.at)


def _let_go(_offset: int, _data: bytes) -> None:
    """Keep nothing."""


def _pass(_entries: Sequence[Entry]) -> None:
    """Take no note."""


class Matcher:
    """The one writer of facts about orders.

    After a restart it replays what its checkpoint has not seen, and appends only the facts of commands beyond the
    newest one whose facts the log holds, byte for byte: every command has its facts once.

    Attributes:
        engine: What obeys.
        covered: The offset that the last two checkpoints of this process both lie beyond.
        heard: Called with what the engine has told, before it is appended.
    """

    heard: Heard = staticmethod(_pass)

    def __init__(
        self,
        bus: Bus,
        engine: MatchingEngine,
        *,
        checkpoints: Checkpoints,
        keep: Keep = _let_go,
        every: int = COMMANDS_PER_CHECKPOINT,
    ) -> None:
        """Obey what `bus` brings, and save a checkpoint after `every` commands.

        `keep` is given the offset and the bytes of each checkpoint, in a thread.
        """
        self._bus = bus
        self._every = every
        self._keep = keep
        self._checkpoints = checkpoints
        self.engine = engine
        self._saved = engine.next_offset
        self._newest = self.covered = 0
        self._published = engine.next_offset
        self._is_author = False
        self._moved = asyncio.Event()

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
        marks = await saved_marks(self._checkpoints, self._bus)
        untold = await caught_up(self._bus, self.engine, marks=marks)
        while part := list(islice(untold, _PART)):
            await self._bus.append([entry for entries in part for entry in entries])
        self._is_author = True
        self._move()

    async def _go_on(self, published: int) -> None:
        """Obey what comes; the facts of commands up to `published` are in the log."""
        async for records in self._bus.read({Topic.ORDERS: self.engine.next_offset}):
            await self._obey(records)
            if self.engine.next_offset - self._saved >= self._interval(published):
                await self.save()

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
        if self._published != self.engine.next_offset:
            return
        data = self.engine.dump()
        self._saved = self.engine.next_offset
        try:
            if self._is_author:
                marks = msgspec.msgpack.encode(await marks_of(self._bus, commands=self._saved))
                await asyncio.to_thread(self._checkpoints.save, MARKS, marks)
            await asyncio.to_thread(self._checkpoints.save, _NAME, data, version=VERSION)
        except StockExError as error:
            _log.warning("checkpoint_not_saved", error=str(error))
        else:
            self.covered, self._newest = self._newest, self._saved
        await asyncio.to_thread(self._keep, self._saved, data)

    def digest(self) -> tuple[int, str]:
        """Return the offset that the engine has reached and the digest of its state there."""
        return self.engine.next_offset, digest_of(self.engine.dump())

    async def _obey(self, records: Sequence[Record]) -> None:
        entries = [entry for caused in self.engine.entries(records) for entry in caused]
        if entries:
            self.heard(entries)
            await self._bus.append(entries)
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
