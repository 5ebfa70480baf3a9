"""Whether the exchange lives, is ready, and what it is."""

from fastapi import APIRouter
from starlette.responses import Response

from stockex import __version__
from stockex.web.front import AtFront
from stockex.web.replies import Fault, Problem, reply

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Response:
    """Say that the process answers."""
    return reply({"status": "ok"})


@router.get("/readyz")
async def readyz(front: AtFront) -> Response:
    """Say whether orders can be placed; 503 and the reason while they cannot."""
    reason = front.parts.ready()
    if reason is not None:
        raise Problem(503, Fault(message=reason), headers={"Retry-After": "1"})
    return reply({"status": "ready"})


@router.get("/version")
async def version() -> Response:
    """Return the version that runs."""
    return reply({"version": __version__})
