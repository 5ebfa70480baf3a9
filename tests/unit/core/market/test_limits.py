"""Claims about `stockex.core.market.limits`: edges to the unit, and the figures that a refusal tells."""

import pytest
from scenarios.notation import command_of

from stockex.core.market.limits import around
from stockex.messages.executions import Rejected
from stockex.simulation.books import open_exchange
from stockex.vocabulary.units import Nanos, Price


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


def refusal(*lines: str, settings: str) -> str:
    """Return the figures with which the last of several lines is refused; `settings` are those of ALPHA."""
    exchange = open_exchange()
    listing = f"list ALPHA tick 0.01 reference 25.00 {settings}"
    *_, last = [
        exchange.apply(command_of(line), offset=exchange.next_offset, at=Nanos(0)) for line in (listing, *lines)
    ]
    (fact,) = last
    assert isinstance(fact, Rejected)
    return fact.text


@pytest.mark.parametrize(
    ("settings", "lines", "text"),
    [
        ("max_order_qty=100", ["A1 buy 101 @ 25.00"], "quantity 101, at most 100"),
        ("max_order_value=100", ["A1 buy 5 @ 25.00"], "value 125.00, at most 100.00"),
        ("price_band_bp=1000", ["A1 buy 5 @ 28.00"], "price 28.00, band 22.50 to 27.50"),
        ("collar_bp=100", ["B1 sell 5 @ 25.10", "A1 buy 5 @ 28.00"], "price 28.00, at most 25.351 from 25.10"),
        ("collar_bp=100", ["A1 sell 5 @ 24.00"], "price 24.00, at least 24.75 from 25.00"),
        ("collar_bp=0", [], "collar_bp is above zero"),
    ],
)
def test_a_refusal_tells_the_limit(settings: str, lines: list[str], text: str) -> None:
    """What was asked, and what is allowed."""
    assert refusal(*lines, settings=settings) == text
