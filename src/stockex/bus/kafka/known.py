"""How far a process knows each topic: what it has written itself and what its readers have given out."""

import threading
from collections.abc import Iterable, Mapping

from stockex.messages.envelope import Record
from stockex.messages.topics import Topic


class Known:
    """The offset up to which each topic is known. It is used from several threads."""

    def __init__(self) -> None:
        self._ends: dict[Topic, int] = {}
        self._turn = threading.Lock()

    def reach(self, topic: Topic, offset: int) -> None:
        """Know what is below `offset`."""
        with self._turn:
            if offset > self._ends.get(topic, 0):
                self._ends[topic] = offset

    def saw(self, records: Iterable[Record]) -> None:
        """Know these records."""
        for topic, offset in {record.topic: record.offset for record in records}.items():
            self.reach(topic, offset + 1)

    def ends(self) -> Mapping[Topic, int]:
        """Return what is known now."""
        with self._turn:
            return dict(self._ends)
