"""A person's own: login, money and shares."""

from typing import Annotated

from fastapi import APIRouter, Request
from msgspec import Meta, Struct
from starlette.responses import Response

from stockex.messages.clearing import DaySettled
from stockex.messages.codec import entry_of
from stockex.messages.control import MemberLogin
from stockex.messages.views import Portfolio
from stockex.vocabulary.accounts import Role
from stockex.web.auth import COOKIE, Visitor, set_cookie
from stockex.web.forms import form_of
from stockex.web.front import AnyVisitor, AtFront, Front, Somebody
from stockex.web.replies import Me, reply
from stockex.web.routes.openapi import SCHEMAS, answers

router = APIRouter(prefix="/api/v1", tags=["account"])

Word = Annotated[str, Meta(min_length=1, max_length=256)]


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to log in."""

    user: Word
    password: Word


class MeReply(Me, frozen=True, kw_only=True):
    """Who asks, and whether this is a demonstration in which passwords are no secrets."""

    demo: bool


@router.post("/login", responses=answers(Me), openapi_extra=SCHEMAS.form(Login, without=()))
async def login(request: Request, front: AtFront) -> Response:
    """Log in: the answer sets a session cookie."""
    form = await form_of(request, Login)
    visitor, cookie = await enter(front, request, user=form.user, password=form.password)
    response = reply(Me(user=visitor.user, role=visitor.role.value))
    set_cookie(response, cookie, connection=request)
    return response


@router.post("/logout", responses=answers(Me))
async def logout(front: AtFront, visitor: AnyVisitor) -> Response:
    """Log out; the session's cookie is dead from then on, and its streams end."""
    return await leave(front, visitor, response=reply(Me(user=None, role=None)))


@router.get("/me", responses=answers(MeReply))
async def me(front: AtFront, visitor: AnyVisitor) -> Response:
    """Return who you are."""
    user, role = (visitor.user, visitor.role.value) if visitor else (None, None)
    return reply(MeReply(user=user, role=role, demo=front.parts.demo))


@router.get("/portfolio", responses=answers(Portfolio))
async def portfolio(front: AtFront, visitor: Somebody) -> Response:
    """Return your money and shares."""
    return reply(front.parts.portfolio(visitor.user))


@router.get("/settlements", responses=answers(list[DaySettled]))
async def settlements(front: AtFront, visitor: Somebody) -> Response:
    """Return your settled days, the newest first."""
    return reply(front.parts.house.settlements(visitor.user))


async def enter(front: Front, request: Request, *, user: str, password: str) -> tuple[Visitor, str]:
    """Log somebody in; a member's strategy rests from then on. Returns visitor and cookie. Raises: Problem."""
    visitor, cookie = await front.doorkeeper.login(user, password, connection=request)
    if visitor.role is Role.MEMBER:
        await front.parts.bus.append([entry_of(MemberLogin(member=visitor.user))])
    return visitor, cookie


async def leave(front: Front, visitor: Visitor | None, *, response: Response) -> Response:
    """Log somebody out, and say so in `response`."""
    response.delete_cookie(COOKIE)
    if visitor is not None and visitor.session:
        front.doorkeeper.sessions.end(visitor)
        front.hub.log_out(visitor.session)
        await front.lost(visitor.user)
    return response
