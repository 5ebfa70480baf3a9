"""Balances and reservations of every account."""

from dataclasses import dataclass, field

from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.executions import (
    Accepted,
    Cancelled,
    Expired,
    Fill,
    Priced,
    Reduced,
    Replaced,
    TradeBusted,
    TradeCorrected,
    Traded,
)
from stockex.vocabulary.enums import Side


@dataclass(slots=True)
class Balance:
    """One account: what it owns and what its open orders hold of that. Cash in 1/10 000 euro."""

    is_limited: bool = False
    cash: int = 0
    held_cash: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    held_shares: dict[str, int] = field(default_factory=dict)

    @property
    def free_cash(self) -> int:
        """Cash that no open order holds."""
        return self.cash - self.held_cash

    def free_shares(self, symbol: str) -> int:
        """Shares of `symbol` that no open order holds."""
        return self.shares.get(symbol, 0) - self.held_shares.get(symbol, 0)

    def hold(self, side: Side, symbol: str, *, amount: int) -> None:
        """Hold `amount` more for an order of `side`, or less when it is negative: cash to buy, shares to sell."""
        if side.is_buy:
            self.held_cash += amount
        else:
            self.held_shares[symbol] = self.held_shares.get(symbol, 0) + amount

    def receive(self, symbol: str, *, qty: int, cash: int) -> None:
        """Book shares and cash received, both negative when given."""
        self.cash += cash
        self.shares[symbol] = self.shares.get(symbol, 0) + qty


@dataclass(slots=True)
class Hold:
    """What one open order holds: `unit` for each share that it leaves, its limit or its cap to buy and 1 to sell.

    With the order `oco` it holds together what the dearer of the two needs (RSK-07).
    """

    side: Side
    symbol: str
    unit: int
    leaves: int
    oco: int | None = None

    @property
    def amount(self) -> int:
        """Cash held by a buy, shares held by a sell."""
        return self.unit * self.leaves


class Accounts:
    """All accounts, kept by applying facts.

    Args: is_open: Whether an account that never had a deposit may trade, without limits (`stockex match`).
    """

    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.balances: dict[str, Balance] = {}
        self.holds: dict[int, Hold] = {}

    def knows(self, account: str) -> bool:
        """Say whether `account` may send orders."""
        return self.is_open or account in self.balances

    def shortfall(self, account: str, side: Side, *, symbol: str, need: int) -> tuple[int, int] | None:
        """Return (free, needed) when `account` cannot cover `need`, else None. An account without limits can.

        `need` is cash (1/10 000 euro) for a buy and shares for a sell; what needs nothing more is always covered.
        Source: docs/rules/risk.md, RSK-01 and RSK-02.
        """
        balance = self.balances.get(account)
        if balance is None or not balance.is_limited:
            return None
        free = balance.free_cash if side.is_buy else balance.free_shares(symbol)
        return (free, need) if need > max(free, 0) else None

    def is_limited(self, account: str) -> bool:
        """Say whether `account` is held to what it has."""
        balance = self.balances.get(account)
        return balance is not None and balance.is_limited

    def held_by(self, order_id: int) -> int:
        """Return what an open order holds now, together with the other leg of its pair."""
        hold = self.holds.get(order_id)
        return 0 if hold is None else max(hold.amount, self._amount_of(hold.oco))

    def growth(self, order_id: int, *, amount: int, oco: int | None) -> int:
        """Return how much more is held, or less when negative, once an order, open or new, holds `amount` (RSK-07)."""
        other = self._amount_of(oco)
        return max(amount, other) - max(self._amount_of(order_id), other)

    def _amount_of(self, order_id: int | None) -> int:
        hold = None if order_id is None else self.holds.get(order_id)
        return 0 if hold is None else hold.amount

    def apply(self, fact: Fact) -> None:
        """Take note of one fact."""
        match fact:
            case Traded():
                self._book(fact)
            case Accepted() | Replaced() | Priced():
                self._hold_for(fact)
            case TradeBusted() | TradeCorrected():
                self._undo(fact)
            case Reduced():
                self._leave(fact.account, fact.order_id, leaves=fact.leaves)
            case Cancelled() | Expired():
                self._leave(fact.account, fact.order_id, leaves=0)
            case Deposited():
                self._deposit(fact)
            case _:
                pass

    def balance(self, account: str) -> Balance:
        """Return the balance of `account`, opened empty when it is new."""
        balance = self.balances.get(account)
        if balance is None:
            balance = self.balances[account] = Balance()
        return balance

    def _deposit(self, fact: Deposited) -> None:
        balance = self.balance(fact.account)
        balance.is_limited = True
        balance.cash += fact.cash
        if fact.symbol is not None:
            balance.receive(fact.symbol, qty=fact.qty, cash=0)

    def _hold_for(self, fact: Accepted | Replaced | Priced) -> None:
        unit, old = self._unit(fact), self.holds.get(fact.order_id)
        self._leave(fact.account, fact.order_id, leaves=0)
        if unit is None:
            return
        if isinstance(fact, Accepted):
            leaves, oco = fact.qty, fact.oco_id
        else:
            leaves, oco = fact.leaves, None if old is None else old.oco
        other = None if oco is None else self.holds.get(oco)
        if other is not None:
            other.oco = fact.order_id
        self.holds[fact.order_id] = Hold(fact.side, fact.symbol, unit, 0, None if other is None else oco)
        self._leave(fact.account, fact.order_id, leaves=leaves)

    def _unit(self, fact: Accepted | Replaced | Priced) -> int | None:
        """Return what the order holds for each share, None when nothing: a market buy that trades or ends at once."""
        if fact.side is Side.SELL:
            return 1
        if fact.limit is not None:
            return fact.limit
        if isinstance(fact, Accepted):
            return fact.cap
        hold = self.holds.get(fact.order_id)
        return None if hold is None else hold.unit

    def _leave(self, account: str, order_id: int, *, leaves: int) -> None:
        """Let an order hold what it needs for so much; for nothing it has no hold, and stands in no pair."""
        hold = self.holds.get(order_id)
        if hold is None:
            return
        more = hold.unit * (leaves - hold.leaves)
        if hold.oco is not None:
            more = self.growth(order_id, amount=hold.unit * leaves, oco=hold.oco)
        self.balance(account).hold(hold.side, hold.symbol, amount=more)
        hold.leaves = leaves
        if leaves == 0:
            del self.holds[order_id]
            if hold.oco is not None:
                self.holds[hold.oco].oco = None

    def _book(self, fact: Traded) -> None:
        for fill, sign in ((fact.buy, 1), (fact.sell, -1)):
            self._fill(fill, fact.symbol, qty=sign * fact.qty, cash=-sign * fact.qty * fact.price)

    def _undo(self, fact: TradeBusted | TradeCorrected) -> None:
        """Give back what a trade moved, or what it moved too much; a balance may become negative (CTL-10)."""
        if isinstance(fact, TradeCorrected):
            qty, cash = fact.old_qty - fact.qty, fact.old_qty * fact.old_price - fact.qty * fact.price
        else:
            qty, cash = fact.qty, fact.qty * fact.price
        self.balance(fact.buy.account).receive(fact.symbol, qty=-qty, cash=cash)
        self.balance(fact.sell.account).receive(fact.symbol, qty=qty, cash=-cash)

    def _fill(self, fill: Fill, symbol: str, *, qty: int, cash: int) -> None:
        self._leave(fill.account, fill.order_id, leaves=fill.leaves)
        self.balance(fill.account).receive(symbol, qty=qty, cash=cash)
