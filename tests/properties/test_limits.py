"""What holds for the limits of a market whatever the exchange is asked."""

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.messages.executions import Accepted
from stockex.messages.orders import AnyCommand


@given(commands)
@thorough
def test_no_order_comes_in_beyond_the_limits(wanted: list[AnyCommand]) -> None:
    """Quantity, value at the limit and distance from the reference are what the instrument's settings allow."""
    for step in live(wanted):
        for fact in step.facts:
            if not isinstance(fact, Accepted):
                continue
            listing = step.exchange.desk.listings[fact.symbol]
            rules, reference = listing.rules, listing.reference
            assert rules.max_order_qty is None or fact.qty <= rules.max_order_qty
            if fact.limit is not None:
                assert rules.max_order_value is None or fact.qty * fact.limit <= rules.max_order_value
                if rules.price_band_bp is not None and reference is not None:
                    assert abs(fact.limit - reference) * 10_000 <= rules.price_band_bp * reference
