"""The clearing house: the members' ranking for everybody, and the seed's routes under /ch."""

from typing import Any, Final

from fastapi import APIRouter, Request
from msgspec import Struct, field
from starlette.responses import Response

from stockex.errors import WireError
from stockex.messages.clearing import Decision
from stockex.messages.codec import decode_record
from stockex.messages.topics import Topic
from stockex.messages.views import Daily, FillView, Holding, LeaderboardRow, TradeStatus
from stockex.vocabulary.accounts import DAILY_OBLIGATION, MEMBERS
from stockex.vocabulary.enums import Side
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Cash, Nanos, Price, Shares
from stockex.web.forms import fields_of
from stockex.web.front import AtFront, Front, Somebody
from stockex.web.replies import refusal, reply
from stockex.web.routes.openapi import answers
from stockex.web.routes.orders import Own

router = APIRouter(tags=["clearing"])

_TRADES: Final = 20
_DECISIONS: Final = 10
_DECISIONS_READ: Final = 300


class MemberTrade(Struct, frozen=True, kw_only=True):
    """A member's part of a trade as everybody may see it: a fill without its order."""

    trade_id: str
    symbol: str
    side: Side
    qty: Shares = field(name="quantity")
    price: Price
    at: Nanos = field(name="timestamp")
    status: TradeStatus


class MemberReply(Struct, frozen=True, kw_only=True):
    """A member as everybody may see it: its place, its newest trades and what it decided."""

    row: LeaderboardRow
    trades: list[MemberTrade]
    decisions: list[Decision]


class SeedMember(Struct, frozen=True, kw_only=True):
    """A member in the seed's shape."""

    account: str = field(name="member_id")
    capital: Cash
    holdings: tuple[Holding, ...]
    holdings_value: Cash
    total_value: Cash
    pnl: Cash
    daily: Daily
    trades: list[MemberTrade]
    ai_decisions: list[Decision]
    is_human: bool
    ai_type: str
    obligation: Shares


@router.get("/api/v1/leaderboard", responses=answers(list[LeaderboardRow]))
async def leaderboard(front: AtFront) -> Response:
    """Return the ten members by total value, the richest first."""
    return reply(front.parts.leaderboard())


@router.get("/api/v1/members/{account}", responses=answers(MemberReply))
async def member(account: str, front: AtFront) -> Response:
    """Return one member: its place in the ranking, its newest trades and decisions."""
    row = _row(front, account)
    trades = _trades(front, account)
    return reply(MemberReply(row=row, trades=trades, decisions=await _decisions(front, account)))


@router.get("/ch/api/leaderboard", responses=answers(list[LeaderboardRow]), include_in_schema=False)
async def seed_leaderboard(front: AtFront) -> Response:
    """Return the ranking, as the seed does."""
    return reply(front.parts.leaderboard())


@router.get("/ch/api/portfolio", include_in_schema=False)
async def seed_portfolio(front: AtFront, visitor: Somebody) -> Response:
    """Return your money and shares, as the seed does."""
    return reply(front.parts.portfolio(visitor.user))


@router.get("/ch/api/market", include_in_schema=False)
async def seed_market(front: AtFront) -> Response:
    """Return symbol to best bid, best ask and mid, null where a side is empty."""
    market = front.parts.market
    table: dict[str, dict[str, Price | None]] = {}
    for symbol in market.instruments:
        bbo = market.bbo(symbol)
        is_two_sided = bbo.best_bid is not None and bbo.best_ask is not None
        mid = market.mark(symbol) if is_two_sided else None
        table[symbol] = {"best_bid": bbo.best_bid, "best_ask": bbo.best_ask, "mid": mid}
    return reply(table)


@router.get("/ch/api/config", include_in_schema=False)
async def seed_config(front: AtFront) -> Response:
    """Return each member's strategy, and how many shares a member must trade a day."""
    strategies = {row.account: row.ai_type for row in front.parts.leaderboard()}
    return reply({"member_strategies": dict(sorted(strategies.items())), "obligation": DAILY_OBLIGATION})


@router.get("/ch/api/member/{account}", include_in_schema=False)
async def seed_member(account: str, front: AtFront) -> Response:
    """Return one member, as the seed does."""
    row = _row(front, account)
    shown = SeedMember(
        account=account,
        capital=row.capital,
        holdings=row.holdings,
        holdings_value=row.holdings_value,
        total_value=row.total_value,
        pnl=row.pnl,
        daily=Daily(buy_count=row.buy_count, sell_count=row.sell_count, total_securities=row.total_securities),
        trades=_trades(front, account),
        ai_decisions=await _decisions(front, account),
        is_human=row.is_human,
        ai_type=row.ai_type,
        obligation=DAILY_OBLIGATION,
    )
    return reply(shown)


@router.post("/ch/order", include_in_schema=False)
async def seed_order(request: Request, own: Own) -> Response:
    """Place an order as the member who is logged in."""
    placed = await own.place(await fields_of(request))
    answer: dict[str, Any] = {"status": "ok", "cl_ord_id": placed.order.cl_ord_id}
    return reply({**answer, "order": placed.order, "fills": placed.fills})


def _row(front: Front, account: str) -> LeaderboardRow:
    """Return a member's place. Raises: Problem 404, it is no member."""
    if account not in MEMBERS:
        raise refusal(RejectReason.UNKNOWN_ACCOUNT)
    return next(row for row in front.parts.leaderboard() if row.account == account)


def _trades(front: Front, account: str) -> list[MemberTrade]:
    """Return the member's newest trades of this day, or of all days while the market is closed."""
    started_at = front.parts.market.session().started_at or 0
    fills = front.parts.blotter.fills(account, _TRADES)
    return [_shown(fill) for fill in fills if fill.at >= started_at]


def _shown(fill: FillView) -> MemberTrade:
    return MemberTrade(
        trade_id=fill.trade_id,
        symbol=fill.symbol,
        side=fill.side,
        qty=fill.qty,
        price=fill.price,
        at=fill.at,
        status=fill.status,
    )


async def _decisions(front: Front, account: str) -> list[Decision]:
    """Return the member's newest decisions, the newest first, from the tail of the log."""
    found: list[Decision] = []
    for record in reversed(await front.parts.bus.last(Topic.DECISIONS, _DECISIONS_READ)):
        try:
            decision = decode_record(record)
        except WireError:
            continue
        if isinstance(decision, Decision) and decision.account == account and len(found) < _DECISIONS:
            found.append(decision)
    return found
