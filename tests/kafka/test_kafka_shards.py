"""Two shards on Kafka: matchers and collators die, their standbys go on, and the log is that of a replay."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from broker import Broker
from contract.bus_contract import HandClock, order

from stockex.adapters.settings import Settings
from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus, LedBus
from stockex.core.shards.routing import home_of
from stockex.errors import ConfigurationError
from stockex.journal import recorded, verdict
from stockex.messages.topics import Topic
from stockex.serving import Door
from stockex.simulation.replay import replay
from stockex.torture.fleet import Fleet
from stockex.torture.trading import TRADERS, Trader, audited, ended_at
from stockex.vocabulary.services import Service, Standing

SHARDS = 2
LIMIT_S = 20.0


@pytest.mark.crash
def test_a_shard_and_the_collator_die_and_nothing_is_lost_or_doubled(broker: Broker, tmp_path: Path) -> None:
    """A standby goes on for a shard, the collator is started again; all is as two shards in one process have it."""
    settings = Settings(data=tmp_path, kafka_bootstrap=broker.bootstrap, kafka_prefix="shards-", shards=SHARDS)
    with Fleet(tmp_path, broker.bootstrap, prefix="shards-", STOCKEX_SHARDS="2", STOCKEX_FEEDER_TICK_S="0.2") as fleet:
        first, *second = [fleet.add(Service.MATCHER, STOCKEX_SHARD=f"{number}") for number in (0, 1, 1)]
        collator, dashboard, feeder = map(fleet.add, (Service.COLLATOR, Service.DASHBOARD, Service.FEEDER))
        for process in fleet.processes:
            process.ready()
        traders = [Trader(dashboard, user) for user in TRADERS]
        for trader in traders:
            trader.start()
            trader.answered(2)
        assert b'stockex_active{shard="0"} 1' in first.ask("/metrics")[1]
        second.sort(key=lambda each: Standing.ACTIVE in each.ask("/healthz")[1].decode())
        second.pop().kill()
        traders[0].answered(2)
        collator.kill()
        collator.start()
        traders[1].answered(2)
        for trader in traders:
            trader.stop()
        for process in (feeder, dashboard, first, *second, collator):
            assert process.stop() == 0, process.said[-2_000:]
        offset, digest = ended_at(dashboard)
    assert replay(lambda topic: recorded(settings, topic), until=offset, shards=SHARDS).digest == digest
    audit = audited(settings, traders)
    assert (audit.is_clean, verdict(settings).faults) == (True, []), audit
    homes = {home_of(record.key, SHARDS) for record in recorded(settings, Topic.BOOK)}
    assert (homes, audit.trades > 0) == ({0, 1}, True)


async def test_a_log_keeps_the_number_of_shards_that_it_was_begun_with(broker: Broker) -> None:
    """As long as it is empty it may have another; from the first command on, none but this one."""
    prefix = "numbered-"

    def prepare(shards: int) -> Callable[[], None]:
        return lambda: Cluster(broker.bootstrap, prefix=prefix, shards=shards).prepare(wait_s=10)

    await asyncio.to_thread(prepare(1))
    await asyncio.to_thread(prepare(2))
    bus = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix, shards=2), clock=HandClock())
    await bus.append([order("a")])
    await bus.close()
    for shards in (1, 3):
        with pytest.raises(ConfigurationError, match=f"begun with STOCKEX_SHARDS=2, not {shards}"):
            await asyncio.to_thread(prepare(shards))
    settings = Settings(kafka_bootstrap=broker.bootstrap, kafka_prefix=prefix)
    with pytest.raises(ConfigurationError, match="begun with STOCKEX_SHARDS=2"):
        recorded(settings, Topic.ORDERS)


async def test_each_shard_has_a_leader_of_its_own(broker: Broker) -> None:
    """Whoever waits for all of them is told which one has none."""
    clusters = [Cluster(broker.bootstrap, prefix="led-", shards=2, shard=number) for number in range(2)]
    seen = [await LedBus.join(each, clock=HandClock(), name=f"shard{number}") for number, each in enumerate(clusters)]
    door = Door(why_not=None, shards=seen)
    assert door.reason == "No matcher is active of shard 0, 1."
    async with asyncio.timeout(LIMIT_S):
        await seen[0].lead()
        await seen[0].serve()
        assert door.reason == "No matcher is active of shard 1."
        await seen[1].lead()
        await seen[1].serve()
    assert door.reason is None
    for bus in seen:
        await bus.close()
