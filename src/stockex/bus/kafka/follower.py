"""Follows topics in a thread of its own, and hands the batches to the event loop."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from stockex.bus.kafka.client import LOGGER, Cluster, reason
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.merge import Merge
from stockex.errors import LogCut, LogError
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

_AHEAD: Final = 4
"""How many batches wait for a reader at most; then its thread waits."""

_LOOK_S: Final = 0.1
_FETCH: Final = 1_000
_HOPELESS: Final = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001 (so it is named)
        KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001
    }
)


class Follower:
    """One reader. `next` is for the event loop that made it; everything else happens in the thread."""

    def __init__(self, cluster: Cluster, since: Mapping[Topic, int], *, lookup: Lookup) -> None:
        """Begin to fetch from the offsets of `since`."""
        self._cluster = cluster
        self._lookup = lookup
        self._since = dict(since)
        self._merge = Merge(since, cluster.labels)
        self._loop = asyncio.get_running_loop()
        self._batches: deque[Sequence[Record]] = deque()
        self._news = asyncio.Event()
        self._space = threading.Semaphore(_AHEAD)
        self._is_stopping = False
        self._error: LogError | None = None
        self._thread = threading.Thread(target=self._run, name="log reader", daemon=True)
        self._thread.start()

    async def next(self) -> Sequence[Record] | None:
        """Return the next batch, None when the reader was stopped. Raises: LogError: it cannot go on."""
        while not (self._batches or self._is_stopping):
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._error
        if self._is_stopping:
            return None
        self._space.release()
        return self._batches.popleft()

    def stop(self, error: LogError | None = None) -> None:
        """End the reader, for the reason given."""
        self._error = self._error or error
        self._is_stopping = True
        self._space.release()
        self._news.set()

    @property
    def is_running(self) -> bool:
        """Whether the thread still has something of the broker's."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait until the thread has let go of the broker."""
        self._thread.join()

    def _run(self) -> None:
        consumer = self._cluster.consumer()
        try:
            consumer.assign([self._cluster.partition(topic, offset) for topic, offset in self._since.items()])
            while not self._is_stopping:
                self._fetch(consumer)
        except LogError as error:
            self._tell(self.stop, error)
        finally:
            consumer.close()

    def _fetch(self, consumer: Consumer) -> None:
        first = consumer.poll(_LOOK_S)
        if first is not None:
            for message in (first, *consumer.consume(_FETCH, 0)):
                self._take(message)
        while not self._is_stopping and (batch := self._merge.take()):
            self._space.acquire()
            self._tell(self._hand_over, batch)
        if first is None:
            for topic in self._merge.doubts():
                self._merge.written(topic, self._lookup.written(topic))

    def _take(self, message: Message) -> None:
        error = message.error()
        if error is None:
            self._merge.add(self._cluster.fetched(message))
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 (so it is named)
            self._merge.reached(self._cluster.topics[message.topic() or ""], message.offset() or 0)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 (so it is named)
            topic = self._cluster.topics[message.topic() or ""]
            raise LogCut(topic, self._lookup.first(topic))
        elif error.fatal() or error.code() in _HOPELESS:
            raise LogError(f"Kafka at {self._cluster.bootstrap}: {reason(KafkaException(error))}")
        else:
            LOGGER.warning("reader waits: %s", error.str())

    def _hand_over(self, batch: Sequence[Record]) -> None:
        self._batches.append(batch)
        self._news.set()

    def _tell(self, call: object, given: object) -> None:
        """Call on the event loop; it may have closed while this thread was fetching."""
        try:
            self._loop.call_soon_threadsafe(call, given)  # type: ignore[arg-type]
        except RuntimeError:
            self._is_stopping = True


async def merged(
    cluster: Cluster, wants: dict[Topic, int], *, follows: bool = False
) -> AsyncGenerator[Sequence[Record], None]:
    """Yield the records of several topics in the order of appending, from offsets on, and move these past them.

    What was cut is passed over. It ends where the log ended when it began, unless it follows. Raises: LogError.
    """
    lookup = Lookup(cluster, Known())
    follower: Follower | None = None
    try:
        ends = {topic: await asyncio.to_thread(lookup.end, topic) for topic in wants}
        firsts = {topic: await asyncio.to_thread(lookup.first, topic) for topic in wants}
        wants.update({topic: max(wants[topic], first) for topic, first in firsts.items()})
        follower = Follower(cluster, wants, lookup=lookup)
        while follows or any(wants[topic] < end for topic, end in ends.items()):
            batch = await follower.next() or ()
            wants.update({record.topic: record.offset + 1 for record in batch})
            yield batch
    finally:
        if follower is not None:
            follower.stop()
            await asyncio.to_thread(follower.join)
        lookup.close()
