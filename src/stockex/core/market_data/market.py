"""The market as everybody may see it: instruments, session, books, tape and the day's figures."""

from typing import ClassVar, NamedTuple, Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from stockex.core.market_data.day import DayFigures
from stockex.core.market_data.indicators import percent, vwap
from stockex.core.market_data.ladder import Ladder
from stockex.core.market_data.tape import Print, cause_of, place_of
from stockex.messages.codec import Message
from stockex.messages.control import (
    CallExtended,
    Interrupted,
    LastChanged,
    Listed,
    PhaseChanged,
    ReferenceChanged,
    Resumed,
    RulesChanged,
    Started,
    Stopped,
    Suspended,
    Uncrossed,
)
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Indicators, Snapshot, Trade
from stockex.messages.topics import Topic
from stockex.messages.views import Depth, InterruptionView, SessionView, Ticker
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.ranges import Range, around, common, corridors
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import Nanos, Price, Shares

TAPE_OF_SYMBOL = 500
"""How many trades of one symbol are kept."""

TAPE_OF_ALL = 1_000
"""How many trades over all symbols are kept."""


class Bbo(NamedTuple):
    """The best bid and offer with their sizes; None and 0 where a side is empty."""

    best_bid: Price | None
    bid_size: Shares
    best_ask: Price | None
    ask_size: Shares


class Auction(Struct, frozen=True):
    """What would trade if a call ended now. `surplus` is buy minus sell; None, 0 and 0 where nothing would."""

    price: Price | None = None
    volume: Shares = Shares(0)
    surplus: int = 0


class Sheet(Struct):
    """What is known of one security. `at` is the time of the newest fact about it.

    `phase` is its own while the session is open, a call or continuous trading; it outlasts a suspension and a day.
    `base` is the reference price of auctions, which a record may take away; `auction_price` that of the last auction.
    `is_over`: its closing price is known. `preset` is a last price that was set while the session was closed: the next
    day begins with it. `interruption` is what began its volatility call.
    """

    listed: Listed
    reference: Price
    at: Nanos
    base: Price | None
    bids: Ladder = field(default_factory=lambda: Ladder(sign=1, levels={}))
    asks: Ladder = field(default_factory=lambda: Ladder(sign=-1, levels={}))
    day: DayFigures = field(default_factory=DayFigures)
    indicators: Indicators | None = None
    tape: list[Print] = field(default_factory=list)
    phase: Phase = Phase.CONTINUOUS
    auction: Auction = Auction()
    preset: Price | None = None
    ends_at: Nanos | None = None
    auction_price: Price | None = None
    is_over: bool = False
    interruption: InterruptionView | None = None


class State(Struct):
    """All that the market remembers. Tapes are oldest first. `opened_by` is the command that began the newest day."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    tape: list[Print] = field(default_factory=list)
    phase: Phase = Phase.CLOSED
    day: int = 0
    started_at: Nanos | None = None
    opened_by: int = -1


class Market:
    """Follow books, trades, signals and snapshots of all securities.

    Every question about a symbol raises KeyError when the symbol is not listed.
    """

    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.BOOK, Topic.TRADES, Topic.CONTROL, Topic.SNAPSHOTS})

    def __init__(self, state: State | None = None) -> None:
        self._state = state if state is not None else State()

    def apply(self, message: Message) -> None:
        """Take in one fact. A symbol that is not listed is passed over: only the engine lists. Cost: O(1)."""
        match message:
            case BookChanged() | Trade() | Bust() | Correction() | Snapshot() if message.symbol in self._state.sheets:
                self._follow(self._state.sheets[message.symbol], message)
            case PhaseChanged() | Indicative() | Uncrossed() | Interrupted() | CallExtended() if (
                message.symbol in self._state.sheets
            ):
                _gather(self._state.sheets[message.symbol], message)
            case ReferenceChanged() | LastChanged() if message.symbol in self._state.sheets:
                self._set_price(self._state.sheets[message.symbol], message)
            case Listed():
                sheet = Sheet(listed=message, reference=message.reference, at=message.at, base=message.reference)
                self._state.sheets[message.symbol] = sheet
            case RulesChanged() if message.symbol in self._state.sheets:
                sheet = self._state.sheets[message.symbol]
                sheet.listed = replace(sheet.listed, rules=message.rules)
            case Started():
                self._start(message)
            case Stopped():
                self._stop(message)
            case Suspended():
                self._state.phase = Phase.HALTED
            case Resumed():
                self._state.phase = Phase.CONTINUOUS
            case _:
                pass

    @property
    def instruments(self) -> dict[str, Listed]:
        """Every listed instrument by its symbol, in the order of listing."""
        return {symbol: sheet.listed for symbol, sheet in self._state.sheets.items()}

    def session(self) -> SessionView:
        """Return the state of the session; `started_at` is None while the market is closed."""
        state = self._state
        return SessionView(
            active=state.phase is not Phase.CLOSED,
            suspended=state.phase is Phase.HALTED,
            phase=state.phase,
            day=state.day,
            started_at=state.started_at,
        )

    def phase(self, symbol: str) -> Phase:
        """Return what may be done in one instrument now: the session's phase, or in an open session its own."""
        own = self._state.sheets[symbol].phase
        return own if self._state.phase is Phase.CONTINUOUS else self._state.phase

    def bbo(self, symbol: str) -> Bbo:
        """Return the best bid and offer of the real book. Cost: O(1)."""
        sheet = self._state.sheets[symbol]
        bid, ask = sheet.bids.best_level(), sheet.asks.best_level()
        return Bbo(
            best_bid=bid.price if bid else None,
            bid_size=bid.qty if bid else Shares(0),
            best_ask=ask.price if ask else None,
            ask_size=ask.qty if ask else Shares(0),
        )

    def mark(self, symbol: str) -> Price:
        """Return what a share is worth now: the mid of a two-sided book, rounded down, else last, else reference."""
        sheet = self._state.sheets[symbol]
        if sheet.bids.best is not None and sheet.asks.best is not None:
            return Price((sheet.bids.best + sheet.asks.best) // 2)
        return sheet.reference if sheet.day.last is None else sheet.day.last

    def tick(self, symbol: str) -> Price:
        """Return the price step where the instrument is worth what it is now (LIM-01)."""
        listed = self._state.sheets[symbol].listed
        return Price(Grid(listed.tick, listed.rules.tick_table).tick_at(self.mark(symbol)))

    def band(self, symbol: str) -> Range | None:
        """Return where limits may be (LIM-06), None: anywhere."""
        sheet = self._state.sheets[symbol]
        bp = sheet.listed.rules.price_band_bp
        return None if bp is None or sheet.base is None else around(sheet.base, bp)

    def ticker(self, symbol: str) -> Ticker:
        """Return the symbol's line of the market table. Cost: O(1)."""
        sheet, bbo = self._state.sheets[symbol], self.bbo(symbol)
        change, inside, band = sheet.day.change(sheet.reference), self._range(symbol), self.band(symbol)
        return Ticker(
            symbol=symbol,
            name=sheet.listed.name,
            best_bid=bbo.best_bid,
            best_ask=bbo.best_ask,
            bid_size=bbo.bid_size,
            ask_size=bbo.ask_size,
            reference=sheet.reference,
            open=sheet.day.open,
            last=sheet.day.last,
            high=sheet.day.high,
            low=sheet.day.low,
            change=change,
            change_pct=percent(change, sheet.reference),
            volume=sheet.day.volume,
            value=sheet.day.value,
            vwap=vwap(sheet.day.value, sheet.day.volume),
            trades=sheet.day.trades,
            indicators=sheet.indicators,
            at=sheet.at,
            phase=self.phase(symbol),
            indicative_price=sheet.auction.price,
            indicative_volume=sheet.auction.volume,
            indicative_surplus=sheet.auction.surplus,
            phase_ends_at=sheet.ends_at,
            range_low=None if inside is None else inside.low,
            range_high=None if inside is None else inside.high,
            band_low=None if band is None else band.low,
            band_high=None if band is None else band.high,
            interruption=sheet.interruption,
        )

    def _range(self, symbol: str) -> Range | None:
        """Return in which range an instrument trades continuously now (LIM-08), None when in none or not at all."""
        sheet = self._state.sheets[symbol]
        if self.phase(symbol) is not Phase.CONTINUOUS:
            return None
        last, auction = sheet.day.last, sheet.auction_price
        return common(corridors(sheet.listed.rules, last=last, auction=auction, reference=sheet.base))

    def tickers(self) -> list[Ticker]:
        """Return the whole market table, in the order of listing."""
        return [self.ticker(symbol) for symbol in self._state.sheets]

    def depth(self, symbol: str, levels: int = 10) -> Depth:
        """Return the best `levels` levels of each side, best first."""
        sheet = self._state.sheets[symbol]
        return Depth(symbol=symbol, bids=sheet.bids.top(levels), asks=sheet.asks.top(levels), at=sheet.at)

    def tape(self, symbol: str | None, limit: int) -> list[Print]:
        """Return the newest `limit` trades of `symbol`, or of all symbols when None, newest first."""
        trades = self._state.tape if symbol is None else self._state.sheets[symbol].tape
        return trades[: -limit - 1 : -1]

    def printed(self, trade_id: str, symbol: str) -> Print | None:
        """Return a trade of `symbol` as it stands now; None when the tape does not hold it, or not any more."""
        tape = self._state.sheets[symbol].tape
        place = place_of(tape, trade_id)
        return None if place is None else tape[place]

    def dump(self) -> bytes:
        """Return the whole state as JSON, amounts as whole units."""
        return msgspec.json.encode(self._state, enc_hook=int)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the market that `dump` described. Raises: msgspec.MsgspecError: it described none."""
        return cls(msgspec.json.decode(data, type=State, dec_hook=lambda kind, value: kind(value)))

    def _follow(self, sheet: Sheet, fact: BookChanged | Trade | Bust | Correction | Snapshot) -> None:
        match fact:
            case BookChanged():
                sheet.bids.put(fact.bids)
                sheet.asks.put(fact.asks)
                sheet.at = fact.at
            case Trade():
                sheet.day.add(fact)
                sheet.at = fact.at
                done = Print(fact)
                _append(sheet.tape, done, keep=TAPE_OF_SYMBOL)
                _append(self._state.tape, done, keep=TAPE_OF_ALL)
            case Bust() | Correction():
                self._undo(sheet, fact)
            case _:
                sheet.indicators = fact.indicators

    def _undo(self, sheet: Sheet, fact: Bust | Correction) -> None:
        """Mark a trade on the tapes; the day in which it was done counts it no more, or with its new terms (CTL-11)."""
        sheet.at = fact.at
        if cause_of(fact.trade_id) > self._state.opened_by:
            sheet.day.undo(fact)
        for tape in (sheet.tape, self._state.tape):
            place = place_of(tape, fact.trade_id)
            if place is not None:
                tape[place] = tape[place].after(fact)

    def _start(self, started: Started) -> None:
        """Open the day: yesterday's figures go, the closes become references. Books and tapes stay."""
        self._state.phase, self._state.day, self._state.started_at = Phase.CONTINUOUS, started.day, started.at
        self._state.opened_by = started.offset
        for symbol, sheet in self._state.sheets.items():
            sheet.reference = started.references.get(symbol, sheet.listed.reference)
            sheet.day, sheet.preset = DayFigures(last=sheet.preset), None
            sheet.at = started.at

    def _stop(self, stopped: Stopped) -> None:
        """Close the market: no call ends by itself any more (AUC-11); auctions look at the close (SES-05)."""
        self._state.phase, self._state.started_at = Phase.CLOSED, None
        for symbol, sheet in self._state.sheets.items():
            if sheet.day.last is not None or sheet.is_over:
                sheet.base = stopped.closes.get(symbol, sheet.base)
            sheet.ends_at, sheet.auction_price, sheet.is_over = None, None, False

    def _set_price(self, sheet: Sheet, fact: ReferenceChanged | LastChanged) -> None:
        """Take a price that was set by hand. Without a reference for auctions the table keeps the one it has."""
        sheet.at = fact.at
        if isinstance(fact, ReferenceChanged):
            sheet.base, sheet.auction_price = fact.price, None
        if isinstance(fact, LastChanged):
            sheet.day.last = fact.price
            if self._state.phase is Phase.CLOSED:
                sheet.preset = fact.price
        elif fact.price is not None:
            sheet.reference = fact.price


def _gather(sheet: Sheet, fact: PhaseChanged | Indicative | Uncrossed | Interrupted | CallExtended) -> None:
    """Follow a call: what would trade is known while it lasts, and forgotten when it ends."""
    sheet.at = fact.at
    match fact:
        case Indicative():
            sheet.auction = Auction(fact.price, fact.volume, fact.surplus)
        case PhaseChanged():
            sheet.phase, sheet.ends_at = fact.phase, fact.ends_at
            if not fact.phase.is_call:
                sheet.auction = Auction()
            if fact.phase is not Phase.VOLATILITY_CALL and fact.phase is not Phase.HALTED:
                sheet.interruption = None
            if fact.phase is not Phase.HALTED:
                sheet.is_over = fact.phase is Phase.TRADING_AT_LAST or fact.phase is Phase.CLOSED
        case Interrupted():
            sheet.interruption = InterruptionView(
                which=fact.which, reference=fact.reference, low=fact.low, high=fact.high, price=fact.price
            )
        case CallExtended():
            sheet.ends_at = fact.ends_at
            if sheet.interruption is not None:
                sheet.interruption = replace(sheet.interruption, extensions=fact.extension)
        case Uncrossed():
            sheet.auction = Auction()
            sheet.auction_price = sheet.auction_price if fact.price is None else fact.price


def _append(tape: list[Print], done: Print, *, keep: int) -> None:
    tape.append(done)
    if len(tape) > keep:
        del tape[0]
