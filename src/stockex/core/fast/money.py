"""Balances that stand in the arrays of the compiled book, as plain's accounts see them."""

from typing import Final

from stockex.core.matching.compiled.lending.lender import Lender
from stockex.core.matching.compiled.tables import KNOWN, LIMITED
from stockex.core.matching.compiled.wire.texts import ACCOUNT, Texts
from stockex.core.risk.accounts import Accounts, Balance
from stockex.vocabulary.enums import Side

LARGEST: Final = 1 << 62
"""Figures beyond this do not stand in arrays."""


class FlatAccounts(Accounts):
    """All accounts. Their balances are rows of arrays until one has a figure that is too large: `leave`.

    Args:
        lender: Whose arrays they are.
        texts: The numbers of accounts.
        is_open: Whether an account that never had a deposit may trade, without limits.
    """

    def __init__(self, lender: Lender, texts: Texts, *, is_open: bool) -> None:
        super().__init__(is_open=is_open)
        self.is_flat = True
        self.lender = lender
        self.texts = texts
        self.symbols: dict[str, int] = {}

    def balance(self, account: str) -> Balance:
        """Return the balance of `account`, opened empty when it is new."""
        found = self.balances.get(account)
        if found is None and self.is_flat:
            found = self.balances[account] = FlatBalance(self, self.texts.number(ACCOUNT, account))
        return super().balance(account) if found is None else found

    def see_all(self) -> None:
        """Let `balances` have every account, those too that only the compiled book has dealt with."""
        if self.is_flat and self.is_open:
            for number in range(self.texts.count(ACCOUNT)):
                self.balance(self.texts.text(ACCOUNT, number))

    def go_on_from(self, accounts: Accounts) -> None:
        """Have all that other accounts have; all instruments are known."""
        self.holds = accounts.holds
        for account, old in accounts.balances.items():
            figures = (old.cash, old.held_cash, *old.shares.values(), *old.held_shares.values())
            if any(abs(figure) > LARGEST for figure in figures):
                self.is_flat = False
                self.balances = accounts.balances
                return
            balance = self.balance(account)
            if old.is_limited:
                balance.is_limited = True
            row = self.lender.row_of(self.texts.number(ACCOUNT, account))
            row["cash"], row["held"] = old.cash, old.held_cash
            for symbol in {*old.shares, *old.held_shares}:
                position = self.lender.position(self.texts.number(ACCOUNT, account), self.symbols[symbol])
                position["shares"], position["held"] = old.shares.get(symbol, 0), old.held_shares.get(symbol, 0)

    def leave(self) -> None:
        """Let all balances be Python's own from now on, which have room for any figure."""
        self.see_all()
        self.is_flat = False
        self.balances = {
            account: Balance(
                balance.is_limited, balance.cash, balance.held_cash, dict(balance.shares), dict(balance.held_shares)
            )
            for account, balance in self.balances.items()
        }


class FlatBalance(Balance):
    """One account: what it owns and what its open orders hold of that, in a row of the compiled book.

    Once the accounts have left the arrays it stands for the account's new balance.
    """

    __slots__ = ("_accounts", "_number")

    def __init__(self, accounts: FlatAccounts, number: int) -> None:
        self._accounts = accounts
        self._number = number
        accounts.lender.row_of(number)

    def _own(self, *figures: int) -> Balance | None:
        """Return the balance outside the arrays, if it is there, or if it must be because of one of the figures."""
        accounts = self._accounts
        if accounts.is_flat and any(abs(figure) > LARGEST for figure in figures):
            accounts.leave()
        return None if accounts.is_flat else accounts.balances[accounts.texts.text(ACCOUNT, self._number)]

    @property
    def is_limited(self) -> bool:
        """Whether the account is held to what it has."""
        return bool(self._accounts.lender.row_of(self._number)["flags"] & LIMITED)

    @is_limited.setter
    def is_limited(self, is_limited: bool) -> None:
        assert is_limited, "an account is limited from its first deposit on"
        self._accounts.lender.row_of(self._number)["flags"] |= KNOWN | LIMITED

    @property
    def cash(self) -> int:
        """Cash, in 1/10 000 euro."""
        return int(self._accounts.lender.row_of(self._number)["cash"])

    @cash.setter
    def cash(self, cash: int) -> None:
        own = self._own(cash)
        if own is None:
            self._accounts.lender.row_of(self._number)["cash"] = cash
        else:
            own.cash = cash

    @property
    def held_cash(self) -> int:  # type: ignore[override]  # `hold` and `receive` alone write it
        """Cash that open buys hold."""
        return int(self._accounts.lender.row_of(self._number)["held"])

    @property
    def shares(self) -> dict[str, int]:  # type: ignore[override]  # `hold` and `receive` alone write it
        """Shares of each symbol, a copy."""
        return self._shares("shares")

    @property
    def held_shares(self) -> dict[str, int]:  # type: ignore[override]  # `hold` and `receive` alone write it
        """Shares of each symbol that open sells hold, a copy."""
        return self._shares("held")

    def _shares(self, name: str) -> dict[str, int]:
        accounts, tables = self._accounts, self._accounts.lender.tables
        first = self._number * len(tables.symbols)
        figures = tables.positions[name][first : first + len(accounts.symbols)].tolist()
        return dict(zip(accounts.symbols, figures, strict=True))

    def free_shares(self, symbol: str) -> int:
        """Shares of `symbol` that no open order holds."""
        position = self._accounts.lender.position(self._number, self._accounts.symbols[symbol])
        return int(position["shares"]) - int(position["held"])

    def hold(self, side: Side, symbol: str, *, amount: int) -> None:
        """Hold `amount` more for an order of `side`, or less when it is negative: cash to buy, shares to sell."""
        row = (
            self._accounts.lender.row_of(self._number)
            if side is Side.BUY
            else self._accounts.lender.position(self._number, self._accounts.symbols[symbol])
        )
        held = int(row["held"]) + amount
        if self._accounts.is_flat and -LARGEST <= held <= LARGEST:
            row["held"] = held
        elif (own := self._own(held)) is not None:
            own.hold(side, symbol, amount=amount)

    def receive(self, symbol: str, *, qty: int, cash: int) -> None:
        """Book shares and cash received, both negative when given."""
        row = self._accounts.lender.row_of(self._number)
        position = self._accounts.lender.position(self._number, self._accounts.symbols[symbol])
        new_cash, shares = int(row["cash"]) + cash, int(position["shares"]) + qty
        own = self._own(new_cash, shares)
        if own is None:
            row["cash"], position["shares"] = new_cash, shares
        else:
            own.receive(symbol, qty=qty, cash=cash)
