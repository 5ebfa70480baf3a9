"""The engine alone: commands in, facts out, one JSON record a line. `stockex match` is this function on pipes."""

from collections.abc import Iterable, Iterator

from stockex.core.exchange import Exchange
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command, encode
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Nanos


def open_exchange() -> Exchange:
    """Return an exchange that trades from the first line: no instrument, no limits, day 1 open."""
    exchange = Exchange(open_accounts=True)
    exchange.phase, exchange.day = Phase.CONTINUOUS, 1
    return exchange


def matched(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield, for each line that is not blank, the lines of the facts it causes.

    A command's offset is its line number, counted from 0; its time is its own `timestamp`, or else the time of the
    line before. A line that is no command yields a `quarantined` fact. Source: docs/reference/match.md.
    """
    exchange = open_exchange()
    for number, line in enumerate(lines):
        if line.strip():
            yield b"".join(encode(fact) + b"\n" for fact in _facts(exchange, line, number=number))


def _facts(exchange: Exchange, line: bytes, *, number: int) -> list[Fact]:
    try:
        command = decode_command(line)
    except WireError as error:
        return exchange.quarantine(error, offset=number, at=exchange.at)
    at = exchange.at if command.sent_at is None else max(Nanos(0), command.sent_at)
    return exchange.apply(command, offset=number, at=at)
