"""Picks the log: the embedded one in the data directory or, when `KAFKA_BOOTSTRAP` is set, the one on Kafka."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from stockex.adapters.checkpoints import Checkpoints, own
from stockex.adapters.clock import wall_clock
from stockex.adapters.process import in_a_copy
from stockex.adapters.settings import Settings
from stockex.bus.embedded.reading import batch_from, shape_of
from stockex.bus.embedded.reading import newest as newest_of
from stockex.bus.embedded.verifying import Verdict, verified
from stockex.bus.interface import Bus, CutBus, Led
from stockex.bus.keeping import Covered, Keep, Keeper, keeps
from stockex.bus.sqlite import SqliteBus, stored
from stockex.errors import ConfigurationError
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

if TYPE_CHECKING:
    from stockex.bus.kafka.client import Cluster

LOG_FILE: Final = "stockex.db"
"""The embedded log, in the data directory."""

CHECKPOINTS: Final = "checkpoints"
"""The folder of checkpoints, in the data directory. Those of a log on Kafka have the log's identity behind it."""


EXCHANGE: Final = "exchange"
"""The name under which the one writer of facts writes the log on Kafka."""

_SOON_S: Final = 3.0
_LOOK_S: Final = 0.2


async def opened(settings: Settings, name: str = EXCHANGE) -> Bus:
    """Open the log for writing; on Kafka as `name`, which fences whoever had that name.

    Who writes as the exchange leads there from now on, whoever led before; see `joined`.

    Raises:
        LogError: it cannot be opened; on Kafka, no broker answers within 3 s.
        ConfigurationError: Kafka's client is not installed, or `STOCKEX_KEEP` says nothing that can be done.
    """
    _keeps(settings)
    if settings.kafka_bootstrap is None:
        return await SqliteBus.open(settings.data / LOG_FILE, clock=wall_clock)
    if name == EXCHANGE:
        led = await joined(settings, name)
        await led.lead(by_force=True)
        await led.serve()
        return led
    log: Bus = await _kafka().log.KafkaBus.open(_cluster(settings), clock=wall_clock, name=name, wait_s=_SOON_S)
    return log


async def joined(settings: Settings, name: str = EXCHANGE, *, shard: int | None = None) -> Led:
    """Open the log on Kafka as one of those who may write it as `name`, once they lead. Raises: as `opened`.

    With a `shard` see it as that one does: its facts are those of the shard alone.
    """
    _keeps(settings)
    log: Led = await _kafka().log.LedBus.join(_cluster(settings, shard), clock=wall_clock, name=name, wait_s=_SOON_S)
    return log


def name_of(shard: int) -> str:
    """Return the name under which a shard's matcher writes the log."""
    return f"shard{shard}"


def keeper(settings: Settings, bus: Bus, *, covered: Covered) -> Keeper:
    """Return what cuts the log as `STOCKEX_KEEP` says. Raises: ConfigurationError: it says nothing that can be done."""
    assert isinstance(bus, CutBus), "every log that is opened here can be cut"
    return Keeper(bus, _keeps(settings), covered=covered, clock=wall_clock)


def _keeps(settings: Settings) -> dict[Topic, Keep]:
    try:
        return keeps(settings.keep)
    except ValueError as error:
        raise ConfigurationError(f"STOCKEX_KEEP: {error}") from error


def place(settings: Settings) -> str:
    """Return where the log is, in words."""
    if settings.kafka_bootstrap is None:
        return str(settings.data / LOG_FILE)
    return f"Kafka at {settings.kafka_bootstrap}"


def recorded(settings: Settings, topic: Topic, *, since: int = 0) -> Iterator[Record]:
    """Yield what a topic of the log holds now, from an offset on, beside whoever writes it.

    Raises:
        ConfigurationError: there is no such log, it has another number of shards, or Kafka's client is not installed.
        LogError: it cannot be read.
    """
    if settings.kafka_bootstrap is not None:
        kafka, cluster = _kafka(), _cluster(settings)
        cluster.check()
        return iter(kafka.lookup.stored(cluster, topic, since=since))
    return stored(_existing(settings), topic, since=since)


def merged(settings: Settings, wants: dict[Topic, int], *, follows: bool = False) -> Iterator[Record]:
    """Yield what the log holds now from the offsets of `wants` on, in the order of appending, and move these past it.

    What was cut is passed over.

    With `follows` it goes on with what comes. Raises: as `recorded`.
    """
    if settings.kafka_bootstrap is not None:
        with asyncio.Runner() as runner:
            batches = _kafka().follower.merged(_cluster(settings), wants, follows=follows)
            while batch := runner.run(_next(batches)):
                yield from batch
        return
    path, waiting = _existing(settings), threading.Event()
    while True:
        shape = shape_of(path)
        ends = shape.ends
        wants.update({topic: max(since, shape.cuts.get(topic, 0)) for topic, since in wants.items()})
        while batch := batch_from(path, wants, ends=ends):
            for record in batch:
                yield record
                wants[record.topic] = record.offset + 1
        if not follows:
            return
        waiting.wait(_LOOK_S)


async def _next(batches: AsyncIterator[Sequence[Record]]) -> Sequence[Record]:
    """Return the next batch, an empty one at the end."""
    async for batch in batches:
        return batch
    return ()


def newest(settings: Settings, topic: Topic, *, count: int) -> Sequence[Record]:
    """Return the newest `count` records of a topic, oldest first. Raises: as `recorded`."""
    if settings.kafka_bootstrap is not None:
        lookup = _kafka().lookup.Lookup(_cluster(settings), _kafka().known.Known())
        with closing(lookup):
            return list(lookup.newest(topic, count))
    path = _existing(settings)
    return newest_of(path, topic, count=count, below=shape_of(path).ends.get(topic, 0))


def verdict(settings: Settings) -> Verdict:
    """Read the whole log, what each shard tells too, and say what is wrong with it. Raises: as `recorded`."""
    if settings.kafka_bootstrap is not None:
        _cluster(settings).check()
        seen = [_kafka().lookup.verified(_cluster(settings))]
        for shard in range(settings.shards) if settings.shards > 1 else ():
            cluster = _cluster(settings, shard)
            seen.append(_kafka().lookup.verified(cluster, cluster.own))
        return Verdict(seen[0][0], 0, 0, list(dict.fromkeys(fault for _, faults in seen for fault in faults)))
    return verified(_existing(settings))


def _existing(settings: Settings) -> Path:
    if settings.shards > 1:
        raise ConfigurationError(f"STOCKEX_SHARDS={settings.shards} is for a log on Kafka: leave it out for this one")
    path = settings.data / LOG_FILE
    if not path.exists():
        raise ConfigurationError(f"no log at {path}; --data or STOCKEX_DATA names its directory")
    return path


def checkpoints(settings: Settings, owner: str = "") -> Checkpoints:
    """Return the checkpoints of this log, and of no other one that was used with the same data directory.

    On Kafka each process of several has its own, by its `owner`.

    Raises: LogError, if Kafka does not answer.
    """
    if settings.kafka_bootstrap is None:
        return Checkpoints(settings.data / CHECKPOINTS, aside=in_a_copy)
    folder = Path(settings.data, f"{CHECKPOINTS}-{_cluster(settings).identity()}", owner)
    return own(folder, aside=in_a_copy) if owner else Checkpoints(folder, aside=in_a_copy)


def _cluster(settings: Settings, shard: int | None = None) -> "Cluster":
    assert settings.kafka_bootstrap is not None, "the log is on Kafka"
    cluster: Cluster = _kafka().client.Cluster(
        settings.kafka_bootstrap,
        prefix=settings.kafka_prefix,
        silence_s=settings.standby_s,
        shards=settings.shards,
        shard=shard,
    )
    return cluster


def _kafka() -> ModuleType:
    """Return the package that speaks to Kafka; its client comes with an extra. Raises: ConfigurationError."""
    try:
        import stockex.bus.kafka.log  # noqa: PLC0415 (an extra)
        import stockex.bus.kafka.lookup  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"KAFKA_BOOTSTRAP needs the extra `kafka`, make .venv/.kafka: {error}") from error
    return stockex.bus.kafka
