"""The FIX gateway as one service: sessions and sockets."""

import asyncio
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Bus, Clock
from stockex.core.fix.market.seen import Market
from stockex.core.fix.orders.lists import LIST_TAKES
from stockex.errors import ConfigurationError
from stockex.messages.codec import Message
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.market.publisher import Publisher
from stockex.services.fix.server import Server

Listener = Callable[[Sequence[tuple[Record, Message]]], None]
"""Told of records and their messages, in order."""


class Place(NamedTuple):
    """Where to listen, with TLS or without. A port that `is_optional` and taken means no FIX."""

    host: str
    port: int
    is_optional: bool = False
    tls: ssl.SSLContext | None = None


class FixGateway:
    """Serves all sessions on one port.

    Attributes:
        clients: The counterparties.
    """

    def __init__(
        self, bus: Bus, clients: Sequence[Client], *, place: Place, clock: Clock, say: Callable[[str], None]
    ) -> None:
        """Report what `bus` holds to the clients; `say` is told the address."""
        self.clients = clients
        self._takes = dict(LIST_TAKES)
        self._bus = bus
        self._clock = clock
        self._gateway = Gateway(bus, clients, clock=clock, takes=self._takes)
        self._takes |= self._gateway.captures.takes
        self._publisher: Publisher | None = None
        self._server = Server(self._gateway, clock=clock)
        self._place = place
        self._is_off = False
        self._say = say

    def needed(self) -> int:
        """Return from which offset of `executions` on the next start needs them."""
        return sys.maxsize if self._is_off else self._gateway.needed()

    async def reached(self, ends: Mapping[Topic, int]) -> None:
        """Wait until what the log holds below these offsets has been told."""
        await self._gateway.reached(ends)

    def remember(self, checkpoints: Checkpoints) -> None:
        """Go on from the newest checkpoint, and save more."""
        self._gateway.memory.checkpoints = checkpoints

    async def save(self) -> None:
        """Save a checkpoint now."""
        await self._gateway.save()

    def show(self, market: Market) -> Listener:
        """Answer what is asked about `market` too; return what is to be told of each batch that it has taken in."""
        self._publisher = Publisher(self._bus, self._gateway, market=market, clock=self._clock)
        self._takes |= self._publisher.takes
        self._gateway.captures.market = market
        return self._publisher.hear

    async def serve(self) -> None:
        """Serve until the log is closed or this task is cancelled. Raises: ConfigurationError: the address is taken."""
        try:
            await self._serve()
        except asyncio.CancelledError:
            await self._gateway.save()
            raise

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            serving = [group.create_task(self._gateway.serve())]
            if self._publisher is not None:
                serving.append(group.create_task(self._publisher.serve()))
            try:
                await self._server.serve(self._place.host, self._place.port, tls=self._place.tls, say=self._say)
            except ConfigurationError as error:
                if not self._place.is_optional:
                    raise
                self._say(f"fix        off: {error}")
                self._is_off = True
                for task in serving:
                    task.cancel()
