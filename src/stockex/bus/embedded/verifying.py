"""Looking at a whole log: every record, every page, and whether all that was acknowledged is there."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from stockex.bus.embedded.mark import acknowledged
from stockex.bus.embedded.reading import Reader
from stockex.bus.embedded.schema import reading
from stockex.bus.embedded.seal import Row
from stockex.errors import LogDamaged

_MOST: Final = 100
"""So many faults are told; a log with more is damaged enough."""


class Verdict(NamedTuple):
    """What was found in a log.

    `records` were read one by one, of which `unsealed` bear no checksum because version 1 wrote them. `acknowledged`
    is what the mark says, 0 when there is none. `faults` are sentences that name their places, none in a sound log.
    """

    records: int
    unsealed: int
    acknowledged: int
    faults: list[str]


def verified(path: Path) -> Verdict:
    """Check every record, every page and the index of the log at `path`; a process may be writing it.

    Raises:
        LogError: there is no such file, or the machine does not let it be read.
    """
    faults: list[str] = []
    promised = 0
    try:
        promised = acknowledged(path)
    except LogDamaged as error:
        faults.append(str(error))
    scan = _Scan()
    try:
        with reading(path) as db:
            reader = Reader(db)
            faults += list(scan.faults(reader))
            kept = reader.shape().size - sum(reader.cuts.values())
            if reader.cuts and not faults and scan.records != kept:
                faults.append(f"it has {scan.records} records where {kept} are kept")
            faults += [
                f"page check: {line}" for [line] in db.execute(f"PRAGMA integrity_check({_MOST})") if line != "ok"
            ]
    except LogDamaged as error:
        faults.append(str(error))
    if scan.next < promised and not faults:
        faults.append(f"it ends after {scan.next} records, but {promised} were acknowledged")
    return Verdict(scan.records, scan.unsealed, promised, faults[:_MOST])


class _Scan:
    """One walk over all records in their order."""

    def __init__(self) -> None:
        self.records = 0
        self.unsealed = 0
        self._ends: defaultdict[str, int] = defaultdict(int)
        self.next = 0
        self._is_cut = False
        self._call = (0, 0)

    def faults(self, reader: Reader) -> Iterator[str]:
        """Yield what is wrong, until the table itself cannot be read on."""
        self._ends.update({topic.value: first for topic, first in reader.cuts.items()})
        self._is_cut = bool(reader.cuts)
        for row, fault in reader.in_order():
            if fault is not None:
                yield f"record {row[0]} of the whole log ({row[2]} {row[3]}): {fault}"
            else:
                self.unsealed += row[7] is None
                yield from self._out_of_place(row)
            self.records += 1
            self.next = row[0] + 1

    def _out_of_place(self, row: Row) -> Iterator[str]:
        seq, call, topic, offset, at, *_ = row
        if seq != self.next and not self._is_cut:
            yield f"records {self.next} to {seq - 1} of the whole log: missing"
        if offset != self._ends[topic]:
            yield f"record {seq} of the whole log: {topic} {offset}, where {topic} {self._ends[topic]} should stand"
        last_call, last_at = self._call
        if at < last_at or (call != seq and (call, at) != self._call and not self._is_cut) or call < last_call:
            yield f"record {seq} of the whole log ({topic} {offset}): its append or time is out of order"
        self._ends[topic] = offset + 1
        self._call = (call, at)
