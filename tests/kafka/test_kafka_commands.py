"""`stockex log` on Kafka, by KAFKA_BOOTSTRAP alone."""

import asyncio
import json

import pytest
from broker import Broker
from confluent_kafka import Producer
from contract.bus_contract import HandClock, order, trade
from typer.testing import CliRunner, Result

from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus
from stockex.cli import commands
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

PREFIX = "commands-"


@pytest.fixture
async def filled(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Return the broker with a log of three appends, two of them over several topics; the settings name it."""
    clock = HandClock()
    bus = await KafkaBus.open(Cluster(broker.bootstrap, prefix=PREFIX), clock=clock)
    if not await bus.end(Topic.ORDERS):
        for number in range(2):
            await bus.append([order(f'{{"n":{number}}}'), trade(f'{{"n":{number}}}')])
            clock.now = Nanos(clock.now + 1_000_000)
        await bus.append([Entry(Topic.CONTROL, "", b"\xff")])
    await bus.close()
    monkeypatch.setenv("KAFKA_BOOTSTRAP", broker.bootstrap)
    monkeypatch.setenv("STOCKEX_KAFKA_PREFIX", PREFIX)
    return broker


def run(*words: str) -> Result:
    """Run `stockex log` with these words."""
    return CliRunner().invoke(commands, ["log", *words], catch_exceptions=False)


@pytest.mark.usefixtures("filled")
def test_export_writes_every_record_in_the_order_of_appending() -> None:
    """All topics merged, as on the embedded log."""
    lines = [json.loads(line) for line in run("export").stdout.splitlines()]
    assert [(line["topic"], line.get("value")) for line in lines] == [
        *(("orders", {"n": 0}), ("trades", {"n": 0}), ("orders", {"n": 1}), ("trades", {"n": 1}), ("control", None))
    ]


@pytest.mark.usefixtures("filled")
def test_tail_shows_the_newest_and_from_an_offset() -> None:
    """The last ones over all topics; or all of one topic."""
    assert [line.split()[1] for line in run("tail", "-n", "2").stdout.splitlines()] == ["trades", "control"]
    assert run("tail", "--topic", "orders", "--since", "0").stdout.count(" orders ") == 2


def test_verify_finds_a_sound_log_sound_and_a_missing_record(filled: Broker) -> None:
    """Status 0; then status 1 when a group says that it has a record more than there are."""
    found = run("verify")
    assert (found.exit_code, found.stdout) == (0, "5 records\nsound\n")
    producer = Producer({"bootstrap.servers": filled.bootstrap})
    headers = {"group": b'["torn",1,{"decisions":2},{}]', "place": b"[0,0,1]"}
    producer.produce(f"{PREFIX}decisions", b"{}", partition=0, headers={**headers})
    producer.flush()
    found = run("verify")
    assert (found.exit_code, "group 1 of session torn: 1 of its 2 records are there" in found.stdout) == (1, True)


async def test_a_cut_log_is_sound_and_begins_later(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of which a part was cut are whole enough; tail passes over what is gone."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", broker.bootstrap)
    monkeypatch.setenv("STOCKEX_KAFKA_PREFIX", "cut-")
    bus = await KafkaBus.open(Cluster(broker.bootstrap, prefix="cut-"), clock=HandClock())
    offsets = [(await bus.append([order(f"{number}"), trade(f"{number}")]))[0] for number in range(4)]
    await bus.cut(Topic.ORDERS, offsets[2])
    await bus.close()
    assert (await asyncio.to_thread(run, "verify")).stdout == "6 records\nsound\n"
    told = await asyncio.to_thread(run, "tail", "--topic", "orders", "--since", "0")
    assert [line.split()[-1] for line in told.stdout.splitlines()] == ["2", "3"]


@pytest.mark.usefixtures("filled")
def test_repair_is_for_the_embedded_log() -> None:
    """Kafka keeps its own in order."""
    assert CliRunner().invoke(commands, ["log", "repair"]).exit_code == 1
