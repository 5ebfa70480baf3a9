"""The engine alone: commands in, facts out, one JSON record a line. `stockex match` is this function on pipes."""

from collections.abc import Iterable, Iterator

import msgspec

from stockex.core.exchange import Exchange
from stockex.core.why.story import Witness
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command, encode
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Nanos


def open_exchange() -> Exchange:
    """Return an exchange that trades from the first line: no instrument, no limits, day 1 open."""
    exchange = Exchange(open_accounts=True)
    exchange.phase, exchange.day = Phase.CONTINUOUS, 1
    return exchange


def matched(lines: Iterable[bytes], *, rules: MarketRules | None = None, explain: bool = False) -> Iterator[bytes]:
    """Yield, for each line that is not blank, the lines of the facts it causes.

    A command's offset is its line number, counted from 0; its time is its own `timestamp`, or else the time of the
    line before. A line that is no command yields a `quarantined` fact. Source: docs/reference/match.md.

    Args:
        lines: Commands, one a line.
        rules: Those of an instrument whose record names none; the defaults of `MarketRules` when None.
        explain: Whether why records follow the facts of each line.
    """
    exchange = open_exchange()
    for number, line in enumerate(lines):
        if line.strip():
            witness = Witness(exchange) if explain else None
            command = _command(line, rules)
            facts = _facts(exchange, command, number=number)
            asked = None if isinstance(command, WireError) else command
            whys = () if witness is None else witness.explained(asked, facts)
            yield b"".join(encode(record) + b"\n" for record in (*facts, *whys))


def _command(line: bytes, rules: MarketRules | None) -> AnyCommand | WireError:
    """Return the command of a line, or what is wrong with it."""
    try:
        command = decode_command(line)
    except WireError as error:
        return error
    if rules is not None and isinstance(command, ListInstrument) and not _names_rules(line):
        return msgspec.structs.replace(command, rules=rules)
    return command


def _facts(exchange: Exchange, command: AnyCommand | WireError, *, number: int) -> list[Fact]:
    if isinstance(command, WireError):
        return exchange.quarantine(command, offset=number, at=exchange.at)
    at = exchange.at if command.sent_at is None else max(Nanos(0), command.sent_at)
    return exchange.apply(command, offset=number, at=at)


def _names_rules(line: bytes) -> bool:
    return "rules" in msgspec.json.decode(line, type=dict[str, msgspec.Raw])
