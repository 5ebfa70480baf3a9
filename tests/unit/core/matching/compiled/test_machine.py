"""What the compiled book asks of Numba."""

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
import pytest
from numba import njit

from stockex.core.matching.compiled.machine.code import IS_PLAIN, part
from stockex.core.matching.compiled.machine.instructions import Wholes, fetch
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.tables import ORDER, Records, zeros


class Inner(NamedTuple):
    """A tuple within a tuple."""

    square: Wholes


class Outer(NamedTuple):
    """Arrays of one and of two dimensions, and of records."""

    line: Wholes
    inner: Inner
    records: Records


@part
def _summed(outer: Outer, pair: tuple[int, int]) -> int:
    row, column = pair
    outer.line[row] += 1
    outer.records[row]["leaves"] += 1
    found = outer.line[row] + outer.inner.square[row, column] + outer.records[row]["leaves"] + len(outer.line)
    return int(found + outer.inner.square.shape[0])


def _both(outer: Outer, place: int, column: int) -> int:
    fields = pointed(outer)
    return _summed(fields, (1, 2)) + _summed(fields, (place, column))


_sums = cast(Callable[[Outer, np.integer, np.integer], int], njit(_both))


def test_parts_are_handed_all_arrays_by_one_address() -> None:
    """They read and write the arrays of a named tuple, of the tuples in it, and their lengths."""
    records = zeros(ORDER, 4)
    records["leaves"] = 7
    outer = Outer(np.arange(4) * 1_000, Inner(np.arange(20).reshape(5, 4)[::2] * 10), records)
    assert _sums(outer, np.int32(2), np.int64(0)) == (1_001 + 100 + 8 + 4 + 3) + (2_001 + 160 + 8 + 4 + 3)
    assert outer.line.tolist() == [0, 1_001, 2_001, 3_000]
    assert records["leaves"].tolist() == [7, 8, 8, 7]


@pytest.mark.skipif(IS_PLAIN, reason="plain Python compiles nothing")
def test_a_part_is_compiled_once_for_whole_numbers_of_any_width() -> None:
    """The literals in one call, 32 and 64 bits in the other, make no second one."""
    _sums(Outer(np.zeros(3, np.int64), Inner(np.zeros((3, 3), np.int64)), zeros(ORDER, 3)), np.int32(2), np.int64(0))
    assert len(vars(_summed)["overloads"]) == 1


def test_a_place_of_any_width_may_be_looked_ahead_to() -> None:
    """Nothing is changed by it."""

    def looked(records: Records, place: int) -> int:
        fetch((records, place))
        return place

    looks = cast(Callable[[Records, np.integer], int], njit(looked))
    records = zeros(ORDER, 4)
    records["leaves"] = 7
    for place in (np.int32(2), np.int64(3)):
        assert looks(records, place) == place
    assert records["leaves"].tolist() == [7] * 4
