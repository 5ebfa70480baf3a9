"""Balances and reservations follow from facts."""

import pytest
from scenarios.runner import Play

from stockex.core.risk.accounts import Accounts
from stockex.messages.clearing import Deposited
from stockex.messages.control import Suspended
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Nanos, Shares


def deposited(account: str, *, cash: int = 0, symbol: str | None = None, qty: int = 0) -> Deposited:
    """Return a deposit."""
    return Deposited(offset=0, index=0, at=Nanos(0), account=account, cash=Cash(cash), symbol=symbol, qty=Shares(qty))


def accounts(*facts: Deposited, is_open: bool = False) -> Accounts:
    """Return the accounts that these deposits make."""
    found = Accounts(is_open=is_open)
    for fact in facts:
        found.apply(fact)
    return found


def test_a_deposit_makes_an_account_known() -> None:
    """Others are unknown, unless the exchange is open to all."""
    closed = accounts(deposited("A"))
    assert closed.knows("A")
    assert not closed.knows("B")
    assert accounts(is_open=True).knows("B")


def test_deposits_add_up() -> None:
    """Cash and shares of each symbol are counted apart."""
    balance = accounts(deposited("A", cash=5), deposited("A", cash=7, symbol="X", qty=3)).balance("A")
    assert (balance.cash, balance.shares) == (12, {"X": 3})


@pytest.mark.parametrize(
    ("side", "need", "short"), [(Side.BUY, 12, None), (Side.BUY, 13, (12, 13)), (Side.SELL, 4, (3, 4))]
)
def test_a_shortfall_is_what_is_free_and_what_is_needed(side: Side, need: int, short: tuple[int, int] | None) -> None:
    """Cash covers buys, shares cover sells, to the unit."""
    found = accounts(deposited("A", cash=12, symbol="X", qty=3))
    assert found.shortfall("A", side, symbol="X", need=need) == short


def test_an_account_without_a_deposit_has_no_limits() -> None:
    """Neither before nor after it has traded."""
    found = accounts(is_open=True)
    assert found.shortfall("A", Side.BUY, symbol="X", need=10**18) is None
    found.balance("A").hold(Side.BUY, "X", amount=5)
    assert found.shortfall("A", Side.BUY, symbol="X", need=10**18) is None


def test_needing_nothing_more_is_covered_even_in_debt() -> None:
    """A limit that comes late may find the account owing cash."""
    found = accounts(is_open=True)
    found.balance("A").cash = -100
    found.apply(deposited("A"))
    assert found.shortfall("A", Side.BUY, symbol="X", need=0) is None
    assert found.shortfall("A", Side.BUY, symbol="X", need=-5) is None
    assert found.shortfall("A", Side.BUY, symbol="X", need=1) == (-100, 1)


def test_an_order_that_is_not_open_holds_nothing() -> None:
    """Unknown ids hold zero."""
    assert accounts().held_by(99) == 0


def test_other_facts_change_nothing() -> None:
    """A signal is no matter of money."""
    found = accounts()
    found.apply(Suspended(offset=0, index=0, at=Nanos(0)))
    assert (found.balances, found.holds) == ({}, {})


def test_a_market_order_holds_nothing() -> None:
    """It trades or ends before the next command."""
    play = Play()
    play.step("A deposit cash 100.00")
    play.step("A1 buy 1 market => accepted, cancelled A1 1 MARKET_REMAINDER")
    assert play.exchange.desk.accounts.holds == {}


def test_a_hold_is_released_bit_by_bit() -> None:
    """Ten at 10.00 hold 100.00; each trade at 9.00 releases 10.00 and spends 9.00 a share."""
    play = Play()
    for line in ("A deposit cash 100.00", "B1 sell 4 @ 9.00", "A1 buy 10 @ 10.00"):
        play.step(line)
    play.step("money A 64.00 held 60.00")
    play.step("B2 sell 6 @ 10.00")
    play.step("money A 4.00 held 0.00")
    assert play.exchange.desk.accounts.holds == {}
