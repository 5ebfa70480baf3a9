"""The exchange on Kafka: one setting switches to it, and it loses nothing when it or the broker is killed."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import httpx
import pytest
from broker import Broker
from contract.bus_contract import HandClock
from venue import Venue

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus
from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus
from stockex.bus.sqlite import SqliteBus
from stockex.journal import recorded
from stockex.messages.codec import decode_record
from stockex.messages.envelope import Entry
from stockex.messages.executions import Accepted, AnyExecution, Traded
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.engines.plain import PlainEngine
from stockex.services.matcher import Matcher
from stockex.simulation.replay import Replayed, replay

pytestmark = pytest.mark.crash

KILLS = 3
_NUMBERS = count(1)


class KafkaVenue(Venue):
    """An exchange on Kafka with topics of its own."""

    def __init__(self, data: Path, broker: Broker) -> None:
        """Keep checkpoints in `data` and the log on `broker`."""
        prefix = f"venue-{next(_NUMBERS)}-"
        self.settings = Settings(data=data, kafka_bootstrap=broker.bootstrap, kafka_prefix=prefix)
        super().__init__(
            data,
            KAFKA_BOOTSTRAP=broker.bootstrap,
            STOCKEX_KAFKA_PREFIX=prefix,
            STOCKEX_FEEDER_TICK_S="0.5",
            CH_AI_INTERVAL="5",
        )

    def replayed(self, *, until: int | None = None) -> Replayed:
        """Replay the whole log as it is on the broker."""
        return replay(lambda topic: recorded(self.settings, topic), until=until)


class Sender(threading.Thread):
    """A client that trades as fast as it is answered until the exchange is silent, and writes down every answer."""

    def __init__(self, venue: Venue, user: str, run: str, *, answers: int) -> None:
        super().__init__()
        self.venue, self.user, self.session = venue, user, run
        self.orders: list[str] = []
        self.trades: list[str] = []
        self.enough = threading.Event()
        self.told_to_stop = threading.Event()
        self._answers = answers

    def run(self) -> None:
        """Send until there is no answer; say when there were enough."""
        with self.venue.client(self.user) as client:
            for number in count():
                if self.told_to_stop.is_set():
                    return
                try:
                    self._send(client, number)
                except httpx.TransportError:
                    return
                if len(self.orders) >= self._answers:
                    self.enough.set()

    def _send(self, client: httpx.Client, number: int) -> None:
        cl_ord_id = f"{self.user}-{self.session}-{number}"
        order = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "cl_ord_id": cl_ord_id}
        terms = {"price": 18.0} if number % 2 else {"ord_type": "MARKET", "time_in_force": "IOC"}
        answer = client.post("/api/v1/orders", json=order | terms)
        if answer.status_code == 201:
            self.orders.append(cl_ord_id)
            self.trades += [fill["trade_id"] for fill in answer.json()["fills"]]


def senders(venue: Venue, run: str, *, answers: int) -> list[Sender]:
    """Start two clients and wait until each had enough answers."""
    started = [Sender(venue, user, run, answers=answers) for user in ("CLIENT1", "CLIENT2")]
    for sender in started:
        sender.start()
    for sender in started:
        assert sender.enough.wait(60.0), venue.output[-2_000:]
    return started


def check_nothing_lost_or_doubled(venue: KafkaVenue, done: Sequence[Sender]) -> None:
    """Hold what clients were told against the log, and the log against its replay."""
    facts = [decode_record(record) for record in recorded(venue.settings, Topic.EXECUTIONS)]
    accepted = Counter((fact.account, fact.cl_ord_id) for fact in facts if isinstance(fact, Accepted))
    traded = Counter(fact.trade_id for fact in facts if isinstance(fact, Traded))
    assert all(isinstance(fact, AnyExecution) for fact in facts)
    assert {accepted[sender.user, order] for sender in done for order in sender.orders} == {1}
    assert {traded[trade] for sender in done for trade in sender.trades} == {1}
    assert set(accepted.values()) == set(traded.values()) == {1}
    found = venue.replayed()
    assert (found.differs, found.surplus, found.unpublished) == (None, 0, 0)


@pytest.fixture
def venue(broker: Broker, tmp_path: Path) -> Iterator[KafkaVenue]:
    """Return an exchange that runs on Kafka."""
    with KafkaVenue(tmp_path, broker) as running:
        yield running


def test_the_exchange_goes_on_where_it_was(venue: KafkaVenue) -> None:
    """One variable puts the log on Kafka: orders rest over a restart, and the state is that of a replay."""
    with venue.client("CLIENT1") as client:
        terms = {"symbol": "ALPHA", "side": "BUY", "quantity": 7, "price": 18.0, "cl_ord_id": "mine"}
        assert client.post("/api/v1/orders", json=terms).status_code == 201
    assert venue.stop() == 0
    _, _, offset, _, digest = venue.output.rsplit("stopped", 1)[1].replace(",", "").split()
    assert venue.replayed(until=int(offset)).digest == digest
    venue.start()
    with venue.client("CLIENT1") as client:
        rests = client.get("/api/v1/orders?open=true").json()
    assert [(order["cl_ord_id"], order["quantity"]) for order in rests] == [("mine", 7)]
    assert "Kafka at" in venue.output
    assert not list(venue.data.glob("*.db"))


def test_killing_the_exchange_loses_and_doubles_nothing(venue: KafkaVenue) -> None:
    """Three times kill -9 under load: each acknowledged order and fill is in the log once, as its replay says."""
    done: list[Sender] = []
    for number in range(KILLS):
        now = senders(venue, str(number), answers=15)
        venue.kill()
        for sender in now:
            sender.join()
        done += now
        venue.start()
    assert venue.stop() == 0
    check_nothing_lost_or_doubled(venue, done)


def test_killing_the_broker_loses_and_doubles_nothing(broker: Broker, venue: KafkaVenue) -> None:
    """Three times kill -9 of the broker under load: the exchange waits, goes on by itself, and nothing is lost."""
    done: list[Sender] = []
    for number in range(KILLS):
        now = senders(venue, str(number), answers=15)
        broker.kill()
        broker.start()
        for sender in now:
            sender.told_to_stop.set()
            sender.join()
        done += now
    done += senders(venue, "after", answers=5)
    assert venue.stop() == 0
    check_nothing_lost_or_doubled(venue, done)


async def test_the_same_day_gives_the_same_facts_on_both_logs(
    broker: Broker, tmp_path: Path, venue: KafkaVenue
) -> None:
    """A day that was traded on Kafka, put into an embedded log and into new topics: equal facts, byte for byte."""
    now = await asyncio.to_thread(senders, venue, "day", answers=20)
    await asyncio.to_thread(venue.stop)
    for sender in now:
        sender.join()
    day = [Entry(Topic.ORDERS, each.key, each.value) for each in recorded(venue.settings, Topic.ORDERS)]
    embedded = await _facts(await SqliteBus.open(tmp_path / "day.db", clock=HandClock()), day, tmp_path / "a")
    prefix = f"day-{next(_NUMBERS)}-"
    kafka = await _facts(
        await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock()), day, tmp_path / "b"
    )
    assert len(embedded) > len(day)
    assert kafka == embedded


async def _facts(bus: Bus, day: Sequence[Entry], folder: Path) -> list[tuple[Topic, str, bytes]]:
    """Let a matcher obey a day on a log; return all of its facts, topic by topic."""
    offsets = await bus.append(day)
    matcher = Matcher(bus, PlainEngine(), checkpoints=Checkpoints(folder))
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(matcher.serve())
        await matcher.reached(offsets[-1])
        serving.cancel()
    facts = [
        (record.topic, record.key, record.value) for topic in FACT_TOPICS for record in await bus.last(topic, 10**6)
    ]
    await bus.close()
    return facts
