"""The FIX page alone, its visitors, and a venue to connect to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fix.serving import served
from web.floor import HOST, PATIENCE_S, Clock, Reader, _scope

from stockex.core.fix.powers.register import Powers
from stockex.core.fix.session.settings import SessionSettings
from stockex.fix_client.initiator import Venue
from stockex.web.app import FIX_STREAM, FixPlace, FixSite
from stockex.web.fix.floor import COOKIE

SENDERS = ("CLIENT1", "CLIENT2")


class Visitor:
    """A browser: its cookie, its requests, its pages."""

    def __init__(self, screen: "Screen") -> None:
        self.screen = screen
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(screen.site, raise_app_exceptions=False), base_url=f"http://{HOST}"
        )
        self.pages: list[Reader] = []

    async def opens(self) -> Reader:
        """Open the page and its stream; return the stream after its first event."""
        assert (await self.client.get("/fix/")).status_code == 200
        cookie = f"{COOKIE}={self.client.cookies[COOKIE]}"
        page = Reader()
        scope = _scope(FIX_STREAM, "", [(b"host", HOST.encode()), (b"cookie", cookie.encode())])
        page.task = asyncio.create_task(self.screen.site(scope, page.receive, page.send))
        self.pages.append(page)
        async with asyncio.timeout(PATIENCE_S), page._grown:
            await page._grown.wait_for(lambda: bool(page.raw) or page.is_over)
        return page

    async def post(self, path: str, **body: object) -> httpx.Response:
        """Ask for something."""
        return await self.client.post(f"/fix/api/{path}", json=body)

    async def connects(self, sender: str = "CLIENT1", **more: object) -> httpx.Response:
        """Connect to the venue as `sender`."""
        form = {"host": "127.0.0.1", "port": self.screen.port, "sender": sender, "target": "VENUE", **more}
        return await self.post("connect", **form)

    async def sends(self, **ask: object) -> httpx.Response:
        """Send a message."""
        return await self.post("messages", **ask)


class Screen:
    """The page, and the venue's port."""

    def __init__(self, port: int, *, allowed: Sequence[str] = (), powers: Powers | None = None) -> None:
        self.port = port
        self.clock = Clock()
        self.site = FixSite(
            FixPlace(
                venue=Venue("localhost", port),
                target="VENUE",
                senders=SENDERS,
                clock=self.clock,
                allowed=allowed,
                demo=True,
                symbols=lambda: ("ALPHA", "PEIR"),
                powers=powers,
            )
        )
        self.visitors: list[Visitor] = []

    def visitor(self) -> Visitor:
        """Return a new visitor."""
        self.visitors.append(Visitor(self))
        return self.visitors[-1]


@asynccontextmanager
async def shown(*, allowed: Sequence[str] = (), powers: Powers | None = None) -> AsyncIterator[Screen]:
    """Serve the page and a venue that sends orders back, until the block ends."""
    venue = [SessionSettings(sender="VENUE", target=name) for name in SENDERS]
    async with served(venue) as port:
        screen = Screen(port, allowed=allowed, powers=powers)
        async with screen.site.running():
            yield screen
            for visitor in screen.visitors:
                for page in visitor.pages:
                    await page.leave()
                await visitor.client.aclose()


def facts(page: Reader, name: str, **wanted: object) -> list[dict[str, Any]]:
    """Return what events of this name said, those with these values only."""
    return [each for each in page.named(name) if all(each[key] == value for key, value in wanted.items())]


async def until(page: Reader, name: str, **wanted: object) -> dict[str, Any]:
    """Wait for an event of this name with these values; return what it says."""
    async with asyncio.timeout(PATIENCE_S), page._grown:
        await page._grown.wait_for(lambda: bool(facts(page, name, **wanted)))
    return facts(page, name, **wanted)[0]
