"""The seed's dashboard routes, with the seed's shapes."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from msgspec import UNSET, Struct, UnsetType, field
from starlette.responses import Response

from stockex.messages.market_data import Level
from stockex.messages.views import SessionView
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.units import Nanos, Price, Shares
from stockex.web.forms import Fields, fields_of, text_of
from stockex.web.front import AnyVisitor, AtFront, Front, Operator
from stockex.web.replies import public, reply
from stockex.web.routes.control import change
from stockex.web.routes.market import Period, candles_of
from stockex.web.routes.orders import Own, Owner

router = APIRouter(include_in_schema=False)

_NEWEST: Final = 50
_TRADES: Final = 200
_LEVELS: Final = 100
_DONE: Final = {
    SessionAction.START: "started",
    SessionAction.END: "ended",
    SessionAction.SUSPEND: "suspended",
    SessionAction.RESUME: "active",
}


class SeedLevel(Struct, frozen=True):
    """All orders at one price."""

    price: Price
    quantity: Shares
    orders: int


class SeedBook(Struct, frozen=True):
    """One book, the best levels first."""

    symbol: str
    bids: list[SeedLevel]
    asks: list[SeedLevel]


class SeedBbo(Struct, frozen=True, kw_only=True):
    """The real best bid and offer of one symbol."""

    best_bid: Price | None
    best_ask: Price | None
    bid_size: Shares
    ask_size: Shares
    at: Nanos = field(name="timestamp")
    source: str


class SeedDone(Struct, frozen=True, kw_only=True):
    """What an action did."""

    status: str
    message: str | UnsetType = UNSET
    cl_ord_id: str | UnsetType = UNSET


@router.get("/data")
async def everything(front: AtFront, visitor: AnyVisitor, symbol: Annotated[str | None, Query()] = None) -> Response:
    """Return all that a dashboard shows at first: your open orders, quotes, trades, and one book."""
    market = front.parts.market
    shown = front.listed(symbol) if symbol else next(iter(market.instruments), None)
    bbos = {
        ticker.symbol: SeedBbo(
            best_bid=ticker.best_bid,
            best_ask=ticker.best_ask,
            bid_size=ticker.bid_size,
            ask_size=ticker.ask_size,
            at=ticker.at,
            source=ticker.source,
        )
        for ticker in market.tickers()
    }
    state = {
        "orders": front.parts.blotter.open_orders(visitor.user)[:_NEWEST] if visitor else [],
        "bbos": bbos,
        "trades": [public(done) for done in market.tape(None, _TRADES)],
        "book": seed_book(front, shown) if shown else None,
    }
    return reply(state)


@router.get("/orderbook/{symbol}")
async def orderbook(symbol: str, front: AtFront) -> Response:
    """Return one book, level by level."""
    return reply(seed_book(front, symbol))


@router.get("/history/{symbol}")
async def history(symbol: str, front: AtFront, period: Period = "1d") -> Response:
    """Return the candles of a chart."""
    return reply(candles_of(front, symbol, period=period))


@router.post("/order/cancel")
async def cancel_order(request: Request, own: Own) -> Response:
    """Cancel one of your orders; ok means that it has left the book."""
    fields, named = await _of_order(request, own)
    done = await own.cancel(fields, named=named)
    return reply(SeedDone(status="ok", message=f"Cancelled {done.order.cl_ord_id}.", cl_ord_id=done.order.cl_ord_id))


@router.post("/order/amend")
async def amend_order(request: Request, own: Own) -> Response:
    """Change one of your orders; ok means that it has changed."""
    fields, named = await _of_order(request, own)
    done = await own.amend(fields, named=named)
    return reply(SeedDone(status="ok", message=f"Amended {done.order.cl_ord_id}.", cl_ord_id=done.order.cl_ord_id))


@router.get("/session/status")
async def session_status(front: AtFront) -> Response:
    """Return the state of the session."""
    return reply(front.parts.market.session())


@router.post("/session/{action}")
async def change_session(action: SessionAction, front: AtFront, visitor: Operator) -> Response:
    """Start, end, suspend or resume the session."""
    await change(front, visitor, action=action)
    view: SessionView = front.parts.market.session()
    return reply({"status": _DONE[action], "active": view.active, "suspended": view.suspended, "mode": view.mode})


@router.get("/health")
async def health(front: AtFront) -> Response:
    """Return how much the dashboard holds, and whether the matcher can be used."""
    parts = front.parts
    reason = parts.ready()
    stats = {
        "orders_cached": front.counts["orders"],
        "trades_cached": len(parts.market.tape(None, _TRADES)),
        "symbols_tracked": len(parts.market.instruments),
        "sse_clients": front.hub.clients,
    }
    status = "healthy" if reason is None else "degraded"
    return reply(
        {"status": status, "service": "dashboard", "timestamp": parts.clock(), "stats": stats, "matcher": status}
    )


def seed_book(front: Front, symbol: str) -> SeedBook:
    """Return one book, level by level; whose orders they are is nobody's business. Raises: Problem 404."""
    depth = front.parts.board.depth(front.listed(symbol), _LEVELS)
    return SeedBook(symbol, _levels(depth.bids), _levels(depth.asks))


def _levels(levels: tuple[Level, ...]) -> list[SeedLevel]:
    return [SeedLevel(level.price, level.qty, level.orders) for level in levels]


async def _of_order(request: Request, own: Owner) -> tuple[Fields, dict[str, object]]:
    """Return the form of a change to an order without the fields that name it, and how the engine knows it."""
    fields = await fields_of(request)
    known = own.named(text_of(fields, "orig_cl_ord_id"))
    if "symbol" in fields:
        known["symbol"] = text_of(fields, "symbol")
    return {name: raw for name, raw in fields.items() if name not in known}, known
