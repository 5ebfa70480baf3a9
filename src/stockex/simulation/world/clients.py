"""The clients: they send commands through a network that loses and doubles, and believe what they are told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from stockex.bus.interface import Bus
from stockex.core.dice import Dice
from stockex.errors import LogClosed, LogError, Unexplained
from stockex.messages.codec import entry_of
from stockex.messages.control import MemberLogin, MemberLogout
from stockex.messages.envelope import Entry
from stockex.messages.executions import Accepted, Traded
from stockex.messages.orders import AnyCommand, ChangeSession, NewOrder
from stockex.simulation.authors.any_command import Author, meant
from stockex.simulation.world.oracle import Oracle, Violation
from stockex.simulation.world.processes import Process
from stockex.vocabulary.accounts import MEMBERS, OPERATOR
from stockex.vocabulary.enums import Phase, SessionAction
from stockex.vocabulary.units import Nanos
from stockex.web.gateway import Gateway, Outcome
from stockex.web.replies import Problem

Answers = list[Outcome | Problem]
"""What becomes of each command of a request."""

PATIENCE_S: Final = 8.0
"""So long a client waits for an answer, longer than the gateway does."""

_NOT_YET: Final = 503
_MICROSECOND: Final = 1_000


@dataclass
class Errand:
    """Commands on their way in one request. Each has its token, its sender's time; no two share one."""

    commands: list[AnyCommand]
    tokens: list[Nanos]
    delivered: int = 0


@dataclass
class Clients:
    """Some clients that share one author.

    Args:
        front: Returns the process that answers now, None if there is none.
        began: Added to the instants at which orders expire.
    """

    oracle: Oracle
    dice: Dice
    front: Callable[[], Process | None]
    seed: int = field(kw_only=True)
    began: Nanos = field(kw_only=True)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Take the author; nothing has been sent."""
        self._author = Author(self.seed)
        self._tokens = 0
        self._errands: list[Errand] = []
        self._taken: dict[tuple[str, str], int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def live(self, steps: int) -> None:
        """Do so many things, one after the other or some at a time."""
        for _ in range(steps):
            doing = self._do()
            if self.dice.integer(1, 4) == 1:
                self._tasks.append(asyncio.get_running_loop().create_task(doing))
            else:
                await doing
            await asyncio.sleep(self.dice.uniform(0, 0.15))
        await asyncio.gather(*self._tasks)

    async def _do(self) -> None:
        if self._taken and self.dice.integer(1, 6) == 1:
            await self._ask(*self.dice.choose(list(self._taken)))
            return
        if self.oracle.whys and self.dice.integer(1, 50) == 1:
            await self._ask_why(self.dice.choose(list(self.oracle.whys)))
        if self.dice.integer(1, 30) == 1:
            self._turn_member()
        many = self.dice.integer(2, 8) if self.dice.integer(1, 8) == 1 else 1
        commands = [self._command() for _ in range(many)]
        while await self.send(*commands) is None and self.dice.integer(1, 2) == 1:
            self.counts["sent_again"] += 1

    def _command(self) -> AnyCommand:
        """Return the author's next command, or what an operator does."""
        command = self._session() or self._author.command()
        if isinstance(command, NewOrder) and command.expire_at is not None:
            command = replace(command, expire_at=Nanos(command.expire_at + self.began))
        return meant(command, self.oracle.exchange)

    def _turn_member(self) -> None:
        """Let a person take a member over, or leave it, as the web writes it down."""
        process = self.front()
        if process is not None:
            member = self.dice.choose(MEMBERS)
            turn = MemberLogin(member=member) if self.dice.integer(1, 2) == 1 else MemberLogout(member=member)
            process.serve(_appended(process.bus, entry_of(turn)))

    def _session(self) -> ChangeSession | None:
        """Return now and then what an operator does, so that days end and trading seldom rests for long."""
        drawn, phase = self.dice.integer(1, 40), self.oracle.exchange.phase
        if phase is Phase.CONTINUOUS and drawn > 1:
            return None
        if phase is not Phase.CONTINUOUS and drawn > 10:  # noqa: PLR2004 (one in four)
            return None
        actions = {Phase.CONTINUOUS: SessionAction.END, Phase.HALTED: SessionAction.RESUME}
        return ChangeSession(action=actions.get(phase, SessionAction.START), account=OPERATOR)

    async def send(self, *commands: AnyCommand) -> Answers | None:
        """Send commands in one request, or what the network makes of it; hold the answers against the log.

        None: no answer came, or none that says what became of all of them.
        """
        tokens = [Nanos((self._tokens + number) * _MICROSECOND) for number in range(1, len(commands) + 1)]
        self._tokens += len(commands)
        errand = Errand([replace(each, sent_at=at) for each, at in zip(commands, tokens, strict=True)], tokens)
        self._errands.append(errand)
        answers = await self._called(errand)
        if isinstance(answers, list):
            known = [self._believe(*each) for each in zip(tokens, answers, strict=True)]
            if all(known):
                return answers
        if isinstance(answers, LogError) and not isinstance(answers, LogClosed) and errand.delivered == 1:
            for token in tokens:
                self.oracle.denied(token)
            return []
        self.counts["unanswered"] += 1
        return None

    def _believe(self, token: Nanos, answer: Outcome | Problem) -> bool:
        """Hold one answer against the log; False: it says that nobody knows yet."""
        if isinstance(answer, Outcome):
            self.oracle.promised(token, answer.offset, facts=answer.facts)
            self._note(answer)
        elif answer.status != _NOT_YET:
            self.oracle.refused(token, answer.fault.offset, reason=answer.fault.reason)
        return isinstance(answer, Outcome) or answer.status != _NOT_YET

    async def _called(self, errand: Errand) -> Answers | LogError | None:
        """Deliver a request to whoever answers, not at all, or twice; return the first answer that comes back."""
        answered: asyncio.Future[Answers | LogError] = asyncio.get_running_loop().create_future()
        for _ in range(self._deliveries()):
            await asyncio.sleep(self.dice.uniform(0, 0.02))
            process = self.front()
            if process is not None and process.gateway is not None:
                errand.delivered += 1
                is_lost = self.dice.integer(1, 40) == 1
                process.serve(_served(errand.commands, process.gateway, answered=answered, is_lost=is_lost))
        if not errand.delivered:
            await asyncio.sleep(0.2)
            return None
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(answered)
        except TimeoutError:
            return None

    def _deliveries(self) -> int:
        drawn = self.dice.integer(1, 40)
        if drawn == 1:
            self.counts["requests_lost"] += 1
            return 0
        if drawn == 2:  # noqa: PLR2004 (one in forty)
            self.counts["requests_doubled"] += 1
            return 2
        return 1

    def _note(self, outcome: Outcome) -> None:
        for fact in outcome.facts:
            if isinstance(fact, Accepted):
                self._taken[fact.account, fact.cl_ord_id] = fact.order_id
            elif isinstance(fact, Traded):
                self.counts["fills_acknowledged"] += 1

    async def _ask(self, account: str, cl_ord_id: str) -> None:
        """Ask for an order that was taken: whoever answers must know it, whatever has died in between."""
        process = self.front()
        if process is None or process.gateway is None or process.views is None:
            return
        view = process.views.blotter.order(account, cl_ord_id)
        if view is None or view.order_id != self._taken[account, cl_ord_id]:
            raise Violation(f"{account} was told of the order {cl_ord_id}, and {process.name} shows {view}")
        self.counts["asked"] += 1

    async def _ask_why(self, offset: int) -> None:
        """Ask why the facts of a command came about: the same, if anything, as an exchange knows that never died."""
        process = self.front()
        if process is None or process.explainer is None:
            return
        try:
            whys = await process.explainer.explained(offset)
        except Unexplained:
            return
        if whys != self.oracle.whys[offset]:
            raise Violation(f"{process.name} explains {offset} by {whys}, and not {self.oracle.whys[offset]}")
        self.counts["explained"] += 1

    def finish(self) -> None:
        """Hold that nothing is in the log more often than it was delivered."""
        for errand in self._errands:
            for token in errand.tokens:
                self.oracle.copies(token, errand.delivered)


async def _appended(bus: Bus, entry: Entry) -> None:
    with suppress(LogError):
        await bus.append([entry])


async def _served(
    commands: Sequence[AnyCommand],
    gateway: Gateway,
    *,
    answered: "asyncio.Future[Answers | LogError]",
    is_lost: bool,
) -> None:
    """Run a request, and send the answer back unless the network loses it."""
    answer: Answers | LogError
    try:
        answer = await gateway.submit_all(commands)
    except LogError as error:
        answer = error
    if not (is_lost or answered.done()):
        answered.set_result(answer)
