"""Tells the messages of a log from what only looks like one.

A fact is about a command that was there before it, and a topic has its facts in the order of their commands. So a
reader that wants to believe a fact reads `orders` too; what it does not know it does not doubt.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from stockex.bus.interface import Bus
from stockex.errors import LogCut, WireError
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message, decode_record
from stockex.messages.control import Listed
from stockex.messages.envelope import Record
from stockex.messages.executions import Quarantined, Rejected
from stockex.messages.topics import Topic
from stockex.services.trust.unfit import Tally, Unfit, unfit_of

OWN_TOPICS: Final = frozenset(
    {Topic.EXECUTIONS, Topic.TRADES, Topic.BOOK, Topic.CONTROL, Topic.LEDGER, Topic.FIX, Topic.AI_INSIGHTS}
)
"""The topics that nobody but the exchange writes."""

Place = tuple[int, int]
"""Where a fact stands: the offset of its command, and its index."""

_NEVER: Final = (-1, -1)
_FEW: Final = 1_000
_TIMES_KEPT: Final = 2**18


class Seen(Struct):
    """What a sieve knows of the log so far.

    `commands` is the offset above the newest command, `told` the newest fact of each topic. `times` are the
    instants of commands that may not have all of their facts, by offset; `at` is the newest.
    """

    commands: int = 0
    at: int = 0
    times: dict[int, int] = field(default_factory=dict)
    told: dict[Topic, Place] = field(default_factory=dict)
    symbols: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)


class Sieve:
    """Reads records in the order of the log, those of `orders` among them, and gives out what can be believed.

    Args: topics: What it is given records of, from their beginning on.
    """

    def __init__(self, topics: Collection[Topic]) -> None:
        """Begin with an empty log."""
        self.seen = Seen()
        self._enough = _FEW
        self._has_orders = Topic.ORDERS in topics
        self._has_control = Topic.CONTROL in topics

    @property
    def tally(self) -> Tally:
        """What was passed over so far."""
        return self.seen.tally

    def read(self, record: Record) -> Message | None:
        """Return the message of a record, None for a command and for what is passed over."""
        if record.topic is Topic.ORDERS:
            self._note(record)
            return None
        try:
            message = decode_record(record)
        except WireError as error:
            self.tally.add(record.topic, unfit_of(error), offset=record.offset, text=str(error))
            return None
        why = self._doubt(record, message)
        if why is not None:
            self.tally.add(record.topic, why, offset=record.offset)
            return None
        if isinstance(message, Quarantined):
            why = unfit_of(WireError(message.text, field=message.field_name))
            self.tally.add(Topic.ORDERS, why, offset=message.offset, text=message.text)
        return message

    def _note(self, command: Record) -> None:
        """Take note of a command. The engine's time never goes back (FCT-03)."""
        seen = self.seen
        seen.commands, seen.at = command.offset + 1, max(seen.at, int(command.at))
        seen.times[command.offset] = seen.at
        if len(seen.times) >= self._enough:
            self._forget()

    def _forget(self) -> None:
        """Forget the times of commands that have their facts: those before the newest one that was told of."""
        newest = max((offset for offset, _ in self.seen.told.values()), default=0)
        below = max(newest, self.seen.commands - _TIMES_KEPT)
        self.seen.times = {offset: at for offset, at in self.seen.times.items() if offset >= below}
        self._enough = 2 * len(self.seen.times) + _FEW

    def _doubt(self, record: Record, message: Message) -> Unfit | None:
        """Return why a message cannot be what it says; if it can be, note what it tells of the log."""
        symbol = getattr(message, "symbol", None) or ""
        if symbol != record.key:
            return Unfit.WRONG_KEY
        if not record.is_ours and record.topic in OWN_TOPICS:
            return Unfit.NOT_OURS
        is_listed = symbol == "" or symbol in self.seen.symbols or not (self._has_control and self._has_orders)
        if not (is_listed or isinstance(message, Listed | Rejected)):
            return Unfit.UNKNOWN_SYMBOL
        offset: int | None = getattr(message, "offset", None)
        if offset is None or not self._has_orders:
            return None
        if not 0 <= offset < self.seen.commands:
            return Unfit.NO_SUCH_COMMAND
        if self.seen.times.get(offset, at := getattr(message, "at", 0)) != at:
            return Unfit.WRONG_TIME
        return None if isinstance(message, DaySettled) else self._doubt_order(record.topic, message, offset=offset)

    def _doubt_order(self, topic: Topic, message: Message, *, offset: int) -> Unfit | None:
        """Return why a fact is not the next one in its topic."""
        place = (offset, getattr(message, "index", 0))
        if place[1] < 0:
            return Unfit.BAD_FIELD
        if place <= self.seen.told.get(topic, _NEVER):
            return Unfit.TOLD_BEFORE
        self.seen.told[topic] = place
        if isinstance(message, Listed):
            self.seen.symbols.add(message.symbol)
        return None


async def followed(bus: Bus, since: Mapping[Topic, int], *, sieve: Sieve) -> AsyncIterator[Sequence[Record]]:
    """Yield batches as `Bus.read` does, but pass over commands that are not kept any more.

    Raises: LogCut: another record that is wanted is not kept.
    """
    began = False
    try:
        async for batch in bus.read(since):
            began = True
            yield batch
    except LogCut as cut:
        if began or cut.topic != Topic.ORDERS:
            raise
        sieve.seen.commands = max(sieve.seen.commands, cut.first)
        async for batch in bus.read({**since, Topic.ORDERS: cut.first}):
            yield batch
