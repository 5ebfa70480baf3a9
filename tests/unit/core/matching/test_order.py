"""An open order knows its total, and its limit when it rests."""

import pytest
from unit.core.matching.resting import order

from stockex.vocabulary.enums import Side


def test_the_total_is_what_is_left_and_what_was_filled() -> None:
    """A trade moves quantity from one to the other."""
    one = order(1, Side.BUY, qty=60, at=100)
    one.cum = 40
    assert one.qty == 100


def test_a_market_order_cannot_rest() -> None:
    """Asking for the price at which it would rest is a bug of ours."""
    with pytest.raises(AssertionError, match="order 7 rests without a limit"):
        _ = order(7, Side.BUY, qty=1).price
