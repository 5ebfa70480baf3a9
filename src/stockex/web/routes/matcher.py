"""The matcher as the seed's monitoring sees it: health, trades, books, and figures for Prometheus."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import PlainTextResponse, Response

from stockex.core.market_data.tape import Print
from stockex.messages.views import TradeStatus
from stockex.vocabulary.services import Standing
from stockex.vocabulary.units import Nanos, Price, Shares
from stockex.web.auth import Visitor
from stockex.web.front import AnyVisitor, AtFront, Front, Operator
from stockex.web.replies import reply
from stockex.web.routes.seed import seed_book

router = APIRouter(prefix="/matcher", include_in_schema=False)

_TAPE: Final = 1_000
_ALL_LEVELS: Final = 1_000_000
_COUNTERS: Final = {
    "orders": ("stockex_orders_total", "Orders accepted."),
    "trades": ("stockex_trades_total", "Trades executed."),
    "cancels": ("stockex_cancels_total", "Orders cancelled."),
    "replaces": ("stockex_replaces_total", "Orders replaced."),
    "rejects": ("stockex_rejects_total", "Commands refused."),
}


class SeedTrade(Struct, frozen=True, kw_only=True):
    """A trade in the seed's shape, and how it stands. An order's client id is shown to its owner only."""

    id: str
    symbol: str
    price: Price
    quantity: Shares
    buy_order_id: str | None
    sell_order_id: str | None
    timestamp: Nanos
    created_at: Nanos
    status: TradeStatus


@router.get("/health")
async def health(front: AtFront) -> Response:
    """Return whether the matcher can be used, what it holds and, beside others, whether it is the active one."""
    parts = front.parts
    reason = parts.ready()
    stats = {
        "symbols": len(parts.board.instruments),
        "total_orders": front.counts["orders"],
        "trades_in_memory": len(parts.board.tape(None, _TAPE)),
        "trades_in_db": front.counts["trades"],
    }
    state = {
        "status": "healthy" if reason is None else "degraded",
        "service": "matcher",
        "timestamp": parts.clock(),
        "stats": stats,
        "database": "connected" if reason is None else f"error: {reason}",
    }
    standing = parts.standing()
    return reply(state if standing is None else state | {"role": standing})


@router.get("/trades")
async def trades(
    front: AtFront,
    visitor: AnyVisitor,
    symbol: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=_TAPE)] = 200,
    offset: Annotated[int, Query(ge=0, le=_TAPE)] = 0,
) -> Response:
    """Return the newest trades, page by page; `total` is how many are kept."""
    tape = front.parts.board.tape(front.listed(symbol) if symbol else None, _TAPE)
    page = [_seed_trade(done, visitor) for done in tape[offset : offset + limit]]
    return reply({"trades": page, "total": len(tape), "limit": limit, "offset": offset})


@router.get("/orderbook/{symbol}")
async def orderbook(symbol: str, front: AtFront) -> Response:
    """Return one book, level by level."""
    return reply(seed_book(front, symbol))


@router.get("/books")
async def books(front: AtFront, _: Operator) -> Response:
    """Return on which book each instrument is and why, and how much ran where. It tells of orders that are hidden."""
    return reply({"books": [route._asdict() for route in front.parts.routes()]})


@router.get("/metrics")
async def metrics(front: AtFront) -> Response:
    """Return counters since this start and gauges of now, as Prometheus text."""
    lines: list[str] = []
    for name, (metric, meaning) in _COUNTERS.items():
        lines += [f"# HELP {metric} {meaning} Since this start, replayed facts included.", f"# TYPE {metric} counter"]
        lines.append(f"{metric} {front.counts[name]}")
    if (standing := front.parts.standing()) is not None:
        lines += ["# HELP stockex_active Whether this matcher is the active one.", "# TYPE stockex_active gauge"]
        label = "" if front.parts.shard is None else f'{{shard="{front.parts.shard}"}}'
        lines.append(f"stockex_active{label} {int(standing is Standing.ACTIVE)}")
    lines += ["# HELP stockex_book_levels Price levels that hold orders.", "# TYPE stockex_book_levels gauge"]
    lines += _book_levels(front)
    lines += ["# HELP stockex_sse_clients Readers of the stream.", "# TYPE stockex_sse_clients gauge"]
    lines.append(f"stockex_sse_clients {front.hub.clients}")
    lines += _passed_over(front)
    lines += _commands(front)
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def _passed_over(front: Front) -> list[str]:
    metric = "stockex_records_passed_over_total"
    lines = [
        f"# HELP {metric} Records of the log that could not be believed, since it began.",
        f"# TYPE {metric} counter",
    ]
    for topic, of_topic in sorted(front.parts.passed_over.items()):
        lines += [f'{metric}{{topic="{topic}",reason="{why}"}} {count}' for why, count in sorted(of_topic.items())]
    return lines


def _commands(front: Front) -> list[str]:
    routes, metric = front.parts.routes(), "stockex_commands_total"
    meaning = "Commands of instruments by the book that they ran on, since the compiled one is in use."
    lines = [f"# HELP {metric} {meaning}", f"# TYPE {metric} counter"]
    lines.append(f'{metric}{{book="compiled"}} {sum(route.compiled for route in routes)}')
    lines.append(f'{metric}{{book="plain"}} {sum(route.plain for route in routes)}')
    return lines


def _book_levels(front: Front) -> list[str]:
    lines = []
    for symbol in front.parts.board.instruments:
        depth = front.parts.board.depth(symbol, _ALL_LEVELS)
        for side, levels in (("bid", depth.bids), ("ask", depth.asks)):
            lines.append(f'stockex_book_levels{{symbol="{_label(symbol)}",side="{side}"}} {len(levels)}')
    return lines


def _label(text: str) -> str:
    """Escape a label's value. Source: Prometheus text exposition format."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _seed_trade(done: Print, visitor: Visitor | None) -> SeedTrade:
    trade = done.trade
    user = visitor.user if visitor else None
    return SeedTrade(
        id=trade.trade_id,
        symbol=trade.symbol,
        price=trade.price,
        quantity=trade.qty,
        buy_order_id=trade.buy_id if trade.buy_member == user else None,
        sell_order_id=trade.sell_id if trade.sell_member == user else None,
        timestamp=trade.at,
        created_at=trade.at,
        status=done.status,
    )
