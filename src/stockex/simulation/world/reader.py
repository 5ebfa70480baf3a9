"""A reader of the stream: a browser that loses its connection again and again, and must miss and see twice nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from stockex.core.dice import Dice
from stockex.simulation.world.oracle import Oracle, Violation
from stockex.simulation.world.processes import Process
from stockex.vocabulary.accounts import Role
from stockex.vocabulary.units import Nanos
from stockex.web.auth import Visitor

FOR_EVER: Final = Nanos(2**62)


class _Done(msgspec.Struct):
    trade_id: str


class _State(msgspec.Struct):
    """What the first event says of trades and fills, the newest first."""

    trades: list[_Done]
    fills: list[_Done]


class Event(NamedTuple):
    """One event as it was sent."""

    name: str
    position: str | None
    data: bytes


@dataclass
class Reader:
    """Follows the stream as a member, and holds every trade and every fill of its own against the log.

    Attributes:
        seen: How many trades of the log, and fills of the member, it has been told of.
    """

    oracle: Oracle
    dice: Dice
    front: Callable[[], Process | None]
    user: str
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Know nothing yet."""
        self.seen = {"trade": 0, "fill": 0}
        self._position: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether it has been told of everything."""
        return all(seen == len(self._told(name)) for name, seen in self.seen.items())

    async def live(self) -> None:
        """Connect, read, lose the connection, and begin again where it had been, for ever."""
        while True:
            await asyncio.sleep(self.dice.uniform(0, 0.3))
            process = self.front()
            if process is not None and process.hub is not None:
                self.counts["streams"] += 1
                await self._follow(process)

    async def _follow(self, process: Process) -> None:
        """Read from a process until it dies, says goodbye, or the network cuts the connection."""
        hub, views = process.hub, process.views
        assert hub is not None
        assert views is not None
        visitor = Visitor(self.user, Role.MEMBER, "", FOR_EVER)
        symbol = next(iter(views.market.instruments), None)  # as the stream's address does when none is named
        client = hub.join(visitor, symbol=symbol, since=self._position)
        is_last = False
        while not (is_last or process.is_dead):
            try:
                async with asyncio.timeout(1):
                    chunk, is_last = await client.next()
            except TimeoutError:
                continue
            if self.dice.integer(1, 30) == 1:
                break
            for event in _events(chunk):
                self._take(event)
            await asyncio.sleep(self.dice.uniform(0, 0.1))
        hub.leave(client)

    def _take(self, event: Event) -> None:
        if event.name == "init":
            state = msgspec.json.decode(event.data, type=_State)
            self._begin("trade", state.trades)
            self._begin("fill", state.fills)
        elif event.name in self.seen:
            self._go_on(event.name, msgspec.json.decode(event.data, type=_Done).trade_id)
        self._position = event.position or self._position

    def _begin(self, name: str, newest: list[_Done]) -> None:
        """Take a whole state, which must not lie before what was told."""
        told = self._told(name)
        reached = len(told) - told[::-1].index(newest[0].trade_id) if newest else 0  # both of a trade with oneself
        if reached < self.seen[name]:
            raise Violation(f"the stream begins anew with {reached} {name}s, after it had told {self.seen[name]}")
        self.seen[name] = reached
        self.counts["streams_anew"] += 1

    def _go_on(self, name: str, trade_id: str) -> None:
        """Take one event, which must be the next."""
        told, seen = self._told(name), self.seen[name]
        if told[seen : seen + 1] != [trade_id]:
            raise Violation(f"the stream tells the {name} {trade_id} and not {told[seen : seen + 1]}")
        self.seen[name] += 1
        self.counts["events_read"] += 1

    def _told(self, name: str) -> list[str]:
        """Return the trades that the log holds, or those of which a fill is the member's."""
        return self.oracle.trades if name == "trade" else self.oracle.fills[self.user]


def _events(chunk: bytes) -> Iterator[Event]:
    """Yield the events of some bytes of a stream."""
    for text in chunk.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in text.splitlines())
        if "event" in fields:
            yield Event(fields["event"], fields.get("id"), fields["data"].encode())
