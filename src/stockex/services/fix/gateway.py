"""The gateway: brings the log's facts to the sessions, and what the sessions ask for into the log."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from msgspec.structs import replace

from stockex.bus.interface import Bus, Clock, CutBus
from stockex.bus.patient import PatientBus
from stockex.core.fix.message import Message
from stockex.core.fix.orders import requests
from stockex.core.fix.orders.desks import Desks
from stockex.core.fix.orders.lists import LIST_TAKES
from stockex.core.fix.orders.requests import Take
from stockex.core.fix.session.session import reversed_route
from stockex.errors import LogClosed, LogDamaged, LogError, WireError
from stockex.messages.codec import decode_record, entry_of
from stockex.messages.envelope import Record
from stockex.messages.executions import AnyExecution
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.orders import AnyCommand, Disconnected
from stockex.messages.topics import Topic
from stockex.services.fix.client import Client
from stockex.services.fix.step import Step

SOURCE: Final = "FIX:"
"""How the `source` of every command that comes by FIX begins; the counterparty's CompID follows."""

_OURS: Final = re.compile(rb'"source":"FIX:')
_QUIET: Final = (b'{"type":"rested"', b'{"type":"refreshed"', b'{"type":"stop_moved"')
"""Facts that no report tells."""

_log = structlog.get_logger(__name__)


class Gateway:
    """All sessions of one process.

    Attributes:
        clients: By CompID.
    """

    def __init__(
        self, bus: Bus, clients: Sequence[Client], *, clock: Clock, takes: Mapping[str, Take] = LIST_TAKES
    ) -> None:
        """Append to `bus` what the clients may send by `takes`."""
        self.clients = {client.name: client for client in clients}
        self._bus = bus
        self._patient = PatientBus(bus)
        self._clock = clock
        self._takes = takes
        self._by_desk = {id(client.desk): client for client in clients}
        self._desks = Desks([client.desk for client in clients])
        self._executions = 0
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Wait until all sessions stand where they stood."""
        await self._ready.wait()

    async def serve(self) -> None:
        """Report facts until the log is closed; first bring the sessions back to where they stood."""
        orders, self._executions = await self._first(Topic.ORDERS), await self._first(Topic.EXECUTIONS)
        await self._read_records()
        goals = {
            Topic.ORDERS: await self._bus.end(Topic.ORDERS),
            Topic.EXECUTIONS: await self._bus.end(Topic.EXECUTIONS),
        }
        reached = {Topic.ORDERS: orders, Topic.EXECUTIONS: self._executions}
        if reached == goals:
            await self._recovered()
        async for batch in self._bus.read(reached):
            for record in batch:
                self._hear(record)
            if not self._ready.is_set():
                reached.update({record.topic: record.offset + 1 for record in batch})
                if all(reached[topic] >= goal for topic, goal in goals.items()):
                    await self._recovered()

    def take(self, client: Client, message: Message, *, step: Step) -> None:
        """Take a message that a session has delivered; one over its rate waits or is refused."""
        throttle, now = client.throttle, self._clock()
        if throttle is None or (not client.waiting and throttle.passes(now)):
            self._take(client, message, step=step)
        elif throttle.rate.waits:
            client.waiting.append(message)
        else:
            refused = requests.refusal(message, requests.OTHER, text=f"throttled: {throttle.rate}")
            client.answer(refused, header=reversed_route(message), now=now)

    def release(self, client: Client, step: Step) -> None:
        """Take the messages whose turn has come."""
        throttle = client.throttle
        while throttle is not None and client.waiting and throttle.passes(self._clock()):
            self._take(client, client.waiting.popleft(), step=step)

    def _take(self, client: Client, message: Message, *, step: Step) -> None:
        now = self._clock()
        taken = requests.taken(message, client.desk, at=now, takes=self._takes)
        step.commands += taken.commands
        step.origins += [message] * len(taken.commands)
        step.lists |= taken.lists
        route = reversed_route(message)
        for answer in taken.answers:
            client.answer(answer, header=route, now=now)

    def lost(self, client: Client, step: Step) -> None:
        """Take the end of a session that was logged on: orders that end with it are to be cancelled."""
        client.hang_up()
        if client.desk.has_to_end():
            party = client.desk.party
            step.commands.append(Disconnected(account=party.account, source=party.source))

    async def commit(self, client: Client, step: Step) -> None:
        """Append what a turn has brought, and where the session stands by it. Returns when it is durable.

        When the log takes nothing, requests are refused, and that is what is appended as soon as it takes something.
        """
        record = client.moved(self._executions, always=bool(step.commands), lists=step.lists)
        if record is None:
            return
        try:
            await self._bus.append([*map(entry_of, step.commands), entry_of(record)])
        except (LogClosed, LogDamaged):
            raise
        except LogError as error:
            _log.error("fix_requests_refused", session=client.name, count=len(step.origins), error=str(error))
            await self._refuse(client, step, record=record)

    async def _refuse(self, client: Client, step: Step, *, record: SessionMoved) -> None:
        """Refuse the requests of a turn."""
        for command in step.commands[: len(step.origins)]:
            client.desk.withdraw(command)
        for message in {id(origin): origin for origin in step.origins}.values():
            refusal = requests.refusal(message, requests.NOT_AVAILABLE, text="the log takes nothing; not done")
            client.answer(refusal, header=reversed_route(message), now=self._clock())
        after = client.moved(self._executions, always=True)
        assert after is not None, "it was asked for always"
        whole = replace(
            after, is_anew=record.is_anew, own=record.own + after.own, answers=record.answers + after.answers
        )
        others = step.commands[len(step.origins) :]
        await self._patient.append([*map(entry_of, others), entry_of(whole)])

    async def _first(self, topic: Topic) -> int:
        assert isinstance(self._bus, CutBus), "every log that is opened here can be cut"
        return await self._bus.first(topic)

    async def _read_records(self) -> None:
        """Read where each session stood."""
        end, since = await self._bus.end(Topic.FIX), await self._first(Topic.FIX)
        if since >= end:
            return
        async for batch in self._bus.read({Topic.FIX: since}):
            for record in batch:
                moved = _read(record)
                client = self.clients.get(moved.session) if isinstance(moved, SessionMoved) else None
                if client is not None and isinstance(moved, SessionMoved):
                    client.recall(moved)
            if batch[-1].offset + 1 >= end:
                return

    async def _recovered(self) -> None:
        """Let the sessions begin. One that was logged on when the process ended is lost."""
        for client in self.clients.values():
            client.recovered(self._clock())
            step = Step()
            self.lost(client, step)
            record = client.moved(self._executions, always=bool(step.commands))
            if record is not None:
                await self._patient.append([*map(entry_of, step.commands), entry_of(record)])
        self._ready.set()

    def _hear(self, record: Record) -> None:
        """Take in a record of `orders` or `executions`."""
        if record.topic is Topic.ORDERS:
            command = _read(record) if _OURS.search(record.value) else None
            if isinstance(command, AnyCommand):
                self._desks.note(command, offset=record.offset)
            return
        self._executions = record.offset + 1
        if record.value.startswith(_QUIET):
            return
        fact = _read(record)
        if isinstance(fact, AnyExecution):
            for desk, report in self._desks.told(fact):
                self._by_desk[id(desk)].report(report, offset=record.offset, at=fact.at, now=self._clock())


def _read(record: Record) -> object:
    """Return the message of a record; one that cannot be read concerns nobody here."""
    try:
        return decode_record(record)
    except WireError as error:
        _log.warning("record_unreadable", topic=record.topic, offset=record.offset, error=str(error))
        return None
