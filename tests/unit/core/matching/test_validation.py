"""The form of an order, rule by rule and in their order."""

import pytest
from scenarios.notation import command_of
from unit.core.matching.resting import order

from stockex.core.matching.validation import new_order_refusal, replacement_refusal
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import Side
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.units import Price, Shares

BETA = Instrument("BETA", "Beta", Price(500), Shares(10), Price(100_000))

REFUSED = [
    ("A1 buy 0 @ 10.00", "BAD_QUANTITY", "quantity 0"),
    ("A1 buy -10 @ 10.00", "BAD_QUANTITY", "quantity -10"),
    ("A1 buy 100000010 @ 10.00", "QUANTITY_TOO_LARGE", "quantity 100000010, at most 100000000"),
    ("A1 buy 15 @ 10.00", "ODD_LOT", "quantity 15, lot 10"),
    ("A1 buy 10", "PRICE_MISSING", "no price"),
    ("A1 buy 10 market @ 10.00", "PRICE_NOT_ALLOWED", "price 10.00 on a market order"),
    ("A1 buy 10 @ 0", "BAD_PRICE", "price 0.00"),
    ("A1 buy 10 @ -10.00", "BAD_PRICE", "price -10.00"),
    ("A1 buy 10 @ 1000000.05", "PRICE_TOO_HIGH", "price 1000000.05, at most 1000000.00"),
    ("A1 buy 10 @ 10.0001", "OFF_TICK", "price 10.0001, tick 0.05"),
    ("A1 buy 10 market post-only", "POST_ONLY_CONFLICT", "MARKET DAY order"),
    ("A1 buy 10 @ 10.00 FOK post-only", "POST_ONLY_CONFLICT", "LIMIT FOK order"),
]
"""An order, the reason to refuse it, and the figures that it is told."""


@pytest.mark.parametrize(("line", "reason", "text"), REFUSED)
def test_the_refusal_names_reason_and_figures(line: str, reason: str, text: str) -> None:
    """A participant can act on what he is told."""
    command = command_of(line)
    assert isinstance(command, NewOrder)
    assert new_order_refusal(command, BETA) == (reason, text)


@pytest.mark.parametrize("line", ["A1 buy 10 @ 0.05", "A1 sell 100000000 @ 1000000.00", "A1 buy 10 market IOC"])
def test_good_orders_pass(line: str) -> None:
    """The limits themselves are allowed."""
    command = command_of(line)
    assert isinstance(command, NewOrder)
    assert new_order_refusal(command, BETA) is None


def test_quantity_comes_before_price() -> None:
    """Of two mistakes the first in order is told."""
    command = command_of("A1 buy 0 @ 0")
    assert isinstance(command, NewOrder)
    assert new_order_refusal(command, BETA) == ("BAD_QUANTITY", "quantity 0")


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("A1 replace", None),
        ("A1 replace to 50 @ 10.05", None),
        ("A1 replace to 40", ("BELOW_FILLED", "new quantity 40, filled 40")),
        ("A1 replace to 55", ("ODD_LOT", "quantity 55, lot 10")),
        ("A1 replace @ 10.01", ("OFF_TICK", "price 10.01, tick 0.05")),
        ("A1 replace to 10 @ 0", ("BAD_PRICE", "price 0.00")),
    ],
)
def test_a_replacement_of_an_order_of_which_forty_were_filled(line: str, refusal: tuple[str, str] | None) -> None:
    """What is left out is not checked; below what was filled comes last."""
    command = command_of(line)
    assert isinstance(command, ReplaceOrder)
    placed = order(1, Side.BUY, qty=60, at=100_000)
    placed.cum = 40
    assert replacement_refusal(command, BETA, order=placed) == refusal
