"""Tells why, for short sequences of commands in the notation of tests/scenarios."""

from collections.abc import Sequence

from scenarios.notation import command_of

from stockex.core.exchange import Exchange
from stockex.core.why.story import Witness
from stockex.core.why.words import why_lines
from stockex.messages.codec import Fact
from stockex.messages.views import Why
from stockex.simulation.books import open_exchange
from stockex.vocabulary.units import Nanos

_LISTING = "list ALPHA tick 0.01 lot 1 reference 25.00"


def whys(*lines: str, settings: str = "") -> tuple[Why, ...]:
    """Return why the facts of the last line came about; `settings` are those of ALPHA."""
    exchange = open_exchange()
    _obey(exchange, f"{_LISTING} {settings}")
    for line in lines[:-1]:
        _obey(exchange, line)
    witness = Witness(exchange, lambda _account, cl_ord_id: cl_ord_id)
    return witness.explained(command_of(lines[-1]), _obey(exchange, lines[-1]))


def story(*lines: str, settings: str = "") -> list[str]:
    """Return the same as text, one line a sentence, but for those about accounts without limits."""
    told = (why for why in whys(*lines, settings=settings) if why.rules != ("ACC-03",))
    return [line for why in told for line in why_lines(why)]


def _obey(exchange: Exchange, line: str) -> Sequence[Fact]:
    """Obey a command; the log's time is a second for each before it."""
    offset = exchange.next_offset
    return exchange.apply(command_of(line), offset=offset, at=Nanos(offset * 1_000_000_000))
