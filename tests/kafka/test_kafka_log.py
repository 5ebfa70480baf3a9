"""Beyond the contract, the log on Kafka comes back, fences, reads what others wrote, and gives up in time."""

import asyncio
import json
from collections.abc import Iterator
from itertools import count, pairwise
from threading import Event

import pytest
from broker import HOST, Broker, free_port
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from contract.bus_contract import START, HandClock, batches, order, records, texts, trade

from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus
from stockex.errors import LogDamaged, LogError, LogFenced
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

BOTH = {Topic.ORDERS: 0, Topic.TRADES: 0}
_NUMBERS = count(1)


@pytest.fixture
def prefix() -> str:
    """Return a prefix of topics that no other test has."""
    return f"log-{next(_NUMBERS)}-"


@pytest.fixture
def others(broker: Broker) -> Iterator[Producer]:
    """Return a producer that knows nothing of us."""
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    yield producer
    producer.flush()


async def test_a_log_that_is_opened_again_goes_on(broker: Broker, prefix: str) -> None:
    """Records, offsets and time of an earlier opening stand, and new ones follow."""
    clock = HandClock()
    first = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=clock)
    before = [*await first.append([order("a"), trade("b")]), *await first.append([order("c")])]
    await first.close()
    clock.now = Nanos(START - 5_000_000)
    again = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=clock)
    (after,) = await again.append([order("d")])
    found = await records(again, BOTH, 4)
    await again.close()
    assert after > max(before[0], before[2])
    assert (texts(found), found[-1].at) == (["a", "b", "c", "d"], START)


async def test_a_second_opening_fences_the_first(broker: Broker, prefix: str) -> None:
    """Once another process writes under the same name, the earlier one's appends and readers fail, and stay so."""
    old = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    await old.append([order("old")])
    reading = asyncio.create_task(records(old, BOTH, 99))
    new = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    for _ in range(2):
        with pytest.raises(LogFenced):
            await old.append([order("zombie")])
    with pytest.raises(LogFenced):
        await reading
    await new.append([order("new")])
    assert texts(await records(new, BOTH, 2)) == ["old", "new"]
    await asyncio.gather(old.close(), new.close())


async def test_writers_of_different_names_do_not_fence_each_other(broker: Broker, prefix: str) -> None:
    """Two processes append side by side; each one's appends keep their order, and an answer follows its question."""
    asking, answering = [
        await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock(), name=name)
        for name in ("ask", "answer")
    ]
    seen = 0
    async with asyncio.TaskGroup() as group:
        group.create_task(_ask(asking, 20))
        async for batch in answering.read({Topic.ORDERS: 0}):
            await answering.append([trade(text) for text in texts(batch)])
            seen += len(batch)
            if seen == 20:
                break
    found = texts(await records(asking, BOTH, 40))
    await asyncio.gather(asking.close(), answering.close())
    firsts = [found.index(str(number)) for number in range(20)]
    assert firsts == sorted(firsts)
    assert sorted(found, key=int) == sorted([*map(str, range(20))] * 2, key=int)


async def _ask(bus: KafkaBus, count: int) -> None:
    for number in range(count):
        await bus.append([order(str(number))])


async def test_records_of_others_are_read(broker: Broker, prefix: str, others: Producer) -> None:
    """A record that a foreign producer wrote comes with its own time, and ours after it."""
    log = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    others.produce(f"{prefix}orders", b"\xff\xfe", key=b"\xff", timestamp=1_700_000_000_123, headers={"group": b"?"})
    others.produce(f"{prefix}orders", None)
    others.flush()
    await log.append([order("ours")])
    found = await records(log, BOTH, 3)
    await log.close()
    assert [record.value for record in found] == [b"\xff\xfe", b"", b"ours"]
    assert (found[0].key, found[0].at) == ("\ufffd", 1_700_000_000_123_000_000)


async def test_an_append_knows_its_offsets_though_others_write_amid_it(
    broker: Broker, prefix: str, others: Producer
) -> None:
    """Records of a stranger stand between those of one append; each of ours is where its offset says."""
    log, is_over = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock()), Event()

    def disturb() -> None:
        while not is_over.is_set():
            others.produce(f"{prefix}orders", b"theirs")
            others.flush()

    disturbing = asyncio.create_task(asyncio.to_thread(disturb))
    ours = [order(f"{number} {'x' * 2_000}") for number in range(2_000)]
    offsets = [offset for _ in range(4) for offset in await log.append(ours)]
    is_over.set()
    await disturbing
    found = await log.last(Topic.ORDERS, 1_000_000)
    await log.close()
    assert [record.offset for record in found if record.is_ours] == offsets
    owners = [record.is_ours for record in found]
    assert sum(one != other for one, other in pairwise(owners)) > 2 * len(offsets) // len(ours), "nobody wrote amid"


async def test_others_read_plain_json_with_the_symbol_as_key(broker: Broker, prefix: str) -> None:
    """A consumer that knows nothing of us gets the value as it was appended, under the topic's own name."""
    log = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    await log.append([Entry(Topic.TRADES, "ALPHA", b'{"qty":1}')])
    consumer = log._cluster.consumer(group_id="somebody")
    consumer.assign([log._cluster.partition(Topic.TRADES)])
    message = await asyncio.to_thread(consumer.poll, 10.0)
    consumer.close()
    await log.close()
    assert message is not None
    assert (message.topic(), message.key(), json.loads(message.value() or b"")) == (
        f"{prefix}trades",
        b"ALPHA",
        {"qty": 1},
    )


async def test_what_no_topic_takes_is_refused_alone(broker: Broker, prefix: str) -> None:
    """A value that is too large and a key that is no text fail their append; its neighbour is stored."""
    log = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    bad = [Entry(Topic.ORDERS, "", b"x" * (17 * 2**20)), Entry(Topic.ORDERS, "\ud800", b"x")]
    answers = await asyncio.gather(
        *(log.append([each]) for each in bad), log.append([order("a")]), return_exceptions=True
    )
    found = texts(await records(log, BOTH, 1))
    await log.close()
    assert [type(answer) for answer in answers] == [LogError, LogError, list]
    assert found == ["a"]


async def test_a_reader_from_anywhere_gets_the_rest(broker: Broker, prefix: str) -> None:
    """From every record on, in each topic, a reader gets what follows and waits for nothing that is past."""
    log = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    offsets = [await log.append([order(f"{number}"), trade(f"{number}"), order(f"{number}")]) for number in range(4)]
    past = {Topic.ORDERS: offsets[1][2], Topic.TRADES: offsets[3][1] + 1}
    found = [texts(batch) for batch in await batches(log, past, 5)]
    await log.close()
    assert [text for batch in found for text in batch] == ["1", "2", "2", "3", "3"]


async def test_a_topic_of_several_partitions_is_refused(broker: Broker, prefix: str) -> None:
    """Partitions have no order between them, so such a topic is no log; it is named."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    for future in admin.create_topics([NewTopic(f"{prefix}trades", num_partitions=2)]).values():
        future.result()
    with pytest.raises(LogDamaged, match=f"{prefix}trades"):
        await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())


async def test_a_broker_that_is_not_there_is_named() -> None:
    """Opening fails in bounded time, with the address and the setting that gave it."""
    address = f"{HOST}:{free_port()}"
    with pytest.raises(LogError, match=f"{address} .KAFKA_BOOTSTRAP"):
        await KafkaBus.open(Cluster(address), clock=HandClock(), wait_s=0.5)
