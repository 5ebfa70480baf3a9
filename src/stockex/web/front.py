"""The front office: what every route may use, and who may pass."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request
from starlette.templating import Jinja2Templates

from stockex.adapters.credentials import PEOPLE
from stockex.errors import LogError
from stockex.messages.codec import Message, entry_of
from stockex.messages.control import MemberLogout
from stockex.messages.executions import Accepted, Cancelled, Rejected, Replaced
from stockex.messages.market_data import Trade
from stockex.messages.orders import Disconnected
from stockex.vocabulary.accounts import Role
from stockex.vocabulary.reasons import RejectReason
from stockex.web.auth import Doorkeeper, Visitor
from stockex.web.gateway import SOURCE, Gateway
from stockex.web.parts import Batch, Parts
from stockex.web.replies import Fault, Problem, refusal
from stockex.web.stream.hub import Hub

FOLDER: Final = Path(__file__).parent
"""Where templates and static files stand."""

_log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
"""How often sessions that have run out are looked for, in seconds."""

_COUNTED: Final[dict[type[Message], str]] = {
    Accepted: "orders",
    Trade: "trades",
    Cancelled: "cancels",
    Replaced: "replaces",
    Rejected: "rejects",
}


class Front:
    """One running web application: its parts, its gateway, its door and its stream."""

    def __init__(self, parts: Parts) -> None:
        """Follow the log through the parts' recorder from now on."""
        self.parts = parts
        self.gateway = Gateway(parts.bus)
        self.doorkeeper = Doorkeeper(parts.credentials, parts.clock)
        self.hub = Hub(parts)
        self.templates = Jinja2Templates(FOLDER / "templates")
        self._counts: Counter[str] = Counter(dict.fromkeys(_COUNTED.values(), 0))
        parts.recorder.listen(self.gateway.hear)
        parts.recorder.listen(self.hub.hear)
        parts.recorder.listen(self._count)
        if parts.insights is not None:
            parts.insights.listen(self.hub.comment)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many orders, trades, cancels, replaces and rejects there were since this start."""
        return self._counts if self.parts.own is None else self.parts.own.counts

    def listed(self, symbol: str) -> str:
        """Return `symbol` if it is listed. Raises: Problem 404."""
        if symbol not in self.parts.board.instruments:
            raise refusal(RejectReason.UNKNOWN_SYMBOL)
        return symbol

    async def serve(self) -> None:
        """Look for sessions that have run out, again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Tell the log who has left because a session has run out. While it takes nothing, nobody trades anyway."""
        for user in self.doorkeeper.sessions.run_out():
            try:
                await self.lost(user)
            except LogError as error:
                _log.warning("leaving_not_told", user=user, error=str(error))

    async def lost(self, user: str) -> None:
        """Tell the log that a person has left: orders that ask for it end, a member's strategy trades again (CTL-06).

        Raises: LogError: it was not appended.
        """
        messages: list[Message] = []
        if PEOPLE[user] is not Role.OPERATOR:
            messages.append(Disconnected(account=user, source=SOURCE, sent_at=self.parts.clock()))
        if PEOPLE[user] is Role.MEMBER:
            messages.append(MemberLogout(member=user))
        if messages:
            await self.parts.bus.append([entry_of(message) for message in messages])

    def _count(self, batch: Batch) -> None:
        self._counts.update(_COUNTED[type(message)] for _, message in batch if type(message) in _COUNTED)


async def front_of(request: Request) -> Front:
    """Return the front office of the application that serves `request`."""
    front: Front = request.app.state.front
    return front


AtFront = Annotated[Front, Depends(front_of)]
"""A route's parameter: the front office."""


async def visitor_of(request: Request, front: AtFront) -> Visitor | None:
    """Return who asks, None for nobody. Raises: Problem 401, 429."""
    return await front.doorkeeper.visitor(request)


AnyVisitor = Annotated[Visitor | None, Depends(visitor_of)]
"""A route's parameter: who asks, if anybody is logged in."""


async def somebody(visitor: AnyVisitor) -> Visitor:
    """Return who asks. Raises: Problem 401, nobody is logged in."""
    if visitor is None:
        raise Problem(401, Fault(message="Log in first: by POST /api/v1/login, or with HTTP Basic."))
    return visitor


Somebody = Annotated[Visitor, Depends(somebody)]
"""A route's parameter: who asks; nobody is refused."""


async def trader(visitor: Somebody) -> Visitor:
    """Return who asks. Raises: Problem 403, the operator, who owns nothing and trades nothing."""
    if visitor.role is Role.OPERATOR:
        raise Problem(403, Fault(message="The operator does not trade."))
    return visitor


Trader = Annotated[Visitor, Depends(trader)]
"""A route's parameter: who asks; only those who trade pass."""


async def operator(visitor: Somebody) -> Visitor:
    """Return who asks. Raises: Problem 403, anybody but the operator."""
    if visitor.role is not Role.OPERATOR:
        raise Problem(403, Fault(message="Only the operator controls the session."))
    return visitor


Operator = Annotated[Visitor, Depends(operator)]
"""A route's parameter: who asks; only the operator passes."""
