"""Publishes the market to the sessions that ask for it, without making reports wait for it.

What is told here is no fact of an account: it is not kept to be sent again. Its numbers are recorded, those of all
sessions in one append at most every `INTERVAL_S`, and only what a session is sent meanwhile waits for that.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from stockex.bus.interface import Bus, Clock
from stockex.core.fix.market.seen import Market
from stockex.core.fix.market.viewer import TAKEN
from stockex.core.fix.message import Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.requests import Take, Taken, too_many
from stockex.errors import LogClosed, LogDamaged, LogError
from stockex.messages.codec import Message as Fact
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.topics import Topic
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.line import Line

INTERVAL_S: Final = 0.05
"""How often a session is told what has changed, at most."""

MOST_WAITING: Final = 2**18
"""A session for which more bytes wait is told nothing until it has read; then it is told how things stand."""

_SHOWN: Final = frozenset({Topic.BOOK, Topic.TRADES, Topic.CONTROL})
"""The topics of which something is told."""

_log = structlog.get_logger(__name__)


class Publisher:
    """Answers requests about the market, and tells what changes.

    Attributes:
        takes: What it takes, by MsgType.
    """

    def __init__(self, bus: Bus, gateway: Gateway, *, market: Market, clock: Clock) -> None:
        """Tell of `market`; `hear` must be told each batch of facts after the market has taken it in."""
        self._bus = bus
        self._gateway = gateway
        self._market = market
        self._clock = clock
        self._clients = list(gateway.clients.values())
        self._by_desk = {id(client.desk): client for client in self._clients}
        self._wake = asyncio.Event()
        self.takes: Mapping[str, Take] = dict.fromkeys(TAKEN, self._take)

    def hear(self, batch: Sequence[tuple[Record, Fact]]) -> None:
        """Take in facts that the market has taken in."""
        watching = [client.viewer for client in self._clients if client.viewer.is_watching]
        for viewer in watching:
            for record, fact in batch:
                if record.topic in _SHOWN:
                    viewer.note(fact)
        if watching:
            self._wake.set()

    async def serve(self) -> None:
        """Tell the sessions until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._publish()
            await asyncio.sleep(INTERVAL_S)
            if any(client.viewer.is_waiting for client in self._clients):
                self._wake.set()

    def _take(self, message: Message, desk: Desk, *, at: int) -> Taken:
        del at
        if not self._by_desk[id(desk)].viewer.ask(message):
            return Taken(answers=[too_many(message)])
        self._wake.set()
        return Taken()

    async def _publish(self) -> None:
        """Tell each session that can be told what is new for it, once the numbers of that are durable."""
        told: list[tuple[Client, Line, SessionMoved]] = []
        entries: list[Entry] = []
        for client in self._clients:
            line = client.line
            if line is None or not self._may_tell(client, line):
                continue
            line.hold()
            before = client.session.next_out
            client.tell(client.viewer.told(self._market, at=self._clock()), now=self._clock)
            record = client.moved(self._gateway.executions) if client.session.next_out > before else None
            if record is None:
                line.release()
                continue
            told.append((client, line, record))
            entries.append(entry_of(record))
        if not entries:
            return
        try:
            await self._append(entries, told)
        finally:
            for _, line, _ in told:
                line.release()

    async def _append(self, entries: Sequence[Entry], told: Sequence[tuple[Client, Line, SessionMoved]]) -> None:
        """Append the records; when the log takes nothing, cut those sessions, and let their next records say it."""
        try:
            await self._gateway.appending.append(entries)
        except (LogClosed, LogDamaged):
            raise
        except LogError as error:
            _log.error("fix_market_not_told", sessions=[client.name for client, _, _ in told], error=str(error))
            for client, line, record in told:
                client.owe(record)
                line.cut()

    def _may_tell(self, client: Client, line: Line) -> bool:
        """Say whether there is something to tell, and the session is up, reads, and waits for no record of its own."""
        is_free = client.is_up and not client.is_committing and line.waiting < MOST_WAITING
        return is_free and client.viewer.is_waiting
