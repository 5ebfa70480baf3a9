"""The collator: brings the facts of all shards into the order of their commands, and publishes them.

orders   7 A   8 -   9 B           A and B are symbols of shard 0 and 1; 8 is for all
shard 0  7     8               ──►  7, 8 of both as one matcher would tell it, 9
shard 1        8     9
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple, cast

from stockex.bus.interface import Bus
from stockex.bus.patient import PatientBus
from stockex.core.shards.collating import collated
from stockex.errors import LogClosed, LogDamaged
from stockex.messages.codec import Fact, decode_record, entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.shards.part import teller_at
from stockex.services.trust.claims import WINDOW, Claims, cause_claimed
from stockex.services.trust.marks import TOLD_IN

_AHEAD: Final = 8
"""So many batches of a shard wait for the others at most."""

_FURTHER: Final = 8
_LEAST: Final = 64


class _Told(NamedTuple):
    """What one command is told with."""

    offset: int
    entries: Sequence[Entry]


class _Shard:
    """The facts of one shard on their way, by command."""

    def __init__(self, number: int, bus: Bus, *, first: int) -> None:
        """Begin to bring the facts of the commands from `first` on."""
        self._number = number
        self._bus = bus
        self._batches: asyncio.Queue[Sequence[Record]] = asyncio.Queue(_AHEAD)
        self._records: deque[Record] = deque()
        self._feeding = asyncio.create_task(self._feed(first))

    async def stop(self) -> None:
        """Bring no more."""
        self._feeding.cancel()
        await asyncio.wait({self._feeding})

    async def _feed(self, first: int) -> None:
        since = {topic: await self._place(topic, first) for topic in FACT_TOPICS}
        async with aclosing(cast("AsyncGenerator[Sequence[Record], None]", self._bus.read(since))) as batches:
            async for batch in batches:
                facts = [record for record in batch if cause_claimed(record) >= first]
                if facts:
                    await self._batches.put(facts)

    async def _place(self, topic: Topic, first: int) -> int:
        """Return an offset in a topic from which on it has all facts of the commands from `first` on.

        A fact of an earlier command must stand before; what others wrote there says nothing.
        """
        count = _LEAST
        while first > 0:
            newest = await self._bus.last(topic, count)
            causes = [cause_claimed(record) for record in newest]
            if any(0 <= cause < first for cause in causes):
                later = (record.offset for record, cause in zip(newest, causes, strict=True) if cause >= first)
                return min(later, default=newest[-1].offset + 1)
            if len(newest) < count:
                break
            count *= _FURTHER
        return 0

    @property
    def has(self) -> bool:
        """Whether there is something to take without waiting."""
        return bool(self._records) or not self._batches.empty()

    async def wait(self) -> None:
        """Wait until there is something to take. Raises: LogError: the log cannot be read, or it is closed."""
        getting = asyncio.ensure_future(self._batches.get())
        await asyncio.wait({getting, self._feeding}, return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            self._records.extend(getting.result())
            return
        getting.cancel()
        self._feeding.result()
        raise LogClosed(f"nothing more comes from shard {self._number}")

    def take(self, offset: int) -> list[Record]:
        """Return the facts of the command at `offset`, which are the next ones. Raises: LogDamaged: they are not."""
        if not self._records:
            self._records.extend(self._batches.get_nowait())
        records, taken = self._records, []
        while records and cause_claimed(records[0]) == offset:
            taken.append(records.popleft())
        if not taken:
            found = cause_claimed(records[0])
            raise LogDamaged(f"shard {self._number} tells of command {found} where {offset} is due")
        return taken


class Collator:
    """Publishes what the shards tell."""

    def __init__(self, bus: Bus, shards: Sequence[Bus]) -> None:
        """Publish on `bus` the facts of `shards`, each seen with the eyes of one of them, shard 0 first."""
        self._bus = PatientBus(bus)
        self._shards = shards

    async def serve(self, first: int) -> None:
        """Publish the facts of the commands from `first` on, until cancelled.

        Raises:
            LogFenced: another process took over.
            LogError: the log cannot be read; LogDamaged, a shard does not tell what is for it to tell.
        """
        async with aclosing(self._told_from(first)) as batches:
            async for told in batches:
                await self._publish(told)

    async def _publish(self, told: Iterable[_Told]) -> None:
        entries = [entry for each in told for entry in each.entries]
        if entries:
            await self._bus.append(entries)

    async def catch_up(self) -> int:
        """Publish what is missing up to the newest command that the log claims to tell of; return the one after it.

        Whoever published before has been fenced. As for a matcher, only what the log has byte for byte as the shards
        tell it counts as told. Raises: as `serve`.
        """
        count = WINDOW
        while True:
            ends = {topic: await self._bus.end(topic) for topic in TOLD_IN}
            since = {topic: max(end - count, 0) for topic, end in ends.items()}
            claims = Claims(since, is_whole=not any(since.values()))
            await claims.read(self._bus, first=0)
            untold = await self._untold(claims)
            if not any(since.values()) or claims.reaches_back:
                await self._publish(untold)
                return claims.highest + 1
            count *= _FURTHER

    async def _untold(self, claims: Claims) -> list[_Told]:
        """Return what is to be told up to the highest claim, after the newest command that is told."""
        untold: list[_Told] = []
        if claims.highest < 0:
            return untold
        highest = claims.highest
        async with aclosing(self._told_from(claims.lowest)) as batches:
            async for told in batches:
                for each in told:
                    if each.offset > highest:
                        return untold
                    if claims.confirm(each.offset, each.entries):
                        untold.clear()
                    else:
                        untold.append(each)
                if told[-1].offset >= highest:
                    return untold
        return untold

    async def _told_from(self, first: int) -> AsyncGenerator[list[_Told], None]:
        """Yield what is told of the commands from `first` on, as much at a time as can be had without waiting."""
        shards = [_Shard(number, bus, first=first) for number, bus in enumerate(self._shards)]
        orders = cast("AsyncGenerator[Sequence[Record], None]", self._bus.read({Topic.ORDERS: first}))
        told: list[_Told] = []
        try:
            async with aclosing(orders) as batches:
                async for batch in batches:
                    for record in batch:
                        teller = teller_at(record, len(shards))
                        for shard in shards if teller is None else shards[teller : teller + 1]:
                            if told and not shard.has:
                                yield told
                                told = []
                            if not shard.has:
                                await shard.wait()
                        told.append(_Told(record.offset, _entries(record, shards, teller=teller)))
                    yield told
                    told = []
        finally:
            for shard in shards:
                await shard.stop()


def _entries(command: Record, shards: Sequence[_Shard], *, teller: int | None) -> list[Entry]:
    """Return what is published of a command: what its shard told, as it is, or one answer made of those of all."""
    if teller is not None:
        return [Entry(fact.topic, fact.key, fact.value) for fact in shards[teller].take(command.offset)]
    parts = [[cast("Fact", decode_record(fact)) for fact in shard.take(command.offset)] for shard in shards]
    return [entry_of(fact) for fact in collated(sorted(part, key=lambda fact: fact.index) for part in parts)]
