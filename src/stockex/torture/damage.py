"""Damage done to the files of a log: bits flipped anywhere, files cut at any byte."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from stockex.torture.specimen import End, Specimen, State, end_of, specimen

_CUTS: Final = 25
"""Into so many pieces each file is cut, beside its last records."""

_LOGS: Final = 50
"""After so many flips the next log is made."""

_BEFORE_VALUE: Final = 40
"""A record in the file begins at most so many bytes before its value."""


class Damage(NamedTuple):
    """One change of one file: a bit that is flipped, or where it is cut."""

    file: str
    byte: int
    bit: int | None

    def do(self, folder: Path) -> None:
        """Damage the file of this name in `folder`."""
        path = folder / self.file
        data = bytearray(path.read_bytes())
        if self.bit is None:
            del data[self.byte :]
        else:
            data[self.byte] ^= 1 << self.bit
        path.write_bytes(data)

    def __str__(self) -> str:
        """Say what was done."""
        what = "cut" if self.bit is None else f"bit {self.bit} flipped"
        return f"{self.file} {what} at byte {self.byte}"


@dataclass
class Tally:
    """How trials ended. `failures` tells each one that was silently wrong."""

    ends: Counter[End] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def trials(self) -> int:
        """How many there were."""
        return self.ends.total()

    def add(self, end: End, text: str) -> None:
        """Count one trial; `text` tells which."""
        self.ends[end] += 1
        if end is End.SILENT:
            self.failures.append(text)


def _folder() -> TemporaryDirectory[str]:
    """Return a folder for logs that need not survive: in memory, where the system has such a place."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made there)
    return TemporaryDirectory(dir=memory if memory.is_dir() else None)


def flipped(count: int, *, seed: int) -> Tally:
    """Flip one bit of a log, `count` times, each time another one of a sound log: closed ones and killed ones."""
    tally = Tally()
    with _folder() as folder:
        for begin in range(0, count, _LOGS):
            state = list(State)[begin // _LOGS % 2]
            made = specimen(Path(folder) / str(begin), seed=seed + begin, state=state)
            dice = Random(seed + begin)  # noqa: S311 (no secret)
            _try(made, (_flip(made, dice) for _ in range(min(_LOGS, count - begin))), tally=tally)
    return tally


def _flip(made: Specimen, dice: Random) -> Damage:
    """Choose a bit: of each file about as often as its size says, but of the small ones now and then."""
    files = made.files
    sizes = [file.stat().st_size for file in files]
    [(file, size)] = dice.choices(list(zip(files, sizes, strict=True)), weights=[max(size, 4_096) for size in sizes])
    return Damage(file.name, dice.randrange(size), dice.randrange(8))


def cut(*, seed: int, records: int = 3, step: int = 1) -> Tally:
    """Cut a log at every byte of its last records, and here and there before: a closed one, a killed one.

    With `step` only every so many bytes.
    """
    tally = Tally()
    with _folder() as folder:
        for state in State:
            made = specimen(Path(folder) / state, seed=seed, state=state)
            _try(made, _cuts(made, records, step=step), tally=tally)
    return tally


def _cuts(made: Specimen, records: int, *, step: int) -> Iterator[Damage]:
    newest = sorted((record for topic in made.contents.values() for record in topic), key=lambda record: record.at)
    for file in made.files:
        data = file.read_bytes()
        places: set[int] = set()
        for record in newest[-records:]:
            place = data.rfind(record.value[:100])
            if place >= 0:
                places |= set(range(place - _BEFORE_VALUE, min(place + len(record.value), len(data)), step))
        yield from (Damage(file.name, place, None) for place in sorted(places))
        yield from (Damage(file.name, place, None) for place in range(0, len(data), max(len(data) // _CUTS, 1)))


def _try(made: Specimen, damages: Iterable[Damage], *, tally: Tally) -> None:
    folder = made.folder.with_name("damaged")
    for damage in damages:
        path = made.copied(folder)
        damage.do(folder)
        end, text = end_of(path, made.contents)
        tally.add(end, f"{made.folder}: {damage}: {text}")
