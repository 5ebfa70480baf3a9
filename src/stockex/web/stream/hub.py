"""The hub: turns what the log brings into events, and hands them to all readers."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

from stockex.messages.codec import Message
from stockex.messages.control import (
    CallExtended,
    Killed,
    LastChanged,
    Listed,
    MemberLogin,
    MemberLogout,
    PhaseChanged,
    ReferenceChanged,
    Released,
    Resumed,
    RulesChanged,
    Started,
    Stopped,
    Suspended,
    Uncrossed,
)
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Insight, Snapshot, Trade
from stockex.web.auth import Visitor
from stockex.web.parts import Batch, Parts
from stockex.web.replies import Fault, InstrumentView, Me, Problem, public
from stockex.web.stream.client import Client
from stockex.web.stream.events import EVENTS_KEPT, Position, Reel, events_of, wire

BEAT_S: Final = 0.1
"""The span between two beats, in seconds. Books are sent at most once a beat: 10 Hz."""

TICKER_BEATS: Final = 2
PORTFOLIO_BEATS: Final = 10
LEADERBOARD_BEATS: Final = 20
"""Every how many beats these are sent at most: 5 Hz, 1 Hz and 0.5 Hz."""

CLIENTS_ALLOWED: Final = 500
"""How many readers are served at once."""

_TRADES_AT_START: Final = 50
_SAID_AT_START: Final = 10
_OWN_AT_START: Final = 100


class Hub:
    """All readers of the stream. Everything here runs in one event loop and never waits, except `serve`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._reel = Reel()
        self._unseen: deque[list[Message]] = deque()
        self._unseen_messages = 0
        self._clients: set[Client] = set()
        self._stale_books: set[str] = set()
        self._stale_tickers: set[str] = set()
        self._portfolios: dict[str, bytes] = {}
        self._leaderboard = b""
        self._beats = 0
        self._is_closed = False

    @property
    def clients(self) -> int:
        """How many readers are served now."""
        return len(self._clients)

    def hear(self, batch: Batch) -> None:
        """Take in a batch of the log: queue its events, and remember which states are stale.

        While nobody reads, no event is made: a tenth of all that an order costs. Who comes has them made then.
        """
        messages = [message for _, message in batch]
        if self._clients:
            self._tell(messages)
        else:
            self._keep_unseen(messages)
        for message in messages:
            self._note(message)

    def comment(self, insight: Insight) -> None:
        """Tell all readers what the analyst said just now."""
        event = wire("ai_insight", insight)
        for client in self._clients:
            client.tell(event)

    def _tell(self, messages: Iterable[Message]) -> None:
        """Make the events of a batch, keep them, and hand them to all readers."""
        for event in events_of(messages, blotter=self._parts.blotter, market=self._parts.market):
            self._reel.add(event)
            for client in self._clients:
                if event.owner is None or event.owner == client.user:
                    client.tell(event.wire)

    def _keep_unseen(self, messages: list[Message]) -> None:
        """Keep a batch whose events nobody has asked for yet; of too many the oldest are forgotten, and all before."""
        self._unseen.append(messages)
        self._unseen_messages += len(messages)
        while self._unseen_messages > EVENTS_KEPT:
            self._unseen_messages -= len(self._unseen.popleft())
            self._reel.forget()

    def _catch_up(self) -> None:
        """Make the events that nobody has asked for yet."""
        while self._unseen:
            self._tell(self._unseen.popleft())
        self._unseen_messages = 0

    def join(self, visitor: Visitor | None, *, symbol: str | None, since: str | None) -> Client:
        """Begin to serve a reader: from the event `since` on if that is still known, else from the whole state.

        Raises: Problem 503, there are too many, or the exchange is stopping.
        """
        if self._is_closed or len(self._clients) >= CLIENTS_ALLOWED:
            raise Problem(503, Fault(message="No more streams can be served now."), headers={"Retry-After": "5"})
        self._catch_up()
        client = Client(visitor, symbol, anew=lambda: wire("reset", {}) + self._whole_state(client))
        client.tell(b"retry: 1000\n" + wire("connected", {"status": "connected"}))
        position = Position.read(since) if since else None
        missed = self._reel.since(position) if position else None
        if missed is not None:
            self._resume(client, [event.wire for event in missed if event.owner in {None, client.user}])
        else:
            client.tell((wire("reset", {}) if since else b"") + self._whole_state(client))
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Serve a reader no more."""
        self._clients.discard(client)

    def log_out(self, session: str) -> None:
        """End the streams of a session that was logged out."""
        for client in self._clients:
            if client.visitor is not None and client.visitor.session == session:
                client.close()

    def close(self) -> None:
        """Say goodbye to all readers, and serve no new ones."""
        self._is_closed = True
        for client in self._clients:
            client.close()

    async def serve(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.beat()

    def beat(self) -> None:
        """Send the states that are stale and due."""
        self._beats += 1
        if not self._clients:
            return
        self._send_books()
        if self._beats % TICKER_BEATS == 0:
            self._send_tickers()
        if self._beats % PORTFOLIO_BEATS == 0:
            self._end_sessions()
            self._send_portfolios()
        if self._beats % LEADERBOARD_BEATS == 0:
            self._send_leaderboard()

    def _note(self, message: Message) -> None:
        match message:
            case BookChanged():
                self._stale_books.add(message.symbol)
                self._stale_tickers.add(message.symbol)
            case Trade() | Bust() | Correction() | Snapshot():
                self._stale_tickers.add(message.symbol)
            case Listed() | LastChanged() | ReferenceChanged() | RulesChanged():
                self._stale_tickers.add(message.symbol)
            case PhaseChanged() | Indicative() | Uncrossed() | CallExtended():
                self._stale_tickers.add(message.symbol)
            case Started() | Stopped() | Suspended() | Resumed():
                self._stale_tickers.update(self._parts.market.instruments)
            case Killed() | Released():
                for client in self._clients:
                    client.show("kills", wire("kills", self._parts.kills(client.visitor)))
            case MemberLogin() | MemberLogout():
                name = "member_login" if isinstance(message, MemberLogin) else "member_logout"
                event = wire(name, {"member_id": message.member})
                for client in self._clients:
                    client.tell(event)
            case _:
                pass

    def _resume(self, client: Client, missed: Iterable[bytes]) -> None:
        """Queue what a reader missed, then the states of now."""
        for event in missed:
            client.tell(event)
        for ticker in self._parts.market.tickers():
            client.show(f"snapshot {ticker.symbol}", wire("snapshot", ticker))
        if client.symbol is not None:
            client.show("book", wire("book", self._parts.market.depth(client.symbol)))
        if client.user is not None:
            client.show("portfolio", wire("portfolio", self._parts.portfolio(client.user)))
        client.show("leaderboard", wire("leaderboard", self._parts.leaderboard()))
        if said := self._said():
            client.show("insights", said)
        client.show("kills", wire("kills", self._parts.kills(client.visitor)))

    def _whole_state(self, client: Client) -> bytes:
        """Return the event that tells a reader everything; its position is that of the newest event it contains."""
        parts, user = self._parts, client.user
        state = {
            "session": parts.market.session(),
            "instruments": instruments(parts),
            "tickers": parts.market.tickers(),
            "trades": [public(done) for done in parts.market.tape(None, _TRADES_AT_START)],
            "book": parts.market.depth(client.symbol) if client.symbol is not None else None,
            "me": Me(user=user, role=client.visitor.role.value if client.visitor else None),
            "orders": parts.newest_orders(user, _OWN_AT_START) if user else [],
            "fills": parts.blotter.fills(user, _OWN_AT_START) if user else [],
            "portfolio": parts.portfolio(user) if user else None,
            "leaderboard": parts.leaderboard(),
            "kills": parts.kills(client.visitor),
        }
        return wire("init", state, position=self._reel.newest) + self._said()

    def _said(self) -> bytes:
        """Return the event that tells what the analyst said last; nothing if it said nothing."""
        said = self._parts.said(_SAID_AT_START)
        return wire("ai_insights_init", said) if said else b""

    def _send_books(self) -> None:
        wanted = {client.symbol for client in self._clients}
        books = {
            symbol: wire("book", self._parts.market.depth(symbol)) for symbol in self._stale_books if symbol in wanted
        }
        self._stale_books.clear()
        for client in self._clients:
            if client.symbol in books:
                client.show("book", books[client.symbol])

    def _send_tickers(self) -> None:
        for symbol in sorted(self._stale_tickers):
            event = wire("snapshot", self._parts.market.ticker(symbol))
            for client in self._clients:
                client.show(f"snapshot {symbol}", event)
        self._stale_tickers.clear()

    def _send_portfolios(self) -> None:
        """Send each person's portfolio if it has changed since it was last sent to anybody."""
        users = {client.user for client in self._clients if client.user is not None}
        portfolios = {user: wire("portfolio", self._parts.portfolio(user)) for user in users}
        for client in self._clients:
            if client.user is not None and portfolios[client.user] != self._portfolios.get(client.user):
                client.show("portfolio", portfolios[client.user])
        self._portfolios = portfolios

    def _send_leaderboard(self) -> None:
        event = wire("leaderboard", self._parts.leaderboard())
        if event != self._leaderboard:
            self._leaderboard = event
            for client in self._clients:
                client.show("leaderboard", event)

    def _end_sessions(self) -> None:
        now = self._parts.clock()
        for client in self._clients:
            if client.visitor is not None and client.visitor.until <= now:
                client.close()


def instruments(parts: Parts) -> list[InstrumentView]:
    """Return what can be traded, in the order of listing."""
    return [
        InstrumentView(
            symbol=listed.symbol,
            name=listed.name,
            tick=parts.market.tick(listed.symbol),
            lot=listed.lot,
            reference=parts.market.ticker(listed.symbol).reference,
            tick_table=listed.rules.tick_table,
            max_qty=listed.rules.max_order_qty,
            max_value=listed.rules.max_order_value,
        )
        for listed in parts.market.instruments.values()
    ]
