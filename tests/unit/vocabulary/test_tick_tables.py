"""The tick size tables of RTS 11, and the grid that a table makes."""

from itertools import pairwise

import pytest

from stockex.vocabulary.tick_tables import BANDS, Grid, TickRow, fault_in, rts11
from stockex.vocabulary.units import UNITS_PER_EURO, Price

ANNEX = """
0     0.0005 0.0002 0.0001 0.0001 0.0001 0.0001
0.1   0.001  0.0005 0.0002 0.0001 0.0001 0.0001
0.2   0.002  0.001  0.0005 0.0002 0.0001 0.0001
0.5   0.005  0.002  0.001  0.0005 0.0002 0.0001
1     0.01   0.005  0.002  0.001  0.0005 0.0002
2     0.02   0.01   0.005  0.002  0.001  0.0005
5     0.05   0.02   0.01   0.005  0.002  0.001
10    0.1    0.05   0.02   0.01   0.005  0.002
20    0.2    0.1    0.05   0.02   0.01   0.005
50    0.5    0.2    0.1    0.05   0.02   0.01
100   1      0.5    0.2    0.1    0.05   0.02
200   2      1      0.5    0.2    0.1    0.05
500   5      2      1      0.5    0.2    0.1
1000  10     5      2      1      0.5    0.2
2000  20     10     5      2      1      0.5
5000  50     20     10     5      2      1
10000 100    50     20     10     5      2
20000 200    100    50     20     10     5
50000 500    200    100    50     20     10
"""
"""The annex to Commission Delegated Regulation (EU) 2017/588."""
MIXED = Grid(7, [TickRow(Price(0), Price(5)), TickRow(Price(10), Price(2)), TickRow(Price(20), Price(10))])


@pytest.mark.parametrize("band", BANDS)
def test_the_table_of_a_band_is_that_of_the_annex(band: int) -> None:
    """All nineteen rows of it."""
    rows = [[round(float(cell) * UNITS_PER_EURO) for cell in line.split()] for line in ANNEX.split("\n") if line]
    assert rts11(band) == tuple((row[0], row[band]) for row in rows)
    assert fault_in(rts11(band)) is None


@pytest.mark.parametrize("band", [0, 7])
def test_there_are_six_bands(band: int) -> None:
    """A seventh is a mistake of ours."""
    with pytest.raises(AssertionError, match="no liquidity band"):
        rts11(band)


def test_the_grid_has_the_multiples_of_each_rows_tick() -> None:
    """Fives below ten, twos below twenty, then tens; the single tick of 7 counts for nothing."""
    assert [price for price in range(45) if MIXED.has(price)] == [0, 5, 10, 12, 14, 16, 18, 20, 30, 40]
    assert MIXED.lowest == 5


def test_without_a_table_there_is_one_tick() -> None:
    """Sevens, however high."""
    grid = Grid(7)
    assert [price for price in range(22) if grid.has(price)] == [0, 7, 14, 21]
    assert (grid.tick_at(10**9), grid.lowest) == (7, 7)


@pytest.mark.parametrize("grid", [MIXED, Grid(7)], ids=repr)
def test_every_step_leads_to_the_next_valid_price(grid: Grid) -> None:
    """Up, down, at most and at least agree with a walk over all prices."""
    valid = [price for price in range(200) if grid.has(price)]
    for low, high in pairwise(valid):
        for price in range(low, high):
            assert grid.at_most(price) == low
            assert grid.above(price) == high
            assert grid.at_least(price + 1) == high
            assert grid.below(price + 1) == low


def test_below_zero_the_lowest_tick_goes_on() -> None:
    """A quote far below zero is moved, not lost."""
    assert (MIXED.tick_at(-1), MIXED.at_most(-1), MIXED.at_least(-6)) == (5, -5, -5)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([(1, 1)], "the first row starts at zero"),
        ([(0, 0)], "a tick is above zero"),
        ([(0, 1), (5, -1)], "a tick is above zero"),
        ([(0, 1), (0, 1)], "rows go up, and each starts on its own grid and that of the row below"),
        ([(0, 1), (5, 2)], "rows go up, and each starts on its own grid and that of the row below"),
        ([(0, 2), (5, 1)], "rows go up, and each starts on its own grid and that of the row below"),
        ([(0, 1), (4, 2), (2, 1)], "rows go up, and each starts on its own grid and that of the row below"),
        ([(0, 2), (4, 1), (6, 3)], None),
        ([], None),
    ],
)
def test_a_table_without_sense_is_told(rows: list[tuple[int, int]], fault: str | None) -> None:
    """Or else a walk from tick to tick would step over a row's start."""
    assert fault_in([TickRow(Price(start), Price(tick)) for start, tick in rows]) == fault
