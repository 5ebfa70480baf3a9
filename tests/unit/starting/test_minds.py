"""What each shard's matcher adds to a log is together what one matcher would add, and nothing twice."""

from collections.abc import Iterable

import pytest

from stockex.adapters.settings import Settings
from stockex.core.exchange import Exchange
from stockex.core.shards.routing import Shard, home_of
from stockex.errors import ConfigurationError
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Record
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.messages.topics import Topic
from stockex.services.shards.part import obeying
from stockex.starting.minds import missing, missing_in
from stockex.starting.plan import Plan
from stockex.vocabulary.services import LiveBook, Service
from stockex.vocabulary.units import Nanos

SHARDS = [Shard(number, 3) for number in range(3)]
SETTINGS = Settings(shards=3)


def obeyed(commands: Iterable[AnyCommand]) -> list[Exchange]:
    """Return the exchange of each shard after these commands."""
    exchanges = [Exchange() for _ in SHARDS]
    for offset, command in enumerate(commands):
        entry = entry_of(command)
        record = Record(Topic.ORDERS, offset, Nanos(0), entry.key, entry.value)
        for shard, exchange in zip(SHARDS, exchanges, strict=True):
            obeying(shard)(exchange, record)
    return exchanges


def test_shard_0_begins_a_log_and_the_others_wait_for_it() -> None:
    """All of it at once, so that the first session has every symbol."""
    wanted = missing(SETTINGS, Exchange(), is_new=True)
    assert [missing_in(SETTINGS, Exchange(), shard=shard, is_new=True) for shard in SHARDS] == [wanted, [], []]


def test_nothing_is_missing_afterwards() -> None:
    """Each finds the symbols of its own, and the accounts of all."""
    exchanges = obeyed(missing(SETTINGS, Exchange(), is_new=True))
    for shard, exchange in zip(SHARDS, exchanges, strict=True):
        assert missing_in(SETTINGS, exchange, shard=shard, is_new=False) == []


def test_each_shard_lists_what_is_new_of_its_own() -> None:
    """Six more securities, each by the shard of its symbol."""
    exchanges = obeyed(missing(SETTINGS, Exchange(), is_new=True))
    more = Settings(shards=3, more_securities=True)
    listed = set()
    for shard, exchange in zip(SHARDS, exchanges, strict=True):
        for command in missing_in(more, exchange, shard=shard, is_new=False):
            assert home_of(getattr(command, "symbol", ""), 3) == shard.number
            listed |= {command.symbol} if isinstance(command, ListInstrument) else set()
    assert listed == {"AMZN", "TSLA", "NVDA", "GOOGL", "AAPL", "ENX"}


@pytest.mark.parametrize(
    ("settings", "service", "fault"),
    [
        (Settings(shards=2), None, "needs a process for each"),
        (Settings(shards=2), Service.MATCHER, "from 0 to 1"),
        (Settings(shards=2, shard=1, book=LiveBook.COMPILED), Service.MATCHER, "on the plain book"),
        (Settings(shards=2, shard=2), Service.MATCHER, "from 0 to 1"),
        (Settings(shard=0), Service.MATCHER, "needs STOCKEX_SHARDS"),
        (Settings(), Service.COLLATOR, "needs no collator"),
    ],
)
def test_shards_that_cannot_be_run_are_refused(settings: Settings, service: Service | None, fault: str) -> None:
    """With the variable to set."""
    with pytest.raises(ConfigurationError, match=fault):
        Plan(settings, print, service)
