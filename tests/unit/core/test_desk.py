"""The desk knows every open order by its owner's name for it."""

import pytest
from scenarios.runner import Play

from stockex.core.matching.ids import REMEMBERED
from stockex.messages.executions import Accepted, Cancelled, MassCancelled
from stockex.messages.market_data import BookChanged


def played(*lines: str) -> Play:
    """Return a play after these steps."""
    play = Play()
    for line in lines:
        play.step(line)
    return play


def last_types(play: Play) -> list[type]:
    """Return the types of the newest command's facts."""
    newest = play.facts[-1].offset
    return [type(fact) for fact in play.facts if fact.offset == newest]


def test_an_accepted_order_is_told_as_it_was_asked_for() -> None:
    """Its terms and its source stand in the fact, its id is its offset."""
    terms = '"cl_ord_id":"x","symbol":"ALPHA","side":"BUY","quantity":5,"price":25'
    play = played(f'raw {{"type":"new","account":"A",{terms},"source":"WEB"}}')
    (fact,) = [fact for fact in play.facts if isinstance(fact, Accepted)]
    assert (fact.order_id, fact.source, fact.limit, fact.qty) == (1, "WEB", 250_000, 5)


def test_a_cancel_names_its_request() -> None:
    """The id of the request comes back, and null without one."""
    play = played("A1 buy 5 @ 25.00", "A1 cancel as r1", "A2 buy 5 @ 25.00", "A2 cancel")
    assert [fact.request_id for fact in play.facts if isinstance(fact, Cancelled)] == ["r1", None]


def test_the_price_levels_come_last() -> None:
    """First the facts about orders, then what changed in the book."""
    play = played("A1 buy 5 @ 25.00", "A2 buy 5 @ 24.00", "A cancel-all")
    assert last_types(play) == [Cancelled, Cancelled, MassCancelled, BookChanged]


def test_mass_cancels_go_by_age_and_not_by_price() -> None:
    """The oldest order goes first, in whichever book it stands."""
    played(
        "list BETA tick 0.01 reference 10.00",
        "A3 sell 5 @ 9.00 in BETA",
        "A2 buy 5 @ 24.00",
        "A1 buy 5 @ 25.00",
        "A cancel-all => cancelled A3 5 MASS_CANCEL, cancelled A2 5 MASS_CANCEL, cancelled A1 5 MASS_CANCEL, "
        "mass-cancelled 3",
    )


@pytest.mark.parametrize("line", ["A1 buy 1 @ 25.00", "A5 replace as A1"])
def test_the_id_of_an_open_order_stays_taken(line: str) -> None:
    """Even when ten thousand newer ids have pushed it out of memory: the order could not be named any more."""
    play = played("A1 buy 1 @ 24.00 GTC", "A5 buy 1 @ 24.00 GTC")
    for number in range(REMEMBERED):
        play.exchange.desk.used_ids.add("A", f"later{number}")
    play.step(f"{line} => refused DUPLICATE_CL_ORD_ID")
    play.step("A1 cancel => cancelled A1 1 BY_OWNER")


def test_an_id_may_come_again_when_it_is_forgotten_and_its_order_gone() -> None:
    """The memory of ids is bounded."""
    play = played("A1 buy 1 @ 24.00", "A1 cancel")
    play.step("A1 buy 1 @ 24.00 => refused DUPLICATE_CL_ORD_ID")
    for number in range(REMEMBERED):
        play.exchange.desk.used_ids.add("A", f"later{number}")
    play.step("A1 buy 1 @ 24.00 => accepted, rested 1 @ 24.00")


def test_what_traded_out_is_not_open() -> None:
    """Incoming or resting, a filled order cannot be cancelled, and its owner's others can."""
    played(
        "A1 sell 5 @ 25.00",
        "A2 sell 5 @ 25.00",
        "B1 buy 5 @ 25.00",
        "A1 cancel => refused UNKNOWN_ORDER",
        "B1 cancel => refused UNKNOWN_ORDER",
        "A2 cancel => cancelled A2 5 BY_OWNER",
    )


def test_a_resting_order_ended_by_self_trade_prevention_is_not_open() -> None:
    """It is gone from the owner's orders as from the book."""
    played(
        "A1 sell 5 @ 25.00",
        "A2 buy 5 @ 25.00 CANCEL_BOTH",
        "A1 cancel => refused UNKNOWN_ORDER",
        "A cancel-all => mass-cancelled 0",
    )


def test_open_orders_come_by_instrument_side_and_priority() -> None:
    """Bids before asks, best first: the order in which a snapshot stores them."""
    play = played(
        "list BETA tick 0.01 reference 10.00",
        "A1 sell 5 @ 11.00 in BETA",
        "A2 sell 5 @ 26.00",
        "A3 buy 5 @ 24.00",
        "A4 buy 5 @ 25.00",
    )
    assert [order.cl_ord_id for order in play.exchange.desk.open_orders()] == ["A4", "A3", "A2", "A1"]
