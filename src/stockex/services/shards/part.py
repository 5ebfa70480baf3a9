"""How a shard obeys records of `orders`."""

from functools import partial

from stockex.core.exchange import Exchange
from stockex.core.shards.routing import Shard, asked, home_of, teller_of
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.envelope import Record
from stockex.services.trust.claims import FactsOf


def teller_at(record: Record, total: int) -> int | None:
    """Return which of so many shards alone tells of a record, None when all do; of garbage it is shard 0.

    What a process of ours wrote has its symbol as key, so that nobody has to read it who is not concerned.
    """
    if record.is_ours and record.key:
        return home_of(record.key, total)
    try:
        return teller_of(decode_command(record.value), total)
    except WireError:
        return 0


def facts_in(exchange: Exchange, record: Record, *, shard: Shard) -> list[Fact]:
    """Have the exchange of a shard obey a record, and return what that causes: nothing, when it is another shard's."""
    exchange.trades_from = shard.trades_from
    if teller_at(record, shard.total) not in {None, shard.number}:
        exchange.pass_over(offset=record.offset, at=record.at)
        return []
    try:
        command = decode_command(record.value)
    except WireError as error:
        return exchange.quarantine(error, offset=record.offset, at=record.at)
    return exchange.apply(asked(command, shard), offset=record.offset, at=record.at)


def obeying(shard: Shard) -> FactsOf:
    """Return how the exchange of a shard obeys records."""
    return partial(facts_in, shard=shard)
