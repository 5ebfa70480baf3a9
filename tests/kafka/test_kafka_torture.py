"""Three times each: the broker dies, the matcher dies, and a standby takes over; nothing is lost or done twice."""

from pathlib import Path

import pytest
from broker import Broker

from stockex.torture.kafka.ordeal import Counts, suffered

pytestmark = pytest.mark.crash

TIMES = 3
SEED = 3
"""Two of its takeovers are from a frozen matcher, one from a killed one."""


def test_nothing_is_lost_or_doubled_whoever_dies(broker: Broker, tmp_path: Path) -> None:
    """Answers hold, facts are those of a replay, books balance, one matcher is active, a revived one stops."""
    outcome = suffered(tmp_path / "run", broker, counts=Counts(TIMES, TIMES, TIMES), seed=SEED)
    assert outcome.faults == []
    assert outcome.counts["broker killed"] == outcome.counts["matcher killed"] == TIMES
    assert outcome.counts["active matcher frozen"] + outcome.counts["active matcher killed"] == TIMES
    assert min(outcome.counts["active matcher frozen"], outcome.counts["active matcher killed"]) > 0
    assert min(outcome.counts["orders acknowledged"], outcome.counts["fills acknowledged"]) > 0
    assert len(outcome.takeovers_s) == TIMES  # within how many seconds is for `stockex torture --kafka` to tell
