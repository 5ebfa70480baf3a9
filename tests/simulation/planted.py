"""Worlds with one part that is wrong on purpose: each fault must be found by a seed below 200."""

from collections import deque
from collections.abc import Mapping
from typing import Final

import msgspec

from stockex.adapters.checkpoints import Checkpoints
from stockex.core.clearing.house import House
from stockex.errors import LogError
from stockex.messages.codec import Message
from stockex.messages.envelope import Record
from stockex.messages.market_data import Trade
from stockex.messages.topics import Topic
from stockex.services.clearing_house import ClearingHouse
from stockex.services.matcher import Matcher
from stockex.services.recorder import Recorder
from stockex.simulation.world.log import Connection, Pending, SimulatedLog
from stockex.simulation.world.processes import Kit
from stockex.web.gateway import Gateway
from stockex.web.parts import Batch


class EagerLog(SimulatedLog):
    """Answers, and shows to readers, what is not on the disk yet; what it had not synced is lost with its writer."""

    def arrive(self, append: Pending) -> None:
        """Answer at once, and sync later."""
        append.waiting.set_result([record.offset for record in self.commit(append.entries)])
        self._pending.append(append)
        self._sync_later()

    def _sync(self) -> None:
        self._is_syncing = False
        self._pending.clear()

    def settle(self, connection: Connection, error: LogError) -> None:
        """Forget what was not synced."""
        del error
        for append in reversed(self._pending):
            if append.by is connection and self.appends[-1][0].value == append.entries[0].value:
                for record in reversed(self.appends.pop()):
                    self.topics[record.topic].pop()
                    self._ends[record.topic] = record.offset
        self._pending.clear()


class UnfencedLog(SimulatedLog):
    """Lets a process go on writing though it has a successor."""

    def connect(self, name: str) -> Connection:
        """Forget who had the name before."""
        self._writers.pop(name, None)
        return super().connect(name)


class LosesAnOrder(Checkpoints):
    """Saves the engine without its youngest order."""

    def save(self, name: str, data: bytes, *, version: int = 1) -> None:
        """Cut the list of orders short."""
        if name == "engine":
            state = msgspec.json.decode(data)
            data = msgspec.json.encode(state | {"orders": state["orders"][:-1]})
        super().save(name, data, version=version)


class PublishesAgain(Matcher):
    """Publishes after a restart whatever it replays."""

    async def _catch_up(self) -> None:
        self._is_author = True


class LooksAtExecutionsOnly(Matcher):
    """Takes the newest record of `executions` for the newest fact."""

    async def _catch_up(self) -> None:
        self._is_author = True
        last = await self._bus.last(Topic.EXECUTIONS)
        newest = msgspec.json.decode(last[0].value)["offset"] if last else -1
        if self.engine.next_offset > newest:
            return
        async for records in self._bus.read({Topic.ORDERS: self.engine.next_offset}):
            deque(self.engine.entries([record for record in records if record.offset <= newest]), maxlen=0)
            if self.engine.next_offset > newest:
                self._move()
                return


class SkipsATrade(ClearingHouse):
    """Does not book every twentieth trade."""

    _seen = 0

    def _follow(self, record: Record) -> None:
        self._seen += record.topic is Topic.TRADES
        if not (record.topic is Topic.TRADES and self._seen % 20 == 0):
            super()._follow(record)


class BooksOneSymbol(House):
    """Shows a portfolio in which one symbol's trades are missing."""

    def apply(self, message: Message) -> None:
        """Pass over BETA."""
        if not (isinstance(message, Trade) and message.symbol == "BETA"):
            super().apply(message)


class SavesTooFar(Recorder):
    """Says in its checkpoint that it has seen one record more of each topic than it has."""

    def _begin_saving(self) -> None:
        seen = dict(self._next)
        self._next = {topic: max(offset + 1, 1) for topic, offset in seen.items()}
        super()._begin_saving()
        self._next = seen


class AnswersTheFirst(Gateway):
    """Gives the facts of a command to whoever has waited longest."""

    def hear(self, batch: Batch) -> None:
        """Swap the two who have waited longest."""
        if len(self._waiting) > 1:
            (one, first), (two, second), *_ = self._waiting.items()
            self._waiting[one], self._waiting[two] = second, first
        super().hear(batch)


PLANTED: Final[Mapping[str, Kit]] = {
    "acknowledged before durable": Kit(log=EagerLog),
    "no fencing": Kit(log=UnfencedLog),
    "the tail of a checkpoint lost": Kit(checkpoints=LosesAnOrder),
    "facts published again": Kit(matcher=PublishesAgain),
    "published facts known by the wrong topic": Kit(matcher=LooksAtExecutionsOnly),
    "a trade not cleared": Kit(clearing_house=SkipsATrade),
    "a trade not shown": Kit(house=BooksOneSymbol),
    "a checkpoint ahead of its state": Kit(recorder=SavesTooFar),
    "answers by the wrong key": Kit(gateway=AnswersTheFirst),
}
"""Each fault with its world."""
