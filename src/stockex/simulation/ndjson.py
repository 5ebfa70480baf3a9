"""The engine alone: commands in, facts out, one JSON record a line. `stockex match` is this function on pipes."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from stockex.core.why.story import Witness
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command, encode
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.simulation.books import open_exchange, whole
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Nanos

if TYPE_CHECKING:
    from stockex.core.exchange import Exchange
    from stockex.core.fast.exchange import FastExchange

_MOST: Final = 1 << 20


def matched(
    lines: Iterable[bytes],
    *,
    rules: MarketRules | None = None,
    explain: bool = False,
    exchange: "Exchange | FastExchange | None" = None,
) -> Iterator[bytes]:
    """Yield, for each line that is not blank, the lines of the facts it causes.

    A command's offset is its line number, counted from 0; its time is its own `timestamp`, or else the time of the
    line before. A line that is no command yields a `quarantined` fact. Source: docs/reference/match.md.

    Args:
        lines: Commands, one a line.
        rules: Those of an instrument whose record names none; the defaults of `MarketRules` when None.
        explain: Whether why records follow the facts of each line.
        exchange: What obeys the commands; a new one on the plain book, open, when None.
    """
    exchange = open_exchange() if exchange is None else exchange
    for number, line in enumerate(lines):
        if line.strip():
            witness = Witness(whole(exchange)) if explain else None
            command = command_of(line, rules=rules)
            facts = facts_of(exchange, command, number=number)
            asked = None if isinstance(command, WireError) else command
            whys = () if witness is None else witness.explained(asked, facts)
            yield b"".join(encode(record) + b"\n" for record in (*facts, *whys))


def in_batches(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what can be read, in whole lines: as many at once as are there, and none waits for more of them.

    Args: read: Returns at least one byte and at most so many, whatever is there; none at the end.
    """
    rest = b""
    while chunk := read(_MOST):
        end = chunk.rfind(b"\n") + 1
        if end > 0:
            yield rest + chunk[:end]
            rest = b""
        rest += chunk[end:]
    if rest:
        yield rest


def matched_in_batches(
    batches: Iterable[bytes], exchange: "FastExchange", *, rules: MarketRules | None = None
) -> Iterator[bytes]:
    """Yield what `matched` does, for each batch of whole lines in one piece."""
    first = 0
    for text in batches:
        yield b"".join(exchange.obey(exchange.read(text, first=first), read=partial(command_of, rules=rules)))
        first += text.count(b"\n")


def command_of(line: bytes, *, rules: MarketRules | None = None) -> AnyCommand | WireError:
    """Return the command of a line, a listing that names no rules with these; or what is wrong with it."""
    try:
        command = decode_command(line)
    except WireError as error:
        return error
    if rules is not None and isinstance(command, ListInstrument) and not _names_rules(line):
        return msgspec.structs.replace(command, rules=rules)
    return command


def facts_of(exchange: "Exchange | FastExchange", command: AnyCommand | WireError, *, number: int) -> list[Fact]:
    """Return what the command of line `number` causes, at its own time or at that of the line before."""
    if isinstance(command, WireError):
        return exchange.quarantine(command, offset=number, at=exchange.at)
    at = exchange.at if command.sent_at is None else max(Nanos(0), command.sent_at)
    return exchange.apply(command, offset=number, at=at)


def _names_rules(line: bytes) -> bool:
    return "rules" in msgspec.json.decode(line, type=dict[str, msgspec.Raw])
