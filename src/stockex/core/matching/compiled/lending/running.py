"""Lines in, lines of facts out: what the kernel obeys of a batch, and the newest trades that came of it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from stockex.core.matching.compiled.checks import MARKET_TYPE
from stockex.core.matching.compiled.lending.lender import Lender
from stockex.core.matching.compiled.machine.code import compiled
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes
from stockex.core.matching.compiled.records import BUY, COMMAND, NEW, TRADED
from stockex.core.matching.compiled.tables import HERE, Ran, Records, zeros
from stockex.core.matching.compiled.wire.journal import Journal
from stockex.core.matching.compiled.wire.reading import RARE, Lines, read, scratch
from stockex.core.matching.compiled.wire.texts import SYMBOL, Texts
from stockex.vocabulary.market_rules import MarketRemainder, MarketRules

TRADE: Final = np.dtype(
    [
        ("offset", np.int64),
        ("index", np.int64),
        ("at", np.int64),
        ("price", np.int64),
        ("buy", np.int64),  # the id of the order
        ("sell", np.int64),
        ("qty", np.int32),
        ("symbol", np.int32),
        ("buy_client", np.int32),
        ("sell_client", np.int32),
        ("aggressor", np.int32),
    ],
    align=True,
)
"""One trade, as it must be remembered for who may undo it."""


_TAB, _RETURN, _SPACE, _NEWLINE = (np.uint8(ord(sign)) for sign in "\t\r \n")


class Batch(NamedTuple):
    """Commands in order: the text of their lines, what of it could be read into records, and the times named, or -1.

    Line `n` is `text[starts[n]:ends[n]]`; `symbols` is how many were listed.
    """

    text: bytes
    starts: Wholes
    ends: Wholes
    commands: Records
    sent_at: Wholes
    symbols: int

    def line(self, place: int) -> bytes:
        """Return the line of a command."""
        return self.text[self.starts[place] : self.ends[place]]


class Part(NamedTuple):
    """What the kernel made of commands in a row: how many it obeyed, and the lines of their facts.

    The lines of command `n` end at `ends[n]`.
    """

    done: int
    text: bytes
    ends: Sequence[int]


@compiled
def _shown(text: Bytes, starts: Wholes, ends: Wholes, is_shown: Bytes) -> int:
    """Note which lines are not blank; return how many are."""
    blank = 0
    for line in range(len(starts)):
        place = starts[line]
        while place < ends[line] and (text[place] == _SPACE or _TAB <= text[place] <= _RETURN):
            place += 1
        is_shown[line] = place < ends[line]
        blank += place == ends[line]
    return blank


@compiled
def _survey(batch: tuple[Records, Wholes, Records, Bytes], place: int, at: int, due: int) -> int:
    """Return the first command from `place` on that is not for the kernel; give each before it its time."""
    commands, sent_at, symbols, has_markets = batch
    while place < len(commands):
        command = commands[place]
        at = max(at, sent_at[place])
        symbol = command["symbol"]
        if command["kind"] == RARE or at >= due or symbols[symbol]["state"] != HERE:
            break
        if command["kind"] == NEW and command["ord_type"] == MARKET_TYPE and not has_markets[symbol]:
            break
        command["at"] = at
        place += 1
    return place


@compiled
def _note(facts: Records, commands: Records, tape: Records, seen: int, counts: Wholes) -> int:
    """Count the commands of each symbol, and put each trade on the tape, a ring; return how many have come by then."""
    for place in range(len(commands)):
        counts[commands[place]["symbol"]] += 1
    cause, index = -1, 0
    for place in range(len(facts)):
        fact = facts[place]
        if fact["command"] != cause:
            cause, index = fact["command"], 0
        if fact["kind"] == TRADED:
            trade = tape[seen % len(tape)]
            seen += 1
            trade["offset"], trade["at"] = commands[cause]["offset"], commands[cause]["at"]
            trade["symbol"], trade["index"] = commands[cause]["symbol"], index
            trade["price"], trade["qty"], trade["aggressor"] = fact["price"], fact["qty"], fact["side"]
            if fact["side"] == BUY:
                trade["buy"], trade["sell"] = fact["order"], fact["other"]
                trade["buy_client"], trade["sell_client"] = fact["client"], fact["other_client"]
            else:
                trade["buy"], trade["sell"] = fact["other"], fact["order"]
                trade["buy_client"], trade["sell_client"] = fact["other_client"], fact["client"]
            index += 1
        index += 1
    return seen


class Runner:
    """The kernel between two wires.

    Args:
        is_open: Whether accounts that were never funded may trade, without limits.
        remembered: How many trades the tape keeps, the newest ones.
    """

    def __init__(self, *, is_open: bool, remembered: int) -> None:
        self.texts = Texts()
        self.lender = Lender(self.texts, is_open=is_open)
        self._journal = Journal(self.texts)
        self._spans, self._values = scratch()
        self._has_markets = np.zeros(1, np.uint8)
        self._tape = zeros(TRADE, remembered)
        self._seen = 0
        self.counts = np.zeros(1, np.int64)

    def list_away(self, symbol: str, *, tick: int, lot: int) -> int:
        """List a symbol whose orders stand elsewhere; return its number."""
        number = self.lender.list_away(tick=tick, lot=lot)
        assert self.texts.number(SYMBOL, symbol) == number, "symbols have the same numbers as their texts"
        if number >= len(self.counts):
            self.counts, self._has_markets = (
                np.resize(self.counts, 2 * number),
                np.resize(self._has_markets, 2 * number),
            )
        self.counts[number] = 0
        return number

    def describe(self, number: int, rules: MarketRules, *, reference: int | None, auction: int | None) -> None:
        """Give a symbol that stands elsewhere its settings, and the prices that its limits are around."""
        self.lender.describe(number, rules, reference=reference, auction=auction)
        self._journal.set_mode(number, rules.self_trade)
        self._has_markets[number] = rules.market_remainder is not MarketRemainder.RESTS_AT_COLLAR

    def read(self, text: bytes, first: int) -> Batch:
        """Read lines; that of number `n` has the offset `first + n`. Blank lines have a number but are no commands."""
        raw = np.frombuffer(text, np.uint8)
        ends = (raw == _NEWLINE).nonzero()[0]
        if not text.endswith(b"\n"):
            ends = np.append(ends, len(raw))
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1] + 1
        is_shown = np.empty(len(ends), np.uint8)
        offsets = np.arange(first, first + len(ends))
        if _shown(raw, starts, ends, is_shown):
            starts, ends, offsets = (array[is_shown > 0] for array in (starts, ends, offsets))
        self.texts.make_room(len(raw), 4 * len(ends) + 1)
        commands, sent_at = zeros(COMMAND, len(ends)), np.empty(len(ends), np.int64)
        read(self.texts.arrays, Lines(raw, starts, ends, sent_at, self._spans, self._values), commands)
        commands["offset"] = offsets
        return Batch(text, starts, ends, commands, sent_at, self.lender.listed)

    def symbol_of(self, batch: Batch, place: int) -> int | None:
        """Return the symbol of a command that could be read, else None."""
        command = batch.commands[place]
        return None if command["kind"] == RARE else int(command["symbol"])

    def survey(self, batch: Batch, place: int, *, at: int, due: int) -> int:
        """Return the first command from `place` on that is rare, waits for its symbol, or is not before `due`."""
        symbols = self.lender.tables.symbols
        return int(_survey((batch.commands, batch.sent_at, symbols, self._has_markets), place, at, due))

    def run(self, batch: Batch, place: int, *, end: int) -> Part:
        """Obey the commands from `place` to `end`, or less when the kernel stops before one."""
        commands = batch.commands[place:end]
        return self.tell(self.lender.run(commands), commands)

    def tell(self, ran: Ran, commands: Records) -> Part:
        """Write what came of commands, and take note of the trades."""
        text, ends = self._journal.lines(ran.facts, commands)
        self._seen = int(_note(ran.facts, commands[: ran.done], self._tape, self._seen, self.counts))
        return Part(ran.done, text, ends)

    def take_trades(self) -> Records:
        """Return the trades since the last call, oldest first, the newest that are remembered; and forget them."""
        size, seen = len(self._tape), self._seen
        self._seen = 0
        found: Records = self._tape[(np.arange(min(seen, size)) + max(seen - size, 0)) % size]
        return found
