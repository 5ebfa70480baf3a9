"""Recorded days replay to the same bytes, whatever Python's hashes are."""

from pathlib import Path

import msgspec
import pytest

from stockex.torture.days.again import Again
from stockex.torture.days.check import HASH_SEEDS, checked, faults_of
from stockex.torture.days.recording import Day
from stockex.vocabulary.enums import Phase

pytestmark = pytest.mark.crash

DAYS = 3
AGAIN = Again(None, 0, 0, offset=9, digest="state", facts="bytes", halfway="state")
DAY = Day(Path("7"), 9, "state", frozenset())


def test_three_days_replay_to_the_same_bytes_under_three_hash_seeds(tmp_path: Path) -> None:
    """Made by the feeder, the members and a crowd in all phases of a day; a snapshot in the middle leads there too."""
    found = checked(tmp_path, DAYS, seed=1)
    assert found.faults == []
    assert (found.days, found.replays) == (DAYS, DAYS * len(HASH_SEEDS))
    assert found.commands > DAYS * 500
    assert found.phases >= set(Phase) - {Phase.VOLATILITY_CALL}


def again(**changes: object) -> Again:
    """Return a sound replay, but for these changes."""
    return msgspec.structs.replace(AGAIN, **changes)


@pytest.mark.parametrize(
    ("replayed", "fault"),
    [
        (again(differs="trades 3-1"), "PYTHONHASHSEED=1: differs first in trades 3-1"),
        (again(missing=2), "PYTHONHASHSEED=1: 2 facts are not in the log"),
        (again(surplus=3), "PYTHONHASHSEED=1: 3 facts are in the log only"),
        (again(offset=8), "PYTHONHASHSEED=1: the state is not the live one"),
        (again(digest="other", halfway="other"), "PYTHONHASHSEED=1: the state is not the live one"),
        (again(halfway="other"), "PYTHONHASHSEED=1: a snapshot in the middle leads elsewhere"),
        (again(facts="others"), "the bytes of the facts depend on PYTHONHASHSEED"),
    ],
)
def test_a_replay_that_differs_is_a_fault(replayed: Again, fault: str) -> None:
    """One of three replays found something else than the live exchange, or than the others."""
    assert list(faults_of(DAY, {"0": AGAIN, "1": replayed, "2": AGAIN})) == [fault]
    assert list(faults_of(DAY, {"0": AGAIN, "1": AGAIN})) == []
