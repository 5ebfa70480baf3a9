"""The way in: what sessions ask for goes into the log, together with where they stand by it."""

from collections.abc import Mapping, Sequence

import structlog
from msgspec.structs import replace

from stockex.bus.interface import Bus, Clock
from stockex.core.fix.copies.captures import Captures
from stockex.core.fix.market.seen import Told
from stockex.core.fix.message import Fields, Message, reversed_route
from stockex.core.fix.orders import requests
from stockex.core.fix.orders.desks import Desks
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import Take, Taken
from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.desk import judged, meeting
from stockex.errors import LogClosed, LogDamaged, LogError
from stockex.messages.codec import entry_of
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.orders import AnyCommand, Disconnected, NewOrder
from stockex.services.fix.client import Client
from stockex.services.fix.step import Appending, Step

_log = structlog.get_logger(__name__)


class Intake:
    """Takes what clients send.

    Attributes:
        appending: How records of sessions come into the log.
    """

    def __init__(self, bus: Bus, clients: Sequence[Client], *, clock: Clock, takes: Mapping[str, Take]) -> None:
        self._bus = bus
        self._by_desk = {id(client.desk): client for client in clients}
        self._desks = Desks([client.desk for client in clients])
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
        """Take the messages whose turn has come, and tell the next piece of a long answer if its has."""
        throttle, now = client.throttle, self._clock()
        while throttle is not None and client.waiting and throttle.passes(self._clock()):
            self._take(client, client.waiting.popleft(), step=step)
        client.tell(client.pieces.following(now), now=lambda: now)

    def _take(self, client: Client, message: Message, *, step: Step) -> None:
        now = self._clock()
        chooser = None if client.powers is None else client.powers.chooser(client.name)
        if chooser is not None and self._is_refused(client, message, step=step, chooser=chooser):
            return
        taken, route = requests.taken(message, client.desk, at=now, takes=self._takes), reversed_route(message)
        begun: Sequence[Told] | None = () if taken.more is None else client.pieces.begin(taken.more, route, at=now)
        if begun is None:
            self.captures.drop(client.desk, taken.captures)
            taken, begun = Taken(answers=[requests.too_many(message)]), ()
        step.take(message, taken)
        if route:
            for cl_ord_id in filter(None, (getattr(command, "cl_ord_id", None) for command in taken.commands)):
                client.desk.route(cl_ord_id, route)
                step.routes[cl_ord_id] = route
        if chooser is not None:
            for order in taken.commands:
                step.lasts += meeting(order, chooser=chooser, values=message) if isinstance(order, NewOrder) else ()
        for answer in taken.answers:
            self._answer(client, answer, header=route, step=step)
        for report, header in begun:
            client.answer(report, header=header, now=now)

    def _answer(self, client: Client, answer: Report, *, header: Fields, step: Step) -> None:
        """Answer what no fact does; who watches the account is sent a copy."""
        now = self._clock()
        client.answer(answer, header=header, now=now)
        for desk, copy in self._desks.copied(answer, client.desk):
            watcher = self._by_desk[id(desk)]
            step.watched(watcher)
            watcher.answer(copy, header=copy.header, now=now)

    def _is_refused(self, client: Client, message: Message, *, step: Step, chooser: Chooser) -> bool:
        """Do what rules say before a message is taken; say whether it is refused."""
        now = self._clock()
        rules = judged(message, client.desk, chooser=chooser, at=now)
        for report in filter(None, (rules.refusal, rules.pending)):
            self._answer(client, report, header=reversed_route(message), step=step)
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
        moves = [(each, each.moved(self._executions, always=True)) for each in step.watchers]
        copies = [(watcher, moved) for watcher, moved in moves if moved is not None]
        client.is_committing, is_safe = True, False
        try:
            firsts, lasts = map(entry_of, step.firsts), map(entry_of, step.lasts)
            await self.appending.append(
                [*firsts, *entries, *lasts, entry_of(record), *(entry_of(moved) for _, moved in copies)]
            )
            is_safe = True
        except (LogClosed, LogDamaged):
            raise
        except LogError as error:
            _log.error("fix_requests_refused", session=client.name, count=len(step.origins), error=str(error))
            for entry in entries:
                self._sent.pop(entry.value, None)
            for watcher, moved in copies:
                watcher.owe(moved)
            step.release(is_safe=False)
            await self._refuse(client, step, record=record)
        finally:
            step.release(is_safe=is_safe)
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
