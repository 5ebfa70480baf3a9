"""Who asks: sessions by cookie, HTTP Basic for programs, and a limit on guessing."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from typing import Final, NamedTuple

import itsdangerous
from starlette.requests import HTTPConnection
from starlette.responses import Response

from stockex.adapters.credentials import PEOPLE, Credentials
from stockex.bus.interface import Clock
from stockex.vocabulary.accounts import Role
from stockex.vocabulary.units import Nanos
from stockex.web.replies import Fault, Problem

COOKIE: Final = "stockex_session"
SESSION_S: Final = 12 * 3_600
"""How long a session lasts, in seconds."""

FAILURES_ALLOWED: Final = 10
"""How many wrong passwords a user may give from one address within a minute."""

_S: Final = 1_000_000_000
_WINDOW: Final = 60 * _S
_KEPT: Final = 10_000
_BASIC_KEPT: Final = 1_000
_LONGEST: Final = 256


class Visitor(NamedTuple):
    """Somebody who is logged in. `session` is the session's id, "" for HTTP Basic; `until` is when it ends."""

    user: str
    role: Role
    session: str
    until: Nanos


class Limiter:
    """Counts attempts a user and address, so that passwords cannot be guessed in bulk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._attempts: OrderedDict[tuple[str, str], deque[int]] = OrderedDict()

    def enter(self, user: str, address: str) -> None:
        """Count one attempt, before it is checked. Raises: Problem 429, with the seconds to wait."""
        now = self._clock()
        attempts = self._attempts.setdefault((user, address), deque())
        self._attempts.move_to_end((user, address))
        if len(self._attempts) > _KEPT:
            self._attempts.popitem(last=False)
        while attempts and attempts[0] <= now - _WINDOW:
            attempts.popleft()
        if len(attempts) >= FAILURES_ALLOWED:
            wait_s = -((now - _WINDOW - attempts[0]) // _S)
            fault = Fault(message=f"Too many wrong passwords; try again in {wait_s} s.", field="password")
            raise Problem(429, fault, headers={"Retry-After": str(wait_s)})
        attempts.append(now)

    def forgive(self, user: str, address: str) -> None:
        """Forget the attempts: the password was right."""
        self._attempts.pop((user, address), None)


class Sessions:
    """Signed cookies. They survive a restart; one that was logged out is dead until then.

    A session counts as live from its login, or after a restart from when it is seen again.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._signer = itsdangerous.URLSafeSerializer(secret, salt=COOKIE)
        self._clock = clock
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._live: dict[str, Visitor] = {}

    def begin(self, user: str) -> tuple[Visitor, str]:
        """Return a new session and its cookie."""
        until = Nanos(self._clock() + SESSION_S * _S)
        visitor = Visitor(user, PEOPLE[user], secrets.token_hex(8), until)
        self._live[visitor.session] = visitor
        return visitor, str(self._signer.dumps([visitor.user, visitor.session, int(until)]))

    def read(self, cookie: str) -> Visitor | None:
        """Return whose session a cookie is; None when it is forged, over, or logged out."""
        try:
            user, session, until = self._signer.loads(cookie)
        except itsdangerous.BadSignature:
            return None
        if user not in PEOPLE or session in self._ended or until <= self._clock():
            return None
        return self._live.setdefault(session, Visitor(user, PEOPLE[user], session, Nanos(until)))

    def end(self, visitor: Visitor) -> None:
        """Log a session out."""
        self._live.pop(visitor.session, None)
        self._ended[visitor.session] = None
        if len(self._ended) > _KEPT:
            self._ended.popitem(last=False)

    def run_out(self) -> list[str]:
        """Forget the sessions that are over by now; return who has lost the last one so (CTL-06). Cost: O(sessions)."""
        now = self._clock()
        over = [visitor for visitor in self._live.values() if visitor.until <= now]
        for visitor in over:
            del self._live[visitor.session]
        left = {visitor.user for visitor in self._live.values()}
        return sorted({visitor.user for visitor in over} - left)


class Doorkeeper:
    """Finds out who asks."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self._limiter = Limiter(clock)
        self._verified: OrderedDict[bytes, str] = OrderedDict()
        self._checks: dict[bytes, asyncio.Task[bool]] = {}
        self.sessions = Sessions(credentials.secret, clock)

    async def login(self, user: str, password: str, *, connection: HTTPConnection) -> tuple[Visitor, str]:
        """Return a new session and its cookie. Raises: Problem 401, wrong; 429, too often wrong."""
        if not await self._is_right(user, password, address=_address(connection)):
            raise Problem(401, Fault(message="No such user, or the wrong password.", field="password"))
        return self.sessions.begin(user)

    async def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return who asks, by HTTP Basic if it is given, else by cookie; None for nobody.

        Raises: Problem 401, wrong Basic credentials; 429, too often wrong.
        """
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            return await self._basic(authorization, _address(connection))
        cookie = connection.cookies.get(COOKIE)
        return self.sessions.read(cookie) if cookie else None

    async def _basic(self, authorization: str, address: str) -> Visitor:
        user, password = _basic_pair(authorization)
        key = self._key(user, password)
        if key not in self._verified:
            if not await self._is_right(user, password, address=address):
                raise _not_basic("No such user, or the wrong password.")
            self._verified[key] = user
            if len(self._verified) > _BASIC_KEPT:
                self._verified.popitem(last=False)
        return Visitor(user, PEOPLE[user], "", Nanos(self._clock() + SESSION_S * _S))

    async def _is_right(self, user: str, password: str, *, address: str) -> bool:
        """Check a password in a thread; the same question asked twice at once is checked, and counted, once."""
        if len(user) > _LONGEST or len(password) > _LONGEST:
            return False
        key = self._key(user, password)
        check = self._checks.get(key)
        if check is None:
            self._limiter.enter(user, address)
            check = asyncio.create_task(asyncio.to_thread(self._credentials.verify, user, password))
            self._checks[key] = check
            check.add_done_callback(lambda _: self._checks.pop(key, None))
        is_right = await asyncio.shield(check)
        if is_right:
            self._limiter.forgive(user, address)
        return is_right

    def _key(self, user: str, password: str) -> bytes:
        """Return what stands for a pair of credentials, so that no password is kept."""
        pair = f"{user}:{password}".encode(errors="surrogatepass")
        return hmac.digest(self._credentials.secret, pair, hashlib.sha256)


def set_cookie(response: Response, cookie: str, *, connection: HTTPConnection) -> None:
    """Hand the browser its session."""
    is_secure = connection.url.scheme == "https"
    response.set_cookie(COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="lax", secure=is_secure)


def _basic_pair(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _not_basic("The Authorization header is not HTTP Basic.") from None
    if scheme.lower() != "basic" or not colon:
        raise _not_basic("The Authorization header is not HTTP Basic.")
    return user, password


def _not_basic(message: str) -> Problem:
    headers = {"WWW-Authenticate": 'Basic realm="StockEx", charset="UTF-8"'}
    return Problem(401, Fault(message=message), headers=headers)


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""
