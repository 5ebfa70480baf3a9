"""Facts about orders: the records of `executions`. FIX reports and blotters are views of these."""

from msgspec import Struct, field

from stockex.vocabulary.enums import CancelReason, OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos, Price, Shares


class Fact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """What every fact carries: its cause and the time of its cause.

    `offset` is the command's place in `orders`, `index` counts the facts of that command from 0 over all topics.
    """

    offset: int
    index: int
    at: Nanos = field(name="timestamp")


class Accepted(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="accepted"):
    """The engine took the order. Its id is the offset of the command that placed it.

    `cap` is the price at which a buy without a limit of its own is covered, and above which it does not trade.
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
    self_trade: SelfTrade
    source: str
    stop: Price | None = field(name="stop_price", default=None)
    display: Shares | None = field(name="display_quantity", default=None)
    min_visible: Shares | None = None
    hidden: bool = False
    min_exec: Shares | None = None
    cancel_below_min: bool = False
    cap: Price | None = field(name="cap_price", default=None)
    min_qty: Shares | None = None
    trail: Price | None = None
    expire_at: Nanos | None = None
    cancel_on_disconnect: bool = False
    oco_id: int | None = None
    peg_offset: Price | None = None


class Rejected(Fact, frozen=True, kw_only=True, tag="rejected"):
    """The engine refused a command; nothing changed.

    `refused` is the command's type; `text` holds the figures that decided.
    """

    refused: str
    account: str
    cl_ord_id: str | None
    orig_cl_ord_id: str | None
    symbol: str | None
    reason: RejectReason
    rule: str
    text: str


class Rested(Fact, frozen=True, kw_only=True, tag="rested"):
    """What is left of an order now stands in the book, last in the queue at its price. Null: it has no price."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    limit: Price | None = field(name="price")
    leaves: Shares


class Triggered(Fact, frozen=True, kw_only=True, tag="triggered"):
    """The last price reached a stop: the order is live now, as a market or a limit order."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    last: Price = field(name="last_price")


class StopMoved(Fact, frozen=True, kw_only=True, tag="stop_moved"):
    """A trailing stop has followed the last price to this stop price."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    stop: Price = field(name="stop_price")


class Priced(Fact, frozen=True, kw_only=True, tag="priced"):
    """An order without a limit has become a limit order at this price."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    limit: Price = field(name="price")
    leaves: Shares


class Repriced(Fact, frozen=True, kw_only=True, tag="repriced"):
    """A pegged order follows the market to a new price, last in the queue there. Null: it waits outside the book."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    limit: Price | None = field(name="price")
    leaves: Shares


class Refreshed(Fact, frozen=True, kw_only=True, tag="refreshed"):
    """An iceberg shows a new peak, last in the queue at its price."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    visible: Shares
    leaves: Shares


class Fill(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One order's part of a trade, with the order's figures after it."""

    order_id: int
    account: str
    cl_ord_id: str
    leaves: Shares
    cum: Shares


class Traded(Fact, frozen=True, kw_only=True, tag="traded"):
    """Two orders met. The price is the resting order's; `aggressor` is the incoming order's side.

    In an auction the price is the auction's and the aggressor is the side of the younger order.
    """

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    aggressor: Side
    buy: Fill
    sell: Fill


class Reduced(Fact, frozen=True, kw_only=True, tag="reduced"):
    """Self-trade prevention took `qty` off an order that stays open."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    leaves: Shares
    cum: Shares
    reason: CancelReason


class Cancelled(Fact, frozen=True, kw_only=True, tag="cancelled"):
    """An order ended before it was filled. `qty` is what was cancelled, `cum` what had been filled.

    `request_id` is the client id of the cancel request, when one asked for it and named itself.
    """

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    cum: Shares
    reason: CancelReason
    request_id: str | None


class Replaced(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="replaced"):
    """An order has a new quantity, price or client id. `kept_place` says whether it kept its priority."""

    order_id: int
    account: str
    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    limit: Price | None = field(name="price")
    leaves: Shares
    cum: Shares
    kept_place: bool
    stop: Price | None = field(name="stop_price", default=None)
    min_exec: Shares | None = None
    expire_at: Nanos | None = None
    peg_offset: Price | None = None
    trail: Price | None = None
    min_qty: Shares | None = None


class Expired(Fact, frozen=True, kw_only=True, tag="expired"):
    """An order ended with its day, or at its own instant. `qty` is what was open."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    cum: Shares


class MassCancelled(Fact, frozen=True, kw_only=True, tag="mass_cancelled"):
    """A mass cancel was obeyed; `count` orders were cancelled, each with a fact of its own. Null: of all accounts."""

    account: str | None
    symbol: str | None
    side: Side | None
    count: int


class Party(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose order one side of a trade was."""

    order_id: int
    account: str
    cl_ord_id: str


class TradeBusted(Fact, frozen=True, kw_only=True, tag="trade_busted"):
    """A trade was undone: its money and shares went back. `text` says why. Source: FIX 4.4, tag 150=H."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    aggressor: Side
    traded_at: Nanos
    text: str
    buy: Party
    sell: Party


class TradeCorrected(Fact, frozen=True, kw_only=True, tag="trade_corrected"):
    """A trade has other terms than it had, `old_price` and `old_qty`. Source: FIX 4.4, tag 150=G."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    old_price: Price
    old_qty: Shares = field(name="old_quantity")
    aggressor: Side
    traded_at: Nanos
    text: str
    buy: Party
    sell: Party


class Quarantined(Fact, frozen=True, kw_only=True, tag="quarantined"):
    """A record of `orders` could not be read. It stays in the log; the engine passes it over."""

    field_name: str = field(name="field")
    text: str


AnyExecution = (
    Accepted
    | Rejected
    | Rested
    | Triggered
    | StopMoved
    | Priced
    | Repriced
    | Refreshed
    | Traded
    | Reduced
    | Cancelled
    | Replaced
    | Expired
    | MassCancelled
    | TradeBusted
    | TradeCorrected
    | Quarantined
)
"""Any record of `executions`."""
