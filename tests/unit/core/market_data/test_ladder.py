"""Claims about `stockex.core.market_data.ladder`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockex.core.market_data.ladder import Ladder
from stockex.messages.market_data import Level
from stockex.vocabulary.units import Price, Shares

CHANGES = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 2)))
"""Prices with a number of orders; no order means that the level is gone."""


@pytest.mark.parametrize("sign", [1, -1])
@given(changes=CHANGES)
def test_the_best_level_is_the_first_of_the_top(sign: int, changes: list[tuple[int, int]]) -> None:
    """The best price that is kept as levels come and go is the one that sorting would find."""
    ladder = Ladder(sign=sign, levels={})
    ladder.put(Level(Price(price), Shares(orders), orders) for price, orders in changes)
    best = ladder.best_level()
    assert ladder.top(1) == (() if best is None else (best,))


@given(changes=CHANGES)
def test_what_stays_is_the_last_word_on_each_price(changes: list[tuple[int, int]]) -> None:
    """A ladder is the newest total of each price, without the empty ones."""
    ladder = Ladder(sign=1, levels={})
    ladder.put(Level(Price(price), Shares(orders), orders) for price, orders in changes)
    expected = {price: orders for price, orders in dict(changes).items() if orders}
    assert {level.price: level.orders for level in ladder.top(99)} == expected
