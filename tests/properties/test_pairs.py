"""What holds of pairs of which one cancels the other, whatever the exchange is asked."""

from collections import Counter

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.messages import executions as ex
from stockex.messages.codec import Fact
from stockex.messages.orders import AnyCommand


def touched(fact: Fact) -> list[int]:
    """Return the orders that have traded, were triggered or have ended."""
    match fact:
        case ex.Traded():
            return [fact.buy.order_id, fact.sell.order_id]
        case ex.Triggered() | ex.Cancelled() | ex.Expired():
            return [fact.order_id]
        case _:
            return []


@given(commands)
@thorough
def test_the_other_leg_ends_in_the_same_command_and_never_trades(wanted: list[AnyCommand]) -> None:
    """Once one leg is touched the other does nothing but end, with what it had left, while the command is obeyed."""
    others: dict[int, int] = {}
    for step in live(wanted):
        doomed: set[int] = set()
        for fact in step.facts:
            if isinstance(fact, ex.Accepted) and fact.oco_id is not None:
                others |= {fact.order_id: fact.oco_id, fact.oco_id: fact.order_id}
            for order_id in touched(fact):
                if order_id in doomed:
                    assert isinstance(fact, ex.Cancelled | ex.Expired), fact
                    doomed.discard(order_id)
                elif order_id in others:
                    other = others.pop(order_id)
                    del others[other]
                    doomed.add(other)
        assert not doomed


@given(commands)
@thorough
def test_a_pair_is_a_limit_and_a_stop_that_know_each_other(wanted: list[AnyCommand]) -> None:
    """After each command the legs are open, of one account and side, and the instrument has exactly them as pairs."""
    for step in live(wanted):
        for listing in step.exchange.desk.listings.values():
            tied = {order.order_id: order for order in listing.orders() if order.oco is not None}
            assert tied == listing.pairs
            assert not listing.untied
            for order in tied.values():
                other = tied[order.oco or 0]
                assert (other.oco, other.account, other.side) == (order.order_id, order.account, order.side)
                assert order.ord_type.is_stop != other.ord_type.is_stop


def test_the_random_commands_tie_many_orders() -> None:
    """The claims above are about something: legs are tied, trade and are triggered."""
    seen = Counter[str]()

    @given(commands)
    @thorough
    def look(wanted: list[AnyCommand]) -> None:
        tied: set[int] = set()
        for step in live(wanted):
            for fact in step.facts:
                if isinstance(fact, ex.Accepted) and fact.oco_id is not None:
                    tied |= {fact.order_id, fact.oco_id}
                seen.update(type(fact).__name__ for order_id in touched(fact) if order_id in tied)

    look()
    assert min(seen["Traded"], seen["Triggered"], seen["Cancelled"], seen["Expired"]) > 10
