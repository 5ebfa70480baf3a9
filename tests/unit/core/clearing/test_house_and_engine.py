"""The clearing house owns what the engine says, whatever is sent."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.core.clearing.house import House
from stockex.core.clearing.valuation import NOTHING_RESERVED
from stockex.core.exchange import Exchange
from stockex.messages.orders import AnyCommand

ACCOUNTS = "ABC"


def watched(wanted: Sequence[AnyCommand]) -> Iterator[tuple[Exchange, House]]:
    """Obey the commands one by one; tell a house the facts of each."""
    house = House()
    for step in live(wanted):
        for fact in step.facts:
            house.apply(fact)
        yield step.exchange, house


@thorough
@given(wanted=commands)
def test_it_owns_what_the_engine_says(wanted: list[AnyCommand]) -> None:
    """Cash and shares of every account, after every command, trades that were undone included (CTL-08, CLR-10)."""
    for exchange, house in watched(wanted):
        house.totals()
        for account in ACCOUNTS:
            balance = exchange.desk.accounts.balance(account)
            assert house.cash(account) == balance.cash
            owned = {symbol: house.shares(account, symbol) for symbol in balance.shares}
            assert owned == balance.shares


@thorough
@given(wanted=commands)
def test_profit_is_realised_plus_unrealised(wanted: list[AnyCommand]) -> None:
    """Of every account, to the unit, also when shares are owed (CLR-06, CLR-10)."""
    for _, house in watched(wanted):
        for account in ACCOUNTS:
            portfolio = house.portfolio(account, mark=len, reserved=NOTHING_RESERVED)
            assert portfolio.pnl == portfolio.realised + sum(holding.unrealised for holding in portfolio.holdings)
