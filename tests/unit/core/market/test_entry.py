"""Claims about `stockex.core.market.entry`: the figures that a refusal tells."""

import pytest
from scenarios.notation import command_of

from stockex.messages.executions import Rejected
from stockex.simulation.books import open_exchange
from stockex.vocabulary.units import Nanos


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
        ("collar_bp=0", [], "collar_bp is above zero and at most 100000"),
        ("interruption_random_s=1", [], "interruption_random_s needs interruption_s"),
    ],
)
def test_a_refusal_tells_the_limit(settings: str, lines: list[str], text: str) -> None:
    """What was asked, and what is allowed."""
    assert refusal(*lines, settings=settings) == text
