"""The FIX gateway as one service: sessions and sockets."""

import asyncio
import ssl
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from stockex.bus.interface import Bus, Clock
from stockex.errors import ConfigurationError
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.server import Server


class Place(NamedTuple):
    """Where to listen, with TLS or without. A port that `is_optional` and taken means no FIX."""

    host: str
    port: int
    is_optional: bool = False
    tls: ssl.SSLContext | None = None


class FixGateway:
    """Serves all sessions on one port."""

    def __init__(
        self, bus: Bus, clients: Sequence[Client], *, place: Place, clock: Clock, say: Callable[[str], None]
    ) -> None:
        """Report what `bus` holds to the clients; `say` is told the address."""
        self._gateway = Gateway(bus, clients, clock=clock)
        self._server = Server(self._gateway, clock=clock)
        self._place = place
        self._is_off = False
        self._say = say

    def needed(self) -> int:
        """Return from which offset of `executions` on the next start needs them."""
        return sys.maxsize if self._is_off else self._gateway.needed()

    async def serve(self) -> None:
        """Serve until the log is closed or this task is cancelled. Raises: ConfigurationError: the address is taken."""
        async with asyncio.TaskGroup() as group:
            reporting = group.create_task(self._gateway.serve())
            try:
                await self._server.serve(self._place.host, self._place.port, tls=self._place.tls, say=self._say)
            except ConfigurationError as error:
                if not self._place.is_optional:
                    raise
                self._say(f"fix        off: {error}")
                self._is_off = True
                reporting.cancel()
