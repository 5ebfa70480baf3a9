"""What screens and REST show: projections of the log, with the seed's field names and more."""

from enum import StrEnum

from msgspec import Struct, field

from stockex.messages.market_data import Indicators, Level
from stockex.vocabulary.enums import OrdType, Phase, RangeKind, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Cash, Nanos, Price, Shares


class OrderStatus(StrEnum):
    """Where an order stands. Source: FIX tag 39."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class TradeStatus(StrEnum):
    """Whether a trade stands as it was done. Source: FIX tag 150, G (Trade Correct) and H (Trade Cancel)."""

    DONE = "DONE"
    CORRECTED = "CORRECTED"
    BUSTED = "BUSTED"


class OrderView(Struct, kw_only=True):
    """One order as its owner sees it. `average_price` is in euro, null before the first fill.

    `limit` is the price that the order stands at or may trade to: a peg's moves. `stop_price` stays when the stop has
    triggered. `is_waiting`: an untriggered stop, a peg with nothing to follow, or an order for the closing call; it
    stands outside the book. `cause` is the command that changed it last.
    """

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    limit: Price | None = field(name="price")
    ord_type: OrdType
    tif: TimeInForce = field(name="time_in_force")
    post_only: bool
    source: str
    status: OrderStatus
    leaves: Shares
    cum: Shares
    average_price: float | None
    reason: str | None
    placed_at: Nanos = field(name="timestamp")
    updated_at: Nanos = field(name="updated")
    stop: Price | None = field(name="stop_price", default=None)
    display: Shares | None = field(name="display_quantity", default=None)
    hidden: bool = False
    min_exec: Shares | None = None
    min_qty: Shares | None = None
    trail: Price | None = None
    expire_at: Nanos | None = None
    oco_id: int | None = None
    peg_offset: Price | None = None
    self_trade: SelfTrade | None = None
    cancel_on_disconnect: bool = False
    is_waiting: bool = False
    cause: int = 0


class FillView(Struct, frozen=True, kw_only=True):
    """One order's part of a trade, as its owner sees it, with the terms of now when the trade was corrected.

    `changed_by` is the command that busted or corrected it last, `note` what its sender said about it.
    """

    trade_id: str
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    price: Price
    is_aggressor: bool
    at: Nanos = field(name="timestamp")
    status: TradeStatus = TradeStatus.DONE
    changed_by: int | None = None
    note: str = ""


class InterruptionView(Struct, frozen=True, kw_only=True):
    """What began a volatility call: a trade at `price` would have left a range around `reference`.

    `extensions` counts how often the call has been extended.
    """

    which: RangeKind = field(name="range")
    reference: Price
    low: Price
    high: Price
    price: Price
    extensions: int = 0


class Ticker(Struct, frozen=True, kw_only=True):
    """One line of the market table: the real best bid and offer, and the day's figures.

    `reference` is the last close; `change` is against it, in euro; `change_pct` in percent; `vwap` in euro. `phase` is
    the instrument's. The indicative figures are those of the auction that would end a call now, `surplus` buy minus
    sell; without one they are null, 0 and 0. `interruption` is what began the volatility call that is on.
    """

    symbol: str
    name: str
    best_bid: Price | None
    best_ask: Price | None
    bid_size: Shares
    ask_size: Shares
    reference: Price
    last: Price | None
    high: Price | None
    low: Price | None
    change: Price | None
    change_pct: float | None
    volume: Shares
    value: Cash
    vwap: float | None
    trades: int
    indicators: Indicators | None
    at: Nanos = field(name="timestamp")
    source: str = "BOOK"
    open: Price | None = None
    phase: Phase = Phase.CLOSED
    indicative_price: Price | None = None
    indicative_volume: Shares = Shares(0)
    indicative_surplus: int = 0
    phase_ends_at: Nanos | None = None
    range_low: Price | None = None
    range_high: Price | None = None
    band_low: Price | None = None
    band_high: Price | None = None
    interruption: InterruptionView | None = None


class Depth(Struct, frozen=True, kw_only=True):
    """The best levels of one book, best first."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: Nanos = field(name="timestamp")


class Candle(Struct, frozen=True):
    """Open, high, low, close and volume of one span. `t` is its start in whole seconds since 1970 UTC."""

    t: int
    o: Price
    h: Price
    l: Price  # noqa: E741 (the seed's field)
    c: Price
    v: Shares


class SessionView(Struct, frozen=True, kw_only=True):
    """The state of the session. `mode` is "manual": the operator starts and ends the day."""

    active: bool
    suspended: bool
    phase: Phase
    day: int
    started_at: Nanos | None = field(name="start_time")
    mode: str = "manual"


class KillsView(Struct, frozen=True, kw_only=True):
    """Who may enter no orders: everybody, and the accounts whose own kill switch is on."""

    everybody: bool
    accounts: tuple[str, ...]


class Holding(Struct, frozen=True, kw_only=True):
    """What an account holds of one symbol, marked at the mid of the book, else the last price."""

    symbol: str
    qty: Shares = field(name="quantity")
    reserved: Shares
    average_cost: Price = field(name="avg_cost")
    current_price: Price
    value: Cash
    unrealised: Cash = field(name="unrealized_pnl")


class Daily(Struct, frozen=True, kw_only=True):
    """What an account traded today: numbers of trades, and shares in all."""

    buy_count: int
    sell_count: int
    total_securities: Shares


class Portfolio(Struct, frozen=True, kw_only=True):
    """One account's money and shares. `capital` is cash, of which `reserved` covers open buy orders."""

    account: str = field(name="member_id")
    capital: Cash
    reserved: Cash
    available: Cash
    holdings: tuple[Holding, ...]
    holdings_value: Cash
    total_value: Cash
    pnl: Cash
    realised: Cash = field(name="realized_pnl")
    daily: Daily
    obligation: Shares
    obligation_met: bool


class LeaderboardRow(Struct, frozen=True, kw_only=True):
    """One member's place in the ranking by total value."""

    rank: int
    account: str = field(name="member_id")
    capital: Cash
    holdings: tuple[Holding, ...]
    buy_count: int
    sell_count: int
    total_securities: Shares
    obligation_met: bool
    holdings_value: Cash
    total_value: Cash
    pnl: Cash
    is_human: bool
    ai_type: str


class WhyRow(Struct, frozen=True, kw_only=True):
    """What an auction at `price` would do: all bought and sold there, what of it trades, and `buy - sell`."""

    price: Price
    buy: Shares
    sell: Shares
    volume: Shares
    surplus: int


class Why(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="why"):
    """One sentence why a fact came about, with the figures and the numbers of the rules.

    `about` is the mark of the fact. `account` is whose figures the sentence holds; null: they are public. An auction
    comes with the rows behind its `price`; `counts_hidden` says that they count quantity that the book does not show.
    """

    offset: int
    index: int
    about: str
    rules: tuple[str, ...]
    text: str
    account: str | None = None
    price: Price | None = None
    rows: tuple[WhyRow, ...] = ()
    counts_hidden: bool = False
