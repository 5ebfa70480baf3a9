"""Whether something trades: SecurityStatusRequest (e) to SecurityStatus (f), TradingSessionStatusRequest (g) to (h).

Source: FIX 4.4, volume 3, "Securities status", and volume 1, "Trading session status".
"""

from collections.abc import Iterator, Mapping
from typing import Final

from stockex.core.fix.market.seen import SESSION, Market
from stockex.core.fix.message import Fields, Message, reversed_route
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import NO_SYMBOL
from stockex.core.fix.orders.terms import decimal_text
from stockex.core.fix.times import stamp
from stockex.vocabulary.enums import Phase

_HALT: Final = "2"
_PRICE_INDICATION: Final = "5"
_READY: Final = "17"
_NOT_AVAILABLE: Final = "18"
_UNKNOWN: Final = "20"
_PRE_OPEN: Final = "21"
_OPENING: Final = "22"

_STATUSES: Final[Mapping[Phase, tuple[str, str]]] = {
    Phase.CLOSED: (_NOT_AVAILABLE, ""),
    Phase.PRE_OPEN: (_PRE_OPEN, "1"),
    Phase.OPENING_CALL: (_OPENING, "2"),
    Phase.CONTINUOUS: (_READY, "3"),
    Phase.CLOSING_CALL: (_PRICE_INDICATION, "4"),
    Phase.TRADING_AT_LAST: (_READY, "5"),
    Phase.CALL: (_PRICE_INDICATION, "6"),
    Phase.VOLATILITY_CALL: (_PRICE_INDICATION, "6"),
    Phase.HALTED: (_HALT, "7"),
}
"""SecurityTradingStatus (326), and TradingSessionSubID (625) by the list that later versions of FIX have."""

_SESSIONS: Final[Mapping[Phase, str]] = {Phase.HALTED: "1", Phase.CLOSED: "3"}
_OPEN: Final = "2"
_REJECTED: Final = "6"
"""TradSesStatus (340)."""


def unknown_security(message: Message, *, at: int) -> Report:
    """Answer a SecurityStatusRequest for what is not listed."""
    body = {324: message.text(324), 55: message.text(55) or NO_SYMBOL, 60: stamp(at), 325: "N", 326: _UNKNOWN}
    return Report("f", {**body, 58: "no such security"})


def unknown_session(message: Message) -> Report:
    """Answer a TradingSessionStatusRequest for a session that there is not."""
    body = {335: message.text(335), 336: message.text(336), 325: "N", 340: _REJECTED, 567: "1"}
    return Report("h", body)


class SecurityWatch:
    """Tells the phase of one instrument.

    Attributes:
        symbol: Whose.
        header: The way back to who asked.
    """

    def __init__(self, message: Message) -> None:
        self.symbol: str | None = message.text(55)
        self.header: Fields = reversed_route(message)
        self._asked = message.text(324)
        self._told: Phase | None = None

    def note(self, fact: object) -> None:
        """Take in a trade: it changes no phase."""

    def news(self, market: Market, *, at: int) -> Iterator[Report]:
        """Yield the status, if it is not the one that was told last."""
        assert self.symbol is not None, "a security's watch has one"
        phase = market.phase(self.symbol)
        if phase is not self._told:
            yield self._status(market, phase, at=at)
            self._told = phase

    def _status(self, market: Market, phase: Phase, *, at: int) -> Report:
        assert self.symbol is not None, "a security's watch has one"
        ticker = market.ticker(self.symbol)
        status, part = _STATUSES[phase]
        prices = {332: ticker.high, 333: ticker.low, 31: ticker.last}
        body = {324: self._asked, 55: self.symbol, 60: stamp(at), 325: "N" if self._told is None else "Y", 326: status}
        body |= {336: SESSION, 58: phase.value}
        body |= {tag: decimal_text(price) for tag, price in prices.items() if price is not None}
        return Report("f", {**body, 625: part} if part else body)


class SessionWatch:
    """Tells the state of the trading session.

    Attributes:
        symbol: None: it is everybody's.
        header: The way back to who asked.
    """

    def __init__(self, message: Message) -> None:
        self.symbol: str | None = None
        self.header: Fields = reversed_route(message)
        self._asked = message.text(335)
        self._told: tuple[int, Phase] | None = None

    def note(self, fact: object) -> None:
        """Take in a trade: it opens and closes nothing."""

    def news(self, market: Market, *, at: int) -> Iterator[Report]:
        """Yield the state, if it is not the one that was told last. `at` is not told: 341 says when the day began."""
        del at
        session = market.session()
        if (session.day, session.phase) == self._told:
            return
        body = {335: self._asked, 336: SESSION, 338: "1", 325: "N" if self._told is None else "Y"}
        body |= {340: _SESSIONS.get(session.phase, _OPEN), 58: f"day {session.day}, {session.phase.value}"}
        if session.started_at is not None:
            body[341] = stamp(session.started_at)
        self._told = (session.day, session.phase)
        yield Report("h", body)
