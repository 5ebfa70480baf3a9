"""Sides, times in force."""

import pytest

from stockex.vocabulary.enums import Phase, Side, TimeInForce
from stockex.vocabulary.units import Price


def test_sides_are_opposite() -> None:
    """Each trades with the other; a buy adds shares, a sell takes them."""
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


@pytest.mark.parametrize(
    ("side", "limit", "accepted"),
    [
        (Side.BUY, 100, {99, 100}),
        (Side.SELL, 100, {100, 101}),
        (Side.BUY, None, {99, 100, 101}),
        (Side.SELL, None, {99, 100, 101}),
    ],
)
def test_a_limit_is_the_worst_price_accepted(side: Side, limit: int | None, accepted: set[int]) -> None:
    """A buy takes its limit and below, a sell its limit and above; without a limit all."""
    bound = None if limit is None else Price(limit)
    assert {price for price in (99, 100, 101) if side.accepts(bound, price)} == accepted


def test_all_but_ioc_and_fok_rest() -> None:
    """What is good for the auction rests until then."""
    assert {tif for tif in TimeInForce if not tif.rests} == {TimeInForce.IOC, TimeInForce.FOK}


def test_orders_gather_in_every_call_and_before_the_opening() -> None:
    """A price is shown in calls only."""
    calls = {Phase.OPENING_CALL, Phase.CALL, Phase.VOLATILITY_CALL, Phase.CLOSING_CALL}
    assert {phase for phase in Phase if phase.is_call} == calls
    assert {phase for phase in Phase if phase.gathers} == calls | {Phase.PRE_OPEN}
