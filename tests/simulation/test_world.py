"""The whole exchange lives through crashes, full disks, jumping clocks and strangers: nothing is lost or done twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from simulation.planted import PLANTED

from stockex.simulation.world.run import REAL, Lived, lived

SEEDS = 200
FAULTS = ("crashes", "pauses", "orderly_restarts", "usurpations", "full_disks", "slow_disks", "slow_readers")
MORE_FAULTS = ("clock_jumps", "torn_checkpoints", "strange_records", "requests_lost", "requests_doubled")
LOOKED = (
    "acknowledged",
    "refused",
    "denied",
    "asked",
    "events_read",
    "explained",
    "engines_compared",
    "views_compared",
)
PATH = os.pathsep.join(str(Path(__file__).parents[2] / folder) for folder in ("src", "tests"))


@pytest.fixture(scope="module")
def worlds() -> list[Lived]:
    """Two hundred worlds, each with faults of its own."""
    return [lived(seed) for seed in range(SEEDS)]


def test_no_world_sees_a_violation(worlds: list[Lived]) -> None:
    """Whatever died, no order, fill, settlement or view was lost, doubled or wrong, and trading went on by itself."""
    assert [(world.seed, world.violation) for world in worlds if world.violation] == []


def test_everything_that_may_fail_has_failed_and_everything_was_looked_at(worlds: list[Lived]) -> None:
    """A world in which nothing happens proves nothing."""
    total = Counter[str]()
    for world in worlds:
        total.update(world.counts)
    assert min(total[name] for name in (*FAULTS, *MORE_FAULTS, *LOOKED)) >= SEEDS / 4
    assert total["facts"] > 300 * SEEDS


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str) -> None:
    """Within two hundred seeds, and with the right part in its place that seed finds nothing."""
    found = next((seed for seed in range(SEEDS) if lived(seed, kit=PLANTED[fault]).violation), None)
    assert found is not None
    assert lived(found, kit=REAL).violation is None


def test_a_violation_is_the_same_when_repeated() -> None:
    """Else nobody could look for its cause."""
    kit = PLANTED["a trade not shown"]
    assert lived(0, kit=kit) == lived(0, kit=kit)


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_a_seed_gives_the_same_run_to_the_byte(worlds: list[Lived], hash_seed: str) -> None:
    """In another process, wherever it puts things in memory, and whatever order its sets have."""
    code = "import json; from stockex.simulation.world.run import lived; print(json.dumps([*map(lived, range(12))]))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": PATH}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603 (our own)
    assert [Lived(*each) for each in json.loads(ran.stdout)] == worlds[:12]
