"""What comes to the exchange on two books, lines of text or records of the log, and what goes to the log."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from msgspec.structs import replace

from stockex.core.matching.compiled.lending.running import Batch, Part, Runner
from stockex.core.matching.compiled.tables import Records
from stockex.errors import WireError
from stockex.messages.codec import TOPICS, Fact, decode_command
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Accepted, Cancelled, Reduced, Rejected, Replaced, Rested, Traded
from stockex.messages.market_data import BookChanged, Level, Trade
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, Price

Read = Callable[[bytes], AnyCommand | WireError]
"""What a line that is no plain order says, or what is wrong with it."""

_NO_LINE = b"?"
"""Stands for a record that is no line; it is for the codec then, as is every line that cannot be read."""


class Said(NamedTuple):
    """One command, or what is wrong with it, with its offset and its time; None: that of the one before."""

    command: AnyCommand | WireError
    offset: int
    at: Nanos | None


def said(record: Record) -> Said:
    """Return what a record of the log says."""
    try:
        return Said(decode_command(record.value), record.offset, record.at)
    except WireError as error:
        return Said(error, record.offset, record.at)


class Input(Protocol):
    """Commands in order. `batch` is what of them could be read into records."""

    @property
    def batch(self) -> Batch:
        """The commands of the batch, one for each place."""

    def said(self, place: int) -> Said:
        """Return what the command at a place says, by the codec."""

    def after(self, place: int) -> "Input":
        """Return the commands from a place on, read once more: an instrument has become known."""


class Lines(NamedTuple):
    """Lines of text. A command that names no time has that of the one before."""

    runner: Runner
    batch: Batch
    read: Read

    def said(self, place: int) -> Said:
        """Return what a line says."""
        command = self.read(self.batch.line(place))
        named = None if isinstance(command, WireError) else command.sent_at
        return Said(command, int(self.batch.commands[place]["offset"]), None if named is None else max(Nanos(0), named))

    def after(self, place: int) -> "Lines":
        """Return the lines from a place on."""
        batch = self.batch
        offset = int(batch.commands[place]["offset"])
        return self._replace(batch=self.runner.read(batch.text[batch.starts[place] :], offset))


class Journalled(NamedTuple):
    """Records of the log, which has given each its offset and its time."""

    runner: Runner
    batch: Batch
    records: Sequence[Record]

    @classmethod
    def of(cls, runner: Runner, records: Sequence[Record]) -> "Journalled":
        """Read records. A value need not be one line: what is blank, or has line breaks, is left to the codec."""
        values = [record.value for record in records]
        batch = runner.read(b"\n".join([*values, b""]), 0)
        if len(batch.commands) != len(records) or any(b"\n" in value for value in values):
            lines = (value if value.strip() and b"\n" not in value else _NO_LINE for value in values)
            batch = runner.read(b"\n".join(lines), 0)
        batch.commands["offset"] = [record.offset for record in records]
        batch.sent_at[:] = [record.at for record in records]
        return cls(runner, batch, records)

    def said(self, place: int) -> Said:
        """Return what a record says."""
        return said(self.records[place])

    def after(self, place: int) -> "Journalled":
        """Return the records from a place on."""
        return self.of(self.runner, self.records[place:])


_ORDER_FACTS: Final = (Accepted, Rejected, Rested, Traded, Reduced, Cancelled, Replaced, Trade, BookChanged)
_TYPE: Final = slice(len(b'{"type":"'), len(b'{"type":"') + 6)
_TOPICS: Final = {f'{{"type":"{kind.__struct_config__.tag}",'.encode()[_TYPE]: TOPICS[kind] for kind in _ORDER_FACTS}
"""The topic of a line, by the beginning of its type."""

assert len(_TOPICS) == len(_ORDER_FACTS), "the types of what the compiled book says begin differently"


class Common(NamedTuple):
    """What came of common commands in a row."""

    part: Part
    commands: Records

    def entries(self, symbols: Sequence[str]) -> Iterator[Sequence[Entry]]:
        """Yield what each command caused, as the log takes it. `symbols` are the names of the instruments."""
        text, start = self.part.text, 0
        ends = self.part.ends[: self.part.done]
        for end, symbol in zip(ends, self.commands["symbol"].tolist(), strict=True):
            key = symbols[symbol]
            yield [Entry(_TOPICS[line[_TYPE]], key, line) for line in text[start:end].splitlines()]
            start = max(start, end)


Left = dict[tuple[str, Side, Price], Level]
"""Levels of instruments whose other orders stand in the compiled book."""


def with_levels(fact: Fact, left: Left) -> Fact:
    """Return the fact with the levels as they are where other orders stand in the compiled book."""
    if not isinstance(fact, BookChanged):
        return fact
    bids = tuple(left.get((fact.symbol, Side.BUY, level.price), level) for level in fact.bids)
    asks = tuple(left.get((fact.symbol, Side.SELL, level.price), level) for level in fact.asks)
    return replace(fact, bids=bids, asks=asks)
