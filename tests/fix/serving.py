"""The conformance server, run for a test."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from stockex.core.fix.session.settings import SessionSettings
from stockex.services.fix_echo import EchoServer


@asynccontextmanager
async def served(settings: Iterable[SessionSettings], *, port: int = 0) -> AsyncIterator[int]:
    """Serve sessions until the block ends; give the port."""
    said: asyncio.Queue[str] = asyncio.Queue()
    server = asyncio.create_task(EchoServer(settings).serve("127.0.0.1", port, say=said.put_nowait))
    try:
        yield int((await said.get()).rpartition(":")[2])
    finally:
        server.cancel()
        with suppress(asyncio.CancelledError):
            await server
