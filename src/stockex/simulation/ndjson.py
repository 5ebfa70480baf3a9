"""The engine alone: commands in, facts out, one JSON record a line. `stockex match` is this function on pipes."""

from collections.abc import Iterable, Iterator

import msgspec

from stockex.core.exchange import Exchange
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command, encode
from stockex.messages.orders import ListInstrument
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Nanos


def open_exchange() -> Exchange:
    """Return an exchange that trades from the first line: no instrument, no limits, day 1 open."""
    exchange = Exchange(open_accounts=True)
    exchange.phase, exchange.day = Phase.CONTINUOUS, 1
    return exchange


def matched(lines: Iterable[bytes], *, rules: MarketRules | None = None) -> Iterator[bytes]:
    """Yield, for each line that is not blank, the lines of the facts it causes.

    A command's offset is its line number, counted from 0; its time is its own `timestamp`, or else the time of the
    line before. A line that is no command yields a `quarantined` fact. Source: docs/reference/match.md.

    Args:
        lines: Commands, one a line.
        rules: Those of an instrument whose record names none; the defaults of `MarketRules` when None.
    """
    exchange = open_exchange()
    for number, line in enumerate(lines):
        if line.strip():
            yield b"".join(encode(fact) + b"\n" for fact in _facts(exchange, line, number=number, rules=rules))


def _facts(exchange: Exchange, line: bytes, *, number: int, rules: MarketRules | None) -> list[Fact]:
    try:
        command = decode_command(line)
    except WireError as error:
        return exchange.quarantine(error, offset=number, at=exchange.at)
    if rules is not None and isinstance(command, ListInstrument) and not _names_rules(line):
        command = msgspec.structs.replace(command, rules=rules)
    at = exchange.at if command.sent_at is None else max(Nanos(0), command.sent_at)
    return exchange.apply(command, offset=number, at=at)


def _names_rules(line: bytes) -> bool:
    return "rules" in msgspec.json.decode(line, type=dict[str, msgspec.Raw])
