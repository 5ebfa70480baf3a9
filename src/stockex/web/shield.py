"""What every response carries, and what no browser may be talked into."""

import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stockex.web.replies import Fault, Problem

CHART_STYLE: Final = "'sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY='"
"""The one style element that lightweight-charts brings for its logo (static/vendor/README.md)."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def policy(*, nonce: str, styles: str = CHART_STYLE) -> str:
    """Return a content security policy: everything from here, inline scripts only with the nonce.

    Args:
        nonce: What this response's inline scripts carry.
        styles: Which inline style elements are allowed besides style files.
    """
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": f"'self' {styles}",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def is_forged(headers: Headers) -> bool:
    """Say whether a browser sends this request for another site.

    A browser names the request's origin in `Sec-Fetch-Site`, or over plain HTTP at least in `Origin`; a program that
    names neither acts for itself. Source: OWASP Cross-Site Request Forgery Prevention, Fetch Metadata.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


class Shield:
    """Refuses forged requests and puts the security headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Pages find their nonce in `request.state.nonce`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy(nonce=nonce))
                is_file = scope["path"].startswith("/static/")
                headers.setdefault("Cache-Control", "no-cache" if is_file else "no-store")
            await send(message)

        if scope["method"] not in _SAFE and is_forged(Headers(scope=scope)):
            problem = Problem(403, Fault(message="A browser may only act from this exchange's own pages."))
            await problem.answer()(scope, receive, send_shielded)
            return
        await self._app(scope, receive, send_shielded)
