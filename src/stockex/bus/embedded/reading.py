"""Reading a log's file, by its own process or any other: every record is checked, and so is that none is missing."""

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stockex.bus.embedded.mark import acknowledged
from stockex.bus.embedded.schema import cuts_of, reading, unsealed_below, version_of
from stockex.bus.embedded.seal import NAMES, TOPICS, Row, fault_of, record_of
from stockex.bus.tail import BATCH, Cuts
from stockex.errors import LogDamaged
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

BATCH_BYTES: Final = 8 * 2**20
"""A batch from the file ends at the first append that brings its values to this many bytes."""

CHECKED_AT_OPENING: Final = 2_000
"""So many of the newest records are checked when a log is opened; the others are when they are read."""

_COLUMNS: Final = {
    1: "seq, call, topic, offset, at, key, value, NULL",
    2: "seq, call, topic, offset, at, key, value, seal",
}
_FROM: Final = "SELECT {} FROM records WHERE topic = ? AND offset >= ? AND offset < ? ORDER BY offset"
_NEWEST: Final = "SELECT {} FROM records WHERE topic = ? AND offset < ? ORDER BY offset DESC LIMIT ?"
_SEQ: Final = "SELECT seq FROM records WHERE topic = ? AND offset = ?"
_SCAN: Final = "SELECT {} FROM records WHERE +topic IN (?) AND seq >= ? ORDER BY seq"
"""The plus sign keeps SQLite from the index, which would have all rows sorted."""

_SPARSE: Final = 8
"""Topics that have less than one in so many of the records to come are read by their index."""

_IN_ORDER: Final = "SELECT {} FROM records WHERE seq >= ? ORDER BY seq"
_END: Final = "SELECT offset + 1 FROM records WHERE topic = ? ORDER BY offset DESC LIMIT 1"
_LAST: Final = "SELECT seq + 1, at FROM records ORDER BY seq DESC LIMIT 1"


class Shape(NamedTuple):
    """How far a log goes.

    `size` counts the records it ever had, `ends` those of each topic that is not empty, `at` is the time of the newest
    one. `cuts` says from which offset on a topic is kept, if not from 0.
    """

    size: int
    ends: Mapping[Topic, int]
    at: Nanos
    cuts: Mapping[Topic, int]


class Reader:
    """A log's file at one moment, open for reading."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read what `reading` has opened. Raises: LogDamaged: it is no log, or of a version unknown here."""
        self._db = db
        self._columns = _COLUMNS[version_of(db)]
        self._unsealed = unsealed_below(db)
        self.cuts = cuts_of(db)

    def _rows(self, query: str, values: tuple[object, ...]) -> Iterator[Row]:
        return self._db.execute(query.format(self._columns), values)

    def from_offset(self, topic: Topic, offset: int, *, end: int) -> Iterator[Row]:
        """Yield the rows of a topic from `offset` to `end`, all of them. Raises: LogDamaged: one is not as it was."""
        for row in self._rows(_FROM, (NAMES[topic], offset, end)):
            self._check(row, topic, offset=offset)
            offset += 1
            yield row
        if offset < end:
            raise LogDamaged(f"record {offset} of {topic} is missing")

    def merged(self, wants: Mapping[Topic, int], ends: Mapping[Topic, int]) -> Iterator[Row]:
        """Yield the rows from the offsets `wants` to `ends`, by order of appending. Raises: LogDamaged; LogCut.

        Where most records are wanted they are read as they stand, otherwise each topic by its index.
        """
        Cuts(self.cuts).check(wants)
        spans = {topic: (offset, ends[topic]) for topic, offset in wants.items() if offset < ends.get(topic, 0)}
        first = min((self._seq(topic, offset) for topic, (offset, _) in spans.items()), default=0)
        wanted = sum(end - offset for offset, end in spans.values())
        if wanted * _SPARSE < sum(ends.values()) - first:
            return heapq.merge(*(self.from_offset(topic, offset, end=end) for topic, (offset, end) in spans.items()))
        return self._scanned(spans, first)

    def _seq(self, topic: Topic, offset: int) -> int:
        row = self._db.execute(_SEQ, (NAMES[topic], offset)).fetchone()
        if row is None or not isinstance(row[0], int):
            raise LogDamaged(f"record {offset} of {topic} is missing")
        return row[0]

    def _scanned(self, spans: Mapping[Topic, tuple[int, int]], first: int) -> Iterator[Row]:
        """Yield the rows of these spans out of all that stand from `first` on. Raises: LogDamaged."""
        ends = {NAMES[topic]: end for topic, (_, end) in spans.items()}
        wants = {NAMES[topic]: offset for topic, (offset, _) in spans.items()}
        topics = ",".join("?" * len(ends))
        for row in self._rows(_SCAN.replace("?", topics, 1), (*ends, first)):
            name, offset = row[2:4]
            if offset < wants[name] or offset >= ends[name]:
                continue
            if offset != wants[name]:
                raise LogDamaged(f"record {wants[name]} of {name} is missing")
            fault = fault_of(row, unsealed=self._unsealed)
            if fault is not None:
                raise LogDamaged(f"record {offset} of {name} is damaged: {fault}")
            wants[name] = offset + 1
            yield row
        for name, end in ends.items():
            if wants[name] < end:
                raise LogDamaged(f"record {wants[name]} of {name} is missing")

    def newest(self, topic: Topic, count: int, *, end: int) -> list[Row]:
        """Return the newest `count` rows of a topic below `end`, oldest first. Raises: LogDamaged."""
        rows = list(self._rows(_NEWEST, (NAMES[topic], end, max(count, 0))))
        if len(rows) < min(count, end - self.cuts.get(topic, 0)):
            raise LogDamaged(f"a record of {topic} before {end} is missing")
        rows.reverse()
        for offset, row in enumerate(rows, end - len(rows)):
            self._check(row, topic, offset=offset)
        return rows

    def _check(self, row: Row, topic: Topic, *, offset: int) -> None:
        if row[2:4] != (NAMES[topic], offset):
            raise LogDamaged(f"record {offset} of {topic} is missing")
        fault = fault_of(row, unsealed=self._unsealed)
        if fault is not None:
            raise LogDamaged(f"record {offset} of {topic} is damaged: {fault}")

    def in_order(self, seq: int = 0) -> Iterator[tuple[Row, str | None]]:
        """Yield all rows from `seq` on by their place in the whole log, each with what is wrong with it."""
        for row in self._rows(_IN_ORDER, (seq,)):
            yield row, fault_of(row, unsealed=self._unsealed)

    def shape(self) -> Shape:
        """Return how far the log goes, by its table and by its index. Raises: LogDamaged: they do not agree."""
        size, at = self._db.execute(_LAST).fetchone() or (0, 0)
        found = {topic: self._db.execute(_END, (name,)).fetchone() for topic, name in NAMES.items()}
        ends = {topic: row[0] for topic, row in found.items() if row}
        if not all(isinstance(figure, int) for figure in (size, at, *ends.values())):
            raise LogDamaged("its newest records have no places")
        if size != sum(ends.values()):
            raise LogDamaged(f"it has {size} records, and places for {sum(ends.values())}")
        return Shape(size, ends, Nanos(at), self.cuts)


def shape_of(path: Path) -> Shape:
    """Look at a log before it is used: how far it goes, that nothing acknowledged is missing, its newest records.

    Raises:
        LogDamaged: it is no log, or it is broken; the reason names the place.
        LogError: there is no such file, or it cannot be read.
    """
    promised = acknowledged(path)  # read first: a writer may go on
    with reading(path) as db:
        reader = Reader(db)
        shape = reader.shape()
        if shape.size < promised:
            raise LogDamaged(f"it ends after {shape.size} records, but {promised} were acknowledged")
        since = max(shape.size - CHECKED_AT_OPENING, 0)
        for place, (row, fault) in enumerate(reader.in_order(since), since):
            if fault is not None or (row[0] != place and not shape.cuts):
                raise LogDamaged(f"record {place} of the whole log is damaged: {fault or 'it is missing'}")
    return shape


def batch_from(path: Path, wants: Mapping[Topic, int], *, ends: Mapping[Topic, int]) -> list[Record]:
    """Return the next records of the log at `path` from the offsets of `wants` on, merged by order of appending.

    Whole appends only, until there are `BATCH` records or `BATCH_BYTES`; nothing at or above the offsets `ends`.

    Raises:
        LogDamaged: a record is missing or not as it was appended.
        LogError: the file cannot be read.
    """
    batch: list[Record] = []
    size, last_call, at = 0, -1, Nanos(0)
    with reading(path) as db:
        for row in Reader(db).merged(wants, ends):
            _, call, topic, offset, stamp, key, value, _ = row
            if call != last_call:
                if len(batch) >= BATCH or size >= BATCH_BYTES:
                    break
                last_call, at = call, Nanos(stamp)
            batch.append(Record(TOPICS[topic], offset, at, key, value))
            size += len(value)
    return batch


def newest(path: Path, topic: Topic, *, count: int, below: int) -> list[Record]:
    """Return the newest `count` records of `topic` under offset `below`, oldest first. Raises: LogDamaged; LogError."""
    with reading(path) as db:
        return list(map(record_of, Reader(db).newest(topic, count, end=below)))


def stored(path: Path, topic: Topic, *, since: int = 0) -> Iterator[Record]:
    """Yield the records of `topic` that the log at `path` holds now, from offset `since` on.

    Any process may call it, whether another one writes the log or not. It reads in batches and holds no lock.

    Raises:
        LogDamaged: the file is no log of a version known here, or it is broken.
        LogError: there is no such file, or it cannot be read.
    """
    ends = shape_of(path).ends
    while batch := batch_from(path, {topic: since}, ends=ends):
        yield from batch
        since = batch[-1].offset + 1
