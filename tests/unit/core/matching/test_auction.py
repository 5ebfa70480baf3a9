"""Auction prices a trader can check by hand."""

from typing import NamedTuple

import pytest

from stockex.core.matching.auction import Equilibrium, Interest, Narrowed, equilibrium
from stockex.vocabulary.market_rules import DEFAULT_LADDER, LadderStep
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import Price, Shares

NEAREST = (LadderStep.MAX_VOLUME, LadderStep.MIN_SURPLUS, LadderStep.NEAREST_REFERENCE)
TICK = 100


class Found(NamedTuple):
    """What decides a test: price in cents, volume, surplus and the step."""

    cents: int
    volume: int
    surplus: int
    step: str


def interests(text: str) -> list[Interest]:
    """Return "300@101 50@MKT" as interests; prices in cents."""
    pairs = (part.split("@") for part in text.split())
    return [(None if at == "MKT" else Price(int(at) * TICK), Shares(int(qty))) for qty, at in pairs]


def auction(
    bids: str, asks: str, *, reference: int | None = None, ladder: tuple[LadderStep, ...] = DEFAULT_LADDER
) -> Equilibrium | None:
    """Return the equilibrium of two sides in short; the reference in cents."""
    known = None if reference is None else Price(reference * TICK)
    return equilibrium(interests(bids), interests(asks), ladder=ladder, grid=Grid(TICK), reference=known)


def found(
    bids: str, asks: str, *, reference: int | None = None, ladder: tuple[LadderStep, ...] = DEFAULT_LADDER
) -> Found:
    """Return what decides, of an auction that trades."""
    price = auction(bids, asks, reference=reference, ladder=ladder)
    assert price is not None
    return Found(price.price // TICK, price.volume, price.surplus, price.decided_by.value)


def test_most_volume_wins() -> None:
    """At 100 trade 600, at 99 only 100 and at 101 only 300."""
    assert found("300@101 400@100 200@99", "100@99 500@100 500@101") == (100, 600, 100, "max_volume")


def test_the_least_surplus_wins_among_equal_volumes() -> None:
    """100 trade at 8 to 10, but only above 9 is nothing left over; without a reference the lowest of these."""
    assert found("100@10 50@8", "100@8", ladder=(*NEAREST[:2],)) == (9, 100, 0, "min_surplus")


def test_buyers_in_surplus_lift_the_price() -> None:
    """50 more are bid at each of 8, 9 and 10: the highest."""
    assert found("150@10", "100@8") == (10, 100, 50, "pressure")


def test_sellers_in_surplus_press_the_price() -> None:
    """50 more are offered at each of 8, 9 and 10: the lowest."""
    assert found("100@10", "150@8") == (8, 100, -50, "pressure")


@pytest.mark.parametrize(("reference", "cents"), [(None, 8), (5, 8), (9, 9), (12, 10)])
def test_the_reference_is_moved_into_the_range(reference: int | None, cents: int) -> None:
    """The same trades at 8 to 10; between them no order has a limit, yet 9 may be the price."""
    assert found("100@10", "100@8", reference=reference) == (cents, 100, 0, "clamp_reference")


def test_the_nearest_price_may_beat_pressure() -> None:
    """A ladder without the pressure step lets buyers in surplus trade near the reference."""
    assert found("150@10", "100@8", reference=9, ladder=NEAREST) == (9, 100, 50, "nearest_reference")


def test_of_two_prices_as_near_the_lower_is_taken() -> None:
    """The reference lies half a tick above 9."""
    price = equilibrium(
        interests("100@10"), interests("100@8"), ladder=NEAREST, grid=Grid(TICK), reference=Price(9 * TICK + TICK // 2)
    )
    assert price is not None
    assert price.price == 9 * TICK


def test_unpriced_orders_alone_trade_at_the_reference() -> None:
    """No limit gives a price."""
    assert found("40@MKT", "45@MKT", reference=10) == (10, 40, -5, "max_volume")


def test_unpriced_orders_alone_need_a_reference() -> None:
    """Without one there is no price to trade at."""
    assert auction("40@MKT", "45@MKT") is None


def test_unpriced_orders_meet_at_a_reference_beyond_a_limit_that_takes_no_part() -> None:
    """At 12 only unpriced orders meet and nothing is left over; at 9 the bid would add a surplus."""
    assert found("40@MKT 10@9", "40@MKT", reference=12) == (12, 40, 0, "min_surplus")


def test_an_unpriced_side_leaves_the_range_open_to_the_reference() -> None:
    """A buyer at any price meets a seller at 998: the reference 1000 suits both. Source: Euronext, call example 3."""
    assert found("40@MKT", "40@998", reference=1000).cents == 1000


def test_pressure_keeps_an_open_range_at_its_limit() -> None:
    """One share too many is offered: the lowest price. Source: Euronext, call example 4."""
    assert found("40@MKT", "41@998", reference=1000) == (998, 40, -1, "pressure")


def test_an_open_range_is_not_left_for_a_reference_inside_the_limits() -> None:
    """The seller asks more than the reference. Source: Euronext, call example 5."""
    assert found("40@MKT", "40@1002", reference=1000).cents == 1002


@pytest.mark.parametrize(("bids", "asks"), [("", ""), ("10@5", ""), ("10@5", "10@6"), ("10@MKT", "")])
def test_nothing_trades_where_no_two_orders_agree(bids: str, asks: str) -> None:
    """An empty side, or sides that do not cross, have no price."""
    assert auction(bids, asks, reference=5) is None


def test_a_range_of_a_million_ticks_costs_no_more() -> None:
    """The ticks between two limits are one run; the walk would take seconds."""
    assert found("1@99999999 1@50000000", "1@1", reference=60_000_000).cents == 60_000_000


def test_each_step_says_what_it_left() -> None:
    """From all prices at which something trades down to one; a step that is not needed is not run."""
    price = auction("1500@1000 200@999", "800@999 100@1001", reference=1000)
    assert price is not None
    assert price.candidates == (Price(99_900), Price(100_000))
    assert price.narrowed == (
        Narrowed(LadderStep.MAX_VOLUME, Price(99_900), Price(100_000)),
        Narrowed(LadderStep.MIN_SURPLUS, Price(100_000), Price(100_000)),
    )


def test_where_one_price_trades_no_step_is_run() -> None:
    """The first step of the ladder is said to have decided."""
    price = auction("10@1000", "10@1000")
    assert price is not None
    assert (price.narrowed, price.decided_by) == ((), LadderStep.MAX_VOLUME)


def test_without_a_grid_the_price_is_that_of_an_order() -> None:
    """At 8 and 10 stand orders, at the reference 9 none; of prices as near the lower."""
    price = equilibrium(interests("100@10"), interests("100@8"), ladder=NEAREST, grid=None, reference=Price(9 * TICK))
    assert price is not None
    assert (price.price, price.candidates) == (8 * TICK, (8 * TICK, 10 * TICK))
