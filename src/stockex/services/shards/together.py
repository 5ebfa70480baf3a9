"""All shards of a log in one process: what a replay obeys it with."""

from stockex.core.exchange import Exchange
from stockex.core.shards.collating import collated
from stockex.core.shards.routing import Shard
from stockex.core.snapshot import digest
from stockex.messages.codec import Fact
from stockex.messages.envelope import Record
from stockex.services.matcher import facts_of
from stockex.services.shards.part import facts_in, teller_at


class Together:
    """So many exchanges that obey the same log; of one shard, the exchange as it is without any."""

    def __init__(self, shards: int) -> None:
        """Begin before the first command."""
        self.exchanges = [Exchange() for _ in range(shards)]

    @property
    def next_offset(self) -> int:
        """The least offset that the next command may have."""
        return self.exchanges[0].next_offset

    @property
    def digest(self) -> str:
        """The digest of each shard's state, shard 0 first, with spaces between."""
        return " ".join(map(digest, self.exchanges))

    def facts_of(self, record: Record) -> list[Fact]:
        """Obey a record, and return what is published of it."""
        total = len(self.exchanges)
        if total == 1:
            return facts_of(self.exchanges[0], record)
        told = [
            facts_in(exchange, record, shard=Shard(number, total)) for number, exchange in enumerate(self.exchanges)
        ]
        teller = teller_at(record, total)
        return collated(told) if teller is None else told[teller]
