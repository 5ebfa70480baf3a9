"""The log on Kafka as an auditor reads it."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final

from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.known import Known
from stockex.bus.kafka.lookup import Lookup
from stockex.bus.kafka.stamp import PUBLIC, Piece
from stockex.messages.envelope import Record
from stockex.messages.topics import FACT_TOPICS, Topic

_PART: Final = 20_000
_ONE_WRITER: Final = (Topic.EXECUTIONS, Topic.TRADES, Topic.BOOK)
"""Topics that only a matcher writes."""


class KafkaLog:
    """What the broker has; an `Audited`, and who wrote it."""

    def __init__(self, cluster: Cluster) -> None:
        """Read from `cluster`."""
        self._cluster = cluster

    def ends(self) -> Mapping[Topic, int]:
        """Return where each topic ends now, the commands' after all others. Raises: LogError."""
        with closing(self._lookup()) as lookup:
            return {topic: lookup.end(topic) for topic in (*FACT_TOPICS, Topic.ORDERS)}

    def records(self, topic: Topic, since: int, *, end: int) -> Iterator[Record]:
        """Yield what a topic has from an offset to below another. Raises: LogError."""
        return (piece.record for piece in self._pieces(topic, since, end=end))

    def writers(self, topic: Topic) -> list[str]:
        """Return the sessions that wrote a topic, one after the other; twice the one that wrote again."""
        found: list[str] = []
        for piece in self._pieces(topic, 0, end=self.ends()[topic]):
            session = "" if piece.group is None else PUBLIC.group_of(piece.group).session
            if found[-1:] != [session]:
                found.append(session)
        return found

    def returned(self) -> list[str]:
        """Return, in sentences, which matchers wrote facts after another one had."""
        faults = []
        for topic in _ONE_WRITER:
            sessions = self.writers(topic)
            faults += [f"{topic}: {each} wrote again" for each in {*sessions} if sessions.count(each) > 1]
        return faults

    def _pieces(self, topic: Topic, since: int, *, end: int) -> Iterator[Piece]:
        with closing(self._lookup()) as lookup:
            while since < end:
                upto = min(since + _PART, end)
                yield from lookup.until(topic, since, end=upto)
                since = upto

    def _lookup(self) -> Lookup:
        return Lookup(self._cluster, Known())
