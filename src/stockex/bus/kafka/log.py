"""The log on Kafka: a writer thread with group commit, and a thread for each reader.

append ──► queue ──► writer thread: all that waits, one transaction ──► Kafka
readers ◄── batches ◄── reader thread: fetch, merge the topics ◄─────────┘
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Self

from stockex.bus.appends import Appends
from stockex.bus.interface import Clock
from stockex.bus.kafka.client import MOST_BYTES, Cluster
from stockex.bus.kafka.follower import Follower
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.writer import PATIENCE_S, Writer
from stockex.bus.tail import Stamps
from stockex.errors import LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos


class KafkaBus:
    """A `Bus` on a Kafka cluster. It belongs to the event loop that opened it."""

    def __init__(self, cluster: Cluster, writer: Writer, *, lookup: Lookup, known: Known, stamps: Stamps) -> None:
        """Start the writer's thread; use `KafkaBus.open`."""
        self._cluster = cluster
        self._writer = writer
        self._lookup = lookup
        self._known = known
        self._stamps = stamps
        self._followers: set[Follower] = set()
        self._appends = Appends(
            writer, f"the log at {cluster.bootstrap}", publish=lambda offsets: offsets, ended=self._end
        )

    @classmethod
    async def open(
        cls, bootstrap: str, *, clock: Clock, name: str = "exchange", prefix: str = "", wait_s: float = PATIENCE_S
    ) -> Self:
        """Open the log at `bootstrap` for writing as `name`, and make the topics that are not there.

        An earlier writer of that name is fenced: whatever it appends from now on is refused.

        Args:
            bootstrap: The broker's address, as host:port.
            clock: Called on the event loop; stamps the records, cut to whole microseconds.
            name: Names the writer.
            prefix: Stands before the name of every topic, and of the writer.
            wait_s: How long a broker that is away is waited for.

        Raises:
            LogError: no broker answers.
            LogDamaged: a topic has several partitions.
        """
        cluster = Cluster(bootstrap, prefix=prefix)
        known = Known()
        writer, lookup, last = await asyncio.to_thread(_opened, cluster, prefix + name, known=known, wait_s=wait_s)
        return cls(cluster, writer, lookup=lookup, known=known, stamps=Stamps(clock, last))

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


def _opened(cluster: Cluster, name: str, *, known: Known, wait_s: float) -> tuple[Writer, Lookup, Nanos]:
    """Make the topics, fence earlier writers, and look how far each topic goes. It blocks. Raises: LogError."""
    cluster.prepare(wait_s=wait_s)
    lookup = Lookup(cluster, known)
    writer = Writer(cluster, name, known=known, lookup=lookup)
    writer.open(wait_s=wait_s)
    last = Nanos(0)
    for topic in Topic:
        newest = lookup.newest(topic, 1)
        known.saw(newest)
        last = max([last, *(record.at for record in newest)])
    return writer, lookup, last


def _check(entry: Entry) -> None:
    """Refuse what no topic takes. Raises: LogError."""
    if len(entry.value) + len(entry.key) > MOST_BYTES:
        raise LogError(f"a value of {len(entry.value):,} bytes is too large: at most {MOST_BYTES:,}")
    try:
        entry.key.encode()
    except UnicodeEncodeError as error:
        raise LogError(f"a key is no text: {error}") from error
