"""The figures of a rate."""

import pytest
from latency import figures

from stockex.torture.kills.load import Round


@pytest.mark.parametrize(
    ("waits", "p50", "p99", "most"),
    [([0.002], 2.0, 2.0, 2.0), ([number / 1_000 for number in range(1, 1_001)], 501.0, 991.0, 1_000.0)],
)
def test_waits_are_told_by_their_rank(waits: list[float], p50: float, p99: float, most: float) -> None:
    """In milliseconds, the longest included, whatever their order."""
    found = figures(Round([], waits[::-1], items=50, seconds=2.0, left_out=7), 1_000)
    assert (found["p50_ms"], found["p99_ms"], found["p100_ms"]) == (p50, p99, most)
    assert (found["asked_per_s"], found["answered_per_s"], found["left_out"]) == (1_000, 25, 7)
