"""A double-entry ledger of cash and shares."""

from collections import Counter
from typing import Final, NamedTuple

from msgspec import Struct, field

from stockex.messages.market_data import Bust, Correction, Trade
from stockex.vocabulary.units import Cash, Shares

OUTSIDE: Final = "OUTSIDE"
"""The contra account of every deposit: the world outside the exchange."""

HOUSE: Final = "HOUSE"
"""The clearing house's own account, counterparty of every leg. Flat after each trade."""


class Leg(NamedTuple):
    """What one account receives of cash and of one symbol; negative is what it gives."""

    account: str
    cash: Cash
    symbol: str | None
    qty: Shares


class Totals(NamedTuple):
    """What all accounts hold together, the contra accounts included: zero, always."""

    cash: Cash
    shares: dict[str, Shares]


def novated(trade: Trade) -> tuple[Leg, Leg]:
    """Return the trade's two legs: the house sells to the buyer and buys from the seller (CLR-01)."""
    value = trade.price * trade.qty
    return (
        Leg(trade.buy_member, Cash(-value), trade.symbol, trade.qty),
        Leg(trade.sell_member, Cash(value), trade.symbol, Shares(-trade.qty)),
    )


def reversed_legs(fact: Bust | Correction) -> tuple[Leg, Leg]:
    """Return the legs that undo a trade, or what of it was wrong (CLR-10)."""
    if isinstance(fact, Correction):
        qty, cash = fact.old_qty - fact.qty, fact.old_qty * fact.old_price - fact.qty * fact.price
    else:
        qty, cash = fact.qty, fact.qty * fact.price
    return (
        Leg(fact.buy_member, Cash(cash), fact.symbol, Shares(-qty)),
        Leg(fact.sell_member, Cash(-cash), fact.symbol, Shares(qty)),
    )


class Balance(Struct):
    """What one account has. Negative for the contra accounts, and for who owes after a bust or a correction."""

    cash: int = 0
    shares: dict[str, int] = field(default_factory=dict)

    def move(self, cash: int, *, symbol: str | None, qty: int) -> None:
        """Add `cash` and `qty` shares of `symbol`, each of either sign."""
        self.cash += cash
        if symbol is not None:
            self.shares[symbol] = self.shares.get(symbol, 0) + qty


class Ledger(Struct):
    """Every account's balance. Each entry moves something between two accounts, so nothing is made or lost (CLR-02)."""

    balances: dict[str, Balance] = field(default_factory=dict)

    def of(self, account: str) -> Balance:
        """Return the account's balance, an empty one if nothing was ever posted to it."""
        return self.balances.get(account) or Balance()

    def post(self, leg: Leg, *, contra: str = HOUSE) -> None:
        """Move the leg's cash and shares from `contra` to the leg's account."""
        self.balances.setdefault(leg.account, Balance()).move(leg.cash, symbol=leg.symbol, qty=leg.qty)
        self.balances.setdefault(contra, Balance()).move(-leg.cash, symbol=leg.symbol, qty=-leg.qty)

    def totals(self) -> Totals:
        """Sum all accounts.

        Returns: Zero cash, and zero shares of every symbol seen.
        Raises:  AssertionError: the books do not balance, or the house is not flat. A bug, never caught.
        """
        shares: Counter[str] = Counter()
        for balance in self.balances.values():
            for symbol, qty in balance.shares.items():
                shares[symbol] += qty
        cash = sum(balance.cash for balance in self.balances.values())
        house = self.of(HOUSE)
        assert cash == 0, f"cash does not balance: {cash}"
        assert not any(shares.values()), f"shares do not balance: {shares}"
        assert house.cash == 0, f"the house holds cash: {house.cash}"
        assert not any(house.shares.values()), f"the house holds shares: {house.shares}"
        return Totals(Cash(cash), {symbol: Shares(qty) for symbol, qty in shares.items()})
