"""Client ids and trades that stand in the arrays of the compiled book, as plain's desk sees them."""

from stockex.core.matching.compiled.lending.running import Runner
from stockex.core.matching.compiled.records import NONE, SIDES
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SYMBOL
from stockex.core.matching.ids import REMEMBERED, UsedIds
from stockex.core.risk.trades import Done, Trades
from stockex.messages.codec import Fact
from stockex.messages.executions import Party
from stockex.vocabulary.units import TRADES_REMEMBERED, Nanos, Price, Shares


class FlatIds(UsedIds):
    """The client ids that may not be used: the newest that each account has used, and those of open orders."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner

    def __contains__(self, key: tuple[str, str]) -> bool:
        account, cl_ord_id = key
        texts, lender = self._runner.texts, self._runner.lender
        owner = texts.found(ACCOUNT, account)
        number = NONE if owner == NONE else texts.found(CLIENT + owner, cl_ord_id)
        if number == NONE:
            return False
        client = lender.client(number)
        used = int(client["used"])
        is_late = used > 0 and int(lender.row_of(owner)["used"]) - used < REMEMBERED
        return is_late or bool(client["slot"] != 0)

    def add(self, account: str, cl_ord_id: str) -> None:
        """Remember one more id; the oldest is out of date then."""
        texts, lender = self._runner.texts, self._runner.lender
        owner = texts.number(ACCOUNT, account)
        row = lender.row_of(owner)
        row["used"] += 1
        lender.client(texts.number(CLIENT + owner, cl_ord_id))["used"] = row["used"]

    def as_lists(self) -> dict[str, list[str]]:
        """Return the ids of each account, oldest first."""
        texts = self._runner.texts
        found: dict[str, list[str]] = {}
        for number in self._runner.lender.used_by_age():
            account = texts.text(ACCOUNT, int(texts.arrays.owners[number]))
            found.setdefault(account, []).append(texts.text(CLIENT, number))
        return found


class FlatTrades(Trades):
    """The newest trades by their id; those of the compiled book are looked at when one is asked for."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
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
        for trade in self._runner.take_trades():
            done = self._done_of(trade)
            self._done[done.trade_id] = done
        while len(self._done) > TRADES_REMEMBERED:
            self._done.popitem(last=False)

    def _done_of(self, trade: Records) -> Done:
        return Done(
            f"{trade['offset']}-{trade['index']}",
            self._runner.texts.text(SYMBOL, int(trade["symbol"])),
            Price(trade["price"]),
            Shares(int(trade["qty"])),
            SIDES[trade["aggressor"]],
            Nanos(trade["at"]),
            self._party(trade, "buy"),
            self._party(trade, "sell"),
        )

    def _party(self, trade: Records, side: str) -> Party:
        texts, client = self._runner.texts, int(trade[f"{side}_client"])
        return Party(
            order_id=int(trade[side]),
            account=texts.text(ACCOUNT, texts.arrays.owners[client]),
            cl_ord_id=texts.text(CLIENT, client),
        )
