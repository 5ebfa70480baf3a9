"""The pages: dashboard, order entry, clearing house, login. The stream brings what they show; these are the frames."""

from typing import Final
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Request
from msgspec import Struct
from starlette.responses import RedirectResponse, Response

from stockex import __version__
from stockex.core.session.instrument import STEPS
from stockex.vocabulary.accounts import ACCOUNTS, Role
from stockex.web.auth import Visitor, set_cookie
from stockex.web.forms import body_of
from stockex.web.front import AnyVisitor, AtFront, Front
from stockex.web.replies import Problem
from stockex.web.routes.account import enter, leave

router = APIRouter(include_in_schema=False)

_STEPS: Final = msgspec.json.encode({phase: list(steps) for phase, steps in STEPS.items()}).decode()
"""Which actions lead on from each phase of an instrument: the buttons of the operator."""

_ACCOUNTS: Final = msgspec.json.encode([each.name for each in ACCOUNTS if each.role is not Role.OPERATOR]).decode()
"""All that may trade: whom the operator may stop."""


class Try(Struct, frozen=True):
    """What stands in the login form: what was typed, where to go next, and what was wrong with it."""

    member_id: str = ""
    target: str = ""
    error: str | None = None


@router.get("/")
async def dashboard(request: Request, visitor: AnyVisitor) -> Response:
    """Show the trading dashboard to anybody."""
    return _page("dashboard", request, visitor=visitor)


@router.get("/frontend")
async def frontend_slash() -> Response:
    """Lead to the page."""
    return RedirectResponse("/frontend/", status_code=308)


@router.get("/frontend/")
async def frontend(request: Request, visitor: AnyVisitor) -> Response:
    """Show the order entry to anybody."""
    return _page("frontend", request, visitor=visitor)


@router.get("/ch/")
async def leaderboard(request: Request, visitor: AnyVisitor) -> Response:
    """Show the members' ranking to anybody."""
    return _page("leaderboard", request, visitor=visitor)


@router.get("/ch/portfolio")
async def portfolio(request: Request, visitor: AnyVisitor) -> Response:
    """Show a person's own money and shares; nobody is sent to the login first."""
    if visitor is None:
        return RedirectResponse("/ch/login?next=/ch/portfolio", status_code=303)
    return _page("portfolio", request, visitor=visitor)


@router.get("/ch/login")
async def login_form(request: Request, visitor: AnyVisitor) -> Response:
    """Ask for user and password."""
    return _login(request, Try(target=request.query_params.get("next", "")), visitor=visitor)


@router.post("/ch/login")
async def login(request: Request, front: AtFront) -> Response:
    """Log in and go on to `next`, or ask again."""
    fields = parse_qs((await body_of(request)).decode(errors="replace"))
    user, password, target = (fields.get(name, [""])[0] for name in ("member_id", "password", "next"))
    try:
        _, cookie = await enter(front, request, user=user.strip(), password=password)
    except Problem as problem:
        again = Try(member_id=user, target=target, error=problem.fault.message)
        response = _login(request, again, visitor=None)
        response.status_code = problem.status
        response.headers.update(problem.headers or {})
        return response
    response = RedirectResponse(target if is_local(target) else "/ch/portfolio", status_code=303)
    set_cookie(response, cookie, connection=request)
    return response


@router.post("/ch/logout")
async def logout(front: AtFront, visitor: AnyVisitor) -> Response:
    """Log out and go to the ranking."""
    return await leave(front, visitor, response=RedirectResponse("/ch/", status_code=303))


def is_local(target: str) -> bool:
    """Say whether a redirect to `target` stays here: a path, and none that a browser reads as another host."""
    return target.startswith("/") and target[1:2] not in {"/", "\\"} and target.isprintable()


def _login(request: Request, form: Try, *, visitor: Visitor | None) -> Response:
    target = form.target if is_local(form.target) else None
    return _page("login", request, visitor=visitor, member_id=form.member_id, next=target, error=form.error)


def _page(name: str, request: Request, *, visitor: Visitor | None, **more: str | None) -> Response:
    front: Front = request.app.state.front
    context = {
        "nonce": request.state.nonce,
        "demo": front.parts.demo,
        "front_page": front.parts.front_page,
        "user": visitor.user if visitor else None,
        "role": visitor.role.value if visitor else None,
        "accounts": _ACCOUNTS,
        "steps": _STEPS if visitor is not None and visitor.role is Role.OPERATOR else None,
        "version": __version__,
        **more,
    }
    return front.templates.TemplateResponse(request, f"{name}.html", context)
