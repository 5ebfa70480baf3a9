"""The way in: what sessions ask for goes into the log, together with where they stand by it."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

import structlog
from msgspec.structs import replace

from stockex.bus.interface import Bus, Clock
from stockex.bus.patient import PatientBus
from stockex.core.fix.copies.captures import Captures
from stockex.core.fix.message import Message, reversed_route
from stockex.core.fix.orders import requests
from stockex.core.fix.orders.requests import Take
from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.desk import judged, meeting
from stockex.errors import LogClosed, LogDamaged, LogError
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.orders import AnyCommand, Disconnected, NewOrder
from stockex.services.fix.client import Client
from stockex.services.fix.step import Step

_log = structlog.get_logger(__name__)


class Appending:
    """Appends records of sessions, the last of `fix`, and knows which are under way.

    Attributes:
        end: The offset above the newest record that is in the log.
    """

    def __init__(self, bus: Bus) -> None:
        self.end = 0
        self._bus = bus
        self._patient = PatientBus(bus)
        self._under_way: set[asyncio.Future[int | None]] = set()

    async def append(self, entries: Sequence[Entry], *, patiently: bool = False) -> None:
        """Append all entries or none, at once or as soon as the log takes them. Raises: LogError."""
        done = asyncio.get_running_loop().create_future()
        self._under_way.add(done)
        found = None
        try:
            found = (await (self._patient if patiently else self._bus).append(entries))[-1] + 1
            self.end = max(self.end, found)
        finally:
            self._under_way.discard(done)
            done.set_result(None if patiently else found)

    def settled(self) -> Awaitable[int | None]:
        """Wait for those that are under way now; return the offset above the newest of them, None where none is sure.

        One that failed is not in the log, and a patient one may be there behind what was begun after it.
        """
        return self._settled(tuple(self._under_way), self.end)

    async def _settled(self, waiting: Sequence[asyncio.Future[int | None]], end: int) -> int | None:
        for each in waiting:
            found = await each
            if found is None:
                return None
            end = max(end, found)
        return end


class Intake:
    """Takes what clients send.

    Attributes:
        appending: How records of sessions come into the log.
    """

    def __init__(self, bus: Bus, *, clock: Clock, takes: Mapping[str, Take]) -> None:
        self._bus = bus
        self.appending = Appending(bus)
        self._clock = clock
        self._takes = takes
        self._sent: dict[bytes, AnyCommand] = {}
        self._executions = 0
        self.captures = Captures()

    @property
    def executions(self) -> int:
        """The offset up to which the sessions have been told what the engine did."""
        return self._executions

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
        chooser = None if client.powers is None else client.powers.chooser(client.name)
        if chooser is not None and self._is_refused(client, message, step=step, chooser=chooser):
            return
        taken = requests.taken(message, client.desk, at=now, takes=self._takes)
        step.take(message, taken)
        route = reversed_route(message)
        if route:
            for cl_ord_id in filter(None, (getattr(command, "cl_ord_id", None) for command in taken.commands)):
                client.desk.route(cl_ord_id, route)
                step.routes[cl_ord_id] = route
        if chooser is not None:
            for order in taken.commands:
                step.lasts += meeting(order, chooser=chooser, values=message) if isinstance(order, NewOrder) else ()
        for answer in taken.answers:
            client.answer(answer, header=route, now=now)

    def _is_refused(self, client: Client, message: Message, *, step: Step, chooser: Chooser) -> bool:
        """Do what rules say before a message is taken; say whether it is refused."""
        now = self._clock()
        rules = judged(message, client.desk, chooser=chooser, at=now)
        for report in filter(None, (rules.refusal, rules.pending)):
            client.answer(report, header=reversed_route(message), now=now)
        step.firsts += rules.firsts
        return rules.refusal is not None

    def lost(self, client: Client, step: Step) -> None:
        """Take the end of a session that was logged on: orders that end with it are to be cancelled."""
        client.hang_up()
        self.captures.forget(client.desk)
        if client.desk.has_to_end():
            party = client.desk.party
            step.commands.append(Disconnected(account=party.account, source=party.source))

    async def commit(self, client: Client, step: Step) -> None:
        """Append what a turn has brought, and where the session stands by it. Returns when it is durable.

        When the log takes nothing, requests are refused, and that is what is appended as soon as it takes something.
        """
        record = client.moved(self._executions, always=bool(step.commands), step=step)
        if record is None:
            return
        entries = [entry_of(command) for command in step.commands]
        self._sent.update({entry.value: command for entry, command in zip(entries, step.commands, strict=True)})
        client.is_committing = True
        try:
            firsts, lasts = map(entry_of, step.firsts), map(entry_of, step.lasts)
            await self.appending.append([*firsts, *entries, *lasts, entry_of(record)])
        except (LogClosed, LogDamaged):
            raise
        except LogError as error:
            _log.error("fix_requests_refused", session=client.name, count=len(step.origins), error=str(error))
            for entry in entries:
                self._sent.pop(entry.value, None)
            await self._refuse(client, step, record=record)
        finally:
            client.is_committing = False

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
            after,
            is_anew=record.is_anew,
            own=record.own + after.own,
            answers=record.answers + after.answers,
            captures=record.captures,
        )
        others = step.commands[len(step.origins) :]
        await self.appending.append([*map(entry_of, others), entry_of(whole)], patiently=True)
