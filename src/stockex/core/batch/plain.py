"""The batch interface on the plain engine, slow and readable: what the compiled engine must answer.

Account 3 is called A3, symbol 3 S3, and client id 3 simply 3.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from stockex.core.batch.facts import Names, rows
from stockex.core.exchange import Exchange
from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.records import BUY, CANCEL, HAS_PRICE, HAS_QTY, NEW, NONE, POST_ONLY
from stockex.core.matching.compiled.tables import ORDER, Ran, Records, zeros
from stockex.core.matching.order import Order
from stockex.messages.orders import (
    AnyCommand,
    CancelOrder,
    ChangeSession,
    Deposit,
    ListInstrument,
    NewOrder,
    ReplaceOrder,
)
from stockex.vocabulary.enums import SessionAction, Side
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

FIRST_OFFSET: Final = 1_000_000
"""Commands of a batch have offsets from here on; those below are for listing and funding."""


class PlainEngine:
    """The exchange, in open session, behind the interface of `compiled.engine.Engine`.

    Args: is_open: Whether accounts that were never funded may trade, without limits.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        self.exchange = Exchange(open_accounts=is_open)
        self.listed = 0
        self._apply(ChangeSession(action=SessionAction.START, account="OPERATOR"))

    def _apply(self, command: AnyCommand) -> None:
        self.exchange.apply(command, offset=self.exchange.next_offset, at=Nanos(0))

    def list_symbol(
        self, *, tick: int, lot: int = 1, rules: MarketRules = DEFAULT_RULES, reference: int | None = None
    ) -> int:
        """List an instrument with an empty book; return its number. Prices in 1/10 000 euro, `lot` in shares.

        `reference` is where its limits and ranges are around as long as there was no trade; the tick unless given.
        """
        number = self.listed
        self.listed += 1
        self._apply(
            ListInstrument(
                symbol=f"S{number}",
                tick=Price(tick),
                reference=Price(tick if reference is None else reference),
                lot=Shares(lot),
                rules=rules,
            )
        )
        return number

    def fund(self, account: int, *, cash: int = 0, symbol: int = 0, shares: int = 0) -> None:
        """Add cash (1/10 000 euro) and shares of a symbol to an account, which is opened and limited from now on."""
        self._apply(Deposit(account=f"A{account}", cash=Cash(cash), symbol=f"S{symbol}", qty=Shares(shares)))

    def money(self, account: int) -> tuple[int, int]:
        """Return an account's cash and held cash (1/10 000 euro)."""
        balance = self.exchange.desk.accounts.balances.get(f"A{account}")
        return (0, 0) if balance is None else (balance.cash, balance.held_cash)

    def holding(self, account: int, symbol: int) -> tuple[int, int]:
        """Return an account's shares and held shares in a symbol."""
        balance = self.exchange.desk.accounts.balances.get(f"A{account}")
        name = f"S{symbol}"
        return (0, 0) if balance is None else (balance.shares.get(name, 0), balance.held_shares.get(name, 0))

    def run(self, commands: Records) -> Ran:
        """Obey an array of `COMMAND` records in order, all of them. Offsets are from `FIRST_OFFSET` on."""
        found = list(self._obey(commands))
        facts = zeros(records.FACT, len(found))
        for record, row in zip(facts, found, strict=True):
            for name, value in row.items():
                record[name] = value
        return Ran(facts, len(commands), 0)

    def _obey(self, commands: Records) -> Iterator[dict[str, int]]:
        for number, command in enumerate(commands):
            said = self.exchange.apply(message(command), offset=int(command["offset"]), at=Nanos(command["at"]))
            names = Names(number, int(command["client"]), int(command["target"]))
            for fact in said:
                yield from rows(fact, names)

    def orders(self, number: int) -> Records:
        """Return a symbol's orders: bids best first, then asks best first, the oldest first at each price."""
        return order_records(list(self.exchange.desk.listings[f"S{number}"].orders()), number)


def order_records(orders: Sequence[Order], number: int) -> Records:
    """Return orders of the symbol with this number as records, without what links them."""
    slots = zeros(ORDER, len(orders))
    for record, order in zip(slots, orders, strict=True):
        record["id"], record["place"], record["price"] = order.order_id, order.place, order.price
        record["leaves"], record["cum"], record["symbol"] = order.leaves, order.cum, number
        record["account"], record["client"] = int(order.account[1:]), int(order.cl_ord_id)
        record["side"] = records.SIDES.index(order.side)
        record["tif"] = records.TIFS.index(order.tif)
        record["self_trade"] = records.SELF_TRADES.index(order.self_trade)
        record["flags"] = HAS_PRICE | (POST_ONLY if order.post_only else 0)
    return slots


def message(command: Records) -> NewOrder | CancelOrder | ReplaceOrder:
    """Return the message that a record stands for."""
    flags, client = int(command["flags"]), int(command["client"])
    account, symbol = f"A{command['account']}", f"S{command['symbol']}"
    limit = Price(command["price"]) if flags & HAS_PRICE else None
    own_id = None if client == NONE else str(client)
    if command["kind"] == NEW:
        return NewOrder(
            account=account,
            cl_ord_id=str(client),
            symbol=symbol,
            side=Side.BUY if command["side"] == BUY else Side.SELL,
            qty=Shares(int(command["qty"])),
            limit=limit,
            ord_type=records.ORD_TYPES[command["ord_type"]],
            tif=records.TIFS[command["tif"]],
            post_only=bool(flags & POST_ONLY),
            self_trade=records.SELF_TRADES[command["self_trade"] - 1] if command["self_trade"] else None,
        )
    meant = str(command["target"])
    if command["kind"] == CANCEL:
        return CancelOrder(account=account, orig_cl_ord_id=meant, symbol=symbol, cl_ord_id=own_id)
    qty = Shares(int(command["qty"])) if flags & HAS_QTY else None
    return ReplaceOrder(account=account, orig_cl_ord_id=meant, symbol=symbol, cl_ord_id=own_id, qty=qty, limit=limit)
