"""Which shard obeys a command, and what each of them is asked."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from msgspec.structs import replace

from stockex.messages.orders import AnyCommand, BustTrade, CorrectTrade, Deposit
from stockex.vocabulary.services import SHARD_STRIDE
from stockex.vocabulary.units import MAX_CASH, Cash

_TRADE_ID: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})-(0|[1-9][0-9]{0,9})")


class Shard(NamedTuple):
    """One of so many shards, numbered from 0."""

    number: int
    total: int

    @property
    def trades_from(self) -> int:
        """The least number that ends the id of one of its trades."""
        return self.number * SHARD_STRIDE


@lru_cache(maxsize=4_096)
def home_of(symbol: str, count: int) -> int:
    """Return the shard of a symbol: the CRC-32 of its name, modulo their `count`, as Kafka's C client partitions."""
    return crc32(symbol.encode(errors="replace")) % count


def teller_of(command: AnyCommand, count: int) -> int | None:
    """Return the shard that alone obeys a command, None when all do.

    The id of a trade names its shard. What is the id of none is for shard 0 to refuse.
    """
    if isinstance(command, BustTrade | CorrectTrade):
        found = _TRADE_ID.fullmatch(command.trade_id)
        shard = int(found[1]) // SHARD_STRIDE if found is not None else 0
        return shard if shard < count else 0
    symbol: str | None = getattr(command, "symbol", None)
    return None if symbol is None else home_of(symbol, count)


def asked(command: AnyCommand, shard: Shard) -> AnyCommand:
    """Return what a command asks of one of the shards that obey it: of a deposit of cash its part, else all of it.

    Each shard has the same whole number of 1/10 000 euro, and shard 0 what is left over. A deposit that will be refused
    is not split, so that all refuse the same.
    """
    if not isinstance(command, Deposit) or command.symbol is not None:
        return command
    if command.qty != 0 or not 0 <= command.cash <= MAX_CASH:
        return command
    even, left = divmod(int(command.cash), shard.total)
    return replace(command, cash=Cash(even + left if shard.number == 0 else even))
