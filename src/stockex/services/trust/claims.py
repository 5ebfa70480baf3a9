"""Which commands have their facts in the log already: what a matcher must know before it publishes any.

A record among the facts names a command, but anybody may have written it. So the matcher obeys the commands once more,
and a command counts as told when the log has a fact of it byte for byte as the engine gives it. All facts of a command
are one append, and commands are told in their order: after the newest one that is told, none is.

    told ... told │ not told ... │ new
                  └ published by `CatchUp`, once it is known where the last told one is
"""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, cast

import msgspec
from msgspec import Struct

from stockex.bus.interface import Bus
from stockex.core.exchange import Exchange
from stockex.errors import LogCut
from stockex.messages.codec import Fact
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.engines.interface import Heard, MatchingEngine
from stockex.services.trust.marks import TOLD_IN, Marks

WINDOW: Final = 4_096
"""Of a log without marks so many of the newest records of a topic are looked at, unless that is not enough."""

FactsOf = Callable[[Exchange, Record], Sequence[Fact]]
"""Has an exchange obey a record of `orders`, and returns what it causes."""


class _Cause(Struct):
    """What is read of a record to see which command it claims to be about."""

    offset: int = -1


_cause_of = msgspec.json.Decoder(_Cause).decode


class Claims:
    """What records among the facts claim: hashes of their values by topic and command, from some offset of each on.

    Args:
        since: Where the reading of each topic begins.
        is_whole: Whether no fact of a command that is asked about stands before.
    """

    def __init__(self, since: Mapping[Topic, int], *, is_whole: bool) -> None:
        self.highest = -1
        self._since = dict(since)
        self._is_whole = is_whole
        self._hashes: dict[int, set[int]] = {}
        self._found: set[Topic] = set()
        self._lowest: dict[Topic, int] = {}

    async def read(self, bus: Bus, *, first: int) -> None:
        """Read the claims about commands from `first` on that are in the log now. Raises: LogError."""
        commands = await bus.end(Topic.ORDERS)
        for topic in TOLD_IN:
            end = await bus.end(topic)
            async for record in _records(bus, topic, since=self._since[topic], end=end):
                cause = cause_claimed(record)
                if first <= cause < commands:
                    self._lowest[topic] = min(self._lowest.get(topic, cause), cause)
                    self._hashes.setdefault(cause, set()).add(hash(Entry(topic, record.key, record.value)))
                    self.highest = max(self.highest, cause)

    @property
    def lowest(self) -> int:
        """From which command on to ask: the first one of the topic that says most about the newest ones.

        One that is told shows that all before it are. 0 when everything was read.
        """
        return 0 if self._is_whole else max(self._lowest.values(), default=0)

    @property
    def reaches_back(self) -> bool:
        """Whether one command is told, and no later one may be told by what stands before what was read.

        Unlike `is_enough` it takes what bears the stamp of our processes to stand in order.
        """
        rest = [topic for topic in self._since.keys() - self._found if self._since[topic] > 0]
        return bool(self._found) and all(self._lowest.get(topic, self.lowest + 1) <= self.lowest for topic in rest)

    def confirm(self, offset: int, entries: Iterable[Entry]) -> bool:
        """Say whether the log has a fact of this command as the engine gives it."""
        hashes = self._hashes.pop(offset, None)
        if hashes is None:
            return False
        told = {entry.topic for entry in entries if hash(entry) in hashes}
        self._found |= told
        return bool(told)

    @property
    def is_enough(self) -> bool:
        """Whether no told command can stand before what was read."""
        return self._is_whole or all(topic in self._found or since == 0 for topic, since in self._since.items())

    @property
    def may_begin(self) -> bool:
        """Whether from now on a command that was not confirmed is not told."""
        return self._is_whole or bool(self._found)


async def _records(bus: Bus, topic: Topic, *, since: int, end: int) -> AsyncGenerator[Record, None]:
    """Yield the records of a topic from an offset, or from what is kept, to below `end`."""
    if since >= end:
        return
    try:
        async with aclosing(cast("AsyncGenerator[Sequence[Record], None]", bus.read({topic: since}))) as batches:
            async for batch in batches:
                for record in batch:
                    yield record
                if batch[-1].offset >= end - 1:
                    return
    except LogCut as cut:
        async for record in _records(bus, topic, since=max(cut.first, since + 1), end=end):
            yield record


def cause_claimed(record: Record) -> int:
    """Return the offset of the command that a record claims to be about, -1 when it claims none."""
    if not record.is_ours:
        return -1
    try:
        return _cause_of(record.value).offset
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return -1


class CatchUp:
    """Obeys what the log holds until it is known which commands are told; then what is not told can be published.

    Args:
        engine: It has obeyed all commands before.
        claims: They are read already.
        told: The commands below this offset are told, whatever the claims.
        heard: Called with what the engine gives, told or not.
    """

    def __init__(self, engine: MatchingEngine, claims: Claims, *, told: int, heard: Heard) -> None:
        self._engine = engine
        self._claims = claims
        self._told = told
        self._heard = heard
        self._untold: deque[Sequence[Entry]] = deque()

    async def obey(self, bus: Bus) -> None:
        """Obey the commands up to the highest one that is told or claimed to be. Raises: LogError."""
        end = max(self._claims.highest + 1, self._told)
        if self._engine.next_offset >= end:
            return
        since = {Topic.ORDERS: self._engine.next_offset}
        async with aclosing(cast("AsyncGenerator[Sequence[Record], None]", bus.read(since))) as batches:
            async for batch in batches:
                count = next((place for place, record in enumerate(batch, 1) if record.offset >= end - 1), len(batch))
                caused = list(self._engine.entries(batch[:count]))
                for record, entries in zip(batch[:count], caused, strict=True):
                    self._weigh(record.offset, entries)
                self._heard([entry for entries in caused for entry in entries])
                if self._engine.next_offset >= end:
                    return

    def _weigh(self, offset: int, entries: Sequence[Entry]) -> None:
        if self._claims.confirm(offset, entries):
            self._untold.clear()
        elif offset >= self._told and self._claims.may_begin:
            self._untold.append(entries)

    def untold(self) -> Iterator[Sequence[Entry]]:
        """Yield the facts of each command that is not told."""
        return iter(self._untold)


async def caught_up(bus: Bus, engine: MatchingEngine, *, marks: Marks, heard: Heard) -> Iterator[Sequence[Entry]]:
    """Have the engine obey all that may be told, `heard` hear it, and return the facts of each command that is not.

    Raises: LogError.
    """
    first = max(engine.next_offset, marks.commands)
    ends = {topic: await bus.end(topic) for topic in TOLD_IN}
    if engine.next_offset > 0 or marks.commands > 0:
        claims = Claims({topic: marks.ends.get(topic, 0) for topic in TOLD_IN}, is_whole=True)
    else:
        since = {topic: max(end - WINDOW, 0) for topic, end in ends.items()}
        claims = Claims(since, is_whole=not any(since.values()))
    origin = engine.dump() if engine.next_offset == 0 else b""
    await claims.read(bus, first=first)
    catching = CatchUp(engine, claims, told=marks.commands, heard=heard)
    await catching.obey(bus)
    if not claims.is_enough:
        claims = Claims(dict.fromkeys(TOLD_IN, 0), is_whole=True)
        await claims.read(bus, first=first)
        catching = CatchUp(engine.anew(origin), claims, told=0, heard=heard)
        await catching.obey(bus)
    return catching.untold()
