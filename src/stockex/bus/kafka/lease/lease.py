"""One process's part in a lease: a thread that reads its topic, and claims, beats and releases.

The thread needs the interpreter for a moment every 50 ms. A busy event loop would let it wait (`bus/turns.py`), so
whoever has a lease calls `pulse` on its loop; a loop that does not for 10 s is stuck, and its process beats no more.
"""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from stockex.bus.kafka.client import LAG_S, LOGGER, Cluster, reason
from stockex.bus.kafka.lease.terms import Beat, Claim, Release, Terms, Word, word_of
from stockex.errors import LogError, LogFenced
from stockex.vocabulary.services import Standing

BEATS: Final = 7
"""A leader beats so many times in the silence after which others claim, `Cluster.silence_s`."""

HOLD: Final = 0.7
"""A leader is sure of itself for this part of that time after it has sent a beat that it has read back."""

GRACE_S: Final = 4.0
"""A broker that was away gives a leader so much more time to be heard again."""

HUNG_S: Final = 10.0
"""A process whose event loop has stood still for so long beats no more."""

_LOOK_S: Final = 0.05
_NAP_S: Final = 0.000_1
_FETCH_MS: Final = 20
"""The broker answers nothing else that the same consumer asks while a fetch waits."""

_ASK_S: Final = 1.0
_CLAIM_S: Final = 2.0
_WINDOW: Final = 1_000
"""So many of the newest records tell who leads: a hundred seconds of beats."""


class Lease:
    """The lease of a writer's name, as one process sees it. It belongs to the event loop that made it.

    Attributes:
        holder: What this process is called: host, process id, and what tells it from an earlier one of that id.
    """

    def __init__(self, cluster: Cluster, name: str, *, token: str, superseded: Callable[[LogFenced], None]) -> None:
        """Follow the lease of `name`; `superseded` is called on the event loop when another process leads instead.

        The topic must be there: `Cluster.prepare`. `token` is part of what this process is called.
        """
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{token}"
        self._cluster = cluster
        self._key = name.encode()
        self._silence_s = cluster.silence_s
        self._hold_s, self._beat_s = self._silence_s * HOLD, self._silence_s / BEATS
        self._superseded = superseded
        self._loop = asyncio.get_running_loop()
        self._won, self._sure = asyncio.Event(), asyncio.Event()
        self._changed = threading.Condition()
        self._asked = self._answered = 0
        self._wants, self._by_force = False, False
        self._is_stopping = self._is_serving = False
        self._leads = False
        self._terms = Terms(0)
        self._position = 0
        self._heard = self._pulsed = time.monotonic()
        self._sure_until = 0.0
        self._is_free = self._is_away = False
        self._next_beat = self._next_claim = 0.0
        self._number = 0
        self._sent: dict[int, float] = {}
        self._producer = _producer(cluster)
        self._thread = threading.Thread(target=self._run, name=f"lease of {name}", daemon=True)
        self._thread.start()

    @property
    def standing(self) -> Standing:
        """What this process is now."""
        if not self._leads:
            return Standing.STANDBY
        is_sure = self._is_serving and time.monotonic() < self._sure_until
        return Standing.ACTIVE if is_sure else Standing.WAITING

    @property
    def doubt(self) -> str | None:
        """Why neither this process nor another one is surely active, None when one is."""
        if self.standing is Standing.WAITING:
            return "It is taking over." if not self._is_serving else "It leads, and Kafka does not confirm it now."
        if self.standing is Standing.STANDBY and time.monotonic() - self._heard > self._silence_s:
            return "It is a standby, and nobody is active."
        return None if self._leads or self._terms.holder else "It is a standby, and nobody is active."

    @property
    def leader(self) -> str:
        """Who leads; "" when nobody does."""
        return self._terms.holder

    async def won(self, *, by_force: bool = False) -> None:
        """Wait until this process leads, by force at once. Others may write until they are fenced."""
        self._by_force, self._wants = by_force, True
        await self._won.wait()

    async def serve(self) -> None:
        """Count as active from now on, as long as the lease lasts; wait until that is certain."""
        self._is_serving = True
        await self._sure.wait()

    def holds(self) -> bool:
        """Say whether this process leads now, by what the broker has now; it blocks.

        Raises: LogError: the broker does not answer.
        """
        with self._changed:
            self._asked += 1
            number = self._asked
            self._changed.wait_for(lambda: self._answered >= number or self._is_stopping, LAG_S)
            if self._answered < number:
                raise LogError(f"Kafka at {self._cluster.bootstrap} does not tell who leads")
            return self._leads

    def pulse(self) -> None:
        """Show that the event loop goes round, and let the thread have its turn."""
        self._pulsed = time.monotonic()
        time.sleep(_NAP_S)

    def stop(self) -> None:
        """Release the lease if it is ours, and let go of the broker; it blocks for a moment."""
        self._is_stopping = True
        with self._changed:
            self._changed.notify_all()
        self._thread.join()
        if self._leads:
            self._say(Release(self.holder, self._terms.term))
            self._producer.flush(_ASK_S)

    def _run(self) -> None:
        consumer = self._cluster.consumer(auto_offset_reset="earliest", fetch_wait_max_ms=_FETCH_MS)
        try:
            self._begin(consumer)
            while not self._is_stopping:
                self._beat()
                self._read(consumer)
                self._answer(consumer)
                self._claim(consumer)
        finally:
            consumer.close()

    def _begin(self, consumer: Consumer) -> None:
        """Find out where to begin, as soon as the broker answers."""
        while not self._is_stopping:
            bounds = self._bounds(consumer)
            if bounds is not None:
                begin = max(bounds[0], bounds[1] - _WINDOW)
                self._terms, self._position = Terms(begin), begin
                self._is_free = bounds[0] == bounds[1]
                self._heard = time.monotonic()
                consumer.assign([TopicPartition(self._cluster.lease, 0, begin)])
                return

    def _read(self, consumer: Consumer) -> None:
        """Take in what is new, and wait for it for a moment."""
        first = consumer.poll(_LOOK_S)
        if first is not None:
            for message in (first, *consumer.consume(_WINDOW, 0)):
                self._take(message)

    def _bounds(self, consumer: Consumer) -> tuple[int, int] | None:
        """Return where the topic begins and ends; None when the broker does not tell. What is gone counts as read."""
        try:
            bounds = consumer.get_watermark_offsets(TopicPartition(self._cluster.lease, 0), timeout=_ASK_S)
        except KafkaException as error:
            LOGGER.warning("lease waits: %s", reason(error))
            return None
        if bounds is not None:
            self._position = max(self._position, bounds[0])
        return bounds

    def _take(self, message: Message) -> None:
        """Take in a record. Those of other names, and of others, count for nothing."""
        offset, error = message.offset(), message.error()
        if error is not None or offset is None:
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 (so it is named)
                LOGGER.warning("lease waits: %s", error.str())
            return
        self._position = offset + 1
        word = word_of(message.value()) if message.key() == self._key else None
        if word is None:
            return
        if isinstance(word, Claim) and word.holder == self.holder:
            self._next_claim = 0.0
        if self._terms.take(offset, word):
            self._heard = max(self._heard, time.monotonic())
            self._is_free = isinstance(word, Release)
            if isinstance(word, Beat) and word.holder == self.holder:
                self._sure_until = self._sent.pop(word.number, 0.0) + self._hold_s
                if not self._sure.is_set():
                    self._tell(self._sure.set)
        self._decide()

    def _decide(self) -> None:
        """See whether this process leads now, and tell what has changed."""
        leads = self._terms.holder == self.holder
        if leads and not self._leads:
            self._leads = True
            self._tell(self._won.set)
        elif self._leads and not leads:
            self._leads = False
            by = self._terms.holder or "nobody"
            self._tell(self._lost, LogFenced(f"another process leads now: {by}; this one, {self.holder}, was silent"))

    def _lost(self, error: LogFenced) -> None:
        """Wait for the next chance before this process has served, end it afterwards; on the event loop."""
        self._won.clear()
        if self._is_serving:
            self._superseded(error)

    def _beat(self) -> None:
        """Show that this process lives, if it leads."""
        now = time.monotonic()
        if not self._leads or now < self._next_beat or now - self._pulsed > HUNG_S:
            return
        self._next_beat = now + self._beat_s
        self._number += 1
        self._sent = {number: sent for number, sent in self._sent.items() if now - sent < self._hold_s}
        self._sent[self._number] = now
        self._say(Beat(self.holder, self._terms.term, self._number))

    def _claim(self, consumer: Consumer) -> None:
        """Claim the lease when it is wanted and free, or its holder has been silent for long enough."""
        now = time.monotonic()
        if self._leads or self._is_serving or not self._wants or now < self._next_claim:
            return
        if not (self._by_force or self._is_free or now - self._heard >= self._silence_s):
            return
        bounds = self._bounds(consumer)
        if bounds is None:
            self._is_away = True
            return
        if self._is_away:
            self._is_away = False
            self._heard = time.monotonic() + GRACE_S
        elif self._by_force or bounds[1] <= self._position:
            self._next_claim = time.monotonic() + _CLAIM_S
            self._say(Claim(self.holder, None if self._by_force else self._position - 1))

    def _answer(self, consumer: Consumer) -> None:
        """Answer whoever asks who leads, once everything is read that the broker has."""
        asked = self._asked
        bounds = self._bounds(consumer) if asked > self._answered else None
        if bounds is None:
            return
        while self._position < bounds[1] and not self._is_stopping:
            self._read(consumer)
        with self._changed:
            self._answered = asked
            self._changed.notify_all()

    def _say(self, word: Word) -> None:
        try:
            self._producer.produce(self._cluster.lease, msgspec.json.encode(word), self._key, partition=0)
            self._producer.poll(0)
        except (BufferError, KafkaException) as error:
            LOGGER.warning("lease waits: %s", reason(error))

    def _tell(self, call: Callable[..., None], *given: object) -> None:
        """Call on the event loop; it may have closed meanwhile."""
        try:
            self._loop.call_soon_threadsafe(call, *given)
        except RuntimeError:
            self._is_stopping = True


def _producer(cluster: Cluster) -> Producer:
    """Return a producer that never sends anything twice or late: what a second cannot carry is worth nothing."""
    config = cluster.config(acks="all", linger_ms=0, retries=0, message_timeout_ms=int(_ASK_S * 1_000))
    return Producer(config | {"max.in.flight.requests.per.connection": 1}, logger=LOGGER)
