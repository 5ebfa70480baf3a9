"""What one session asks about the market, and what it watches.

    message ──> ask          facts ──> note          told ──> answers and news

`told` is called when the session may be sent something; what changed between two calls is told as it is then.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final, Protocol

from stockex.core.fix.market.quotes import QuoteWatch
from stockex.core.fix.market.reference import defined_securities, listed_securities
from stockex.core.fix.market.request import BANDWIDTH, DUPLICATE_ID, reject, wish_of
from stockex.core.fix.market.seen import END, SESSION, UPDATES, Market, Told
from stockex.core.fix.market.status import SecurityWatch, SessionWatch, unknown_security, unknown_session
from stockex.core.fix.message import Fields, Message, reversed_route
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import OTHER, refusal
from stockex.messages.market_data import Bust, Correction, Trade

MOST_ASKED: Final = 1_000
"""How many requests of a session may wait for their answer."""

MOST_WATCHED: Final = 10_000
"""How many things a session may watch: an instrument's book, an instrument's status, the session's."""

TAKEN: Final = ("V", "c", "e", "g", "x")
"""The requests about the market, by MsgType."""


class Watch(Protocol):
    """Something that a session watches.

    Attributes:
        symbol: The instrument; None: what concerns all.
        header: The way back to who asked.
    """

    symbol: str | None
    header: Fields

    def note(self, fact: Trade | Bust | Correction) -> None:
        """Take in a trade, or that one was undone or corrected."""

    def news(self, market: Market, *, at: int) -> Iterator[Report]:
        """Yield what is to be told now, the first time all of it."""


class Viewer:
    """The requests and watches of one session."""

    def __init__(self) -> None:
        self._asked: deque[Message] = deque()
        self._watched: dict[tuple[str, str], list[Watch]] = {}
        self._by_symbol: dict[str | None, dict[Watch, None]] = {}
        self._changed: dict[Watch, None] = {}
        self._count = 0

    @property
    def is_watching(self) -> bool:
        """Whether a fact may concern it."""
        return bool(self._watched)

    @property
    def is_waiting(self) -> bool:
        """Whether `told` has something to look at."""
        return bool(self._asked or self._changed)

    def ask(self, message: Message) -> bool:
        """Take a request, False when too many wait."""
        if len(self._asked) >= MOST_ASKED:
            return False
        self._asked.append(message)
        return True

    def forget(self) -> None:
        """Forget everything: the connection has ended."""
        for kept in (self._asked, self._watched, self._by_symbol, self._changed):
            kept.clear()
        self._count = 0

    def note(self, fact: object) -> None:
        """Take in a fact about an instrument, or about the whole market. Cost: O(watches of the instrument)."""
        symbol = getattr(fact, "symbol", None)
        if symbol is None:
            self._changed.update({watch: None for watches in self._by_symbol.values() for watch in watches})
            return
        for watch in self._by_symbol.get(symbol, ()):
            self._changed[watch] = None
            if isinstance(fact, Trade | Bust | Correction):
                watch.note(fact)

    def told(self, market: Market, *, at: int) -> Iterator[Told]:
        """Yield the answers to what was asked, then what has changed since the last call."""
        while self._asked:
            message = self._asked.popleft()
            route = reversed_route(message)
            for report in self._answers(message, market, at=at):
                yield Told(report, route)
        changed, self._changed = self._changed, {}
        for watch in changed:
            for report in watch.news(market, at=at):
                yield Told(report, watch.header)

    def _answers(self, message: Message, market: Market, *, at: int) -> Iterator[Report]:
        match message.msg_type:
            case "x":
                yield from listed_securities(message, market)
            case "c":
                yield from defined_securities(message, market)
            case "V":
                yield from self._quotes(message, market, at=at)
            case "e":
                if message.text(263) != END and message.text(55) not in market.instruments:
                    yield unknown_security(message, at=at)
                else:
                    yield from self._status(message, market, asked=message.text(324), at=at)
            case _:
                if message.text(336) not in {"", SESSION}:
                    yield unknown_session(message)
                else:
                    yield from self._status(message, market, asked=message.text(335), at=at)

    def _status(self, message: Message, market: Market, *, asked: str, at: int) -> Iterator[Report]:
        """Answer a request for a status; watch it, or watch it no more."""
        kind, key = message.text(263), (message.msg_type, asked)
        if kind == END:
            if not self._drop(key):
                yield refusal(message, OTHER, text="there is no such subscription")
            return
        watch: Watch = SecurityWatch(message) if message.msg_type == "e" else SessionWatch(message)
        if kind == UPDATES:
            if key in self._watched:
                yield refusal(message, OTHER, text="a subscription has this id")
                return
            if self._count >= MOST_WATCHED:
                yield refusal(message, OTHER, text=f"a session watches at most {MOST_WATCHED} things")
                return
            self._add(key, [watch])
        yield from watch.news(market, at=at)

    def _quotes(self, message: Message, market: Market, *, at: int) -> Iterator[Report]:
        """Answer a MarketDataRequest: a snapshot of each instrument, watched or not; or watch them no more."""
        kind, key = message.text(263), ("V", message.text(262))
        if kind == END:
            if not self._drop(key):
                yield reject(message, None, text="there is no such subscription")
            return
        if key in self._watched:
            yield reject(message, DUPLICATE_ID, text="a subscription has this MDReqID (262)")
            return
        wish = wish_of(message, market.instruments)
        if isinstance(wish, Report):
            yield wish
            return
        if kind == UPDATES and self._count + len(wish.symbols) > MOST_WATCHED:
            yield reject(message, BANDWIDTH, text=f"a session watches at most {MOST_WATCHED} things")
            return
        watches: list[Watch] = [QuoteWatch(wish, symbol, header=reversed_route(message)) for symbol in wish.symbols]
        if kind == UPDATES:
            self._add(key, watches)
        for watch in watches:
            yield from watch.news(market, at=at)

    def _add(self, key: tuple[str, str], watches: list[Watch]) -> None:
        self._watched[key] = watches
        self._count += len(watches)
        for watch in watches:
            self._by_symbol.setdefault(watch.symbol, {})[watch] = None

    def _drop(self, key: tuple[str, str]) -> bool:
        """End a subscription, False when there is none."""
        watches = self._watched.pop(key, None)
        if watches is None:
            return False
        self._count -= len(watches)
        for watch in watches:
            del self._by_symbol[watch.symbol][watch]
            self._changed.pop(watch, None)
        return True
