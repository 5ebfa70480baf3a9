"""Public market data: the records of `trades`, `book`, `snapshots` and `ai_insights`."""

from msgspec import Struct, field

from stockex.messages.executions import Fact
from stockex.vocabulary.enums import InsightCause, Regime, Side, Subject
from stockex.vocabulary.units import Nanos, Price, Shares


class Trade(Fact, frozen=True, kw_only=True, tag="trade"):
    """One trade on the tape. `buy_id` and `sell_id` are client order ids, as the seed has them."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    buy_id: str
    sell_id: str
    buy_member: str
    sell_member: str
    aggressor: Side


class Bust(Fact, frozen=True, kw_only=True, tag="bust"):
    """A trade on the tape was undone."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    aggressor: Side
    traded_at: Nanos
    text: str
    buy_member: str
    sell_member: str


class Correction(Fact, frozen=True, kw_only=True, tag="correction"):
    """A trade on the tape has other terms than it had, `old_price` and `old_qty`."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    old_price: Price
    old_qty: Shares = field(name="old_quantity")
    aggressor: Side
    traded_at: Nanos
    text: str
    buy_member: str
    sell_member: str


class Level(Struct, frozen=True, array_like=True):
    """All visible orders at one price, on the wire `[price, quantity, orders]`. Zero orders: the level is gone."""

    price: Price
    qty: Shares
    orders: int


class BookChanged(Fact, frozen=True, kw_only=True, tag="book"):
    """The levels of one book that a command changed, best first, each with its new total."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Indicative(Fact, frozen=True, kw_only=True, tag="indicative"):
    """What an auction would do if the call ended now. `surplus` is buy minus sell. Null price: nothing would trade."""

    symbol: str
    price: Price | None
    volume: Shares
    surplus: int


class Indicators(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Technical indicators over the recent mid prices, in euro or as a ratio. Source: the seed's readme."""

    sma_5: float
    sma_20: float
    ema_12: float
    ema_26: float
    macd: float
    rsi_14: float
    bb_pos: float
    regime: Regime


class Snapshot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="snapshot"):
    """The best bid and offer of the real book, with indicators. Null where a side is empty."""

    symbol: str
    best_bid: Price | None
    best_ask: Price | None
    bid_size: Shares
    ask_size: Shares
    at: Nanos = field(name="timestamp")
    source: str = "MDF"
    indicators: Indicators


class Figure(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One figure of a sentence. The value is a decimal as text, so that it is exact."""

    name: str
    value: str
    unit: str


class Statement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sentence, computed from what the commands from `first` to `last` caused. Its numbers are its figures."""

    subject: Subject
    text: str
    symbol: str | None = None
    figures: tuple[Figure, ...]
    first: int
    last: int


class Insight(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="insight"):
    """The analyst's commentary on what the commands from `first` to `last` caused.

    `text` is the statements' own, or a language model's over the same figures: `source` is then its name, else `rules`.
    `note` says why a model that was asked is not the source.
    """

    text: str
    at: Nanos = field(name="timestamp")
    source: str
    cause: InsightCause
    day: int
    statements: tuple[Statement, ...]
    first: int
    last: int
    note: str = ""


AnyMarketData = Trade | Bust | Correction | BookChanged | Indicative
"""Any record of `trades` or `book`."""
