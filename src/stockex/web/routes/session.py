"""The trading session: everybody sees it, the operator controls it."""

from fastapi import APIRouter
from starlette.responses import Response

from stockex.messages.orders import ChangeSession
from stockex.messages.views import SessionView
from stockex.vocabulary.enums import SessionAction
from stockex.web.auth import Visitor
from stockex.web.front import AtFront, Front, Operator
from stockex.web.replies import reply
from stockex.web.routes.openapi import answers
from stockex.web.routes.orders import SOURCE

router = APIRouter(prefix="/api/v1", tags=["session"])


@router.get("/session", responses=answers(SessionView))
async def session(front: AtFront) -> Response:
    """Return the state of the session."""
    return reply(front.parts.market.session())


@router.post("/session/{action}", responses=answers(SessionView))
async def change_session(action: SessionAction, front: AtFront, visitor: Operator) -> Response:
    """Start, end, suspend or resume the session."""
    await change(front, visitor, action=action)
    return reply(front.parts.market.session())


async def change(front: Front, visitor: Visitor, *, action: SessionAction) -> None:
    """Change the session, and return when it has changed. Raises: Problem 409, it cannot from here."""
    sent_at = front.parts.clock()
    await front.gateway.submit(ChangeSession(action=action, account=visitor.user, source=SOURCE, sent_at=sent_at))
