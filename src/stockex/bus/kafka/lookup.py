"""Questions about a topic's end, asked of the broker by one consumer; they block, so they are asked in threads."""

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Final

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from stockex.bus.kafka.client import LAG_S, LOGGER, Cluster, reason
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.stamp import Piece
from stockex.errors import LogError
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

_SPARE: Final = 16
_FURTHER: Final = 8
_PART: Final = 20_000
_MOST_FAULTS: Final = 100
_AGAIN_S: Final = 0.02
_SHOWN_S: Final = 0.002


class Lookup:
    """Answers about the ends of topics; what is `known` is part of every answer."""

    def __init__(self, cluster: Cluster, known: Known) -> None:
        """Ask `cluster`; what is `known` is part of every answer."""
        self._cluster = cluster
        self.known = known
        self._consumer = cluster.consumer(fetch_wait_max_ms=10)
        self._admin = AdminClient(cluster.config(), logger=LOGGER)
        self._turn = threading.Lock()

    def written(self, topic: Topic) -> int:
        """Return the offset above everything that stands in a topic, committed or not. Raises: LogError."""
        place = TopicPartition(self._cluster.names[topic], 0)
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = self._admin.list_offsets(
            {place: latest}, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=LAG_S
        )
        try:
            return int(asked[place].result(LAG_S).offset)
        except (KafkaException, TimeoutError) as error:
            raise LogError(f"Kafka does not tell the end of {place.topic}: {reason(error)}") from error

    def newest(self, topic: Topic, count: int) -> Sequence[Record]:
        """Return the newest `count` committed records, oldest first. Raises: LogError: the broker does not answer."""
        with self._turn:
            low, high = self._bounds(topic)
            back = count + _SPARE
            while True:
                since = max(low, high - back)
                records = [piece.record for piece in self._between(topic, since, end=high)]
                if len(records) >= count or since == low:
                    return records[max(len(records) - count, 0) :]
                back *= _FURTHER

    def newest_of_all(self) -> Sequence[Record]:
        """Return the newest committed record of every topic that has one, with one fetch. Raises: LogError."""
        with self._turn:
            bounds = {topic: self._bounds(topic) for topic in Topic}
            since = {topic: max(low, high - _SPARE) for topic, (low, high) in bounds.items() if low < high}
            ends = {topic: bounds[topic][1] for topic in since}
            found = {piece.record.topic: piece.record for piece in self._fetched(since, ends)}
        aborted = [record for topic in since if topic not in found for record in self.newest(topic, 1)]
        return [*found.values(), *aborted]

    def end(self, topic: Topic) -> int:
        """Return the offset after the newest committed record, 0 for an empty topic. Raises: LogError."""
        newest = self.newest(topic, 1)
        return newest[-1].offset + 1 if newest else 0

    def first(self, topic: Topic) -> int:
        """Return the offset from which on a topic is kept. Raises: LogError: the broker does not answer."""
        with self._turn:
            return self._bounds(topic)[0]

    def cut(self, topic: Topic, below: int) -> int:
        """Let go of what stands below an offset, but of the newest record never; return `first`. Raises: LogError."""
        newest = self.newest(topic, 1)
        below = min(below, newest[-1].offset) if newest else 0
        if below > self.first(topic):
            place = self._cluster.partition(topic, below)
            try:
                self._admin.delete_records([place], request_timeout=LAG_S)[place].result(LAG_S)
            except (KafkaException, TimeoutError) as error:
                raise LogError(f"Kafka does not cut {place.topic}: {reason(error)}") from error
        return self.first(topic)

    def since(self, topic: Topic, offset: int) -> Sequence[Piece]:
        """Return all committed records from `offset` on. Raises: LogError: the broker does not answer."""
        with self._turn:
            low, high = self._bounds(topic)
            return self._between(topic, max(low, offset), end=high)

    def until(self, topic: Topic, offset: int, *, end: int) -> Sequence[Piece]:
        """Return the committed records from `offset` to below `end`. Raises: LogError."""
        with self._turn:
            low, _ = self._bounds(topic)
            return self._between(topic, max(low, offset), end=end)

    def close(self) -> None:
        """Let go of the broker."""
        with self._turn:
            self._consumer.close()

    def _bounds(self, topic: Topic) -> tuple[int, int]:
        """Return where a topic begins, and where its committed records end.

        Kafka shows a commit to readers some milliseconds after it has told the writer of it; that is waited for.
        """
        deadline = time.monotonic() + LAG_S
        says = "its newest records are not there"
        while time.monotonic() < deadline:
            try:
                low, high = self._consumer.get_watermark_offsets(self._cluster.partition(topic), timeout=LAG_S)
            except KafkaException as error:
                says = reason(error)
                time.sleep(_AGAIN_S)
            else:
                if high >= self.known.ends().get(topic, 0):
                    return low, high
                time.sleep(_SHOWN_S)
        raise LogError(f"Kafka does not tell the end of {self._cluster.names[topic]}: {says}")

    def _between(self, topic: Topic, since: int, *, end: int) -> list[Piece]:
        """Fetch what stands from `since` to below `end`."""
        return self._fetched({topic: since}, {topic: end}) if since < end else []

    def _fetched(self, since: Mapping[Topic, int], ends: Mapping[Topic, int]) -> list[Piece]:
        """Fetch what stands in several topics from `since` to below `ends`. Raises: LogError."""
        pieces: list[Piece] = []
        lacking = set(since)
        self._consumer.assign([self._cluster.partition(topic, offset) for topic, offset in since.items()])
        deadline = time.monotonic() + LAG_S
        try:
            while lacking and time.monotonic() < deadline:
                message = self._consumer.poll(0.1)
                if message is None:
                    continue
                topic, error = self._cluster.topics[message.topic() or ""], message.error()
                if error is None:
                    found = self._cluster.fetched(message)
                    pieces += [found] if found.record.offset < ends[topic] else []
                    lacking -= {topic} if found.record.offset >= ends[topic] - 1 else set()
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 (so it is named)
                    lacking.discard(topic)
        finally:
            self._consumer.unassign()
        if lacking:
            raise LogError(f"Kafka does not give {', '.join(lacking)} within {LAG_S:.0f} s")
        return pieces


def stored(cluster: Cluster, topic: Topic, *, since: int = 0) -> Iterator[Record]:
    """Yield the committed records that a topic holds now, from an offset on. Raises: LogError."""
    return (piece.record for piece in _pieces(cluster, topic, since=since))


def _pieces(cluster: Cluster, topic: Topic, *, since: int) -> Iterator[Piece]:
    lookup = Lookup(cluster, Known())
    try:
        end = lookup.end(topic)
        while since < end:
            yield from lookup.until(topic, since, end=min(since + _PART, end))
            since = min(since + _PART, end)
    finally:
        lookup.close()


def verified(cluster: Cluster, topics: Collection[Topic] = tuple(Topic)) -> tuple[int, list[str]]:
    """Read every committed record of topics; return how many there are, and what is wrong, in sentences with places.

    Offsets increase, the time of a writer in a topic never decreases, and of each group all records are there that were
    not cut.

    Raises:
        LogError: the broker does not answer, or a topic is not there.
    """
    lookup = Lookup(cluster, Known())
    with closing(lookup):
        cut = {topic for topic in topics if lookup.first(topic)}
    records, faults = 0, []
    groups: dict[bytes, dict[Topic, int]] = {}
    for topic in topics:
        last, ats = -1, dict[str, int]()
        for piece in _pieces(cluster, topic, since=0):
            records += 1
            record = piece.record
            if record.offset <= last:
                faults.append(f"{topic} {record.offset}: it comes after {last}")
            if piece.group is not None:
                session = cluster.labels.group_of(piece.group).session
                if record.at < ats.get(session, 0):
                    faults.append(f"{topic} {record.offset}: its time is before that of its writer's record before it")
                ats[session] = record.at
                seen = groups.setdefault(piece.group, {})
                if piece.in_topic != seen.get(topic, piece.in_topic if topic in cut else 0):
                    faults.append(f"{topic} {record.offset}: record {seen.get(topic, 0)} of its group is missing")
                seen[topic] = piece.in_topic + 1
            last = record.offset
    for header, seen in groups.items():
        group, found = cluster.labels.group_of(header), sum(seen.values())
        counts = {topic: count for topic, count in group.counts.items() if topic in topics}
        if any(seen.get(topic) != count for topic, count in counts.items() if topic not in cut):
            whole = sum(counts.values())
            faults.append(f"group {group.number} of session {group.session}: {found} of its {whole} records are there")
    return records, faults[:_MOST_FAULTS]
