"""Writes groups of appends, each in one transaction. It blocks, so it lives in a thread.

Kafka goes on closing a transaction for some milliseconds after it has told of the commit, and lets the next one of
the same producer wait. So there are two producers that take turns; there is never more than one transaction open.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from stockex.bus.appends import Call
from stockex.bus.kafka.client import LAG_S, LOGGER, MOST_BYTES, Cluster, reason
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.stamp import MICROSECOND, Group, Place, headers
from stockex.errors import LogError, LogFenced
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic

PATIENCE_S: Final = 30.0
"""How long a group waits for a broker that is away before it is given up, with nothing appended."""

HASTE_S: Final = 3.0
"""The same once the log is closing."""

_LANES: Final = 2
_LOOK_S: Final = 0.5
_AGAIN_S: Final = 0.05
_TRY_S: Final = 0.08
_TRANSACTION_MS: Final = 60_000
_NANOS_PER_MS: Final = 1_000_000
_FENCED: Final = frozenset(
    {
        KafkaError._FENCED,  # noqa: SLF001 (so it is named)
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
    }
)


class _Draft(NamedTuple):
    """A group on its way: what it says of itself, and the records to send."""

    group: Group
    header: bytes
    places: list[Place]
    entries: list[Entry]


class Writer:
    """The producers of one writer's name. Opening it fences whoever had the name before.

    Attributes:
        session: Names this writer's groups, and no other one's.
        holds: Says whether the name is still this writer's, however often it was fenced; it blocks. None: the first
            fence says that it is not.
    """

    def __init__(self, cluster: Cluster, name: str, *, lookup: Lookup) -> None:
        self._cluster = cluster
        self._name = name
        self._known = lookup.known
        self._lookup = lookup
        self.session = secrets.token_hex(4)
        self.holds: Callable[[], bool] | None = None
        self._number = 0
        self._lanes: list[Producer] = []
        self._patience_s = PATIENCE_S

    def open(self, *, wait_s: float = PATIENCE_S) -> None:
        """Fence earlier writers of this name, and settle what they had begun. Raises: LogError: no broker answers."""
        deadline = time.monotonic() + wait_s
        self._lanes = []
        identities = [f"stockex-{self._name}-{number}" for number in range(_LANES)]
        with ThreadPoolExecutor(_LANES) as pool:
            self._lanes = list(pool.map(self._ready, identities, repeat(deadline)))

    def _ready(self, identity: str, deadline: float) -> Producer:
        """Return a producer that has fenced all earlier ones of its identity.

        While the broker settles what an earlier one had begun it refuses, and the client would wait for half a second
        before it asks again. A new client asks at once, so there is one for each try, with more time each.
        """
        patience_s = _TRY_S
        while True:
            lane = self._producer(identity)
            try:
                lane.init_transactions(min(max(deadline - time.monotonic(), _TRY_S), patience_s))
            except KafkaException as error:
                if time.monotonic() >= deadline:
                    raise LogError(f"Kafka at {self._cluster.bootstrap}: {reason(error)}") from error
                patience_s = min(2 * patience_s, LAG_S)
                del lane
                time.sleep(min(_AGAIN_S, patience_s / 8))
            else:
                return lane

    def _open_again(self, deadline: float) -> None:
        """Open it unless another process has the name by now. Raises: LogFenced; LogError: no broker answers."""
        if self.holds is not None and not self.holds():
            raise LogFenced(f"another process writes as {self._name} now")
        self.open(wait_s=max(deadline - time.monotonic(), HASTE_S))

    def hurry(self) -> None:
        """Give up sooner from now on."""
        self._patience_s = HASTE_S

    def close(self) -> None:
        """Let go of the producers."""
        self._lanes = []

    def write(self, calls: Sequence[Call]) -> list[list[int]]:
        """Append all these calls in one transaction; return the offsets of each.

        Raises:
            LogFenced: another process writes under this name now; nothing was appended.
            LogError: nothing was appended.
        """
        self._number += 1
        draft = self._draft(calls)
        deadline = time.monotonic() + self._patience_s
        while True:
            if not self._lanes:
                self._open_again(deadline)
            lane = self._lanes[self._number % _LANES]
            try:
                bounds = self._sent(lane, draft, deadline=deadline)
                self._commit(lane)
                return self._shared_out(calls, self._offsets(draft, bounds))
            except KafkaException as error:
                if (found := self._recovered(draft, error, lane=lane, deadline=deadline)) is not None:
                    return self._shared_out(calls, found)

    def _producer(self, identity: str) -> Producer:
        config = self._cluster.config(
            transactional_id=identity,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            linger_ms=2,
            batch_num_messages=100_000,
            batch_size=MOST_BYTES,
            message_max_bytes=MOST_BYTES + 2**19,
            queue_buffering_max_messages=200_000,
            transaction_timeout_ms=_TRANSACTION_MS,
            message_timeout_ms=int(PATIENCE_S * 1_000),
        )
        return Producer(config, logger=LOGGER)

    def _draft(self, calls: Sequence[Call]) -> _Draft:
        counts: dict[Topic, int] = {}
        places: list[Place] = []
        for call in calls:
            at_us = call.at // MICROSECOND
            for entry in call.entries:
                in_topic = counts.get(entry.topic, 0)
                counts[entry.topic] = in_topic + 1
                places.append(Place(len(places), in_topic, at_us))
        group = Group(self.session, self._number, counts, self._known.ends())
        entries = [entry for call in calls for entry in call.entries]
        return _Draft(group, self._cluster.labels.header(group), places, entries)

    def _sent(self, lane: Producer, draft: _Draft, *, deadline: float) -> dict[Topic, range]:
        """Send all records and wait until each is in its partition; return between which offsets they are.

        The client tells of the first and the last record of each topic only: to be told of one takes as long as to
        send it. One that fails fails the transaction.

        Raises: KafkaException.
        """
        bounds: dict[Topic, list[int]] = {topic: [] for topic in draft.group.counts}
        failed: list[KafkaError] = []

        def told(topic: Topic) -> Callable[[KafkaError | None, Message], None]:
            found = bounds[topic]

            def tell(error: KafkaError | None, message: Message) -> None:
                if error is not None:
                    failed.append(error)
                else:
                    found.append(message.offset() or 0)

            return tell

        lane.begin_transaction()
        names, tells = self._cluster.names, {topic: told(topic) for topic in bounds}
        lasts = {topic: count - 1 for topic, count in draft.group.counts.items()}
        for place, entry in zip(draft.places, draft.entries, strict=True):
            topic = entry.topic
            is_asked = place.in_topic in {0, lasts[topic]}
            while True:
                try:
                    lane.produce(
                        names[topic],
                        entry.value,
                        entry.key.encode(),
                        partition=0,
                        on_delivery=tells[topic] if is_asked else None,
                        timestamp=place.at_us * MICROSECOND // _NANOS_PER_MS,
                        headers=headers(draft.header, place),
                    )
                    break
                except BufferError:
                    lane.poll(0.1)
        while _unsent(lane) and not failed and time.monotonic() < deadline:
            pass
        if failed or len(lane):
            raise KafkaException(failed[0] if failed else KafkaError(KafkaError._MSG_TIMED_OUT))  # noqa: SLF001
        return {topic: range(min(found), max(found) + 1) for topic, found in bounds.items()}

    def _offsets(self, draft: _Draft, bounds: Mapping[Topic, range]) -> Mapping[Topic, Sequence[int]]:
        """Return the offsets of a group that is committed; if others wrote amid it, the log tells them."""
        if all(len(bounds[topic]) == count for topic, count in draft.group.counts.items()):
            return bounds
        found = None
        while found is None:
            try:
                found = self._found(draft)
            except LogError as error:
                LOGGER.warning("offsets not told: %s", error)
                if self._patience_s != PATIENCE_S:
                    raise
            if found is None:  # Kafka shows a commit some milliseconds after it has told of it
                time.sleep(_AGAIN_S)
        return found

    def _commit(self, lane: Producer) -> None:
        """Commit; while the answer does not come, ask again: only the broker knows. Raises: KafkaException."""
        asked = time.monotonic()
        while True:
            try:
                lane.commit_transaction(LAG_S if self._patience_s == PATIENCE_S else HASTE_S)
            except KafkaException as error:
                is_closing = self._patience_s != PATIENCE_S and time.monotonic() - asked > HASTE_S
                if not error.args[0].retriable() or is_closing:
                    raise
            else:
                return

    def _recovered(
        self, draft: _Draft, error: KafkaException, *, lane: Producer, deadline: float
    ) -> Mapping[Topic, Sequence[int]] | None:
        """Return the offsets if the group was committed after all, None when it was not and may be sent again.

        Raises:
            LogFenced: another process writes under this name.
            LogError: it was not committed, and there is no time left; or the log closes before anybody knows.
        """
        fault = error.args[0]
        if fault.code() in _FENCED:
            self._fenced(error)
        LOGGER.warning("group not committed at once: %s", reason(error))
        # To abort also tells whether the name is still ours, before it is taken again.
        if fault.code() not in _FENCED and self._aborted(lane, deadline):
            found = None
        else:
            lane.purge()
            self._open_again(deadline)
            found = self._found(draft)
        if found is None and time.monotonic() >= deadline:
            raise LogError(f"Kafka at {self._cluster.bootstrap}: {reason(error)}") from error
        return found

    def _aborted(self, lane: Producer, deadline: float) -> bool:
        """Abort a transaction; say whether that is certain. Raises: LogFenced: the name is another process's now."""
        while True:
            try:
                lane.abort_transaction(min(max(deadline - time.monotonic(), 0.1), LAG_S))
            except KafkaException as error:
                fault = error.args[0]
                if fault.code() in _FENCED:
                    self._fenced(error)
                    return False
                if not fault.retriable() or time.monotonic() >= deadline:
                    return False
                time.sleep(_AGAIN_S)
            else:
                return True

    def _fenced(self, error: KafkaException) -> None:
        """Let go of the producers. Raises: LogFenced, unless the lease may say that the name is still ours."""
        self._lanes = []
        if self.holds is None:
            raise LogFenced(f"another process writes as {self._name} now: {reason(error)}") from error

    def _found(self, draft: _Draft) -> Mapping[Topic, Sequence[int]] | None:
        """Look for the group in the log; return its offsets, None when it is not there.

        A transaction of an earlier producer is settled once the next one of its name is open: it is there whole or not.
        """
        offsets: dict[Topic, list[int]] = {}
        for topic, count in draft.group.counts.items():
            pieces = self._lookup.since(topic, draft.group.after.get(topic, 0))
            offsets[topic] = [piece.record.offset for piece in pieces if piece.group == draft.header]
            if len(offsets[topic]) != count:
                return None
        return offsets

    def _shared_out(self, calls: Sequence[Call], offsets: Mapping[Topic, Sequence[int]]) -> list[list[int]]:
        """Know what is written, and return the offsets of each call."""
        for topic, found in offsets.items():
            self._known.reach(topic, found[-1] + 1)
        following = {topic: iter(found) for topic, found in offsets.items()}
        return [[next(following[entry.topic]) for entry in call.entries] for call in calls]


def _unsent(lane: Producer) -> int:
    """Wait a moment for what was sent, and return how much is still on its way. Raises: KafkaException.

    The client raises a fatal error from within the callbacks, where Python may take it for a fault of the callback.
    """
    try:
        return lane.flush(_LOOK_S)
    except SystemError as error:
        if isinstance(error.__cause__, KafkaException):
            raise error.__cause__ from error
        raise
