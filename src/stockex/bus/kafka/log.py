"""The log on Kafka: a writer thread with group commit, and a thread for each reader.

append ──► queue ──► writer thread: all that waits, one transaction ──► Kafka
readers ◄── batches ◄── reader thread: fetch, merge the topics ◄─────────┘
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, Self

from stockex.bus.appends import Appends
from stockex.bus.interface import Clock
from stockex.bus.kafka.client import LAG_S, LOGGER, MOST_BYTES, Cluster
from stockex.bus.kafka.follower import Follower
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.lease.lease import Lease
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.writer import PATIENCE_S, Writer
from stockex.bus.tail import Stamps
from stockex.errors import LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.services import Standing
from stockex.vocabulary.units import Nanos

_PULSE_S: Final = 0.05


class KafkaBus:
    """A `Bus` on a Kafka cluster. It belongs to the event loop that opened it."""

    def __init__(self, cluster: Cluster, name: str, *, lookup: Lookup, clock: Clock) -> None:
        """Start the writer's thread; use `KafkaBus.open`."""
        self._cluster = cluster
        self._lookup = lookup
        self._known = lookup.known
        self._writer = writer = Writer(cluster, cluster.prefix + name, lookup=lookup)
        self._clock = clock
        self._stamps = Stamps(clock, Nanos(0))
        self._followers: set[Follower] = set()
        self._appends = Appends(
            writer, f"the log at {cluster.bootstrap}", publish=lambda offsets: offsets, ended=self._end
        )

    @classmethod
    async def open(cls, cluster: Cluster, *, clock: Clock, name: str = "exchange", wait_s: float = PATIENCE_S) -> Self:
        """Open the log for writing as `name`, and make the topics that are not there.

        An earlier writer of that name is fenced: whatever it appends from now on is refused.

        Args:
            cluster: Where it is; its prefix stands before the name of the writer too.
            clock: Called on the event loop; stamps the records, cut to whole microseconds.
            name: Names the writer.
            wait_s: How long a broker that is away is waited for.

        Raises:
            LogError: no broker answers.
            LogDamaged: a topic has several partitions.
            ConfigurationError: the log was begun with another number of shards.
        """
        bus = await cls._of(cluster, name, clock=clock, wait_s=wait_s)
        try:
            await bus._take_over(wait_s=wait_s)  # noqa: SLF001 (its own)
        except LogError:
            await bus.close()
            raise
        return bus

    @classmethod
    async def _of(cls, cluster: Cluster, name: str, *, clock: Clock, wait_s: float) -> Self:
        """Return a log that nothing can be appended to yet. Raises: LogError."""
        await asyncio.to_thread(cluster.prepare, wait_s=wait_s)
        return cls(cluster, name, lookup=Lookup(cluster, Known()), clock=clock)

    async def _take_over(self, *, wait_s: float) -> None:
        """Fence earlier writers of this name, and look how far each topic goes. Raises: LogError."""
        await asyncio.to_thread(self._writer.open, wait_s=wait_s)
        newest = await asyncio.to_thread(self._lookup.newest_of_all)
        self._known.saw(newest)
        self._stamps = Stamps(self._clock, max((record.at for record in newest), default=Nanos(0)))

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries or none, and return their offsets once they are committed, as `Appends.append`.

        Raises:
            LogClosed: the log is closed.
            LogFenced: another process writes under this name now.
            LogError: nothing was appended: the broker was away for too long, or an entry is none that it takes.
        """
        self._appends.check_open()
        for entry in entries:
            _check(entry)
        return await self._appends.append(entries, self._stamps.now()) if entries else []

    async def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches from the offsets of `since` on, as `Bus.read`.

        Raises:
            LogClosed: the log was closed when the reader started.
            LogCut: a record that is wanted is not kept any more.
            LogFenced: another process writes under this log's name now, so what is done with the records is void.
            LogError: a topic is gone.
        """
        self._appends.check_open()
        follower = Follower(self._cluster, since, lookup=self._lookup)
        self._followers = {follower, *(each for each in self._followers if each.is_running)}
        try:
            while (batch := await follower.next()) is not None:
                self._known.saw(batch)
                yield batch
                await asyncio.sleep(0)  # a reader with much to catch up lets others run
        finally:
            follower.stop()

    async def cut(self, topic: Topic, below: int) -> int:
        """Let go of the records of `topic` below an offset, as `CutBus.cut`. Raises: LogClosed; LogError."""
        self._appends.check_open()
        with self._appends.turns:
            return await asyncio.to_thread(self._lookup.cut, topic, below)

    async def first(self, topic: Topic) -> int:
        """Return the offset from which on `topic` is kept. Raises: LogClosed; LogError."""
        self._appends.check_open()
        with self._appends.turns:
            return await asyncio.to_thread(self._lookup.first, topic)

    async def end(self, topic: Topic) -> int:
        """Return the offset after the newest committed record of `topic`. Raises: LogClosed; LogError."""
        self._appends.check_open()
        with self._appends.turns:
            return await asyncio.to_thread(self._lookup.end, topic)

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first. Raises: LogClosed; LogError."""
        self._appends.check_open()
        with self._appends.turns:
            return await asyncio.to_thread(self._lookup.newest, topic, count)

    async def close(self) -> None:
        """Finish the appends that wait, end the readers, and let go of the broker."""
        self._writer.hurry()
        await self._appends.close()
        for follower in self._followers:
            follower.stop()
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        for follower in self._followers:
            follower.join()
        self._lookup.close()

    def _end(self) -> None:
        """End the readers when the writer has ended: the log closes, it is fenced, or a bug stopped the thread."""
        for follower in self._followers:
            follower.stop(self._appends.fault)


class LedBus(KafkaBus):
    """A log on Kafka of which several processes have the writer's name: the one that leads appends, the others read."""

    def __init__(self, cluster: Cluster, name: str, *, lookup: Lookup, clock: Clock) -> None:
        """Follow the lease of `name`; use `LedBus.join`."""
        super().__init__(cluster, name, lookup=lookup, clock=clock)
        self._lease = Lease(cluster, name, token=self._writer.session, superseded=self._appends.stop)
        self._writer.holds = self._lease.holds
        self._pulsing = asyncio.create_task(self._pulse())

    @classmethod
    async def join(cls, cluster: Cluster, *, clock: Clock, name: str = "exchange", wait_s: float = PATIENCE_S) -> Self:
        """Open the log for reading, as one of those who may write it as `name`. The arguments are those of `open`.

        Raises:
            LogError: no broker answers.
            LogDamaged: a topic has several partitions.
        """
        return await cls._of(cluster, name, clock=clock, wait_s=wait_s)

    @property
    def standing(self) -> Standing:
        """Whether this process is the active one now."""
        return self._lease.standing

    @property
    def doubt(self) -> str | None:
        """Why nobody is surely active, this process or another; None when one is."""
        return self._lease.doubt

    @property
    def leader(self) -> str:
        """Who leads; "" when nobody does."""
        return self._lease.leader

    async def lead(self, *, by_force: bool = False) -> None:
        """Wait until nobody leads, by force not even that; fence whoever led, and append from now on.

        Everything that the one before had committed can be read, and it commits nothing any more.

        Raises: LogClosed: the log is closed.
        """
        while True:
            self._appends.check_open()
            await self._lease.won(by_force=by_force)
            try:
                await self._take_over(wait_s=LAG_S)
                if await asyncio.to_thread(self._lease.holds):
                    return
            except LogError as error:
                LOGGER.warning("not taken over: %s", error)
                await asyncio.sleep(_PULSE_S)

    async def serve(self) -> None:
        """Count as the active one from now on, and wait until that is certain."""
        await self._lease.serve()

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append, as `KafkaBus.append`. Raises: LogError, as long as this process does not lead."""
        if self._lease.standing is Standing.STANDBY:
            self._appends.check_open()
            raise LogError(f"{self._lease.leader or 'nobody'} leads; a standby appends nothing")
        return await super().append(entries)

    async def close(self) -> None:
        """Close it, as `KafkaBus.close`, and let somebody else lead at once."""
        self._pulsing.cancel()
        await super().close()
        await asyncio.to_thread(self._lease.stop)

    async def _pulse(self) -> None:
        while True:
            self._lease.pulse()
            await asyncio.sleep(_PULSE_S)


def _check(entry: Entry) -> None:
    """Refuse what no topic takes. Raises: LogError."""
    if len(entry.value) + len(entry.key) > MOST_BYTES:
        raise LogError(f"a value of {len(entry.value):,} bytes is too large: at most {MOST_BYTES:,}")
    if entry.key.isascii():
        return
    try:
        entry.key.encode()
    except UnicodeEncodeError as error:
        raise LogError(f"a key is no text: {error}") from error
