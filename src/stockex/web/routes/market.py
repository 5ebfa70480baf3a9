"""Public market data."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from msgspec import Struct
from starlette.responses import Response

from stockex.core.why.auctions import without_hidden
from stockex.core.why.words import seen_by
from stockex.messages.market_data import Insight
from stockex.messages.views import Candle, Depth, Ticker, Why
from stockex.vocabulary.accounts import Role
from stockex.web.auth import Visitor
from stockex.web.front import AnyVisitor, AtFront
from stockex.web.replies import Fault, InstrumentView, Problem, PublicTrade, public, reply
from stockex.web.routes.openapi import answers
from stockex.web.stream.hub import instruments

router = APIRouter(prefix="/api/v1", tags=["market"])

Levels = Annotated[int, Query(ge=1, le=100, description="How many levels of each side.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many, the newest first.")]
Said = Annotated[int, Query(ge=1, le=50, description="How many, the newest first.")]
Symbol = Annotated[str | None, Query(description="Of one instrument only.")]
Period = Literal["live", "1h", "8h", "1d", "1w", "1m"]

DEPTH: Final = 10
"""How many levels of a book are shown unless asked otherwise."""


class Candles(Struct, frozen=True, kw_only=True):
    """The candles of one period up to now, oldest first."""

    symbol: str
    period: str
    candles: list[Candle]


class Story(Struct, frozen=True, kw_only=True):
    """Why things came about: the sentences that the one who asks may see, in the order of the facts."""

    offset: int
    whys: list[Why]


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
    return reply([public(done) for done in tape])


@router.get("/insights", responses=answers(list[Insight]))
async def insights(front: AtFront, limit: Said = 10) -> Response:
    """Return what the analyst said, each sentence with its figures and the commands that they come from."""
    return reply(front.parts.said(limit))


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


@router.get("/explain/{offset}", responses=answers(Story))
async def explain(offset: Annotated[int, Path(ge=0)], front: AtFront, visitor: AnyVisitor) -> Response:
    """Return why the facts of one command came about: a trade id begins with the command's offset.

    Public facts are explained to everybody, without names; an account's own figures to it and to the operator.
    """
    user, is_operator = (visitor.user, visitor.role is Role.OPERATOR) if visitor else (None, False)
    whys = await front.parts.explainer.explained(offset, seen_by(user, is_operator=is_operator))
    shown = shown_to(visitor, whys)
    if not shown:
        raise Problem(404, Fault(message=f"Of command {offset} there is nothing for you to see."))
    return reply(Story(offset=offset, whys=shown))


@router.get("/auction/{symbol}", responses=answers(Story))
async def auction(symbol: str, front: AtFront, visitor: AnyVisitor) -> Response:
    """Return why the auction that would end the call now has its price, with the table behind it."""
    whys = front.parts.explainer.auction(front.listed(symbol))
    return reply(Story(offset=whys[0].offset, whys=shown_to(visitor, whys)))


def shown_to(visitor: Visitor | None, whys: Iterable[Why]) -> list[Why]:
    """Return what the visitor may see: the operator all, others what is public and what is their own."""
    if visitor is not None and visitor.role is Role.OPERATOR:
        return list(whys)
    user = visitor.user if visitor else None
    return [without_hidden(why) for why in whys if why.account is None or why.account == user]
