"""The gateway: carries a command into the log and waits for what it caused."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from stockex.bus.interface import Bus
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Message, entry_of
from stockex.messages.control import AnySignal
from stockex.messages.executions import AnyExecution, Quarantined, Rejected
from stockex.messages.market_data import AnyMarketData
from stockex.messages.orders import AnyCommand
from stockex.web.parts import Batch
from stockex.web.replies import Fault, Problem, rejection

SOURCE: Final = "WEB"
"""The `source` of every command that comes by screen or REST."""

WAIT_S: Final = 5.0
"""How long a client waits for the outcome of a command."""

OUTCOMES_KEPT: Final = 10_000
"""How many outcomes are kept for those who ask a moment later."""

_CAUSED: Final = (*AnyExecution.__args__, *AnyMarketData.__args__, *AnySignal.__args__, Deposited)


class Outcome(NamedTuple):
    """What one command caused: its place in `orders`, and its facts in order."""

    offset: int
    facts: tuple[Message, ...]


class Gateway:
    """Submits commands. Answers come only from facts that are in the log, and that all screens show already."""

    def __init__(self, bus: Bus, *, wait_s: float = WAIT_S) -> None:
        """Append to `bus`; somebody must feed `hear` from the same log."""
        self._bus = bus
        self._wait_s = wait_s
        self._known: OrderedDict[int, tuple[Message, ...]] = OrderedDict()
        self._waiting: dict[int, asyncio.Future[tuple[Message, ...]]] = {}

    async def submit(self, command: AnyCommand) -> Outcome:
        """Append a command and return what it caused.

        Raises:
            Problem: the engine refused it; or 503, it stands in the log but its outcome did not come in time.
            LogError: it was not appended.
        """
        [outcome] = await self.submit_all([command])
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    async def submit_all(self, commands: Sequence[AnyCommand]) -> list[Outcome | Problem]:
        """Append commands in one piece, nothing in between, and return for each what `submit` returns or raises.

        Raises: LogError: none was appended.
        """
        offsets = await self._bus.append([entry_of(command) for command in commands])
        until = asyncio.get_running_loop().time() + self._wait_s
        return [
            await self._outcome(offset, command, until=until) for offset, command in zip(offsets, commands, strict=True)
        ]

    def hear(self, batch: Batch) -> None:
        """Take in a batch of the log. All facts of one command come in one batch."""
        facts = [message for _, message in batch if isinstance(message, _CAUSED)]
        for offset, group in groupby(facts, key=attrgetter("offset")):
            caused = tuple(group)
            self._known[offset] = caused
            if len(self._known) > OUTCOMES_KEPT:
                self._known.popitem(last=False)
            waiting = self._waiting.pop(offset, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(caused)

    async def _outcome(self, offset: int, command: AnyCommand, *, until: float) -> Outcome | Problem:
        try:
            facts = self._known.get(offset) or await self._await(offset, command, until=until)
        except Problem as problem:
            return problem
        for fact in facts:
            if isinstance(fact, Rejected):
                return rejection(fact)
            if isinstance(fact, Quarantined):
                return Problem(422, Fault(message=fact.text, field=fact.field_name))
        return Outcome(offset, facts)

    async def _await(self, offset: int, command: AnyCommand, *, until: float) -> tuple[Message, ...]:
        future: asyncio.Future[tuple[Message, ...]] = asyncio.get_running_loop().create_future()
        self._waiting[offset] = future
        try:
            async with asyncio.timeout_at(until):
                return await future
        except TimeoutError:
            name = getattr(command, "cl_ord_id", None) or getattr(command, "orig_cl_ord_id", None) or "the session"
            message = f"Accepted for processing, outcome unknown: ask for {name} in a moment."
            raise Problem(503, Fault(message=message), headers={"Retry-After": "5"}) from None
        finally:
            self._waiting.pop(offset, None)
