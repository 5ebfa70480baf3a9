"""The exchange: a function from commands to facts.

One writer, one total order. A participant's mistake is a `Rejected` and changes nothing else; `docs/rules/` numbers
the rules. Orders go to the `Desk`; the session, listings and deposits are dealt with here.
"""

from typing import Final

from stockex.core.control.cancelling import cancel_many, disconnect, turn_kill_switch
from stockex.core.control.phasing import change_phase, hold_ends, resume_ends
from stockex.core.control.undoing import bust, correct
from stockex.core.desk import Desk
from stockex.core.market.day import open_day
from stockex.core.market.ends import set_end
from stockex.core.market.listing import Listing
from stockex.core.matching import validation
from stockex.core.matching.plain import PlainBook
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.risk.accounts import Accounts
from stockex.core.session.phases import next_phase
from stockex.errors import WireError
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.control import (
    LastChanged,
    Listed,
    ReferenceChanged,
    Resumed,
    RulesChanged,
    Started,
    Stopped,
    Suspended,
    TimePassed,
)
from stockex.messages.executions import Quarantined, Rejected
from stockex.messages.orders import (
    AnyCommand,
    BustTrade,
    CancelOrder,
    CancelOrders,
    ChangePhase,
    ChangeSession,
    CorrectTrade,
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
from stockex.vocabulary.enums import Phase, SessionAction
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.reasons import RULES, RejectReason
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import MAX_CASH, Nanos, Price, euro_text

_EVERY_PRICE: Final = Grid(1)
"""What reference and last prices stand on: they need not be on the instrument's grid."""


class Exchange:
    """All state of the engine. Time and order come from the log.

    Args: open_accounts: Whether accounts that never had a deposit may trade without limits (`stockex match`).

    `trades_from` is above 0 in a shard, so that no two shards give trades the same id; no part of the state.
    """

    trades_from = 0

    def __init__(self, *, open_accounts: bool = False) -> None:
        self.next_offset = 0
        self.at = Nanos(0)
        self.day = 0
        self.desk = Desk(Accounts(is_open=open_accounts))

    @property
    def phase(self) -> Phase:
        """The session's phase: closed, open or halted."""
        return self.desk.phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        self.desk.phase = phase

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something happens by itself, once a command of that time is obeyed (FCT-06)."""
        return self.desk.timers.due

    def apply(self, command: AnyCommand, *, offset: int, at: Nanos) -> list[Fact]:
        """Obey or refuse one command, after all that is due by then; return what happened, at least one fact.

        Args:
            command: What is asked.
            offset: The command's place in the log, above all before it. It becomes the id of a new order.
            at: The log's time of the command. Time never goes back: an earlier one counts as the latest seen.
        """
        scribe = self._scribe(offset, at)
        self.desk.pass_time(scribe)
        happened = len(scribe.facts)
        refusal = self._obey(command, scribe)
        if refusal is not None:
            assert len(scribe.facts) == happened, "a refused command changes nothing"
            _reject(command, refusal, scribe=scribe)
        return scribe.facts

    def quarantine(self, error: WireError, *, offset: int, at: Nanos) -> list[Fact]:
        """Pass over a record that could not be read, and say so; what is due by then happens all the same."""
        scribe = self._scribe(offset, at)
        self.desk.pass_time(scribe)
        scribe.write(Quarantined, field_name=error.field, text=str(error))
        return scribe.facts

    def pass_over(self, *, offset: int, at: Nanos) -> None:
        """Let a command go by that another shard obeys: the next one is later in the log, and not earlier in time."""
        assert offset >= self.next_offset, f"offset {offset} after {self.next_offset - 1}"
        self.next_offset = offset + 1
        self.at = max(at, self.at)

    def _scribe(self, offset: int, at: Nanos) -> Scribe:
        self.pass_over(offset=offset, at=at)
        return Scribe(offset, self.at, note=self.desk.note, trades_from=self.trades_from)

    def _obey(self, command: AnyCommand, scribe: Scribe) -> Refusal | None:
        match command:
            case NewOrder():
                return self.desk.new(command, scribe)
            case ReplaceOrder():
                return self.desk.replace(command, scribe)
            case CancelOrder():
                return self.desk.cancel(command, scribe)
            case MassCancel() | CancelOrders():
                return cancel_many(command, self.desk, scribe=scribe)
            case Disconnected() | KillSwitch() | BustTrade() | CorrectTrade():
                return self._obey_control(command, scribe)
            case ChangePhase():
                return change_phase(command, self.desk, scribe=scribe)
            case _:
                return self._obey_operator(command, scribe)

    def _obey_control(
        self, command: Disconnected | KillSwitch | BustTrade | CorrectTrade, scribe: Scribe
    ) -> Refusal | None:
        match command:
            case Disconnected():
                return disconnect(command, self.desk, scribe=scribe)
            case KillSwitch():
                return turn_kill_switch(command, self.desk, scribe=scribe)
            case BustTrade():
                return bust(command, self.desk, scribe=scribe)
            case CorrectTrade():
                return correct(command, self.desk, scribe=scribe)

    def _obey_operator(
        self,
        command: ChangeSession | SetReferencePrice | SetLastPrice | ListInstrument | SetRules | Deposit | PassTime,
        scribe: Scribe,
    ) -> Refusal | None:
        match command:
            case ChangeSession():
                return self._change_session(command, scribe)
            case SetReferencePrice() | SetLastPrice():
                return self._set_price(command, scribe)
            case ListInstrument():
                return self._list(command, scribe)
            case SetRules():
                return self._set_rules(command, scribe)
            case Deposit():
                return self._deposit(command, scribe)
            case PassTime():
                scribe.write(TimePassed)
                return None

    def _change_session(self, command: ChangeSession, scribe: Scribe) -> Refusal | None:
        reached = next_phase(self.phase, command.action)
        if isinstance(reached, RejectReason):
            return reached, f"phase {self.phase.value}"
        self.phase = reached
        match command.action:
            case SessionAction.START:
                self.day += 1
                references = {symbol: listing.instrument.reference for symbol, listing in self.desk.listings.items()}
                scribe.write(Started, day=self.day, references=references)
                for listing in self.desk.listings.values():
                    open_day(listing, scribe=scribe)
                self.desk.settle_all(scribe)
            case SessionAction.END:
                self._end_day(scribe)
            case SessionAction.SUSPEND:
                hold_ends(self.desk)
                scribe.write(Suspended)
            case SessionAction.RESUME:
                scribe.write(Resumed)
                resume_ends(self.desk, scribe)
                self.desk.settle_all(scribe)
        return None

    def _end_day(self, scribe: Scribe) -> None:
        """Expire DAY orders, oldest first, and carry the closing prices to the next day (SES-04, SES-05)."""
        self.desk.expire(scribe)
        closes: dict[str, Price] = {}
        for symbol, listing in self.desk.listings.items():
            set_end(listing, None, timers=self.desk.timers)
            close = listing.last if listing.close is None else listing.close
            if close is not None:
                listing.instrument = listing.instrument._replace(reference=close)
                listing.reference, listing.last, listing.close = close, None, None
            listing.auction_price = None
            closes[symbol] = listing.instrument.reference
        scribe.write(Stopped, day=self.day, closes=closes)

    def _list(self, command: ListInstrument, scribe: Scribe) -> Refusal | None:
        if command.symbol in self.desk.listings:
            return RejectReason.ALREADY_LISTED, f"symbol {command.symbol}"
        if command.tick <= 0:
            return RejectReason.BAD_TICK, f"tick {euro_text(command.tick)}"
        if command.lot <= 0:
            return RejectReason.BAD_LOT, f"lot {command.lot}"
        wrong = validation.rules_refusal(command.rules)
        if wrong is not None:
            return wrong
        instrument = Instrument(command.symbol, command.name, command.tick, command.lot, command.reference)
        refusal = validation.price_refusal(command.reference, _EVERY_PRICE)
        if refusal is not None:
            return refusal
        self.desk.listings[command.symbol] = Listing(
            instrument, PlainBook(), rules=command.rules, reference=command.reference
        )
        scribe.write(Listed, **instrument._asdict(), rules=command.rules)
        return None

    def _set_rules(self, command: SetRules, scribe: Scribe) -> Refusal | None:
        """Change the settings of an instrument, in any phase (LIM-03)."""
        listing = self.desk.listings.get(command.symbol)
        if listing is None:
            return RejectReason.UNKNOWN_SYMBOL, f"symbol {command.symbol}"
        wrong = validation.rules_refusal(command.rules)
        if wrong is not None:
            return wrong
        listing.set_rules(command.rules)
        scribe.write(RulesChanged, symbol=command.symbol, rules=command.rules)
        self.desk.settle(listing, scribe)
        return None

    def _set_price(self, command: SetReferencePrice | SetLastPrice, scribe: Scribe) -> Refusal | None:
        """Set what auctions, unpriced orders and stops look at, in any phase (REF-04)."""
        listing = self.desk.listings.get(command.symbol)
        if listing is None:
            return RejectReason.UNKNOWN_SYMBOL, f"symbol {command.symbol}"
        refusal = None if command.price is None else validation.price_refusal(command.price, _EVERY_PRICE)
        if refusal is not None:
            return refusal
        if isinstance(command, SetLastPrice):
            listing.traded_at(command.price)
            scribe.write(LastChanged, symbol=command.symbol, price=command.price)
        else:
            listing.reference, listing.auction_price = command.price, None
            scribe.write(ReferenceChanged, symbol=command.symbol, price=command.price)
        self.desk.settle(listing, scribe)
        return None

    def _deposit(self, command: Deposit, scribe: Scribe) -> Refusal | None:
        if command.symbol is not None and command.symbol not in self.desk.listings:
            return RejectReason.UNKNOWN_SYMBOL, f"symbol {command.symbol}"
        is_whole = 0 <= command.cash <= MAX_CASH and 0 <= command.qty <= MAX_CASH
        if not is_whole or (command.qty > 0 and command.symbol is None):
            return RejectReason.BAD_AMOUNT, f"cash {euro_text(command.cash)}, quantity {command.qty}"
        scribe.write(Deposited, account=command.account, cash=command.cash, symbol=command.symbol, qty=command.qty)
        return None


def _reject(command: AnyCommand, refusal: Refusal, *, scribe: Scribe) -> None:
    reason, text = refusal
    scribe.write(
        Rejected,
        refused=str(command.__struct_config__.tag),
        account=getattr(command, "account", None) or "",
        cl_ord_id=getattr(command, "cl_ord_id", None),
        orig_cl_ord_id=getattr(command, "orig_cl_ord_id", None),
        symbol=getattr(command, "symbol", None),
        reason=reason,
        rule=RULES[reason].number,
        text=text,
    )
