"""The exchange on two books.

command ──> common, and its instrument lent? ──> compiled book ──> lines of facts
                   │ no
                   └──> take back what it may touch ──> plain exchange ──> facts
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stockex.core.exchange import Exchange
from stockex.core.fast.carrying import Common, Input, Journalled, Left, Lines, Read, said, with_levels
from stockex.core.fast.common import rare_orders, rare_state
from stockex.core.fast.desk import LendingDesk
from stockex.core.fast.money import FlatAccounts
from stockex.core.fast.names import FlatIds, FlatTrades
from stockex.core.fast.orders import away_of, levels_of, orders_of, rows_of
from stockex.core.fast.routes import Route, Stay
from stockex.core.market.listing import Listing, shown_levels
from stockex.core.matching.compiled.lending.lender import FEWEST_FORGOTTEN
from stockex.core.matching.compiled.lending.looking import level_at, take_out
from stockex.core.matching.compiled.lending.running import Batch, Part, Runner
from stockex.core.matching.compiled.records import SIDES
from stockex.core.matching.compiled.tables import WIDEST
from stockex.core.matching.compiled.wire.texts import ACCOUNT
from stockex.core.matching.order import Order
from stockex.core.snapshot import dump, load
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_order_fact, encode, entry_of
from stockex.messages.control import Killed, Listed, Released
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Accepted, Cancelled, Expired, Replaced, Traded
from stockex.messages.market_data import Level
from stockex.messages.orders import (
    AnyCommand,
    CancelOrder,
    CancelOrders,
    ChangePhase,
    Deposit,
    Disconnected,
    KillSwitch,
    ListInstrument,
    MassCancel,
    NewOrder,
    PassTime,
    ReplaceOrder,
    SetLastPrice,
    SetReferencePrice,
    SetRules,
)
from stockex.vocabulary.units import TRADES_REMEMBERED, Nanos, Shares

_ABOUT_ONE: Final = frozenset({NewOrder, CancelOrder, ReplaceOrder})
"""Commands that are about one order of one instrument."""


class FastExchange:
    """All state of the engine, on two books; its facts and its digest are those of `Exchange`.

    Args: open_accounts: Whether accounts that never had a deposit may trade without limits.
    """

    def __init__(self, *, open_accounts: bool = False) -> None:
        self._runner = Runner(is_open=open_accounts, remembered=TRADES_REMEMBERED)
        self._accounts = FlatAccounts(self._runner.lender, self._runner.texts, is_open=open_accounts)
        self._desk = LendingDesk(self._accounts)
        self._ids = FlatIds(self._runner)
        self._desk.used_ids, self._desk.trades = self._ids, FlatTrades(self._runner)
        self._plain = Exchange(open_accounts=open_accounts)
        self._plain.desk = self._desk
        self._stays: dict[str, Stay] = {}
        self._names: list[str] = []

    @classmethod
    def of(cls, exchange: Exchange) -> "FastExchange":
        """Return one that goes on where an exchange on the plain book stands, which is not to be used any more."""
        desk = exchange.desk
        found = cls(open_accounts=desk.accounts.is_open)
        plain, runner = found._plain, found._runner
        plain.next_offset, plain.at, plain.day = exchange.next_offset, exchange.at, exchange.day
        for symbol, listing in desk.listings.items():
            found._list(symbol, tick=listing.instrument.tick, lot=listing.instrument.lot)
        found._desk.go_on_from(desk)
        found._accounts.go_on_from(desk.accounts)
        found._ids.go_on_from(desk)
        found._desk.trades = FlatTrades(runner, desk.trades.as_list())
        for account in desk.kills.accounts:
            runner.lender.stop_account(runner.texts.number(ACCOUNT, account), on=True)
        return found

    @property
    def next_offset(self) -> int:
        """The least offset that the next command may have."""
        return self._plain.next_offset

    @property
    def at(self) -> Nanos:
        """The latest time seen."""
        return self._plain.at

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something happens by itself, once a command of that time is obeyed (FCT-06)."""
        return self._plain.due

    def whole(self) -> Exchange:
        """Return the exchange with everything on its plain book, to be looked at; commands still come by this one."""
        for symbol in self._names:
            self._take_back(symbol, why="was looked at")
        self._accounts.see_all()
        return self._plain

    @property
    def exchange(self) -> Exchange:
        """The exchange without the orders that are lent: its instruments, their settings and phases, its accounts."""
        return self._plain

    def dump(self) -> bytes:
        """Return the state as the bytes that `stockex.core.snapshot.dump` gives of it. Nothing moves."""
        self._accounts.see_all()
        away = {
            symbol: away_of(number, symbol, runner=self._runner)
            for symbol, number in self._accounts.symbols.items()
            if self._stays[symbol].is_lent
        }
        return dump(self._plain, away)

    def levels(self, symbol: str) -> tuple[list[Level], list[Level]]:
        """Return the levels (bids, asks) that an instrument's book shows, best first."""
        if self._stays[symbol].is_lent:
            return levels_of(self._accounts.symbols[symbol], runner=self._runner)
        return shown_levels(self._desk.listings[symbol])

    def anew(self, state: bytes) -> "FastExchange":
        """Return an exchange that stands where `dump` was called."""
        return FastExchange.of(load(state))

    def apply(self, command: AnyCommand, *, offset: int, at: Nanos) -> list[Fact]:
        """Obey or refuse one command, as `Exchange.apply` does."""
        if isinstance(command, NewOrder | CancelOrder | ReplaceOrder):
            batch = self._runner.read(encode(command), offset)
            batch.sent_at[0] = at
            part = self._run_common(batch, 0)
            if part is not None:
                return [decode_order_fact(line) for line in part.text.splitlines()]
        return self._run_plain(command, offset=offset, at=at)

    def quarantine(self, error: WireError, *, offset: int, at: Nanos) -> list[Fact]:
        """Pass over a record that could not be read, as `Exchange.quarantine` does."""
        for symbol in self._due_by(at):
            self._take_back(symbol, why="something is due")
        facts = self._plain.quarantine(error, offset=offset, at=at)
        self._follow(facts)
        return facts

    def read(self, text: bytes, *, first: int) -> Batch:
        """Read commands, one a line; that of line `n` has the offset `first + n`. To be obeyed before more are read."""
        self._forget()
        return self._runner.read(text, first)

    def obey(self, batch: Batch, *, read: Read) -> Iterator[bytes]:
        """Yield the lines of all facts, in pieces. A command that names no time has that of the one before.

        Args:
            batch: What `read` gave.
            read: What a line says that is no plain order.
        """
        for done in self._answers(Lines(self._runner, batch, read)):
            if isinstance(done, Common):
                yield done.part.text
            else:
                yield b"".join(encode(fact) + b"\n" for fact in done)

    def entries(self, records: Sequence[Record]) -> Iterator[Sequence[Entry]]:
        """Yield what each record of `orders` causes, as the log takes it; one that cannot be read is quarantined."""
        self._forget()
        if not self._may_lend():
            for record in records:
                facts = self._obeyed(said(record).command, offset=record.offset, at=record.at)
                yield [entry_of(fact) for fact in facts]
        elif records:
            for done in self._answers(Journalled.of(self._runner, records)):
                if isinstance(done, Common):
                    yield from done.entries(self._names)
                else:
                    yield [entry_of(fact) for fact in done]

    def _may_lend(self) -> bool:
        """Say whether something is lent, or may be with the next commands."""
        if not self._accounts.is_flat:
            return False
        return not self._stays or any(stay.is_lent or stay.is_over for stay in self._stays.values())

    def _forget(self) -> None:
        """Let the compiled book forget client ids that nobody can ask for, if there are many."""
        if len(self._runner.texts) >= FEWEST_FORGOTTEN:
            self._ids.settle()
            self._runner.lender.forget()

    def _answers(self, given: Input) -> Iterator["Common | list[Fact]"]:
        """Yield what comes of all commands: of as many common ones in a row as there are, or of one."""
        place = 0
        while place < len(given.batch.commands):
            part = self._run_common(given.batch, place)
            if part is not None:
                yield Common(part, given.batch.commands[place : place + part.done])
                place += part.done
                continue
            command, offset, at = given.said(place)
            if self._is_new(getattr(command, "symbol", None), given.batch):
                given, place = given.after(place), 0
                continue
            yield self._obeyed(command, offset=offset, at=self.at if at is None else at)
            place += 1

    def _obeyed(self, command: AnyCommand | WireError, *, offset: int, at: Nanos) -> list[Fact]:
        """Obey a command on the plain book."""
        if isinstance(command, WireError):
            return self.quarantine(command, offset=offset, at=at)
        return self._run_plain(command, offset=offset, at=at)

    def _is_new(self, symbol: str | None, batch: Batch) -> bool:
        """Say whether an instrument was listed after the batch was read, so that its orders could not be read yet."""
        return self._accounts.symbols.get(symbol or "", -1) >= batch.symbols

    def _run_common(self, batch: Batch, place: int) -> Part | None:
        """Run commands from `place` on that are common; None when the first of them is not, or waits for its book."""
        runner, due = self._runner, self.due
        number = runner.symbol_of(batch, place)
        if number is None or not self._lend(self._names[number]):
            return None
        self._ids.settle()
        end = runner.survey(batch, place, at=self.at, due=WIDEST if due is None else due)
        if end == place:
            return None
        assert batch.commands[place]["offset"] >= self.next_offset, "offsets increase"
        part = runner.run(batch, place, end=end)
        if part.done == 0:
            return None
        last = batch.commands[place + part.done - 1]
        self._plain.next_offset, self._plain.at = int(last["offset"]) + 1, Nanos(last["at"])
        return part

    def _run_plain(self, command: AnyCommand, *, offset: int, at: Nanos) -> list[Fact]:
        symbol, left = getattr(command, "symbol", None) or "", Left()
        is_alone = type(command) in _ABOUT_ONE and not self._is_lent(symbol)
        if not is_alone or self.due is not None:
            tag = str(command.__struct_config__.tag)
            for each in [*self._due_by(at), *self._touched(command, now=max(at, self.at))]:
                self._take_back(each, why=f"{tag} at {offset}")
            left = self._take_out(command)
        facts = self._plain.apply(command, offset=offset, at=at)
        if left:
            facts = [with_levels(fact, left) for fact in facts]
        self._follow(facts)
        stay = self._stays.get(symbol)
        if stay is not None:
            stay.pass_one()
        if type(command) not in _ABOUT_ONE:
            for other in self._stays.values():
                other.look_at = 0
        if self._accounts.is_flat and self._runner.lender.is_full:
            self._accounts.leave()
        if not self._accounts.is_flat:
            self.whole()
        return facts

    def _due_by(self, at: Nanos) -> Iterable[str]:
        """Return the instruments in which something is due by then."""
        due = self.due
        if due is None or due > at:
            return ()
        found = {timer.symbol for timer in self._desk.timers.as_list() if timer.due <= at}
        return found if found <= self._stays.keys() else self._names

    def _touched(self, command: AnyCommand, *, now: Nanos) -> Iterable[str]:
        """Return the instruments in which a command may do something, or look at orders."""
        match command:
            case NewOrder() | CancelOrder() | ReplaceOrder() if not self._is_lent(command.symbol):
                return ()
            case NewOrder() | ReplaceOrder() if self._desk.refuses_at_sight(command, now=now):
                return ()
            case NewOrder() | CancelOrder() | ReplaceOrder():
                return (command.symbol,)
            case SetReferencePrice() | SetLastPrice() | SetRules():
                return (command.symbol,)
            case MassCancel() | CancelOrders() | KillSwitch() if command.account is not None:
                return ()  # `_take_out`
            case ChangePhase() | CancelOrders() if command.symbol is not None:
                return (command.symbol,)
            case Disconnected() | Deposit() | PassTime() | ListInstrument():
                return ()  # No order that is lent goes with a session.
            case _:
                return self._names

    def _take_out(self, command: AnyCommand) -> Left:
        """Let orders that the command cancels stand on the plain book, alone; return what others leave beside them."""
        match command:
            case MassCancel() | CancelOrders() if command.account is not None:
                symbols = self._names if command.symbol is None else (command.symbol,)
                side = command.side
            case KillSwitch(on=True) if command.account is not None and not self._desk.kills.has(command.account):
                symbols, side = self._names, None
            case _:
                return {}
        left: Left = {}
        owner = self._runner.texts.found(ACCOUNT, command.account)
        for symbol in filter(self._is_lent, symbols):
            lender, number = self._runner.lender, self._accounts.symbols[symbol]
            rows = take_out(lender, number, account=owner, side=None if side is None else SIDES.index(side))
            orders = orders_of(rows, symbol, runner=self._runner)
            self._desk.take_back(symbol, orders, places=lender.places(number))
            for order, level in zip(orders, rows["level"].tolist(), strict=True):
                qty, count = level_at(lender, level)
                left[symbol, order.side, order.price] = Level(order.price, Shares(qty), count)
        return left

    def _is_lent(self, symbol: str) -> bool:
        """Say whether a symbol is that of an instrument that is lent."""
        stay = self._stays.get(symbol)
        return stay is not None and stay.is_lent

    def _follow(self, facts: Iterable[Fact]) -> None:
        """Let the compiled book know what happened on the plain one."""
        mark = self._ids.mark
        for fact in facts:
            match fact:
                case Accepted():
                    mark(fact.account, fact.cl_ord_id, is_open=True)
                case Replaced():
                    mark(fact.account, fact.orig_cl_ord_id, is_open=False)
                    mark(fact.account, fact.cl_ord_id, is_open=True)
                case Cancelled() | Expired():
                    mark(fact.account, fact.cl_ord_id, is_open=False)
                case Traded():
                    for fill in (fact.buy, fact.sell):
                        if fill.leaves == 0:
                            mark(fill.account, fill.cl_ord_id, is_open=False)
                case Listed():
                    self._list(fact.symbol, tick=fact.tick, lot=fact.lot)
                case Killed() | Released() if fact.account is not None:
                    number = self._runner.texts.number(ACCOUNT, fact.account)
                    self._runner.lender.stop_account(number, on=isinstance(fact, Killed))
                case _:
                    pass

    def _list(self, symbol: str, *, tick: int, lot: int) -> None:
        self._accounts.symbols[symbol] = self._runner.list_away(symbol, tick=tick, lot=lot)
        self._names.append(symbol)
        self._stays[symbol] = Stay()

    def _lend(self, symbol: str) -> bool:
        """Lend an instrument to the compiled book, if everything in it is common; say whether it is lent now."""
        stay = self._stays[symbol]
        if not stay.is_over or not self._accounts.is_flat:
            return stay.is_lent
        listing, number = self._desk.listings[symbol], self._accounts.symbols[symbol]
        found = rare_state(listing, self._desk)
        if found is not None:
            stay.wait(found)
            return False
        orders = list(listing.orders())
        found = rare_orders(listing, orders) or self._moved_in(listing, orders, number=number)
        if found is not None:
            stay.begin(len(orders), why=found)
            return False
        self._desk.lend(symbol)
        stay.moved += len(orders)
        stay.is_lent = True
        return True

    def _moved_in(self, listing: Listing, orders: Sequence[Order], *, number: int) -> str | None:
        """Let the compiled book have an instrument's settings and orders; return why it cannot, or None."""
        self._ids.settle()
        runner = self._runner
        runner.describe(number, listing.rules, reference=listing.reference, auction=listing.auction_price)
        rows = rows_of(orders, number, runner=runner)
        is_in = runner.lender.take_over(number, rows, places=listing.book.places, last=listing.last)
        return None if is_in else "prices too far apart"

    def _take_back(self, symbol: str, *, why: str) -> None:
        """Let an instrument stand on the plain book, if it is lent."""
        stay = self._stays.get(symbol)
        if stay is None or not stay.is_lent:
            return
        lender, number = self._runner.lender, self._accounts.symbols[symbol]
        rows = lender.give_back(number)
        self._desk.listings[symbol].last = lender.last(number)
        self._desk.take_back(symbol, orders_of(rows, symbol, runner=self._runner), places=lender.places(number))
        stay.moved += len(rows)
        stay.begin(len(rows), why=why)

    def routes(self) -> list[Route]:
        """Return for each instrument on which book it is and why, and how many commands ran on each."""
        found = []
        for symbol, stay in self._stays.items():
            why = "everything is common" if stay.is_lent else stay.why
            compiled = int(self._runner.counts[self._accounts.symbols[symbol]])
            found.append(Route(symbol, stay.is_lent, why, compiled, stay.commands, stay.moved))
        return found
