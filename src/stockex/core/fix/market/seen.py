"""What is asked of the market, and the form of an answer."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from stockex.core.fix.message import Fields
from stockex.core.fix.orders.reports import Report
from stockex.messages.control import Listed
from stockex.messages.market_data import Trade
from stockex.messages.views import Depth, SessionView, Ticker, TradeStatus
from stockex.vocabulary.enums import Phase

SESSION: Final = "1"
"""TradingSessionID (336) of the day, the only one."""

SNAPSHOT: Final = "0"
UPDATES: Final = "1"
END: Final = "2"
"""SubscriptionRequestType (263)."""


class Printed(Protocol):
    """A trade on the tape, and how it stands."""

    @property
    def trade(self) -> Trade:
        """The trade, with the terms of now."""

    @property
    def status(self) -> TradeStatus:
        """Whether it was busted."""


class Market(Protocol):
    """The market as everybody may see it; `core.market_data.market.Market` is one."""

    @property
    def instruments(self) -> Mapping[str, Listed]:
        """Every listed instrument by its symbol."""

    def session(self) -> SessionView:
        """Return the state of the session."""

    def phase(self, symbol: str) -> Phase:
        """Return what may be done in one instrument now."""

    def ticker(self, symbol: str) -> Ticker:
        """Return the figures of an instrument's day."""

    def depth(self, symbol: str, levels: int) -> Depth:
        """Return the best levels of each side, best first."""

    def tape(self, symbol: str | None, limit: int) -> Sequence[Printed]:
        """Return the newest trades, newest first."""


class Told(NamedTuple):
    """A message to be sent, with the header fields that bring it back the way its request came."""

    report: Report
    header: Fields
