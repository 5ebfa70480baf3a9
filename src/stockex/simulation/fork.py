"""A fork: the recorded day up to a command, then another future."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from stockex.core.exchange import Exchange
from stockex.errors import WireError
from stockex.messages.codec import decode_command, encode
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.vocabulary.units import Nanos


def forked(exchange: Exchange, changes: Iterable[bytes], *, rest: Iterable[Record] = ()) -> Iterator[bytes]:
    """Yield the lines of facts of a future that nobody recorded.

    Args:
        exchange: Stands where the recorded day is left; it obeys all that follows.
        changes: Commands, one a line. Each comes at its `timestamp`, or else at the time of the one before, the first
            at that of the fork; none before the one before it.
        rest: The recorded commands that go on. Those of an instant come before the changes of that instant.
    """
    for value, at in _merged(_timed(changes, begin=exchange.at), rest):
        record = Record(Topic.ORDERS, exchange.next_offset, at, "", value)
        for fact in facts_of(exchange, record):
            yield encode(fact) + b"\n"


def _timed(changes: Iterable[bytes], *, begin: Nanos) -> Iterator[tuple[bytes, Nanos]]:
    at = begin
    for line in changes:
        if value := line.strip():
            with suppress(WireError):  # it is quarantined when its turn comes
                at = max(at, decode_command(value).sent_at or at)
            yield value, at


def _merged(changes: Iterator[tuple[bytes, Nanos]], rest: Iterable[Record]) -> Iterator[tuple[bytes, Nanos]]:
    change = next(changes, None)
    for record in rest:
        while change is not None and change[1] < record.at:
            yield change
            change = next(changes, None)
        yield record.value, record.at
    if change is not None:
        yield change
    yield from changes
