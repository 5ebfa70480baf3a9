"""The services as processes of their own on Kafka: started in any order, killed one after the other, stopped."""

import json
import random
import time
from collections.abc import Iterator
from itertools import count, cycle, pairwise
from pathlib import Path

import pytest
from broker import Broker, free_port

from stockex.adapters.settings import Settings
from stockex.journal import recorded
from stockex.messages.codec import decode_record
from stockex.messages.market_data import Insight
from stockex.messages.topics import Topic
from stockex.simulation.replay import replay
from stockex.torture.fleet import Fleet, Process
from stockex.torture.trading import TRADERS, Trader, audited, ended_at
from stockex.vocabulary.accounts import MEMBERS
from stockex.vocabulary.services import Service

pytestmark = pytest.mark.crash

SEED = 5
WITHIN_S = 20.0
ALL = [service for service in Service if service is not Service.COLLATOR]
_NUMBERS = count(1)


@pytest.fixture
def settings(broker: Broker, tmp_path: Path) -> Settings:
    """Return the settings of an exchange with topics of its own."""
    return Settings(data=tmp_path, kafka_bootstrap=broker.bootstrap, kafka_prefix=f"split-{next(_NUMBERS)}-")


@pytest.fixture
def fleet(broker: Broker, settings: Settings, tmp_path: Path) -> Iterator[Fleet]:
    """Return processes of that exchange, none so far."""
    with Fleet(
        tmp_path,
        broker.bootstrap,
        prefix=settings.kafka_prefix,
        STOCKEX_FEEDER_TICK_S="0.5",
        CH_AI_INTERVAL="5",
        ANALYSIS_INTERVAL="3",
    ) as it:
        yield it


def test_any_service_may_be_killed_and_nothing_is_lost_or_doubled(settings: Settings, fleet: Fleet) -> None:
    """In a random order: people trade at two of them; each is killed and comes back; all end in the replay's state."""
    chance = random.Random(SEED)
    services: dict[Service, Process] = {name: fleet.add(name) for name in chance.sample(ALL, len(ALL))}
    for process in services.values():
        process.ready()
    desks = cycle((services[Service.DASHBOARD], services[Service.FRONTEND]))
    traders = [Trader(desk, user) for desk, user in zip(desks, TRADERS, strict=False)]
    for trader in traders:
        trader.start()
        trader.answered(5)
    for process in chance.sample(fleet.processes, len(services)):
        process.kill()
        process.start().ready()
        traders[0].answered(3)
    _end_the_day(services, settings)
    for trader in traders:
        trader.stop()
    _check_stops(services, settings)
    _check_commentary(settings)
    audit = audited(settings, traders)
    assert audit.is_clean, audit
    assert audit.trades > 0


def _end_the_day(services: dict[Service, Process], settings: Settings) -> None:
    """End the session; kill the clearing house at once, and wait until the day is settled all the same."""
    assert services[Service.DASHBOARD].ask("/api/v1/session/end", {}, user="OPERATOR")[0] == 200
    services[Service.CLEARING].kill()
    services[Service.CLEARING].start().ready()
    deadline = time.monotonic() + WITHIN_S
    while sum(b'"day_settled"' in record.value for record in recorded(settings, Topic.LEDGER)) < len(MEMBERS):
        assert time.monotonic() < deadline, services[Service.CLEARING].said[-2_000:]


def _check_commentary(settings: Settings) -> None:
    """The analyst spoke, also after it was killed, and of no command twice."""
    said = [
        message for message in map(decode_record, recorded(settings, Topic.AI_INSIGHTS)) if isinstance(message, Insight)
    ]
    assert said
    assert all(before.last < after.first for before, after in pairwise(said))


def _check_stops(services: dict[Service, Process], settings: Settings) -> None:
    """Each ends by SIGTERM with status 0, and whoever has an exchange has the one of a replay."""
    assert b"Order entry</title>" in services[Service.FRONTEND].ask("/")[1]
    minds = (Service.CLEARING, Service.DASHBOARD, Service.FRONTEND, Service.MATCHER)
    for name in (Service.FEEDER, Service.MEMBERS, Service.ANALYST, *minds):
        assert services[name].stop() == 0, services[name].said[-2_000:]
    for name in minds:
        offset, digest = ended_at(services[name])
        assert replay(lambda topic: recorded(settings, topic), until=offset).digest == digest


def test_a_service_waits_for_its_broker_and_says_so(tmp_path: Path) -> None:
    """Without a broker a service lives, is not ready, names what it waits for, and ends when it is told to."""
    with Fleet(tmp_path, f"127.0.0.1:{free_port()}", prefix="nowhere-") as fleet:
        feeder = fleet.add(Service.FEEDER)
        while b"Waiting" not in (told := feeder.ask("/readyz")[1]):
            assert feeder.is_running, feeder.said
        assert b"KAFKA_BOOTSTRAP" in told
        assert feeder.ask("/healthz") == (200, json.dumps({"status": "ok"}, separators=(",", ":")).encode())
        assert feeder.stop() == 0
        assert "waiting    no Kafka at" in feeder.said
