"""From facts to the events that a browser must not miss."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from msgspec.structs import asdict

from stockex.adapters.credentials import PEOPLE
from stockex.core.market_data.blotter import Blotter, changed, fills_of
from stockex.core.market_data.market import Market
from stockex.core.market_data.tape import Print
from stockex.messages.codec import Message, encode
from stockex.messages.control import Resumed, Started, Stopped, Suspended
from stockex.messages.executions import AnyExecution, TradeBusted, TradeCorrected, Traded
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.views import SessionView
from stockex.vocabulary.enums import Side
from stockex.web.replies import public

EVENTS_KEPT: Final = 20_000
"""How many events are kept for those who come back."""

_LONGEST_ID: Final = 40

STATUSES: Final[dict[type, str]] = {Started: "started", Stopped: "ended", Suspended: "suspended", Resumed: "active"}
"""The seed's word for what happened to the session."""

_REPORTED: Final = (Trade, Bust, Correction, *AnyExecution.__args__, *STATUSES)


_Report = tuple[str | None, str, object]
"""Owner, name and content of an event. No owner: it is for everybody. No content: it is forgotten already."""


class Position(NamedTuple):
    """An event's place: the command that caused it, and its number among the events of that command."""

    offset: int
    number: int

    def __str__(self) -> str:
        return f"{self.offset}-{self.number}"

    @classmethod
    def read(cls, text: str) -> "Position | None":
        """Return the position that an event id names; None when it is none."""
        offset, dash, number = text.partition("-")
        is_one = dash and offset.isdecimal() and number.isdecimal() and text.isascii() and len(text) <= _LONGEST_ID
        return cls(int(offset), int(number)) if is_one else None


class Event(NamedTuple):
    """One event, ready to be sent. `owner` is the only account that may see it, None means everybody."""

    position: Position
    owner: str | None
    wire: bytes


class SessionReport(SessionView, frozen=True, kw_only=True):
    """The state of the session, and what has just happened to it."""

    status: str


def wire(name: str, value: object, *, position: Position | None = None) -> bytes:
    """Return an event as it is sent. One without a position leaves the reader's last id as it is."""
    head = f"id: {position}\n" if position is not None else ""
    return f"{head}event: {name}\ndata: ".encode() + encode(value) + b"\n\n"


def events_of(messages: Iterable[Message], *, blotter: Blotter, market: Market) -> Iterator[Event]:
    """Yield the events that facts make, in order.

    The events of a command are its trades, fills and the session's change, then the orders it changed, each as it
    stands now. How many there are, and so their positions, follows from the facts alone: the same after a restart.
    """
    reported = (message for message in messages if isinstance(message, _REPORTED))
    for offset, facts in groupby(reported, key=attrgetter("offset")):
        for number, (owner, name, value) in enumerate(_reports(list(facts), blotter=blotter, market=market)):
            if value is not None:
                position = Position(offset, number)
                yield Event(position, owner, wire(name, value, position=position))


def _reports(facts: Sequence[Message], *, blotter: Blotter, market: Market) -> Iterator[_Report]:
    """Yield what is told of one command: of each fact, then of each order that changed."""
    touched: dict[tuple[str, str], None] = {}
    for fact in facts:
        yield from _public(fact, market)
        yield from (report for report in _private(fact, blotter) if report[0] in PEOPLE)
        touched.update(dict.fromkeys(changed(fact)))
    for account, cl_ord_id in touched:
        if account in PEOPLE:
            yield account, "order", blotter.order(account, cl_ord_id)


def _public(fact: Message, market: Market) -> Iterator[_Report]:
    """Yield what everybody is told of a fact."""
    match fact:
        case Trade():
            yield None, "trade", public(Print(fact))
        case Bust() | Correction():
            done = market.printed(fact.trade_id, fact.symbol)
            yield None, "trade_changed", None if done is None else public(done)
        case Started() | Stopped() | Suspended() | Resumed():
            yield None, "session", SessionReport(**asdict(market.session()), status=STATUSES[type(fact)])
        case _:
            pass


def _private(fact: Message, blotter: Blotter) -> Iterator[_Report]:
    """Yield what the owners of a trade are told of it."""
    match fact:
        case Traded():
            for fill in fills_of(fact):
                yield fill.account, "fill", fill
        case TradeBusted() | TradeCorrected():
            for party, side in ((fact.buy, Side.BUY), (fact.sell, Side.SELL)):
                yield party.account, "fill_changed", blotter.fill(party.account, fact.trade_id, side=side)
        case _:
            pass


class Reel:
    """The newest events, for those who come back."""

    def __init__(self, *, keep: int = EVENTS_KEPT) -> None:
        self._events: deque[Event] = deque(maxlen=keep)

    def add(self, event: Event) -> None:
        """Keep an event; its position is above all before it."""
        self._events.append(event)

    def forget(self) -> None:
        """Keep none: something between them and what follows is not known."""
        self._events.clear()

    @property
    def newest(self) -> Position | None:
        """The position of the newest event; None before the first."""
        return self._events[-1].position if self._events else None

    def since(self, position: Position) -> list[Event] | None:
        """Return all events after `position`; None when it is not among those kept, so that some may be missing."""
        missed: list[Event] = []
        for event in reversed(self._events):
            if event.position <= position:
                return missed[::-1] if event.position == position else None
            missed.append(event)
        return None
