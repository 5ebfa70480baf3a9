"""The trading session and the phases of its instruments: everybody sees them, the operator controls them."""

import secrets
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from stockex.messages.orders import ChangePhase, ChangeSession
from stockex.messages.views import SessionView, Ticker
from stockex.vocabulary.enums import SessionAction
from stockex.web.auth import Visitor
from stockex.web.forms import SHELL_FIELDS, command_of, fields_of
from stockex.web.front import AtFront, Front, Operator
from stockex.web.replies import reply
from stockex.web.routes.openapi import SCHEMAS, answers
from stockex.web.routes.orders import SOURCE

router = APIRouter(prefix="/api/v1", tags=["session"])

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


async def change(front: Front, visitor: Visitor, *, action: SessionAction) -> None:
    """Change the session, and return when it has changed. Raises: Problem 409, it cannot from here."""
    sent_at = front.parts.clock()
    await front.gateway.submit(ChangeSession(action=action, account=visitor.user, source=SOURCE, sent_at=sent_at))
