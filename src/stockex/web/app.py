"""The web application, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final, Protocol

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from stockex import __version__
from stockex.errors import LogError, NothingThere, TooBusy, TooFarBack, Unexplained
from stockex.web import pages
from stockex.web.fix.floor import Floor
from stockex.web.fix.place import FixPlace
from stockex.web.fix.routes import router as fix_router
from stockex.web.fix.stream import FixStream
from stockex.web.front import FOLDER, Front
from stockex.web.parts import Parts
from stockex.web.replies import Fault, Problem
from stockex.web.routes import account, clearing, control, health, market, matcher, openapi, orders, seed
from stockex.web.shield import Shield
from stockex.web.stream.endpoint import Stream

__all__ = ["MATCHER_ROUTERS", "ROUTERS", "AnySite", "FixPlace", "FixSite", "Parts", "Site", "create_app"]

STREAMS: Final = frozenset({"/stream", "/ch/stream"})
"""The addresses of the one stream."""

FIX_STREAM: Final = "/fix/stream"
"""The address of the FIX page's own stream."""

ROUTERS: Final = (
    market.router,
    orders.router,
    control.router,
    account.router,
    clearing.router,
    seed.router,
    matcher.router,
    health.router,
    openapi.router,
    pages.router,
)
"""All routes but the stream's."""

MATCHER_ROUTERS: Final = (matcher.router, health.router)
"""The routes of a matcher in a process of its own: it shows what it did, and takes no orders by REST."""

_UNEXPLAINED: Final[dict[type[Exception], int]] = {NothingThere: 404, TooFarBack: 422, TooBusy: 503}

_log = structlog.get_logger(__name__)


class AnySite(Protocol):
    """What a process serves behind its door."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

    def running(self) -> AbstractAsyncContextManager[object]:
        """Look after sessions and streams until the block ends, for servers that do not do it by the lifespan."""

    def close(self) -> None:
        """Say goodbye to all streams and serve no new ones. Call it when the server begins to stop."""


class FixSite:
    """An ASGI application: the FIX page alone.

    Attributes:
        floor: The page's visitors.
        api: The FastAPI application.
    """

    def __init__(self, place: FixPlace) -> None:
        self.floor = Floor(place)
        self.api = _api([fix_router], [self.floor], close=self.close)
        self.api.state.fix = self.floor
        self._stream = FixStream(self.floor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's own lifespan."""
        is_stream = scope["type"] == "http" and scope["path"] == FIX_STREAM
        await (self._stream if is_stream else self.api)(scope, receive, send)

    def running(self) -> AbstractAsyncContextManager[object]:
        """As `AnySite` says."""
        return self.api.router.lifespan_context(self.api)

    def close(self) -> None:
        """As `AnySite` says."""
        self.floor.close()


class Site:
    """An ASGI application: the streams on their own, everything else by FastAPI.

    Attributes:
        front: What its routes use.
        stream: The stream's endpoint.
        fix: The visitors of the FIX page; None where there is none.
        api: The FastAPI application.
    """

    def __init__(self, parts: Parts, routers: Sequence[APIRouter] = ROUTERS) -> None:
        self.front = Front(parts)
        self.stream = Stream(self.front.hub, parts, doorkeeper=self.front.doorkeeper)
        self.fix = None if parts.fix is None else Floor(parts.fix)
        own: list[_Serves] = [self.front, self.front.hub]
        if self.fix is not None:
            own, routers = [*own, self.fix], [*routers, fix_router]
        self.api = _api(routers, own, close=self.close)
        self.api.state.front, self.api.state.fix = self.front, self.fix
        self._fix_stream = None if self.fix is None else FixStream(self.fix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's own lifespan."""
        if scope["type"] == "http" and scope["path"] in STREAMS:
            await self.stream(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == FIX_STREAM and self._fix_stream is not None:
            await self._fix_stream(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    def running(self) -> AbstractAsyncContextManager[object]:
        """As `AnySite` says."""
        return self.api.router.lifespan_context(self.api)

    def close(self) -> None:
        """As `AnySite` says."""
        self.front.hub.close()
        if self.fix is not None:
            self.fix.close()


class _Serves(Protocol):
    """A part of a site that works as long as the site runs."""

    async def serve(self) -> None:
        """Work until cancelled; then end what outlives it."""


def create_app(parts: Parts, routers: Sequence[APIRouter] = ROUTERS) -> Site:
    """Return the web application with these routes; it listens to the parts' recorder from now on."""
    return Site(parts, routers)


def _api(routers: Sequence[APIRouter], own: Sequence[_Serves], *, close: Callable[[], None]) -> FastAPI:
    """Return the application with these routes; `own` works as long as it runs, and `close` ends its streams."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each.serve()) for each in own]
        try:
            yield
        finally:
            close()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    api = FastAPI(
        title="StockEx", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    api.add_middleware(Shield)
    api.add_exception_handler(Problem, _answer_problem)
    api.add_exception_handler(RequestValidationError, _answer_validation)
    api.add_exception_handler(HTTPException, _answer_http)
    api.add_exception_handler(LogError, _answer_log)
    api.add_exception_handler(Unexplained, _answer_unexplained)
    api.add_exception_handler(Exception, _answer_bug)
    for router in routers:
        api.include_router(router)
    api.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    return api


async def _answer_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.answer()


async def _answer_validation(_: Request, error: Exception) -> Response:
    """Answer a path or a query that does not fit; the first fault is named."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = str(first["loc"][-1])
    return Problem(422, Fault(message=f"`{field}`: {first['msg']}.", field=field)).answer()


async def _answer_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = f"{HTTPStatus(error.status_code).phrase}."
    return Problem(error.status_code, Fault(message=sentence), headers=error.headers).answer()


async def _answer_log(_: Request, error: Exception) -> Response:
    """Answer when the log takes nothing: it is full, broken or closed."""
    _log.error("log_refuses", error=str(error))
    message = "The log takes nothing now: its disk is full or failing, or it is closed. Nothing was done."
    return Problem(503, Fault(message=message, reason="LOG_UNAVAILABLE"), headers={"Retry-After": "1"}).answer()


async def _answer_unexplained(_: Request, error: Exception) -> Response:
    """Answer when there is nothing to explain, when it is too long ago, or when others are asking."""
    return Problem(_UNEXPLAINED[type(error)], Fault(message=str(error))).answer()


async def _answer_bug(request: Request, error: Exception) -> Response:
    """Answer after a fault of our own. The server logs it with its traceback; the client learns nothing of it."""
    _log.error("request_failed", path=request.url.path, error=type(error).__name__)
    return Problem(500, Fault(message="This is our fault, and it has been logged.")).answer()
