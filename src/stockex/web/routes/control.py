"""What the operator controls: session and phases, who may trade, others' orders, and trades that were wrong."""

import secrets
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from msgspec import Struct, field
from starlette.responses import Response

from stockex.core.market_data.tape import status_after
from stockex.messages.codec import Message
from stockex.messages.control import Killed
from stockex.messages.executions import Cancelled, MassCancelled
from stockex.messages.market_data import Bust, Correction
from stockex.messages.orders import (
    BustTrade,
    CancelOrders,
    ChangePhase,
    ChangeSession,
    CorrectTrade,
    KillSwitch,
)
from stockex.messages.views import KillsView, SessionView, Ticker, TradeStatus
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.units import Price, Shares
from stockex.web.auth import Visitor
from stockex.web.forms import CONTROL_FIELDS, SHELL_FIELDS, Fields, command_of, fields_of
from stockex.web.front import AtFront, Front, Operator
from stockex.web.gateway import SOURCE
from stockex.web.replies import CountReply, reply
from stockex.web.routes.openapi import SCHEMAS, answers

router = APIRouter(prefix="/api/v1", tags=["control"])

_Intervention = KillSwitch | CancelOrders | BustTrade | CorrectTrade

_KILL: Final = SCHEMAS.form(KillSwitch, without=CONTROL_FIELDS)
_CANCEL: Final = SCHEMAS.form(CancelOrders, without=CONTROL_FIELDS)
_BUST: Final = SCHEMAS.form(BustTrade, without=(*CONTROL_FIELDS, "trade_id"))
_CORRECT: Final = SCHEMAS.form(CorrectTrade, without=(*CONTROL_FIELDS, "trade_id"))
_PHASE: Final = SCHEMAS.form(ChangePhase, without=(*SHELL_FIELDS, "seed"))


@router.get("/session", responses=answers(SessionView))
async def session(front: AtFront) -> Response:
    """Return the state of the session."""
    return reply(front.parts.market.session())


@router.post("/session/{action}", responses=answers(SessionView))
async def change_session(action: SessionAction, front: AtFront, visitor: Operator) -> Response:
    """Start, end, suspend or resume the session."""
    await change(front, visitor, action=action)
    return reply(front.parts.market.session())


@router.post("/phase", responses=answers(list[Ticker]), openapi_extra=_PHASE)
async def change_phase(request: Request, front: AtFront, _: Operator) -> Response:
    """Change the phase of one instrument, or of all that it leads on; return their tickers (AUC-11: the seed)."""
    fields = await fields_of(request)
    seed = secrets.randbelow(2**53) if "random_s" in fields else None
    filled = {"source": SOURCE, "timestamp": front.parts.clock(), "seed": seed}
    command = command_of(ChangePhase, fields, filled=filled)
    await front.gateway.submit(command)
    market = front.parts.market
    return reply(market.tickers() if command.symbol is None else [market.ticker(command.symbol)])


class KillReply(Struct, frozen=True):
    """Which kill switches are on now, and how many orders this ended."""

    kills: KillsView
    count: int


class ChangedReply(Struct, frozen=True, kw_only=True):
    """A trade as it stands after it was busted or corrected; `count` orders ended that nothing covers any more."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares = field(name="quantity")
    status: TradeStatus
    changed_by: int
    note: str
    count: int


@router.get("/kill-switches", responses=answers(KillsView))
async def kill_switches(front: AtFront, _: Operator) -> Response:
    """Return which kill switches are on."""
    return reply(front.parts.switches.kills())


@router.post("/kill-switches", responses=answers(KillReply), openapi_extra=_KILL)
async def turn_kill_switch(request: Request, front: AtFront, visitor: Operator) -> Response:
    """Stop an account, or everybody without one: all open orders end, no new ones are taken. Off: release."""
    facts = await _obeyed(KillSwitch, await fields_of(request), front=front, visitor=visitor)
    count = sum(fact.count for fact in facts if isinstance(fact, Killed))
    return reply(KillReply(front.parts.switches.kills(), count))


@router.post("/cancel-orders", responses=answers(CountReply), openapi_extra=_CANCEL)
async def cancel_orders(request: Request, front: AtFront, visitor: Operator) -> Response:
    """Cancel open orders for their owners: of one account or all, one instrument or all, one side or both."""
    facts = await _obeyed(CancelOrders, await fields_of(request), front=front, visitor=visitor)
    return reply(CountReply(sum(fact.count for fact in facts if isinstance(fact, MassCancelled))))


@router.post("/trades/{trade_id}/bust", responses=answers(ChangedReply), openapi_extra=_BUST)
async def bust_trade(trade_id: str, request: Request, front: AtFront, visitor: Operator) -> Response:
    """Undo a trade: cash and shares go back, and what they covered ends."""
    fields = await fields_of(request)
    return _changed(await _obeyed(BustTrade, fields, front=front, visitor=visitor, trade_id=trade_id))


@router.post("/trades/{trade_id}/correct", responses=answers(ChangedReply), openapi_extra=_CORRECT)
async def correct_trade(trade_id: str, request: Request, front: AtFront, visitor: Operator) -> Response:
    """Give a trade another price, a smaller quantity, or both; the difference moves."""
    fields = await fields_of(request)
    return _changed(await _obeyed(CorrectTrade, fields, front=front, visitor=visitor, trade_id=trade_id))


async def _obeyed(
    kind: type[_Intervention], fields: Fields, *, front: Front, visitor: Visitor, **named: str
) -> tuple[Message, ...]:
    """Return what the operator's command caused. Raises: Problem."""
    filled = {"source": SOURCE, "timestamp": front.parts.clock(), "by": visitor.user, **named}
    command = command_of(kind, fields, filled=filled, barred=CONTROL_FIELDS)
    return (await front.gateway.submit(command)).facts


def _changed(facts: Sequence[Message]) -> Response:
    [fact] = [fact for fact in facts if isinstance(fact, Bust | Correction)]
    return reply(
        ChangedReply(
            trade_id=fact.trade_id,
            symbol=fact.symbol,
            price=fact.price,
            qty=fact.qty,
            status=status_after(fact),
            changed_by=fact.offset,
            note=fact.text,
            count=sum(isinstance(fact, Cancelled) for fact in facts),
        )
    )


async def change(front: Front, visitor: Visitor, *, action: SessionAction) -> None:
    """Change the session, and return when it has changed. Raises: Problem 409, it cannot from here."""
    sent_at = front.parts.clock()
    await front.gateway.submit(ChangeSession(action=action, account=visitor.user, source=SOURCE, sent_at=sent_at))
