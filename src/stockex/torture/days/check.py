"""Records days and lets processes with different hashes replay them; all must find the same."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from stockex.errors import StockExError
from stockex.torture.days.again import Again
from stockex.torture.days.recording import Day, recorded
from stockex.vocabulary.enums import Phase

HASH_SEEDS: Final = ("0", "1", "4711")
"""The values of PYTHONHASHSEED under which each day is replayed; it was recorded under another one."""

STEPS: Final = 450


@dataclass
class Checked:
    """What came of it. `faults` tells each day and hash seed that differ; there should be none."""

    days: int = 0
    commands: int = 0
    replays: int = 0
    phases: set[Phase] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def checked(
    folder: Path, days: int, *, seed: int, steps: int = STEPS, told: Callable[[], None] = lambda: None
) -> Checked:
    """Record so many days from a seed on, replay each three times, and compare; `told` is called after each day.

    Raises: StockExError: a process that replays failed.
    """
    found = Checked()
    recordings = []
    for number in range(seed, seed + days):
        day = asyncio.run(recorded(folder / str(number), seed=number, steps=steps))
        recordings.append(day)
        found.phases |= day.phases
        found.days += 1
        found.commands += day.offset
        told()
    results = {hash_seed: _replayed(recordings, hash_seed) for hash_seed in HASH_SEEDS}
    for number, day in enumerate(recordings):
        each = {hash_seed: agains[number] for hash_seed, agains in results.items()}
        found.replays += len(each)
        found.faults += [f"day {day.folder.name}: {fault}" for fault in faults_of(day, each)]
    return found


def _replayed(days: Sequence[Day], hash_seed: str) -> list[Again]:
    command = [sys.executable, "-m", "stockex.torture.days.again", *(str(day.folder) for day in days)]
    done = subprocess.run(  # noqa: S603 (our own command line)
        command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, check=False
    )
    if done.returncode:
        raise StockExError(f"a replay failed: {done.stderr.decode(errors='replace')}")
    return [msgspec.json.decode(line, type=Again) for line in done.stdout.splitlines()]


def faults_of(day: Day, agains: dict[str, Again]) -> Iterator[str]:
    """Yield what the replays of a day found that it should not be, each with its hash seed."""
    for hash_seed, again in agains.items():
        claims = {
            f"differs first in {again.differs}": again.differs is not None,
            f"{again.missing} facts are not in the log": again.missing > 0,
            f"{again.surplus} facts are in the log only": again.surplus > 0,
            "the state is not the live one": (again.offset, again.digest) != (day.offset, day.digest),
            "a snapshot in the middle leads elsewhere": again.halfway != again.digest,
        }
        yield from (f"PYTHONHASHSEED={hash_seed}: {claim}" for claim, is_so in claims.items() if is_so)
    if len({again.facts for again in agains.values()}) > 1:
        yield "the bytes of the facts depend on PYTHONHASHSEED"
