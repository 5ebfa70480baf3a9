"""Claims about `stockex.vocabulary.ranges`."""

import pytest

from stockex.vocabulary.ranges import Range, around
from stockex.vocabulary.units import Price


@pytest.mark.parametrize(
    ("price", "bp", "low", "high"),
    [
        (250_000, 1_000, 225_000, 275_000),
        (250_200, 25, 249_575, 250_825),
        (9_999, 1, 9_999, 9_999),
        (10_000, 1, 9_999, 10_001),
        (19_999, 1, 19_998, 20_000),
        (10, 15_000, -5, 25),
    ],
)
def test_a_range_holds_what_is_at_most_so_far_away(price: int, bp: int, low: int, high: int) -> None:
    """In whole units: what lies beyond the exact edge is outside."""
    found = around(Price(price), bp)
    assert found == (low, high)
    assert [found.has(each) for each in (low - 1, low, high, high + 1)] == [False, True, True, False]


def test_a_range_is_told_in_euro() -> None:
    """From edge to edge."""
    assert str(Range(Price(245_000), Price(255_050))) == "24.50 to 25.505"
