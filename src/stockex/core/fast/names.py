"""Client ids and trades that stand in the arrays of the compiled book, as plain's desk sees them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stockex.core.desk import Desk
from stockex.core.matching.compiled.lending.looking import numbers_of, words_of
from stockex.core.matching.compiled.lending.moving import ELSEWHERE
from stockex.core.matching.compiled.lending.running import Runner
from stockex.core.matching.compiled.machine.instructions import Wholes
from stockex.core.matching.compiled.records import NONE, SIDES
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SYMBOL
from stockex.core.matching.ids import REMEMBERED, UsedIds
from stockex.core.risk.trades import Done, Trades
from stockex.messages.codec import Fact
from stockex.messages.executions import Party
from stockex.vocabulary.units import TRADES_REMEMBERED, Nanos, Price, Shares

MOST_KEPT: Final = 4_096
"""So many ids are kept before they are written into the arrays: fewer than an account may not use again."""


class FlatIds(UsedIds):
    """The client ids that may not be used: the newest that each account has used, and those of orders that are lent.

    What the plain book does with ids is kept here until `settle`, many at once.
    """

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._new: dict[str, dict[str, None]] = {}
        self._count = 0
        self._slots: dict[tuple[str, str], int] = {}
        self._owners: dict[str, int] = {}

    def __contains__(self, key: tuple[str, str]) -> bool:
        account, cl_ord_id = key
        new = self._new.get(account, ())
        if cl_ord_id in new:
            return True
        texts, lender = self._runner.texts, self._runner.lender
        owner = self._owner(account)
        number = NONE if owner == NONE else texts.found(CLIENT + owner, cl_ord_id)
        if number == NONE:
            return False
        client = lender.client(number)
        used = int(client["used"])
        is_late = used > 0 and int(lender.row_of(owner)["used"]) + len(new) - used < REMEMBERED
        return is_late or bool(client["slot"] > 0)

    def _owner(self, account: str) -> int:
        """Return the number of an account, or NONE."""
        owner = self._owners.get(account, NONE)
        if owner == NONE:
            owner = self._owners[account] = self._runner.texts.found(ACCOUNT, account)
        return owner

    def _numbered(self, account: str) -> int:
        """Return the number of an account, given out now if it is new."""
        owner = self._owners.get(account, NONE)
        if owner == NONE:
            owner = self._owners[account] = self._runner.texts.number(ACCOUNT, account)
        return owner

    def add(self, account: str, cl_ord_id: str) -> None:
        """Remember one more id; the oldest is out of date then."""
        self._new.setdefault(account, {})[cl_ord_id] = None
        self._count += 1
        if self._count >= MOST_KEPT:
            self.settle()

    def mark(self, account: str, cl_ord_id: str, *, is_open: bool) -> None:
        """Take note that an order of the plain book is open, or not any more."""
        self._slots[account, cl_ord_id] = ELSEWHERE if is_open else 0

    def settle(self) -> None:
        """Let the compiled book know what it must, before it is asked anything."""
        if not (self._slots or self._new):
            return
        used = [(account, one) for account, ids in self._new.items() for one in ids]
        numbers = self._numbers([*self._slots, *used])
        self._runner.lender.client(int(numbers.max()))
        clients, count = self._runner.lender.tables.clients, len(self._slots)
        clients["slot"][numbers[:count]] = list(self._slots.values())
        clients["used"][numbers[count:]] = self._counts()
        self._slots, self._new, self._count = {}, {}, 0

    def _numbers(self, ids: Sequence[tuple[str, str]]) -> Wholes:
        """Return the number of each client id, which stands behind its account."""
        spaces = [CLIENT + self._numbered(account) for account, _ in ids]
        return numbers_of([cl_ord_id for _, cl_ord_id in ids], spaces, texts=self._runner.texts)

    def _counts(self) -> list[int]:
        """Return how many ids its account has used with each new one, and count them."""
        counts: list[int] = []
        for account, ids in self._new.items():
            row = self._runner.lender.row_of(self._numbered(account))
            first = int(row["used"]) + 1
            counts += range(first, first + len(ids))
            row["used"] += len(ids)
        return counts

    def as_lists(self) -> dict[str, list[str]]:
        """Return the ids of each account, oldest first."""
        self.settle()
        texts, numbers = self._runner.texts, self._runner.lender.used_by_age()
        found: dict[int, list[str]] = {}
        for owner, text in zip(
            texts.arrays.owners[numbers].tolist(), words_of(numbers, CLIENT, texts=texts), strict=True
        ):
            found.setdefault(owner, []).append(text)
        return {texts.text(ACCOUNT, owner): ids for owner, ids in found.items()}

    def go_on_from(self, desk: Desk) -> None:
        """Have used what another desk has used, and know which orders are open there."""
        for account, ids in desk.used_ids.as_lists().items():
            self._new[account] = dict.fromkeys(ids)
        for order in desk.open_orders():
            self.mark(order.account, order.cl_ord_id, is_open=True)
        self.settle()


class FlatTrades(Trades):
    """The newest trades by their id; those of the compiled book are looked at when one is asked for."""

    def __init__(self, runner: Runner, done: Iterable[Done] = ()) -> None:
        super().__init__(done)
        self._runner = runner

    def find(self, trade_id: str) -> Done | None:
        """Return the trade as it stands now; None when it never was, or is not remembered any more."""
        self.look()
        return super().find(trade_id)

    def apply(self, fact: Fact) -> None:
        """Take note of one fact, after all that the compiled book has done."""
        self.look()
        super().apply(fact)

    def as_list(self) -> list[Done]:
        """Return the trades, oldest first."""
        self.look()
        return super().as_list()

    def look(self) -> None:
        """Take note of the trades of the compiled book since the last look. Cost: O(trades since then)."""
        for done in self._taken(self._runner.take_trades()):
            self._done[done.trade_id] = done
        while len(self._done) > TRADES_REMEMBERED:
            self._done.popitem(last=False)

    def _taken(self, trades: Records) -> Iterator[Done]:
        names = ("offset", "index", "symbol", "price", "qty", "aggressor", "at")
        columns = [trades[name].tolist() for name in names]
        parties = (self._parties(trades, "buy"), self._parties(trades, "sell"))
        for offset, index, symbol, price, qty, aggressor, at, buy, sell in zip(*columns, *parties, strict=True):
            name = self._runner.texts.text(SYMBOL, symbol)
            side = SIDES[aggressor]
            yield Done(f"{offset}-{index}", name, Price(price), Shares(qty), side, Nanos(at), buy, sell)

    def _parties(self, trades: Records, side: str) -> Iterator[Party]:
        """Yield the buyer or the seller of each trade."""
        texts, clients = self._runner.texts, trades[f"{side}_client"]
        owners: list[int] = texts.arrays.owners[clients].tolist()
        accounts = {owner: texts.text(ACCOUNT, owner) for owner in set(owners)}
        orders: list[int] = trades[side].tolist()
        for order_id, owner, cl_ord_id in zip(orders, owners, words_of(clients, CLIENT, texts=texts), strict=True):
            yield Party(order_id=order_id, account=accounts[owner], cl_ord_id=cl_ord_id)
