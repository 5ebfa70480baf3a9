"""Mending a damaged log: what can be read is written into a new file, and nothing is dropped without being told.

    log.db                     the new file: every record that is sound, at the offset it had
    log.db.damaged-N           the old file as it was, with its write-ahead log and its lock
    log.db.lost-N.ndjson       one line for each record that is damaged or missing, with what is left of it

An offset whose record is lost keeps an empty record, which no reader takes for a message: the engine quarantines it,
projections pass it over, both aloud. Only where nothing tells of it, at the end, nothing is put in its place.
"""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stockex.bus.appends import Call
from stockex.bus.embedded.mark import Mark, lock_of
from stockex.bus.embedded.salvage import Found, salvaged
from stockex.bus.embedded.schema import cuts_of, reading, sync_folder
from stockex.bus.embedded.seal import NAMES, TOPICS, Row
from stockex.bus.embedded.verifying import Verdict, verified
from stockex.bus.embedded.writing import LogFile, locked
from stockex.errors import LogDamaged, LogError
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

_AT_ONCE: Final = 2_000


class Lost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the file of what is lost.

    Either a record that is missing, by topic and offset; or what was found that is no sound record, with its place in
    the old file and its bytes in base64; or how many records at the end were acknowledged and are gone.
    """

    topic: Topic | None = None
    offset: int | None = None
    place: str | None = None
    remains: str | None = None
    records_at_the_end: int | None = None


class Repair(NamedTuple):
    """What a repair did.

    `kept` records are sound, `emptied` stand for lost ones, and `at_the_end` were acknowledged and are gone. `old` and
    `lost` are where the damaged file and the list of what is lost now are; None when there was nothing to repair.
    """

    kept: int
    emptied: list[tuple[Topic, int]]
    at_the_end: int
    old: Path | None
    lost: Path | None


def repaired(path: Path) -> Repair:
    """Mend the log at `path`; a sound one is left as it is.

    Raises:
        LogLocked: a process writes it.
        LogError: there is no such file, or the machine does not let it be read or written.
    """
    if not path.parent.exists():
        raise LogError(f"no log at {path}")
    with locked(path) as lock:
        verdict = _verdict(path)
        if verdict is not None and not verdict.faults:
            return Repair(verdict.records, [], 0, None, None)
        try:
            return _mended(path, Mark(path, lock))
        except OSError as error:
            raise LogError(f"cannot repair {path}: {error}") from error


def _verdict(path: Path) -> Verdict | None:
    """Return what is wrong; None when so much is that the file cannot even be opened."""
    if not path.exists():
        return None
    try:
        return verified(path)
    except LogDamaged:
        return None


def _mended(path: Path, mark: Mark) -> Repair:
    try:
        promised = mark.read()
    except LogDamaged:
        promised = 0
    found = salvaged(path)
    number = next(number for number in count(1) if not _aside(path, number).exists())
    fresh = path.with_name(f"{path.name}.new")
    _remove(fresh, "", ".lock", "-wal", "-shm")
    cuts = _cuts(path)
    filled = _write(fresh, found, cuts=cuts)
    emptied = [(topic, offset) for topic, offset in filled if offset >= cuts.get(topic, 0)]
    size = len(found.rows) + len(filled)
    missing = max(promised - size, 0)
    lost = path.with_name(f"{path.name}.lost-{number}.ndjson")
    _write_lost(lost, emptied, found=found, missing=missing)
    _keep(path, _aside(path, number))
    _remove(path, "-wal", "-shm")  # before the file itself: it belongs to the old one
    fresh.replace(path)
    _remove(fresh, ".lock")
    mark.reset(size)
    sync_folder(path.parent)
    return Repair(len(found.rows), emptied, missing, _aside(path, number), lost)


def _cuts(path: Path) -> Mapping[Topic, int]:
    """Return what was cut from the damaged log; nothing when that is unreadable, so that it is told as lost."""
    try:
        with reading(path) as db:
            return cuts_of(db)
    except LogError:
        return {}


def _keep(path: Path, aside: Path) -> None:
    """Give the damaged files a second name, under which they stay."""
    for name in ("", "-wal"):
        old = path.with_name(path.name + name)
        if old.exists():
            aside.with_name(aside.name + name).hardlink_to(old)
    aside.with_name(f"{aside.name}.lock").write_bytes(lock_of(path).read_bytes())
    sync_folder(path.parent)


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")


def _remove(path: Path, *endings: str) -> None:
    for ending in endings:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _write(fresh: Path, found: Found, *, cuts: Mapping[Topic, int]) -> list[tuple[Topic, int]]:
    """Write the sound records into a new log, and an empty one for each that is missing before them; return these."""
    emptied: list[tuple[Topic, int]] = []
    with closing(LogFile.open(fresh)) as log:
        calls: list[Call] = []
        for call in _calls(found, emptied):
            calls.append(call)
            if len(calls) >= _AT_ONCE:
                log.write(calls)
                calls.clear()
        if calls:
            log.write(calls)
        for topic, first in cuts.items():
            while log.cuts.get(topic, 0) < min(first, log.ends.get(topic, 0) - 1):
                log.cut(topic, min(first, log.ends[topic] - 1))
    return emptied


def _calls(found: Found, emptied: list[tuple[Topic, int]]) -> Iterator[Call]:
    """Yield the records of each append; what is missing of a topic comes with the next record of it."""
    ends = dict.fromkeys(NAMES.values(), 0)
    entries: list[Entry] = []
    last: Row | None = None
    for row in found.rows.values():
        _, call, name, offset, _, key, value, _ = row
        if last is not None and call != last[1]:
            yield Call(tuple(entries), Nanos(last[4]))
            entries.clear()
        holes = range(ends[name], offset)
        emptied += [(TOPICS[name], hole) for hole in holes]
        entries += [Entry(TOPICS[name], "", b"") for _ in holes]
        entries.append(Entry(TOPICS[name], key, value))
        ends[name] = offset + 1
        last = row
    for _, _, (_, _, name, offset, *_) in found.remains:  # the newest of its topic: no later record tells of it
        if ends.get(name) == offset:
            emptied.append((TOPICS[name], offset))
            entries.append(Entry(TOPICS[name], "", b""))
            ends[name] = offset + 1
    if entries:
        yield Call(tuple(entries), Nanos(0 if last is None else last[4]))


def _write_lost(path: Path, emptied: list[tuple[Topic, int]], *, found: Found, missing: int) -> None:
    lines = [Lost(topic=topic, offset=offset) for topic, offset in emptied]
    lines += [Lost(place=place, remains=base64.b64encode(raw).decode()) for place, raw, _ in found.remains]
    if missing:
        lines.append(Lost(records_at_the_end=missing))
    with path.open("wb") as file:
        file.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
