"""Brings the records of several topics, fetched one topic at a time, into the one order of their appending.

Kafka orders each partition by itself. A group that is whole, stands at the head of each of its topics and has
everything before it that it comes after is the next one. With one writer this is the order of its appends. With
several writers each one's appends keep their order, and what somebody wrote after he had read something follows it;
groups that were written at the same time into the same topics, so that neither is first, come together in one batch.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice
from operator import attrgetter
from typing import Final, NamedTuple

from stockex.bus.kafka.stamp import PUBLIC, Group, Labels, Piece
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

BATCH: Final = 2_000
"""A batch ends at the first group that brings it to this many records."""

_in_group: Final = attrgetter("rank")


class _Pending:
    """A group of which some records have been fetched and none was given out."""

    def __init__(self, header: bytes, group: Group, *, order: int) -> None:
        self.header = header
        self.group = group
        self.order = order
        self.seen: dict[Topic, int] = {}
        self.ends: dict[Topic, int] = {}
        self.lacks: dict[Topic, int] = dict(group.counts)


class _Held(NamedTuple):
    """One fetched record in the queue of its topic."""

    piece: Piece
    pending: _Pending | None


class Merge:
    """The queues of one reader's topics. Feed `add` and `reached`, then `take` until it gives nothing."""

    def __init__(self, since: Mapping[Topic, int], labels: Labels = PUBLIC) -> None:
        """Begin at the offsets of `since`; what is below them is dropped."""
        self._labels = labels
        self._since = dict(since)
        self._reached = dict(since)
        self._queues: dict[Topic, deque[_Held]] = {topic: deque() for topic in since}
        self._pending: dict[bytes, _Pending] = {}
        self._count = 0

    def add(self, piece: Piece) -> None:
        """Take in the next record of its topic."""
        record, header, _, in_topic = piece
        topic, offset = record.topic, record.offset
        if offset < self._since[topic]:
            return
        if offset >= self._reached[topic]:
            self._reached[topic] = offset + 1
        pending = None
        if header is not None:
            pending = self._pending.get(header) or self._pending_of(header)
            seen = pending.seen.get(topic)
            if seen is None:
                seen = 0
                pending.lacks[topic] = pending.lacks.get(topic, 0) - in_topic
            pending.seen[topic] = seen + 1
            pending.lacks[topic] -= 1
        self._queues[topic].append(_Held(piece, pending))

    def reached(self, topic: Topic, offset: int) -> None:
        """Know that everything of `topic` below `offset` that there is has been fetched."""
        self._reached[topic] = max(self._reached[topic], offset)

    def written(self, topic: Topic, offset: int) -> None:
        """Know that all of what has been fetched of now has its part in `topic`, if any, below `offset`."""
        for pending in self._pending.values():
            pending.ends.setdefault(topic, offset)

    def doubts(self) -> set[Topic]:
        """Return topics whose part of a fetched group may be missing because it stands before this reader's start."""
        return {
            topic
            for pending in self._pending.values()
            for topic in self._lacking(pending)
            if pending.group.after.get(topic, 0) < self._since[topic] and topic not in pending.ends
        }

    def take(self) -> list[Record]:
        """Return the next batch; empty when more must be fetched first."""
        batch: list[Record] = []
        while len(batch) < BATCH:
            taken = [record for topic in self._queues for record in self._from_head(topic)]
            if not taken:
                break
            batch += taken
        return batch or self._knot()

    def _pending_of(self, header: bytes) -> _Pending:
        self._count += 1
        found = self._pending[header] = _Pending(header, self._labels.group_of(header), order=self._count)
        return found

    def _lacking(self, pending: _Pending) -> Iterable[Topic]:
        return (topic for topic, count in pending.lacks.items() if count > 0 and topic in self._queues)

    def _is_whole(self, pending: _Pending) -> bool:
        """Say whether all of the group that this reader wants has been fetched."""
        return all(
            pending.group.after.get(topic, 0) < self._since[topic]
            and topic in pending.ends
            and self._reached[topic] >= pending.ends[topic]
            for topic in self._lacking(pending)
        )

    def _from_head(self, topic: Topic) -> list[Record]:
        """Return the group at the head of a topic's queue if it is the next one."""
        queue = self._queues[topic]
        if not queue:
            return []
        pending = queue[0].pending
        if pending is None:
            return [queue.popleft().piece.record]
        if not (self._is_whole(pending) and self._is_first(pending)):
            return []
        return self._whole(pending)

    def _is_first(self, pending: _Pending) -> bool:
        """Say whether nothing stands before the group: neither in its own topics nor of what it comes after."""
        for topic, queue in self._queues.items():
            count = pending.seen.get(topic, 0)
            if any(held.pending is not pending for held in islice(queue, count)):
                return False
            after = pending.group.after.get(topic, 0)
            if count == 0 and (queue[0].piece.record.offset if queue else self._reached[topic]) < after:
                return False
        return True

    def _whole(self, pending: _Pending) -> list[Record]:
        """Take the records of a group that stand at the heads of their queues; return them in its order."""
        del self._pending[pending.header]
        pieces = [self._queues[topic].popleft().piece for topic, count in pending.seen.items() for _ in range(count)]
        if len(pending.seen) > 1:
            pieces.sort(key=_in_group)
        return [piece.record for piece in pieces]

    def _drawn(self, counts: Mapping[Topic, int]) -> list[Record]:
        """Take so many records from each queue; return them by group and index, each topic's in order."""
        drawn = {topic: deque(self._queues[topic].popleft() for _ in range(count)) for topic, count in counts.items()}
        for queue in drawn.values():
            for held in queue:
                if held.piece.group is not None:
                    self._pending.pop(held.piece.group, None)
        records: list[Record] = []
        while waiting := [queue for queue in drawn.values() if queue]:
            free = [queue for queue in waiting if _follows_all(queue[0], drawn)] if len(waiting) > 1 else waiting
            first = min(free or waiting, key=lambda queue: _rank(queue[0]))
            records.append(first.popleft().piece.record)
        return records

    def _knot(self) -> list[Record]:
        """Return groups that are before one another, together, if all of them are whole; a rare thing."""
        for queue in self._queues.values():
            pending = queue[0].pending if queue else None
            counts = None if pending is None else self._closure(pending)
            if counts is not None:
                return self._drawn(counts)
        return []

    def _closure(self, start: _Pending) -> dict[Topic, int] | None:
        """Return how many records of each queue go with a group; None when some of them are not here yet."""
        counts = dict.fromkeys(self._queues, 0)
        known, unseen = {id(start)}, [start]
        while unseen:
            pending = unseen.pop()
            if not self._is_whole(pending):
                return None
            for topic, queue in self._queues.items():
                after = pending.group.after.get(topic, 0)
                wanted = [
                    index
                    for index, held in enumerate(queue)
                    if held.pending is pending or held.piece.record.offset < after
                ]
                if not (queue or self._reached[topic] >= after):
                    return None
                upto = max(counts[topic], wanted[-1] + 1 if wanted else 0)
                for held in islice(queue, counts[topic], upto):
                    if held.pending is not None and id(held.pending) not in known:
                        known.add(id(held.pending))
                        unseen.append(held.pending)
                counts[topic] = upto
        return counts


def _follows_all(held: _Held, left: Mapping[Topic, deque[_Held]]) -> bool:
    """Say whether nothing is left of what the writer of this record knew when he wrote it."""
    if held.pending is None:
        return True
    after = held.pending.group.after
    return not any(
        queue and queue[0].pending is not held.pending and queue[0].piece.record.offset < after.get(topic, 0)
        for topic, queue in left.items()
    )


def _rank(held: _Held) -> tuple[int, int]:
    return (held.pending.order if held.pending else 0, held.piece.rank)
