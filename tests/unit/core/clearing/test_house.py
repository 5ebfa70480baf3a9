"""The clearing house: portfolios, leaderboard, days and settlement."""

from collections.abc import Mapping

import msgspec
import pytest
from unit.core.clearing.clearing_facts import deposited, listed, started, stopped, trade

from stockex.core.clearing.house import House
from stockex.core.clearing.valuation import NOTHING_RESERVED, Mark, Reserved
from stockex.messages.codec import Message
from stockex.messages.control import MemberLogin, MemberLogout
from stockex.messages.orders import MassCancel
from stockex.messages.views import Daily, Portfolio
from stockex.vocabulary.accounts import MEMBERS
from stockex.vocabulary.units import Cash, Shares

OPENING = (
    listed(0, reference=1_000),
    deposited(1, "USR01", cash=100_000),
    deposited(2, "USR02", cash=100_000),
    deposited(3, "MDF", cash=1_000_000, symbol="NBG", qty=500),
)


def house_after(*facts: Message) -> House:
    """Return a house that has seen the opening deposits and these facts."""
    house = House()
    for fact in (*OPENING, *facts):
        house.apply(fact)
    return house


def marked(**prices: int) -> Mark:
    """Return the mark that values symbols at these prices."""
    marks: Mapping[str, int] = prices
    return marks.__getitem__


def portfolio_of(house: House, account: str = "USR01", *, nbg: int = 1_000) -> Portfolio:
    """Return the account's portfolio with NBG marked at `nbg` and nothing reserved."""
    return house.portfolio(account, mark=marked(NBG=nbg), reserved=NOTHING_RESERVED)


def test_a_trade_moves_cash_and_shares() -> None:
    """The buyer has the shares, the seller the money, and both to the unit."""
    house = house_after(trade(5, "USR01<MDF", qty=30, price=1_001))
    assert (house.cash("USR01"), house.shares("USR01", "NBG")) == (100_000 - 30_030, 30)
    assert (house.cash("MDF"), house.shares("MDF", "NBG")) == (1_000_000 + 30_030, 470)


def test_CLR_09_a_trade_fed_twice_counts_once() -> None:
    """The cause of a fact tells that it was booked."""
    once = house_after(trade(5, "USR01<MDF", qty=30, price=1_001))
    twice = house_after(trade(5, "USR01<MDF", qty=30, price=1_001), trade(5, "USR01<MDF", qty=30, price=1_001))
    assert twice.dump() == once.dump()


def test_who_trades_by_hand_stands_in_the_dump_in_one_order() -> None:
    """Equal states give equal bytes, whoever logged in first and in whatever process."""
    turns = [MemberLogin(member=member) for member in MEMBERS] + [MemberLogout(member="USR03")]
    names = [member for member in MEMBERS if member != "USR03"]
    assert b'"humans":' + msgspec.json.encode(names) in house_after(*turns).dump()
    assert house_after(*reversed(turns[:-1]), turns[-1]).dump() == house_after(*turns).dump()


def test_CLR_01_a_trade_with_oneself_moves_nothing_and_counts_for_nothing() -> None:
    """Nobody meets the obligation, or realises a profit, by trading with himself."""
    house = house_after(trade(5, "USR01<MDF", qty=5, price=1_000), trade(6, "USR01<USR01", qty=5, price=3_000))
    portfolio = portfolio_of(house)
    assert (portfolio.capital, portfolio.realised) == (95_000, 0)
    assert portfolio.daily == Daily(buy_count=1, sell_count=0, total_securities=Shares(5))


def test_CLR_06_a_portfolio_is_valued_at_the_mark() -> None:
    """Thirty shares that cost 1,000 each and are marked at 1,100 are 3,000 up."""
    portfolio = portfolio_of(house_after(trade(5, "USR01<MDF", qty=30, price=1_000)), nbg=1_100)
    holding = portfolio.holdings[0]
    assert (holding.value, holding.average_cost, holding.unrealised) == (33_000, 1_000, 3_000)
    assert (portfolio.holdings_value, portfolio.total_value, portfolio.pnl) == (33_000, 103_000, 3_000)


def test_a_portfolio_shows_what_open_orders_reserve() -> None:
    """Reserved cash is not available, reserved shares are named in their holding."""
    house = house_after(trade(5, "USR01<MDF", qty=30, price=1_000))
    reserved = Reserved(cash=Cash(20_000), shares={"NBG": Shares(7)})
    portfolio = house.portfolio("USR01", mark=marked(NBG=1_000), reserved=reserved)
    assert (portfolio.capital, portfolio.reserved, portfolio.available) == (70_000, 20_000, 50_000)
    assert portfolio.holdings[0].reserved == 7


def test_holdings_stand_in_the_order_of_their_symbols() -> None:
    """Whatever was bought first."""
    house = house_after(
        deposited(5, "USR01", symbol="NBG", qty=1), listed(6, "AEG"), deposited(7, "USR01", symbol="AEG", qty=1)
    )
    rows = house.portfolio("USR01", mark=marked(NBG=1, AEG=1), reserved=NOTHING_RESERVED).holdings
    assert [row.symbol for row in rows] == ["AEG", "NBG"]


def test_CLR_06_a_deposit_is_no_profit() -> None:
    """Shares come in at the reference price, which is the profit's zero."""
    house = house_after(deposited(5, "CLIENT1", cash=10, symbol="NBG", qty=3))
    assert portfolio_of(house, "CLIENT1", nbg=1_000).pnl == 0
    assert portfolio_of(house, "CLIENT1", nbg=1_002).pnl == 6


def test_CLR_05_deposited_shares_come_in_at_the_last_close() -> None:
    """After a day the close is the reference."""
    house = house_after(started(5, NBG=1_000), stopped(6, NBG=1_300), deposited(7, "CLIENT1", symbol="NBG", qty=2))
    assert portfolio_of(house, "CLIENT1").holdings[0].average_cost == 1_300


@pytest.mark.parametrize(("qty", "is_met"), [(19, False), (20, True)])
def test_CLR_07_a_member_must_trade_twenty_shares_a_day(qty: int, *, is_met: bool) -> None:
    """Nineteen are too few."""
    portfolio = portfolio_of(house_after(trade(5, "USR01<MDF", qty=qty, price=1)))
    assert (portfolio.obligation, portfolio.obligation_met) == (20, is_met)


def test_CLR_07_purchases_and_sales_count_together() -> None:
    """Twelve bought and eight sold are twenty traded."""
    house = house_after(trade(5, "USR01<MDF", qty=12, price=1), trade(6, "MDF<USR01", qty=8, price=1))
    portfolio = portfolio_of(house)
    assert portfolio.daily == Daily(buy_count=1, sell_count=1, total_securities=Shares(20))
    assert portfolio.obligation_met


def test_CLR_07_an_account_that_is_no_member_has_no_obligation() -> None:
    """Clients trade as they like."""
    portfolio = portfolio_of(house_after(), "CLIENT1")
    assert (portfolio.obligation, portfolio.obligation_met) == (0, True)


def test_an_unknown_account_has_nothing_and_asking_opens_none() -> None:
    """A question changes no state."""
    house = house_after()
    before = house.dump()
    portfolio = portfolio_of(house, "NOBODY")
    assert (portfolio.total_value, portfolio.pnl, portfolio.holdings) == (0, 0, ())
    assert house.dump() == before


def test_CLR_08_a_new_day_starts_its_counters_at_zero() -> None:
    """What was traded yesterday does not meet today's obligation."""
    house = house_after(started(4), trade(5, "USR01<MDF", qty=30, price=1), stopped(6), started(7, day=2))
    assert portfolio_of(house).daily == Daily(buy_count=0, sell_count=0, total_securities=Shares(0))


def test_the_leaderboard_ranks_the_ten_members_by_total_value() -> None:
    """The richest first, equals by name, others not at all."""
    house = house_after(deposited(5, "USR07", cash=100_001))
    rows = house.leaderboard(mark=marked(NBG=1_000))
    assert [row.account for row in rows[:4]] == ["USR07", "USR01", "USR02", "USR03"]
    assert [row.rank for row in rows] == list(range(1, 11))


def test_a_person_who_takes_a_member_over_shows_on_the_leaderboard() -> None:
    """Until the person leaves, the member is human."""
    login, logout = MemberLogin(member="USR02"), MemberLogout(member="USR02")
    row = house_after(login).leaderboard(mark=marked())[1]
    assert (row.account, row.is_human, row.ai_type) == ("USR02", True, "Human")
    row = house_after(login, logout).leaderboard(mark=marked())[1]
    assert (row.account, row.is_human, row.ai_type) == ("USR02", False, "Rule")


def test_messages_of_other_topics_are_passed_over() -> None:
    """A command says what somebody wants, not what happened."""
    house = house_after()
    before = house.dump()
    house.apply(MassCancel(account="USR01"))
    assert house.dump() == before


def test_positions_that_differ_from_the_ledger_are_a_bug() -> None:
    """The house keeps both, and compares them."""
    house = house_after(trade(5, "USR01<MDF", qty=30, price=1_001))
    house._state.standings["USR01"].positions["NBG"].qty = 29
    with pytest.raises(AssertionError, match="USR01 owns"):
        house.totals()


def test_every_member_has_cash_of_its_own() -> None:
    """Ten members, ten accounts."""
    facts = [deposited(10 + place, account, cash=place) for place, account in enumerate(MEMBERS)]
    house = house_after(*facts)
    assert [house.cash(account) for account in MEMBERS[2:]] == list(range(2, 10))
