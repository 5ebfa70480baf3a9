"""Of several processes with one name the one that leads writes the log; who leads is never in doubt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest
from broker import Broker
from confluent_kafka import Producer
from contract.bus_contract import HandClock, order, records, texts

from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus, LedBus
from stockex.errors import LogError, LogFenced
from stockex.messages.topics import Topic
from stockex.vocabulary.services import Standing

ORDERS = {Topic.ORDERS: 0}
LIMIT_S = 20.0
_NUMBERS = count(1)

Join = Callable[[], Awaitable[LedBus]]


@pytest.fixture
def prefix() -> str:
    """Return a prefix of topics that no other test has."""
    return f"lease-{next(_NUMBERS)}-"


@pytest.fixture
async def join(broker: Broker, prefix: str) -> AsyncIterator[Join]:
    """Return what opens the log as one more of those who may write it."""
    joined: list[LedBus] = []

    async def join() -> LedBus:
        joined.append(await LedBus.join(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock()))
        return joined[-1]

    async with asyncio.timeout(LIMIT_S):
        yield join
    for bus in joined:
        await bus.close()


async def active(bus: LedBus) -> None:
    """Lead and serve."""
    await bus.lead()
    await bus.serve()


async def test_a_standby_reads_and_appends_nothing(join: Join) -> None:
    """It has what the leader appends, and is refused until it leads; the leader ends, and it leads at once."""
    first, second = await join(), await join()
    await active(first)
    await first.append([order("a")])
    assert texts(await records(second, ORDERS, 1)) == ["a"]
    assert second.standing is Standing.STANDBY
    with pytest.raises(LogError, match="leads; a standby appends nothing"):
        await second.append([order("b")])
    leading = asyncio.create_task(active(second))
    await first.close()
    await leading
    await second.append([order("b")])
    assert texts(await records(second, ORDERS, 2)) == ["a", "b"]


async def test_of_many_exactly_one_leads(join: Join) -> None:
    """Five wait at the same time; each leads when the one before it has gone, and the log has what each appended."""
    waiting = {asyncio.create_task(active(bus)): bus for bus in [await join() for _ in range(5)]}
    for number in range(5):
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        (leader,) = [waiting.pop(task) for task in done]
        assert all(bus.standing is Standing.STANDBY for bus in waiting.values())
        await leader.append([order(f"{number}")])
        if number < 4:
            await leader.close()
    assert texts(await records(leader, ORDERS, 5)) == ["0", "1", "2", "3", "4"]


async def test_whoever_takes_over_by_force_fences_the_leader(join: Join) -> None:
    """Its appends and readers fail and say who leads now; it is no standby that would lead again."""
    first, second = await join(), await join()
    await active(first)
    reading = asyncio.create_task(records(first, ORDERS, 9))
    await second.lead(by_force=True)
    with pytest.raises(LogFenced, match="another process leads now"):
        await reading
    with pytest.raises(LogFenced):
        await first.append([order("zombie")])
    await second.append([order("new")])
    assert texts(await records(second, ORDERS, 1)) == ["new"]
    assert first.standing is Standing.STANDBY


async def test_a_leader_that_was_fenced_by_nobody_who_leads_goes_on(broker: Broker, prefix: str, join: Join) -> None:
    """Somebody takes its producers' names without the lease, as one frozen amid a takeover: it takes them back."""
    leader = await join()
    await active(leader)
    await leader.append([order("a")])
    zombie = await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=HandClock())
    await leader.append([order("b")])
    with pytest.raises(LogFenced):
        await zombie.append([order("zombie")])
    await zombie.close()
    assert texts(await records(leader, ORDERS, 2)) == ["a", "b"]


async def test_garbage_on_the_lease_counts_for_nothing(broker: Broker, prefix: str, join: Join) -> None:
    """Whatever others write there, the leader stays, and the next one leads after it."""
    leader = await join()
    await active(leader)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for value in (b"", b"\xff", b"{}", b'{"type":"claim"}', b'{"type":"beat","holder":1}') * 200:
        producer.produce(f"{prefix}lease", value, b"exchange")
    producer.flush()
    second = await join()
    await leader.append([order("a")])
    assert leader.standing is not Standing.STANDBY
    await leader.close()
    await active(second)
    assert texts(await records(second, ORDERS, 1)) == ["a"]
