"""Garbage on every topic of the embedded log stops nothing, and is accounted for to the last record."""

from pathlib import Path

import pytest

from stockex.torture.garbage.trial import Trial

pytestmark = pytest.mark.crash

EACH = 400


def test_garbage_on_every_topic_stops_nothing(tmp_path: Path) -> None:
    """It is written after a stop and after a kill; the exchange trades on, and each fact is that of a replay."""
    outcome = Trial(tmp_path / "exchange", EACH, seed=3).met()
    assert outcome.faults == []
    assert len(outcome.told) == len(set(outcome.told)) == 120
