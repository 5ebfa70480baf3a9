"""The accounts of the first start."""

from stockex.vocabulary.accounts import ACCOUNTS, CLIENTS, FLOW, MARKET_MAKER, MEMBERS, OPERATOR, START_CAPITAL, Role


def test_ten_members_start_with_a_hundred_thousand_euro_and_no_shares() -> None:
    """USR01 to USR10, all alike."""
    members = [account for account in ACCOUNTS if account.role is Role.MEMBER]
    assert tuple(account.name for account in members) == MEMBERS
    assert (MEMBERS[0], MEMBERS[-1], len(MEMBERS)) == ("USR01", "USR10", 10)
    assert {(account.cash, account.shares) for account in members} == {(START_CAPITAL, 0)}


def test_the_operator_owns_nothing() -> None:
    """Who controls the session does not trade."""
    operator = {account.name: account for account in ACCOUNTS}[OPERATOR]
    assert (operator.role, operator.cash, operator.shares) == (Role.OPERATOR, 0, 0)


def test_account_names_differ() -> None:
    """Every account is somebody's own."""
    names = [account.name for account in ACCOUNTS]
    assert sorted(names) == sorted({*MEMBERS, *CLIENTS, MARKET_MAKER, FLOW, OPERATOR})
