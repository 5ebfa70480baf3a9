"""The securities listed by default stand on their own grid."""

import pytest

from stockex.vocabulary.instrument import MORE_SECURITIES, SECURITIES, Instrument, tick_for
from stockex.vocabulary.units import Price


@pytest.mark.parametrize(
    ("price", "tick"), [(1, 20), (49_999, 20), (50_000, 50), (99_999, 50), (100_000, 100), (2_000_000, 100)]
)
def test_cheap_names_have_a_finer_tick(price: int, tick: int) -> None:
    """A fifth of a cent under five euro, half a cent under ten, else a cent."""
    assert tick_for(Price(price)) == tick


@pytest.mark.parametrize("listed", [*SECURITIES, *MORE_SECURITIES], ids=lambda listed: listed.symbol)
def test_start_prices_are_valid_prices(listed: Instrument) -> None:
    """An order at the start price would be taken."""
    assert listed.reference > 0
    assert listed.reference % listed.tick == 0
    assert listed.lot == 1


def test_symbols_differ() -> None:
    """Ten securities and six more."""
    symbols = [listed.symbol for listed in (*SECURITIES, *MORE_SECURITIES)]
    assert (len(SECURITIES), len(MORE_SECURITIES), len(set(symbols))) == (10, 6, 16)
