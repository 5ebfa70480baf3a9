"""Writes garbage into a log as those do who have no part in the exchange."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from stockex import journal
from stockex.adapters.clock import wall_clock
from stockex.adapters.settings import Settings
from stockex.bus.sqlite import SqliteBus
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.torture.garbage.making import Maker, Truth

_LOOKED_AT: Final = 2_000
_PART: Final = 500
_WAIT_S: Final = 60.0


def truth_of(settings: Settings, known: Truth | None = None) -> Truth:
    """Return the newest true records of a log; those that are `known` where garbage stands behind them."""
    newest = journal.newest(settings, Topic.ORDERS, count=1)
    commands = newest[-1].offset + 1 if newest else 0
    if known is not None:
        return known._replace(commands=commands)
    return Truth({topic: list(journal.newest(settings, topic, count=_LOOKED_AT)) for topic in Topic}, commands)


def garbage(maker: Maker, count: int) -> Iterator[Entry]:
    """Yield so much garbage for each topic, in parts, the topics by turns."""
    sources = [maker.made(topic, count) for topic in Topic]
    return chain.from_iterable(chain.from_iterable(_turns(sources)))


def _turns(sources: Sequence[Iterator[Entry]]) -> Iterator[list[list[Entry]]]:
    while parts := [part for source in sources if (part := list(islice(source, _PART)))]:
        yield parts


def write(settings: Settings, entries: Iterable[Entry]) -> None:
    """Write into the log: into the embedded one that nobody has open, or on Kafka beside whoever runs."""
    if settings.kafka_bootstrap is None:
        asyncio.run(_into_file(settings, iter(entries)))
    else:
        _to_broker(settings, entries)


async def _into_file(settings: Settings, entries: Iterator[Entry]) -> None:
    bus = await SqliteBus.open(settings.data / journal.LOG_FILE, clock=wall_clock)
    try:
        while part := list(islice(entries, _PART)):
            await bus.append(part)
    finally:
        await bus.close()


def _to_broker(settings: Settings, entries: Iterable[Entry]) -> None:
    """Produce as any client of Kafka does, without headers and transactions."""
    from confluent_kafka import Producer  # noqa: PLC0415 (an extra)

    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "queue.buffering.max.messages": 10_000})
    for entry in entries:
        name = f"{settings.kafka_prefix}{entry.topic.value}"
        while True:
            try:
                producer.produce(name, value=entry.value, key=entry.key.encode())
                break
            except BufferError:
                producer.poll(0.1)
    left = producer.flush(_WAIT_S)
    assert left == 0, f"{left} records are not taken"
