"""The stream of the FIX page: what happens in the visitor's session, to the visitor alone."""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from stockex.web.fix.desk import Desk
from stockex.web.fix.floor import Floor
from stockex.web.replies import Fault, Problem
from stockex.web.stream.client import Client
from stockex.web.stream.endpoint import Pace

READERS: Final = 8
"""How many pages one visitor may have open."""


class FixStream(Pace):
    """GET /fix/stream, an ASGI application of its own. It begins with everything, then tells what changes."""

    def __init__(self, floor: Floor) -> None:
        super().__init__()
        self._floor = floor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one page until it is closed."""
        try:
            desk = self._admitted(scope)
        except Problem as problem:
            await problem.answer()(scope, receive, send)
            return
        reader = Client(None, None, anew=desk.everything)
        reader.tell(desk.everything())
        desk.readers.add(reader)
        try:
            await self.pour(reader, receive, send=send)
        finally:
            desk.readers.discard(reader)
            desk.left_at = self._floor.place.clock()

    def _admitted(self, scope: Scope) -> Desk:
        """Return whose page it is. Raises: Problem 401, 405, 429, 503."""
        if scope["method"] != "GET":
            raise Problem(405, Fault(message="The stream can only be read."), headers={"Allow": "GET"})
        desk = self._floor.desk(HTTPConnection(scope))
        if len(desk.readers) >= READERS:
            raise Problem(429, Fault(message=f"You have {READERS} pages open already."))
        return desk
