"""The wall clock."""

import time

import pytest

from stockex.adapters.clock import wall_clock


def test_the_wall_clock_counts_whole_microseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system's clock has below a microsecond is cut off."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_123_456_789)
    assert wall_clock() == 1_700_000_000_123_456_000
