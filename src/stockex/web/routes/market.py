"""Public market data."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.responses import Response

from stockex.messages.views import Candle, Depth, Ticker
from stockex.web.front import AtFront
from stockex.web.replies import InstrumentView, PublicTrade, public, reply
from stockex.web.routes.openapi import answers
from stockex.web.stream.hub import instruments

router = APIRouter(prefix="/api/v1", tags=["market"])

Levels = Annotated[int, Query(ge=1, le=100, description="How many levels of each side.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many, the newest first.")]
Symbol = Annotated[str | None, Query(description="Of one instrument only.")]
Period = Literal["live", "1h", "8h", "1d", "1w", "1m"]

DEPTH: Final = 10
"""How many levels of a book are shown unless asked otherwise."""


class Candles(Struct, frozen=True, kw_only=True):
    """The candles of one period up to now, oldest first."""

    symbol: str
    period: str
    candles: list[Candle]


@router.get("/instruments", responses=answers(list[InstrumentView]))
async def list_instruments(front: AtFront) -> Response:
    """Return what can be traded, with tick, lot and last close."""
    return reply(instruments(front.parts))


@router.get("/market", responses=answers(list[Ticker]))
async def tickers(front: AtFront) -> Response:
    """Return the market table: best bid and offer and the day's figures of every instrument."""
    return reply(front.parts.market.tickers())


@router.get("/market/{symbol}", responses=answers(Ticker))
async def ticker(symbol: str, front: AtFront) -> Response:
    """Return one instrument's line of the market table."""
    return reply(front.parts.market.ticker(front.listed(symbol)))


@router.get("/book/{symbol}", responses=answers(Depth))
async def book(symbol: str, front: AtFront, levels: Levels = DEPTH) -> Response:
    """Return the best levels of one book: price, quantity and number of orders, best first."""
    return reply(front.parts.market.depth(front.listed(symbol), levels))


@router.get("/trades", responses=answers(list[PublicTrade]))
async def trades(front: AtFront, symbol: Symbol = None, limit: Limit = 100) -> Response:
    """Return the newest trades, of one instrument or of all."""
    tape = front.parts.market.tape(front.listed(symbol) if symbol else None, limit)
    return reply([public(trade) for trade in tape])


@router.get("/candles/{symbol}", responses=answers(Candles))
async def candles(symbol: str, front: AtFront, period: Period = "1h") -> Response:
    """Return the candles of a chart."""
    return reply(candles_of(front, symbol, period=period))


def candles_of(front: AtFront, symbol: str, *, period: Period) -> Candles:
    """Return the candles of a listed symbol up to now. Raises: Problem 404."""
    now = front.parts.clock()
    return Candles(
        symbol=front.listed(symbol), period=period, candles=front.parts.bars.candles(symbol, period, now=now)
    )
