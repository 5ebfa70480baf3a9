"""What the kernel asks of Numba."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numba import njit
from numba.core import config

from stockex.core.matching.compiled.jit import before_compiling, fetch
from stockex.core.matching.compiled.tables import ORDER, Records, zeros

IS_COMPILED = not vars(config)["DISABLE_JIT"]


def test_what_must_be_compiled_is_announced_once() -> None:
    """Before the first function, and not again before the second; as plain Python nothing is."""
    said: list[str] = []
    before_compiling(lambda: said.append("compiling"))
    assert said == []
    for number in (1, 2):
        assert njit(lambda one, more=number: one + more)(10) == 10 + number
        assert said == ["compiling"] * IS_COMPILED


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
