"""The clearing house as a projection of the log."""

from typing import ClassVar, Self

import msgspec
from msgspec import Struct, field

from stockex.core.clearing.ledger import OUTSIDE, Ledger, Leg, Totals, novated, reversed_legs
from stockex.core.clearing.positions import Standing, Undoing
from stockex.core.clearing.valuation import Mark, Reserved, holdings, obligation, ranked
from stockex.messages.clearing import DaySettled, Deposited
from stockex.messages.codec import Message
from stockex.messages.control import Listed, MemberLogin, MemberLogout, Started, Stopped
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.topics import Topic
from stockex.messages.views import Daily, Holding, LeaderboardRow, Portfolio
from stockex.vocabulary.accounts import MEMBERS
from stockex.vocabulary.units import TRADES_REMEMBERED, Cash, Price, Shares


class Deal(Struct, array_like=True):
    """What undoing a trade needs: its day, and the basis that left the seller with it."""

    day: int
    basis: int


class State(Struct, kw_only=True):
    """All that the house remembers, in plain whole numbers. `booked` is the cause of the newest fact of each type.

    `deals` are late trades by their id, those that can still be undone and some more. They have no default, so that a
    checkpoint from before there were any is passed over. `day` is the one that is open, 0 between two.
    """

    ledger: Ledger = field(default_factory=Ledger)
    standings: dict[str, Standing] = field(default_factory=dict)
    references: dict[str, int] = field(default_factory=dict)
    settlements: dict[str, list[DaySettled]] = field(default_factory=dict)
    humans: list[str] = field(default_factory=list)
    booked: dict[str, tuple[int, int]] = field(default_factory=dict)
    deals: dict[str, Deal]
    day: int = 0


class House:
    """Follow trades, deposits and sessions; say what every account owns, earned and owes.

    Cost: O(1) a trade, O(accounts) a day.
    Source: docs/rules/clearing.md.
    """

    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.TRADES, Topic.LEDGER, Topic.CONTROL})

    def __init__(self, state: State | None = None) -> None:
        self._state = state if state is not None else State(deals={})

    def apply(self, message: Message) -> None:
        """Book one fact. Those of each type come in the order of their causes; one seen before changes nothing."""
        match message:
            case Trade() | Bust() | Correction() | Deposited():
                self._book(message)
            case DaySettled():
                self._keep(message)
            case Listed():
                self._state.references.setdefault(message.symbol, int(message.reference))
            case Started():
                self._open_day(message)
            case Stopped():
                self._refer(message.closes)
                self._state.day = 0
            case MemberLogin():
                self._state.humans = sorted({*self._state.humans, message.member})
            case MemberLogout():
                self._state.humans = sorted(set(self._state.humans) - {message.member})
            case _:
                pass

    @property
    def humans(self) -> set[str]:
        """The members that a person has taken over."""
        return set(self._state.humans)

    def cash(self, account: str) -> Cash:
        """Return the account's cash, what is reserved included."""
        return Cash(self._state.ledger.of(account).cash)

    def shares(self, account: str, symbol: str) -> Shares:
        """Return how many shares of `symbol` the account owns, reserved ones included."""
        return Shares(self._state.ledger.of(account).shares.get(symbol, 0))

    def totals(self) -> Totals:
        """Sum all accounts: zero cash and zero shares (CLR-02).

        Raises: AssertionError: the books do not balance, or positions and ledger differ. A bug, never caught.
        """
        for account, standing in self._state.standings.items():
            held = {symbol: qty for symbol, qty in self._state.ledger.of(account).shares.items() if qty}
            positions = {symbol: position.qty for symbol, position in standing.positions.items()}
            assert held == positions, f"{account} owns {held} but is booked with {positions}"
        return self._state.ledger.totals()

    def portfolio(self, account: str, *, mark: Mark, reserved: Reserved) -> Portfolio:
        """Return the account's money and shares, valued at `mark`. Profit is against all that was deposited (CLR-06).

        An account nobody knows has nothing.
        """
        standing = self._standing(account)
        rows = holdings(standing, mark=mark, reserved=reserved)
        cash = self.cash(account)
        total = _total(cash, rows)
        return Portfolio(
            account=account,
            capital=cash,
            reserved=reserved.cash,
            available=Cash(cash - reserved.cash),
            holdings=rows,
            holdings_value=Cash(total - cash),
            total_value=total,
            pnl=Cash(total - standing.contributed),
            realised=Cash(standing.realised),
            daily=Daily(
                buy_count=standing.day.buy_count,
                sell_count=standing.day.sell_count,
                total_securities=Shares(standing.day.traded),
            ),
            obligation=obligation(account),
            obligation_met=standing.day.traded >= obligation(account),
        )

    def leaderboard(self, *, mark: Mark) -> list[LeaderboardRow]:
        """Return the ten members by total value at `mark`, the richest first."""
        return ranked(self._row(self.portfolio(account, mark=mark, reserved=Reserved())) for account in MEMBERS)

    def settle(self, stopped: Stopped) -> list[DaySettled]:
        """Return the ten facts that settle the day `stopped` ended, marked at its closes (CLR-08).

        Ask after everything that was appended before `stopped`, and before the next day starts. Changes nothing.
        """

        def close(symbol: str) -> int:
            return stopped.closes.get(symbol, self._reference(symbol))

        return [
            self._settled(account, stopped, index=stopped.index + place, mark=close)
            for place, account in enumerate(MEMBERS, start=1)
        ]

    def settlements(self, account: str) -> list[DaySettled]:
        """Return the account's settled days, newest first."""
        return self._state.settlements.get(account, [])[::-1]

    def dump(self) -> bytes:
        """Return the whole state as JSON, amounts as whole units."""
        return msgspec.json.encode(self._state, enc_hook=int)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the house that `dump` described. Raises: msgspec.ValidationError: it described none."""
        return cls(msgspec.json.decode(data, type=State, dec_hook=lambda kind, value: kind(value)))

    def _book(self, fact: Trade | Bust | Correction | Deposited) -> None:
        """Book a trade, what undoes one, or a deposit unless it was booked before (CLR-09)."""
        kind, cause = type(fact).__name__, (fact.offset, fact.index)
        if cause <= self._state.booked.get(kind, (-1, -1)):
            return
        self._state.booked[kind] = cause
        match fact:
            case Trade():
                self._trade(fact)
            case Deposited():
                self._deposit(fact)
            case _:
                self._undo(fact)

    def _trade(self, trade: Trade) -> None:
        """Book both legs. A trade of an account with itself moves nothing and counts for nothing (CLR-01)."""
        if trade.buy_member == trade.sell_member:
            return
        for leg in novated(trade):
            self._state.ledger.post(leg)
        value = trade.price * trade.qty
        self._open(trade.buy_member).bought(trade.symbol, qty=trade.qty, cost=value)
        basis = self._open(trade.sell_member).sold(trade.symbol, qty=trade.qty, proceeds=value)
        deals = self._state.deals
        deals[trade.trade_id] = Deal(self._state.day, basis)
        if len(deals) >= 2 * TRADES_REMEMBERED:
            self._state.deals = dict(list(deals.items())[-TRADES_REMEMBERED:])

    def _undo(self, fact: Bust | Correction) -> None:
        """Book what undoes a trade or puts it right; while its day is open, the counters follow (CLR-10, CLR-11)."""
        if fact.buy_member == fact.sell_member:
            return
        for leg in reversed_legs(fact):
            self._state.ledger.post(leg)
        if isinstance(fact, Correction):
            change = Undoing(fact.symbol, fact.old_qty - fact.qty, fact.qty, int(fact.old_price), int(fact.price))
        else:
            change = Undoing(fact.symbol, fact.qty, 0, int(fact.price), int(fact.price))
        buyer, seller = self._open(fact.buy_member), self._open(fact.sell_member)
        deal = self._state.deals[fact.trade_id]
        buyer.undo_purchase(change)
        deal.basis = seller.undo_sale(change, basis=deal.basis)
        if deal.day == self._state.day:
            buyer.day.traded -= change.returned
            seller.day.traded -= change.returned
            buyer.day.buy_count -= change.left == 0
            seller.day.sell_count -= change.left == 0

    def _deposit(self, fact: Deposited) -> None:
        """Book a deposit, its shares at the reference price (CLR-05)."""
        self._state.ledger.post(Leg(fact.account, fact.cash, fact.symbol, fact.qty), contra=OUTSIDE)
        price = self._reference(fact.symbol) if fact.symbol is not None else 0
        self._open(fact.account).deposited(int(fact.cash), symbol=fact.symbol, qty=fact.qty, price=price)

    def _keep(self, fact: DaySettled) -> None:
        days = self._state.settlements.setdefault(fact.account, [])
        if not days or days[-1].day < fact.day:
            days.append(fact)

    def _refer(self, prices: dict[str, Price]) -> None:
        self._state.references.update({symbol: int(price) for symbol, price in prices.items()})

    def _open_day(self, started: Started) -> None:
        self._refer(started.references)
        self._state.day = started.day
        for account, standing in self._state.standings.items():
            rows = holdings(standing, mark=self._reference)
            standing.open_day(int(_total(self.cash(account), rows)))

    def _reference(self, symbol: str) -> int:
        """Return the last close, or the start price before the first; a symbol never listed is worth nothing."""
        return self._state.references.get(symbol, 0)

    def _standing(self, account: str) -> Standing:
        return self._state.standings.get(account) or Standing()

    def _open(self, account: str) -> Standing:
        return self._state.standings.setdefault(account, Standing())

    def _row(self, portfolio: Portfolio) -> LeaderboardRow:
        is_human = portfolio.account in self.humans
        return LeaderboardRow(
            rank=0,
            account=portfolio.account,
            capital=portfolio.capital,
            holdings=portfolio.holdings,
            buy_count=portfolio.daily.buy_count,
            sell_count=portfolio.daily.sell_count,
            total_securities=portfolio.daily.total_securities,
            obligation_met=portfolio.obligation_met,
            holdings_value=portfolio.holdings_value,
            total_value=portfolio.total_value,
            pnl=portfolio.pnl,
            is_human=is_human,
            ai_type="Human" if is_human else "Rule",
        )

    def _settled(self, account: str, stopped: Stopped, *, index: int, mark: Mark) -> DaySettled:
        standing = self._standing(account)
        rows = holdings(standing, mark=mark)
        return DaySettled(
            offset=stopped.offset,
            index=index,
            at=stopped.at,
            day=stopped.day,
            account=account,
            opening_capital=Cash(standing.day.opening),
            closing_capital=_total(self.cash(account), rows),
            realised=Cash(standing.realised - standing.day.realised_before),
            unrealised=Cash(sum(row.unrealised for row in rows)),
            traded=Shares(standing.day.traded),
            obligation_met=standing.day.traded >= obligation(account),
        )


def _total(cash: Cash, rows: tuple[Holding, ...]) -> Cash:
    return Cash(cash + sum(row.value for row in rows))
