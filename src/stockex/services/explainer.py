"""The explainer: goes back to a command of the log, and says why each of its facts came about."""

from collections.abc import Iterable
from typing import NamedTuple

from stockex.core.exchange import Exchange
from stockex.core.snapshot import dump
from stockex.core.why.story import Witness
from stockex.core.why.words import Called, owner_and_id
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.envelope import Record
from stockex.messages.orders import AnyCommand
from stockex.messages.views import Why
from stockex.services.matcher import facts_of


class Moment(NamedTuple):
    """A command of the log with the state before it and the facts that it caused."""

    record: Record
    state: bytes
    facts: tuple[Fact, ...]

    @property
    def command(self) -> AnyCommand | None:
        """The command; None for a record that is none."""
        try:
            return decode_command(self.record.value)
        except WireError:
            return None

    def whys(self, called: Called = owner_and_id) -> tuple[Why, ...]:
        """Return why the facts came about."""
        return Witness(self.state, called).explained(self.command, self.facts)


def moment_of(exchange: Exchange, records: Iterable[Record], *, offset: int) -> Moment | None:
    """Give the exchange each record before `offset`; return that moment, None when the records hold no such command."""
    for record in records:
        if record.offset >= offset:
            state = dump(exchange)
            return Moment(record, state, tuple(facts_of(exchange, record))) if record.offset == offset else None
        facts_of(exchange, record)
    return None
