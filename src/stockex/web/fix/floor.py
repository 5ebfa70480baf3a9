"""All visitors of the FIX page: each has a desk; one that nobody looks at is cleared after a while."""

import asyncio
import secrets
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from stockex.core.fix.session.settings import SessionSettings
from stockex.fix_client.initiator import Venue
from stockex.web.fix.desk import Desk, Identity
from stockex.web.fix.place import FixPlace, plain
from stockex.web.replies import Fault, Problem

COOKIE: Final = "stockex_fix"
DESKS: Final = 500
"""How many visitors there may be at a time."""

IDLE_S: Final = 600
"""How long the desk of a visitor without a page is kept, in seconds."""

_LOOK_S: Final = 10.0
_S: Final = 1_000_000_000
_TOKEN: Final = 32


class Floor:
    """The desks, by their visitors' cookies."""

    def __init__(self, place: FixPlace) -> None:
        self.place = place
        self._desks: dict[str, Desk] = {}

    def admitted(self, connection: HTTPConnection) -> str:
        """Return the visitor's cookie, a new one for somebody who has none."""
        token = connection.cookies.get(COOKIE, "")
        return token if len(token) >= _TOKEN and token.isascii() and token.isprintable() else secrets.token_urlsafe()

    def desk(self, connection: HTTPConnection) -> Desk:
        """Return the visitor's desk. Raises: Problem 401, no cookie; 503, too many visitors."""
        token = connection.cookies.get(COOKIE, "")
        if len(token) < _TOKEN:
            raise Problem(401, Fault(message="Open the page /fix/ first: it gives a cookie."))
        if token not in self._desks:
            if len(self._desks) >= DESKS:
                raise Problem(503, Fault(message="Too many visitors at the moment."), headers={"Retry-After": "60"})
            self._desks[token] = self._fresh()
        return self._desks[token]

    def _fresh(self) -> Desk:
        place = self.place
        sender = self.free_sender()
        settings = SessionSettings(sender=sender, target=place.target, resets_on_logon=True)
        desk = Desk(place.venue, settings, clock=place.clock)
        desk.taken = lambda: self.taken(desk)
        return desk

    def free_sender(self) -> str:
        """Return a CompID that nobody uses at the usual venue, the first one if all are used."""
        used = {desk.identity.sender for desk in self._desks.values() if desk.is_connected or desk.readers}
        return next((name for name in self.place.senders if name not in used), self.place.senders[0])

    def taken(self, own: Desk) -> tuple[str, ...]:
        """Return the CompIDs that others use at the usual venue."""
        others = (desk.identity for desk in self._desks.values() if desk is not own and desk.is_connected)
        usual = self.place.venue
        return tuple(sorted(each.sender for each in others if each[:2] == (plain(usual.host), usual.port)))

    async def connect(self, desk: Desk, venue: Venue, *, settings: SessionSettings) -> None:
        """Connect a desk. Raises: Problem 403, 409; FixError."""
        if not self.place.allows(venue):
            message = f"This page may not connect to {venue.host}:{venue.port} (STOCKEX_FIX_UI_VENUES)."
            raise Problem(403, Fault(message=message, field="host"))
        if desk.is_connected:
            raise Problem(409, Fault(message="You are connected already."))
        wanted = Identity(plain(venue.host), venue.port, settings.sender, settings.target)
        if any(other.is_connected and other.identity == wanted for other in self._desks.values()):
            free = [name for name in self.place.senders if name not in self.taken(desk)]
            hint = f" Take {free[0]}." if free else " Wait until it is free."
            message = f"{settings.sender} is in use by another visitor.{hint}"
            raise Problem(409, Fault(message=message, field="sender"))
        try:
            await desk.connect(venue, settings)
        finally:
            self._tell()

    def _tell(self) -> None:
        for desk in self._desks.values():
            desk.tell_session()

    async def serve(self) -> None:
        """Clear the desks of those who have left, again and again, until cancelled; then log everybody out."""
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                await self.look()
        finally:
            await self.end()

    async def look(self) -> None:
        """Clear the desks of those who have left."""
        due = self.place.clock() - IDLE_S * _S
        for token, desk in list(self._desks.items()):
            if not desk.readers and desk.left_at < due:
                del self._desks[token]
                await desk.initiator.leave("the visitor has left")

    def close(self) -> None:
        """Say goodbye to all pages."""
        for desk in self._desks.values():
            for reader in desk.readers:
                reader.close()

    async def end(self) -> None:
        """Log everybody out."""
        desks = [desk for desk in self._desks.values() if desk.is_connected]
        await asyncio.gather(*(desk.initiator.leave("the page is closed") for desk in desks))


def give_cookie(response: Response, token: str, *, is_secure: bool) -> None:
    """Let the browser keep the visitor's cookie."""
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=is_secure)
