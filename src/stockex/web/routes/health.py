"""Whether the exchange lives, is ready, and what it is."""

from fastapi import APIRouter
from msgspec import Struct
from starlette.responses import Response

from stockex import __version__
from stockex.messages.topics import Topic
from stockex.web.front import AtFront
from stockex.web.replies import Fault, Problem, reply
from stockex.web.routes.openapi import answers

router = APIRouter(tags=["health"])


class Quarantine(Struct, frozen=True, kw_only=True):
    """What stands in the log and is no message, or cannot be what it says, since the log began."""

    total: int
    topics: dict[Topic, dict[str, int]]


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


@router.get("/api/v1/quarantine", responses=answers(Quarantine))
async def quarantine(front: AtFront) -> Response:
    """Return how many records of the log could not be believed and were passed over, by topic and reason."""
    counts = front.parts.passed_over
    topics = {topic: dict(sorted(of_topic.items())) for topic, of_topic in sorted(counts.items())}
    return reply(Quarantine(total=sum(sum(of_topic.values()) for of_topic in topics.values()), topics=topics))


@router.get("/version")
async def version() -> Response:
    """Return the version that runs."""
    return reply({"version": __version__})
