"""A small log to be damaged, and what became of it afterwards."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from stockex.bus.appends import Call
from stockex.bus.embedded.reading import batch_from, shape_of
from stockex.bus.embedded.writing import LogFile
from stockex.errors import LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

Contents = Mapping[Topic, Sequence[Record]]
"""All records of a log, by topic."""

_APPENDS: Final = 120
_LARGE: Final = 6_000
_AT: Final = 1_700_000_000_000_000_000
_KEYS: Final = ("ALPHA", "ΑΛΦΑ", "")


class State(StrEnum):
    """How the process ended that wrote the specimen."""

    CLOSED = "closed"
    KILLED = "killed"


class Specimen(NamedTuple):
    """The files of a log, and what they hold."""

    folder: Path
    contents: Contents

    @property
    def files(self) -> list[Path]:
        """The log, its write-ahead log if there is one, and its lock with the mark."""
        return sorted(path for path in self.folder.iterdir() if not path.name.endswith("-shm"))

    def copied(self, folder: Path) -> Path:
        """Put a copy into `folder`, in place of what was there; return the path of the log."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in self.files:
            shutil.copyfile(file, folder / file.name)
        return folder / _NAME


class End(StrEnum):
    """What became of a damaged log."""

    DETECTED = "detected"
    WITHOUT_EFFECT = "without effect"
    SILENT = "silently wrong"


_NAME: Final = "log.db"


def specimen(folder: Path, *, seed: int, state: State) -> Specimen:
    """Write a log into `folder` and leave it as a process does that closes it, or that is killed.

    It has records small and large in all topics. The killed one has part of them in its write-ahead log only.
    """
    dice = Random(seed)  # noqa: S311 (no secret)
    path = folder / "made" / _NAME
    for _opening in range(2):
        with closing(LogFile.open(path)) as log:
            for _ in range(_APPENDS // 2):
                log.write([Call(_entries(dice, log.size), Nanos(_AT + log.size))])
            contents = contents_of(path)
            shutil.rmtree(folder / state, ignore_errors=True)
            shutil.copytree(folder / "made", folder / state)
    if state is State.CLOSED:
        shutil.rmtree(folder / state)
        shutil.copytree(folder / "made", folder / state)
    return Specimen(folder / state, contents)


def _entries(dice: Random, number: int) -> list[Entry]:
    sizes = dice.choices((0, 40, 200, _LARGE), weights=(1, 6, 6, 1), k=dice.randint(1, 4))
    return [
        Entry(dice.choice(list(Topic)), dice.choice(_KEYS), f"{number + index} ".encode() + dice.randbytes(size))
        for index, size in enumerate(sizes)
    ]


def contents_of(path: Path) -> Contents:
    """Return all that a log holds. Raises: LogError: it cannot be read, or not all of it."""
    found: dict[Topic, list[Record]] = {topic: [] for topic in Topic}
    ends = shape_of(path).ends
    wants = dict.fromkeys(Topic, 0)
    while batch := batch_from(path, wants, ends=ends):
        for record in batch:
            found[record.topic].append(record)
            wants[record.topic] = record.offset + 1
    return found


def end_of(path: Path, contents: Contents) -> tuple[End, str]:
    """Read a log that may be damaged, and open it for writing; say how that ended, and the reason given.

    A log that is refused must be left as it was.
    """
    try:
        before = contents_of(path)
    except LogError as error:
        return (End.SILENT, "a refused log was changed") if _is_changed_by_opening(path) else (End.DETECTED, str(error))
    if before != contents:
        return End.SILENT, "it reads, and is not what was written"
    try:
        LogFile.open(path).close()
        after = contents_of(path)
    except LogError as error:
        return End.DETECTED, str(error)
    return (End.WITHOUT_EFFECT, "") if after == contents else (End.SILENT, "opening it changed it")


def _is_changed_by_opening(path: Path) -> bool:
    """Say whether an opening that is refused changes the files; one that is not has no part in this."""
    files = [file for file in path.parent.iterdir() if not file.name.endswith("-shm")]
    before = {file: file.read_bytes() for file in files}
    try:
        LogFile.open(path).close()
    except LogError:
        return any(not file.exists() or file.read_bytes() != data for file, data in before.items())
    return False
