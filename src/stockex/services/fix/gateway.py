"""The gateway: brings the log's facts to the sessions, and what the sessions ask for into the log."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, cast

import structlog

from stockex.bus.interface import Bus, Clock
from stockex.bus.patient import PatientBus
from stockex.core.fix.copies.watcher import Watcher
from stockex.core.fix.orders.lists import LIST_TAKES
from stockex.core.fix.orders.requests import Take
from stockex.core.fix.powers.desk import busted
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Record
from stockex.messages.executions import Accepted, AnyExecution
from stockex.messages.orders import AnyCommand, BustTrade
from stockex.messages.topics import Topic
from stockex.services.fix.client import Client
from stockex.services.fix.intake import Intake
from stockex.services.fix.line import Line
from stockex.services.fix.reading import Memory, message_of, naming
from stockex.services.fix.step import Step

SOURCE: Final = "FIX:"
"""How the `source` of every command that comes by FIX begins; the counterparty's CompID follows."""

_LOOK_AT: Final = 10_000
"""When so many orders more than those that are open are noted, those that have ended are forgotten."""

_STOP: Final = b'{"action":"stop"'
_OURS: Final = rb'"source":"FIX:'
_EXECUTIONS: Final = frozenset(AnyExecution.__args__)
_QUIET: Final = (b'{"type":"rested"', b'{"type":"refreshed"')
"""Facts that no report tells."""

_log = structlog.get_logger(__name__)


class Gateway(Intake):
    """All sessions of one process.

    Attributes:
        clients: By CompID.
        memory: Where a start finds what was made of the log before.
    """

    def __init__(
        self, bus: Bus, clients: Sequence[Client], *, clock: Clock, takes: Mapping[str, Take] = LIST_TAKES
    ) -> None:
        """Append to `bus` what the clients may send by `takes`."""
        super().__init__(bus, clients, clock=clock, takes=takes)
        self.clients = {client.name: client for client in clients}
        watched = [client.desk.accounts for client in clients if isinstance(client.desk, Watcher)]
        self._accounts = re.compile(naming([{client.desk.party.account for client in clients}, *watched]))
        self._noted = re.compile(b"|".join([_OURS, naming(watched)] if watched else [_OURS]))
        self.memory = Memory(clients, self._desks, captures=self.captures)
        self._reached: dict[Topic, int] = {}
        self._taken: dict[int, int] = {}
        self._look_at = _LOOK_AT
        self._rolling: list[Client] = []
        self._busts: list[BustTrade] = []
        self._ready = asyncio.Event()
        self._moved = asyncio.Event()

    def needed(self) -> int:
        """Return from which offset of `executions` on the next start needs them: since the oldest open order came."""
        self._taken = {order_id: self._taken[order_id] for order_id in self._desks.are_open(self._taken)}
        self._look_at = 2 * len(self._taken) + _LOOK_AT
        return min(self._taken.values(), default=self._executions)

    async def ready(self) -> None:
        """Wait until all sessions stand where they stood."""
        await self._ready.wait()

    async def reached(self, ends: Mapping[Topic, int]) -> None:
        """Wait until what the log holds below these offsets has been told; topics not followed do not count."""
        while any(ends[topic] > offset for topic, offset in self._reached.items() if topic in ends):
            await self._moved.wait()

    async def serve(self) -> None:
        """Report facts until the log is closed; first bring the sessions back to where they stood."""
        reached = await self.memory.recall(self._bus)
        self._reached, self._taken = reached, self.memory.taken
        self._executions = reached[Topic.EXECUTIONS]
        self.appending.end = await self.memory.read_records(self._bus, since=reached.pop(Topic.FIX))
        goals = {topic: await self._bus.end(topic) for topic in reached}
        if reached == goals:
            await self._recovered()
        async for batch in self._bus.read(reached):
            self._hear_all(batch)
            if self._busts:
                await PatientBus(self._bus).append([entry_of(bust) for bust in self._busts])
                self._busts.clear()
            while self._rolling:
                await self._roll(self._rolling.pop())
            reached.update({record.topic: record.offset + 1 for record in batch})
            self._moved.set()
            self._moved = asyncio.Event()
            self.memory.unsaved += len(batch)
            if self._ready.is_set():
                self.memory.save_when_due(reached, self._taken, appending=self.appending)
            elif all(reached[topic] >= goal for topic, goal in goals.items()):
                await self._recovered()

    async def save(self) -> None:
        """Save where everything stands now."""
        if self._ready.is_set() and not self._busts and not self._rolling:
            await self.memory.save(self._reached, self._taken, appending=self.appending)

    async def _recovered(self) -> None:
        """Let the sessions begin. One that was logged on when the process ended is lost."""
        for client in self.clients.values():
            missing = client.recovered(self._clock())
            if not client.is_whole:
                _log.warning("fix_reports_differ", session=client.name, action="older ones are gaps", who="operator")
            step = Step()
            self.lost(client, step)
            record = client.moved(self._executions, always=bool(step.commands))
            records = [each for each in (missing, record) if each is not None]
            if records:
                await self.appending.append([*map(entry_of, [*step.commands, *records])], patiently=True)
        self._ready.set()

    def _end_day(self) -> None:
        """Let the numbers of those who roll begin anew: at once where this is long past, else after this batch."""
        for client in self.clients.values():
            if client.rolls_daily and client.history is not None:
                client.history.roll(self._executions)
            elif client.rolls_daily:
                self._rolling.append(client)

    async def _roll(self, client: Client) -> None:
        """Log a client out and begin its numbers anew."""
        step, line = Step(), client.line
        if line is not None:
            line.hold()
        client.begin_anew(self._clock())
        self.lost(client, step)
        record = client.moved(self._executions, always=True)
        assert record is not None, "it was asked for always"
        await self.appending.append([*map(entry_of, [*step.commands, record])], patiently=True)
        if line is not None:
            line.release()
            line.cut()

    def _hear_all(self, batch: Sequence[Record]) -> None:
        """Take in records of the topics that are followed. What a session is told of them leaves in one piece."""
        now, held = self._clock(), set[Line]()
        for record in batch:
            if record.topic is Topic.ORDERS:
                self._note(record)
            elif record.topic is Topic.EXECUTIONS:
                self._executions = record.offset + 1
                if not record.value.startswith(_QUIET) and self._accounts.search(record.value):
                    self._report(record, now=now, held=held)
            elif record.value.startswith(_STOP):
                self._end_day()
        for line in held:
            line.release()

    def _report(self, record: Record, *, now: int, held: set[Line]) -> None:
        """Tell the sessions a fact; each line that something is sent to is held until all have been told."""
        found = message_of(record)
        if type(found) not in _EXECUTIONS:
            return
        fact, is_told = cast("AnyExecution", found), False
        for desk, report in chain(self._desks.told(fact), self.captures.told(fact, offset=record.offset)):
            is_told = True
            client = self._by_desk[id(desk)]
            line = client.line
            if line is not None and line not in held:
                line.hold()
                held.add(line)
            client.report(report, offset=record.offset, at=fact.at, now=now)
            if client.powers is not None and client.history is None and desk.may_enter:
                bust = busted(report, chooser=client.powers.chooser(client.name))
                self._busts += [] if bust is None else [bust]
        if is_told and isinstance(fact, Accepted):
            self._taken[fact.order_id] = record.offset
            if len(self._taken) > self._look_at:
                self.needed()

    def _note(self, record: Record) -> None:
        """Take note of a command of ours; one that was sent just now need not be read again."""
        command = self._sent.pop(record.value, None)
        if command is not None:
            self._desks.note(command, offset=record.offset, is_known=True)
        elif self._noted.search(record.value):
            found = message_of(record)
            if isinstance(found, AnyCommand):
                self._desks.note(found, offset=record.offset)
