"""The double-entry ledger (CLR-01, CLR-02)."""

import pytest
from unit.core.clearing.clearing_facts import trade

from stockex.core.clearing.ledger import HOUSE, OUTSIDE, Balance, Ledger, Leg, novated
from stockex.vocabulary.units import Cash, Shares


def test_CLR_01_a_trade_becomes_two_legs_that_cancel_out() -> None:
    """The buyer pays what the seller receives, and receives what the seller delivers."""
    bought, sold = novated(trade(1, "USR01<MDF", qty=3, price=500))
    assert bought == Leg("USR01", Cash(-1_500), "NBG", Shares(3))
    assert sold == Leg("MDF", Cash(1_500), "NBG", Shares(-3))


def test_CLR_01_the_house_is_flat_after_a_trade() -> None:
    """The house is counterparty of both legs and keeps nothing."""
    ledger = Ledger()
    for leg in novated(trade(1, "USR01<MDF", qty=3, price=500)):
        ledger.post(leg)
    assert ledger.of(HOUSE) == Balance(cash=0, shares={"NBG": 0})


def test_CLR_02_a_deposit_comes_from_outside() -> None:
    """What an account gains by a deposit, the contra account owes."""
    ledger = Ledger()
    ledger.post(Leg("USR01", Cash(900), "NBG", Shares(4)), contra=OUTSIDE)
    assert ledger.of(OUTSIDE) == Balance(cash=-900, shares={"NBG": -4})
    assert ledger.totals() == (0, {"NBG": 0})


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ({"USR01": Balance(cash=1)}, "cash does not balance"),
        ({"USR01": Balance(shares={"NBG": 1})}, "shares do not balance"),
        ({HOUSE: Balance(cash=1), OUTSIDE: Balance(cash=-1)}, "the house holds cash"),
        ({HOUSE: Balance(shares={"NBG": 1}), OUTSIDE: Balance(shares={"NBG": -1})}, "the house holds shares"),
    ],
)
def test_CLR_02_books_that_do_not_balance_are_a_bug(broken: dict[str, Balance], text: str) -> None:
    """Summing the accounts stops the program when something was made or lost."""
    with pytest.raises(AssertionError, match=text):
        Ledger(balances=broken).totals()


def test_asking_for_an_unknown_account_opens_none() -> None:
    """A question changes nothing."""
    ledger = Ledger()
    assert ledger.of("NOBODY") == Balance()
    assert ledger == Ledger()
