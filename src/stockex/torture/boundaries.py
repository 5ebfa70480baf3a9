"""Trouble at every boundary between the log and its disk: calls that fail, a full disk, lost syncs, kills, power cuts.

A short day of appends, with checkpoints of SQLite and one restart in it, is done once for every boundary that it
passes and every trouble there can be. Afterwards the log must be sound, hold what was acknowledged, whole and in order,
and nothing of what was refused. Only a process that dies may leave the one append that it had not answered.
"""

import os
import shutil
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from stockex.bus.appends import Call
from stockex.bus.embedded.reading import batch_from, shape_of
from stockex.bus.embedded.verifying import verified
from stockex.bus.embedded.writing import LogFile
from stockex.errors import LogDamaged, LogError
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.torture.disk import DEADLY, LASTING, ONLY_AT, Boundary, Disk, Trouble, die, disk
from stockex.vocabulary.units import Nanos

_APPENDS: Final = 16
_WAL_PAGES: Final = 6
"""SQLite moves its write-ahead log into the file so often that a short day sees it several times."""

_SICK_DAYS: Final = 3
"""A trouble that lasts is healed after so many appends were refused."""

Told = Callable[[int], object]
"""Told the number of each append that was acknowledged."""


@dataclass
class Walk:
    """How it went: the boundaries of the day by kind, the trials of each trouble, and the failures in words."""

    boundaries: Counter[Boundary] = field(default_factory=Counter)
    trials: Counter[Trouble] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def walked(*, seed: int, step: int = 1) -> Walk:
    """Go through the troubles at every boundary, or at every `step`-th.

    Raises:
        StockExError: this Python's SQLite lets nobody in between.
    """
    walk = Walk()
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made there)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder, disk() as troubled:
        path = Path(folder) / "log.db"
        day = _Day(path, seed=seed)
        troubled.expect(None)
        day.live(troubled, lambda _number: None)
        passed = list(troubled.passed)
        walk.boundaries.update(passed)
        for number, trouble in _trials(passed, step):
            shutil.rmtree(folder)
            trial = _deadly if trouble in DEADLY else _survived
            walk.trials[trouble] += 1
            troubled.expect(trouble, number)
            fault = trial(day, troubled)
            if fault is not None:
                walk.failures.append(f"boundary {number} ({passed[number]}), {trouble}: {fault}")
    return walk


def _trials(passed: Sequence[Boundary], step: int) -> Iterator[tuple[int, Trouble]]:
    for trouble in Trouble:
        for number in range(len(passed)):
            if number % step == 0 and ONLY_AT.get(trouble, passed[number]) is passed[number]:
                yield number, trouble


class _Day:
    """A short day of appends to one log."""

    def __init__(self, path: Path, *, seed: int) -> None:
        self.path = path
        self._seed = seed

    def entries(self, number: int) -> list[Entry]:
        """Return what the append of this number appends: small records and now and then a large one."""
        dice = Random(self._seed + number)  # noqa: S311 (no secret)
        size = dice.choice((10, 10, 300, 9_000))
        topics = (Topic.ORDERS, Topic.TRADES, Topic.ORDERS)
        return [Entry(topic, "ALPHA", f"{number} ".encode() + dice.randbytes(size)) for topic in topics]

    def live(self, troubled: Disk, told: Told) -> list[int]:
        """Append all day, restart at noon, heal what lasts in the end; return the appends that were refused."""
        refused: list[int] = []
        log: LogFile | None = None
        for number in range(_APPENDS):
            if number == _APPENDS // 2 and log is not None and not troubled.is_ill:
                log.close()
                log = None
            if len(refused) >= _SICK_DAYS:
                troubled.heal()
            try:
                log = log or LogFile.open(self.path, wal_pages=_WAL_PAGES)
                log.write([Call(self.entries(number), Nanos(number))])
            except LogDamaged:
                raise
            except LogError:
                refused.append(number)
                if troubled.trouble is Trouble.REFUSED:
                    die()
            else:
                told(number)
        troubled.heal()
        if log is not None:
            log.close()
        return refused

    def held(self) -> list[int]:
        """Return the numbers of the appends that the log holds. Raises: LogDamaged: one is torn or changed."""
        ends, wants = shape_of(self.path).ends, {Topic.ORDERS: 0, Topic.TRADES: 0}
        found: list[Entry] = []
        while batch := batch_from(self.path, wants, ends=ends):
            found += [Entry(record.topic, record.key, record.value) for record in batch]
            wants.update({record.topic: record.offset + 1 for record in batch})
        numbers = [int(entry.value.partition(b" ")[0]) for entry in found[::3]]
        if found != [entry for number in numbers for entry in self.entries(number)]:
            raise LogDamaged("an append is torn")
        return numbers


def _survived(day: _Day, troubled: Disk) -> str | None:
    """Say what is wrong after a trouble that the process outlived."""
    acknowledged: list[int] = []
    lasts = troubled.trouble in LASTING
    try:
        refused = day.live(troubled, acknowledged.append)
        faults = verified(day.path).faults
        held = day.held()
    except LogError as error:
        return f"{type(error).__name__}: {error}"
    if faults:
        return "; ".join(faults)
    if held != acknowledged:
        return f"acknowledged {acknowledged}, held {held}"
    if len(refused) > (_SICK_DAYS if lasts else 1):
        return f"it went on refusing: {refused}"
    return None


def _deadly(day: _Day, troubled: Disk) -> str | None:
    """Say what is wrong after a trouble that killed the process, and after the next one has opened the log."""
    trouble = troubled.trouble
    acknowledged = _lived_and_died(day, troubled)
    troubled.expect(None)
    try:
        LogFile.open(day.path).close()
        faults = verified(day.path).faults
        held = day.held()
    except LogError as error:
        return f"{type(error).__name__}: {error}"
    if faults:
        return "; ".join(faults)
    in_doubt = [] if trouble is Trouble.REFUSED else [len(acknowledged)]
    if held not in (acknowledged, acknowledged + in_doubt):
        return f"acknowledged {acknowledged}, held {held}"
    return None


def _lived_and_died(day: _Day, troubled: Disk) -> list[int]:
    """Live the day in a process of its own; return what it acknowledged before it died."""
    hears, tells = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about threads, of which the child needs none
        child = os.fork()
    if child == 0:
        try:
            day.live(troubled, lambda number: os.write(tells, bytes([number])))
        finally:
            os._exit(0)
    os.close(tells)
    with os.fdopen(hears, "rb") as told:
        acknowledged = list(told.read())
    os.waitpid(child, 0)
    return acknowledged
