"""The web application, put together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final

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
from stockex.web.front import FOLDER, Front
from stockex.web.parts import Parts
from stockex.web.replies import Fault, Problem
from stockex.web.routes import account, clearing, control, health, market, matcher, openapi, orders, seed
from stockex.web.shield import Shield
from stockex.web.stream.endpoint import Stream

__all__ = ["MATCHER_ROUTERS", "ROUTERS", "Parts", "Site", "create_app"]

STREAMS: Final = frozenset({"/stream", "/ch/stream"})
"""The addresses of the one stream."""

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


class Site:
    """An ASGI application: the stream on its own, everything else by FastAPI.

    Attributes:
        front: What its routes use.
        stream: The stream's endpoint.
        api: The FastAPI application.
    """

    def __init__(self, parts: Parts, routers: Sequence[APIRouter] = ROUTERS) -> None:
        self.front = Front(parts)
        self.stream = Stream(self.front.hub, parts, doorkeeper=self.front.doorkeeper)
        self.api = _api(self.front, routers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's own lifespan."""
        if scope["type"] == "http" and scope["path"] in STREAMS:
            await self.stream(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    def running(self) -> AbstractAsyncContextManager[object]:
        """Look after sessions and streams until the block ends, for servers that do not do it by the lifespan."""
        return self.api.router.lifespan_context(self.api)

    def close(self) -> None:
        """Say goodbye to all streams and serve no new ones. Call it when the server begins to stop."""
        self.front.hub.close()


def create_app(parts: Parts, routers: Sequence[APIRouter] = ROUTERS) -> Site:
    """Return the web application with these routes; it listens to the parts' recorder from now on."""
    return Site(parts, routers)


def _api(front: Front, routers: Sequence[APIRouter]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each.serve()) for each in (front, front.hub)]
        try:
            yield
        finally:
            front.hub.close()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    api = FastAPI(
        title="StockEx", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    api.state.front = front
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
