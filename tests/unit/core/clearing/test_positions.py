"""Positions at average cost (CLR-03, CLR-04)."""

import pytest

from stockex.core.clearing.positions import Position, Standing


def test_CLR_03_a_purchase_adds_its_cost_to_the_basis() -> None:
    """The average is the basis over the quantity, to the nearest unit."""
    position = Position()
    position.add(1, cost=10)
    position.add(2, cost=25)
    assert (position.qty, position.basis, position.average_cost) == (3, 35, 12)


def test_CLR_03_a_sale_takes_its_proportion_of_the_basis_rounded_down() -> None:
    """One of three shares that cost 35 takes 11 with it; 24 stay with the two."""
    position = Position(qty=3, basis=35)
    assert position.take(1) == 11
    assert position == Position(qty=2, basis=24)


def test_CLR_03_the_last_share_takes_the_remainder() -> None:
    """Sold one by one, the parts of the basis sum to the whole of it."""
    position = Position(qty=3, basis=35)
    assert [position.take(1) for _ in range(3)] == [11, 12, 12]
    assert position == Position(qty=0, basis=0)


def test_an_empty_position_has_no_average_cost() -> None:
    """Zero, rather than a division by zero."""
    assert Position().average_cost == 0


@pytest.mark.parametrize("qty", [0, 4])
def test_taking_nothing_or_more_than_is_held_is_a_bug(qty: int) -> None:
    """The engine has reserved the shares before it matched."""
    with pytest.raises(AssertionError, match="3 held"):
        Position(qty=3, basis=30).take(qty)


def test_CLR_04_a_sale_realises_its_value_less_the_basis_that_leaves() -> None:
    """Bought at 10 and at 20, sold one at 40: 25 earned over the average cost of 15."""
    standing = Standing()
    standing.bought("NBG", qty=1, cost=10)
    standing.bought("NBG", qty=1, cost=20)
    standing.sold("NBG", qty=1, proceeds=40)
    assert standing.realised == 25


def test_a_position_that_is_sold_out_is_gone() -> None:
    """Nothing held is no holding."""
    standing = Standing()
    standing.bought("NBG", qty=2, cost=20)
    standing.sold("NBG", qty=2, proceeds=10)
    assert standing.positions == {}


def test_CLR_05_deposited_shares_cost_their_reference_price() -> None:
    """A deposit of shares is a contribution, not a profit."""
    standing = Standing()
    standing.deposited(100, symbol="NBG", qty=5, price=7)
    assert (standing.contributed, standing.positions) == (135, {"NBG": Position(qty=5, basis=35)})
