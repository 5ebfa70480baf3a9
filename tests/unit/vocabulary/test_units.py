"""Whole units, and their text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, euro_text


@pytest.mark.parametrize(
    ("units", "text"),
    [(249_500, "24.95"), (0, "0.00"), (1, "0.0001"), (-1, "-0.0001"), (-249_550, "-24.955"), (10_000, "1.00")],
)
def test_text_has_two_to_four_decimals(units: int, text: str) -> None:
    """As many as it takes to be exact."""
    assert euro_text(units) == text


@given(st.integers(-(10**24), 10**24))
def test_text_is_exact(units: int) -> None:
    """Read as a decimal, the text is the number of units again."""
    assert int(Decimal(euro_text(units)).scaleb(4).to_integral_exact()) == units


def test_the_largest_order_fits_64_bits() -> None:
    """What one order can be worth is below 2**63."""
    assert MAX_PRICE * MAX_QTY < 2**63
