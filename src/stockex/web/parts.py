"""What the web application is built from, and the views that need several of these parts at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stockex.adapters.credentials import Credentials
from stockex.bus.interface import Bus, Clock
from stockex.core.clearing.house import House
from stockex.core.clearing.valuation import Reserved
from stockex.core.fast.routes import Route
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.core.market_data.tape import Print
from stockex.core.why.words import Called
from stockex.messages.codec import Message
from stockex.messages.envelope import Record
from stockex.messages.market_data import Insight
from stockex.messages.topics import Topic
from stockex.messages.views import Depth, KillsView, LeaderboardRow, OrderView, Portfolio, Why
from stockex.vocabulary.accounts import Role
from stockex.vocabulary.services import Standing
from stockex.web.auth import Visitor
from stockex.web.fix.place import FixPlace

Batch = Sequence[tuple[Record, Message]]
"""Records with what they say, in the order of the log; the projections have taken them in already."""


class Follower(Protocol):
    """Somebody who follows the log and tells others what it brings."""

    def listen(self, callback: Callable[[Batch], None]) -> None:
        """Call `callback` after each batch."""

    @property
    def passed_over(self) -> Mapping[Topic, Mapping[str, int]]:
        """How many records could not be believed since the log began, by topic and reason."""


class Board(Protocol):
    """What everybody may see of the instruments: books and trades."""

    @property
    def instruments(self) -> Mapping[str, object]:
        """What is listed, by symbol."""

    def depth(self, symbol: str, levels: int = 10) -> Depth:
        """Return the best `levels` levels of each side, best first."""

    def tape(self, symbol: str | None, limit: int) -> list[Print]:
        """Return the newest `limit` trades of `symbol`, or of all symbols when None, newest first."""


class Shows(Board, Protocol):
    """What a matcher in a process of its own shows without reading what it has told."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many orders, trades, cancels, replaces and rejects were told since this start."""

    @property
    def passed_over(self) -> Mapping[Topic, Mapping[str, int]]:
        """How many commands could not be read since this start, by reason."""


class Comments(Protocol):
    """Somebody who knows what the analyst said."""

    def newest(self, count: int) -> Sequence[Insight]:
        """Return the newest insights, newest first."""

    def listen(self, callback: Callable[[Insight], None]) -> None:
        """Call `callback` with each insight that comes."""


class Explains(Protocol):
    """Somebody who says why. What cannot be explained raises `Unexplained`."""

    async def explained(self, offset: int, called: Called) -> tuple[Why, ...]:
        """Return why each fact of the command at `offset` came about, orders called as `called` says."""

    def auction(self, symbol: str) -> tuple[Why, ...]:
        """Return why the auction that would end a call now has its price."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that `app` gives to the web.

    Attributes:
        ready: Says why the exchange is not ready yet, or None when it is.
        standing: What a matcher beside others is.
        routes: Says on which book each instrument is.
        shard: Which shard's matcher it is; None: of none.
        fix: Where the FIX page connects to; None without that page.
        front_page: Which page stands at `/`: a service on a port of its own may show another than the dashboard there.
        own: What a matcher shows of itself; None: the market shows what was read of the log.
    """

    bus: Bus
    clock: Clock
    market: Market
    bars: Bars
    blotter: Blotter
    house: House
    switches: Switches
    recorder: Follower
    explainer: Explains
    credentials: Credentials
    demo: bool
    ready: Callable[[], str | None]
    standing: Callable[[], Standing | None] = lambda: None
    routes: Callable[[], Sequence[Route]] = tuple
    shard: int | None = None
    fix: FixPlace | None = None
    front_page: str = "/"
    own: Shows | None = None

    @property
    def board(self) -> Board:
        """The books and the trades that are shown."""
        return self.own or self.market

    @property
    def passed_over(self) -> Mapping[Topic, Mapping[str, int]]:
        """How many records could not be believed, by topic and reason."""
        return (self.own or self.recorder).passed_over

    insights: Comments | None = None

    def said(self, count: int) -> Sequence[Insight]:
        """Return the analyst's newest insights, newest first; none where nobody follows them."""
        return self.insights.newest(count) if self.insights is not None else ()

    def portfolio(self, account: str) -> Portfolio:
        """Return the account's money and shares at the market's marks, what open orders reserve included."""
        reserved = Reserved(self.blotter.reserved_cash(account), self.blotter.reserved_shares(account))
        return self.house.portfolio(account, mark=self.market.mark, reserved=reserved)

    def leaderboard(self) -> list[LeaderboardRow]:
        """Return the members by total value at the market's marks."""
        return self.house.leaderboard(mark=self.market.mark)

    def kills(self, visitor: Visitor | None) -> KillsView:
        """Return the kill switches that the visitor may know of: the operator of all, others of what stops them."""
        if visitor is not None and visitor.role is Role.OPERATOR:
            return self.switches.kills()
        return self.switches.seen_by(visitor.user if visitor else None)

    def newest_orders(self, account: str, limit: int) -> list[OrderView]:
        """Return all open orders of the account and its newest `limit` orders, the newest first."""
        views = {view.order_id: view for view in self.blotter.open_orders(account)}
        views.update((view.order_id, view) for view in self.blotter.orders(account, limit))
        return sorted(views.values(), key=lambda view: -view.order_id)
