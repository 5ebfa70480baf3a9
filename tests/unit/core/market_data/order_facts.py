"""Facts about orders of account A for the tests of the blotter; its counterpart is B. Times are offsets."""

from stockex.messages.executions import (
    Accepted,
    Cancelled,
    Expired,
    Fill,
    Party,
    Reduced,
    Rejected,
    Replaced,
    TradeBusted,
    TradeCorrected,
    Traded,
)
from stockex.vocabulary.enums import CancelReason, OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos, Price, Shares


def accepted(order_id: int, *, qty: int = 100, limit: int | None = 500, side: Side = Side.BUY) -> Accepted:
    """Return the acceptance of order "o<order_id>"; without a limit it is a market order."""
    return Accepted(
        offset=order_id,
        index=0,
        at=Nanos(order_id),
        order_id=order_id,
        account="A",
        cl_ord_id=f"o{order_id}",
        symbol="NBG",
        side=side,
        qty=Shares(qty),
        limit=None if limit is None else Price(limit),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        tif=TimeInForce.DAY,
        post_only=False,
        self_trade=SelfTrade.CANCEL_NEWEST,
        source="WEB",
    )


def rejected() -> Rejected:
    """Return the refusal of an order."""
    return Rejected(
        offset=1,
        index=0,
        at=Nanos(1),
        refused="new",
        account="A",
        cl_ord_id="o1",
        orig_cl_ord_id=None,
        symbol="NBG",
        reason=RejectReason.MARKET_CLOSED,
        rule="SES-01",
        text="",
    )


def bought(order_id: int, *, qty: int, price: int, leaves: int, cum: int) -> Traded:
    """Return a trade in which A's order bought from B's resting one; `leaves` and `cum` are A's after it."""
    return Traded(
        offset=50,
        index=1,
        at=Nanos(50),
        trade_id=f"T{order_id}-{cum}",
        symbol="NBG",
        price=Price(price),
        qty=Shares(qty),
        aggressor=Side.BUY,
        buy=Fill(order_id=order_id, account="A", cl_ord_id=f"o{order_id}", leaves=Shares(leaves), cum=Shares(cum)),
        sell=Fill(order_id=999, account="B", cl_ord_id="b", leaves=Shares(0), cum=Shares(qty)),
    )


def _party(fill: Fill) -> Party:
    return Party(order_id=fill.order_id, account=fill.account, cl_ord_id=fill.cl_ord_id)


def trade_busted(done: Traded, *, text: str = "") -> TradeBusted:
    """Return what the owners are told of a bust of a trade."""
    return TradeBusted(
        offset=95,
        index=0,
        at=Nanos(95),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=done.price,
        qty=done.qty,
        aggressor=done.aggressor,
        traded_at=done.at,
        text=text,
        buy=_party(done.buy),
        sell=_party(done.sell),
    )


def trade_corrected(done: Traded, *, qty: int, price: int, text: str = "") -> TradeCorrected:
    """Return what the owners are told of a correction of a trade."""
    return TradeCorrected(
        offset=96,
        index=0,
        at=Nanos(96),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=Price(price),
        qty=Shares(qty),
        old_price=done.price,
        old_qty=done.qty,
        aggressor=done.aggressor,
        traded_at=done.at,
        text=text,
        buy=_party(done.buy),
        sell=_party(done.sell),
    )


def reduced(order_id: int, *, qty: int, leaves: int) -> Reduced:
    """Return what self-trade prevention took off."""
    return Reduced(
        offset=60,
        index=0,
        at=Nanos(60),
        order_id=order_id,
        account="A",
        cl_ord_id=f"o{order_id}",
        symbol="NBG",
        side=Side.BUY,
        qty=Shares(qty),
        leaves=Shares(leaves),
        cum=Shares(0),
        reason=CancelReason.SELF_TRADE,
    )


def replaced(order_id: int, *, cl_ord_id: str, qty: int, limit: int, cum: int = 0) -> Replaced:
    """Return the replacement of order "o<order_id>" by a new quantity, price and id."""
    return Replaced(
        offset=70,
        index=0,
        at=Nanos(70),
        order_id=order_id,
        account="A",
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=f"o{order_id}",
        symbol="NBG",
        side=Side.BUY,
        qty=Shares(qty),
        limit=Price(limit),
        leaves=Shares(qty - cum),
        cum=Shares(cum),
        kept_place=False,
    )


def cancelled(order_id: int, *, qty: int = 100, cum: int = 0) -> Cancelled:
    """Return the cancellation by the owner of what order "o<order_id>" left."""
    return Cancelled(
        offset=80,
        index=0,
        at=Nanos(80),
        order_id=order_id,
        account="A",
        cl_ord_id=f"o{order_id}",
        symbol="NBG",
        side=Side.BUY,
        qty=Shares(qty),
        cum=Shares(cum),
        reason=CancelReason.BY_OWNER,
        request_id=None,
    )


def expired(order_id: int) -> Expired:
    """Return the end of the day for order "o<order_id>"."""
    return Expired(
        offset=90,
        index=0,
        at=Nanos(90),
        order_id=order_id,
        account="A",
        cl_ord_id=f"o{order_id}",
        symbol="NBG",
        side=Side.BUY,
        qty=Shares(100),
        cum=Shares(0),
    )
