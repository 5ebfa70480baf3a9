"""Enumerations that stand on the wire by their value.

What a member is like is worked out once for each: Python 3.11 takes 80 ns to find `Side.BUY`, and orders ask often.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Final

from stockex.vocabulary.units import Price


class Word(StrEnum):
    """Words that are looked up often: each hashes as the text it is, without a call of Python's."""

    __hash__ = str.__hash__


class Side(Word):
    """An order's side. Source: FIX tag 54."""

    BUY = "BUY"
    SELL = "SELL"

    @cached_property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell: what the side does to the owner's shares."""
        return 1 if self.is_buy else -1

    @cached_property
    def is_buy(self) -> bool:
        """Whether it is the buying side."""
        return self is Side.BUY

    @cached_property
    def opposite(self) -> "Side":
        """The side this one trades with."""
        return Side.SELL if self is Side.BUY else Side.BUY

    def accepts(self, limit: Price | None, price: int) -> bool:
        """Say whether an order of this side with `limit` may trade at `price`. No limit accepts all."""
        if limit is None:
            return True
        return price <= limit if self.is_buy else price >= limit

    def tightest(self, prices: Iterable[Price]) -> Price:
        """Return the most cautious of several bounds: the lowest to buy at, the highest to sell at."""
        return min(prices) if self.is_buy else max(prices)


class OrdType(Word):
    """How an order is priced. Source: FIX tag 40, and 18 for pegs."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    MARKET_TO_LIMIT = "MARKET_TO_LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"
    PEG_PRIMARY = "PEG_PRIMARY"
    PEG_MID = "PEG_MID"
    TRAILING_STOP = "TRAILING_STOP"
    TRAILING_STOP_LIMIT = "TRAILING_STOP_LIMIT"

    @cached_property
    def is_stop(self) -> bool:
        """Whether the order waits for the last price to reach its stop."""
        return self in _STOPS

    @cached_property
    def is_peg(self) -> bool:
        """Whether the order's price follows the market's."""
        return self is OrdType.PEG_PRIMARY or self is OrdType.PEG_MID

    @cached_property
    def is_limit(self) -> bool:
        """Whether the order has a limit of its own."""
        return self in {OrdType.LIMIT, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP_LIMIT}

    @cached_property
    def is_trailing(self) -> bool:
        """Whether the stop follows the last price."""
        return self is OrdType.TRAILING_STOP or self is OrdType.TRAILING_STOP_LIMIT

    @cached_property
    def when_reached(self) -> "OrdType":
        """What a stop becomes when its price is reached."""
        return OrdType.LIMIT if self.is_limit else OrdType.MARKET


_STOPS: Final = (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.TRAILING_STOP, OrdType.TRAILING_STOP_LIMIT)


class TimeInForce(Word):
    """How long an order lives. Source: FIX tag 59."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GFA = "GFA"
    GTD = "GTD"
    GTT = "GTT"
    AT_OPEN = "AT_OPEN"
    AT_CLOSE = "AT_CLOSE"

    @cached_property
    def rests(self) -> bool:
        """Whether what is left of a limit order may stay in the book."""
        return self is not TimeInForce.IOC and self is not TimeInForce.FOK

    @cached_property
    def is_standing(self) -> bool:
        """Whether the order may stand in the book in every phase, and wait outside it."""
        return self is TimeInForce.DAY or self.is_timed or self is TimeInForce.GTC

    @cached_property
    def is_for_auction(self) -> bool:
        """Whether the order is for one auction, and ends with it."""
        return self in {TimeInForce.GFA, TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE}

    @cached_property
    def is_timed(self) -> bool:
        """Whether the order has an instant at which it expires."""
        return self is TimeInForce.GTD or self is TimeInForce.GTT

    @cached_property
    def ends_with_day(self) -> bool:
        """Whether the order ends with the day."""
        return self is not TimeInForce.GTC and self is not TimeInForce.GTD


class SelfTrade(Word):
    """What happens when an order meets one of its own account. Source: FIX tag 2964."""

    ALLOW = "ALLOW"
    CANCEL_NEWEST = "CANCEL_NEWEST"
    CANCEL_OLDEST = "CANCEL_OLDEST"
    CANCEL_BOTH = "CANCEL_BOTH"
    DECREMENT_AND_CANCEL = "DECREMENT_AND_CANCEL"


class Phase(Word):
    """What the market may do now. CALL is a call in the middle of the day."""

    CLOSED = "CLOSED"
    PRE_OPEN = "PRE_OPEN"
    OPENING_CALL = "OPENING_CALL"
    CALL = "CALL"
    VOLATILITY_CALL = "VOLATILITY_CALL"
    CLOSING_CALL = "CLOSING_CALL"
    CONTINUOUS = "CONTINUOUS"
    TRADING_AT_LAST = "TRADING_AT_LAST"
    HALTED = "HALTED"

    @cached_property
    def is_call(self) -> bool:
        """Whether orders gather for an auction, whose price is shown."""
        return self in _CALLS

    @cached_property
    def gathers(self) -> bool:
        """Whether orders are entered and nothing trades: a call, and what comes before the opening call."""
        return self is Phase.PRE_OPEN or self in _CALLS


_CALLS: Final = (Phase.OPENING_CALL, Phase.CALL, Phase.VOLATILITY_CALL, Phase.CLOSING_CALL)


class RangeKind(StrEnum):
    """Which range a trade would have left: that around the last price, or that around the last auction's."""

    DYNAMIC = "dynamic"
    STATIC = "static"


class SessionAction(StrEnum):
    """What the operator does to the session."""

    START = "start"
    END = "end"
    SUSPEND = "suspend"
    RESUME = "resume"


class PhaseAction(StrEnum):
    """What a phase record does."""

    PRE_OPEN = "pre_open"
    OPENING_CALL = "opening_call"
    CALL = "call"
    CLOSING_CALL = "closing_call"
    UNCROSS = "uncross"
    CONTINUOUS = "continuous"
    TRADING_AT_LAST = "trading_at_last"
    HALT = "halt"
    RESUME = "resume"


class CancelReason(StrEnum):
    """Why an order left the book without trading out."""

    BY_OWNER = "BY_OWNER"
    MASS_CANCEL = "MASS_CANCEL"
    IOC_REMAINDER = "IOC_REMAINDER"
    FOK_UNFILLED = "FOK_UNFILLED"
    MARKET_REMAINDER = "MARKET_REMAINDER"
    SELF_TRADE = "SELF_TRADE"
    NO_OPPOSITE = "NO_OPPOSITE"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    REPLACED_BELOW_FILLED = "REPLACED_BELOW_FILLED"
    CALL_ENDED = "CALL_ENDED"
    BY_OPERATOR = "BY_OPERATOR"
    DISCONNECTED = "DISCONNECTED"
    KILLED = "KILLED"
    UNCOVERED = "UNCOVERED"
    OCO = "OCO"


class Regime(StrEnum):
    """How the feeder's fair price moves. Source: the seed's five regimes."""

    TRENDING_UP = "trending_up"
    TRENDING_DOWN = "trending_down"
    MEAN_REVERT = "mean_revert"
    VOLATILE = "volatile"
    CALM = "calm"


class InsightCause(StrEnum):
    """Why the analyst speaks."""

    INTERVAL = "interval"
    BIG_MOVE = "big_move"
    HALT = "halt"
    RESUMED = "resumed"
    VOLATILITY = "volatility"
    AUCTION = "auction"
    SESSION_START = "session_start"
    SESSION_END = "session_end"


class Subject(StrEnum):
    """What a sentence of the analyst is about."""

    EVENT = "event"
    MOVE = "move"
    TURNOVER = "turnover"
    VWAP = "vwap"
    SPREAD = "spread"
    DEPTH = "depth"
    IMBALANCE = "imbalance"
    VOLATILITY = "volatility"
    MEMBERS = "members"
