"""Picks the log: the embedded one in the data directory or, when `KAFKA_BOOTSTRAP` is set, the one on Kafka."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus
from stockex.bus.sqlite import SqliteBus, stored
from stockex.errors import ConfigurationError
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

LOG_FILE: Final = "stockex.db"
"""The embedded log, in the data directory."""

CHECKPOINTS: Final = "checkpoints"
"""The folder of checkpoints, in the data directory. Those of a log on Kafka have the log's identity behind it."""


EXCHANGE: Final = "exchange"
"""The name under which the one writer of facts writes the log on Kafka."""

_SOON_S: Final = 3.0


async def opened(settings: Settings, name: str = EXCHANGE) -> Bus:
    """Open the log for writing; on Kafka as `name`, which fences whoever had that name.

    Raises:
        LogError: it cannot be opened; on Kafka, no broker answers within 3 s.
        ConfigurationError: Kafka's client is not installed.
    """
    if settings.kafka_bootstrap is None:
        return await SqliteBus.open(settings.data / LOG_FILE, clock=wall_clock)
    log: Bus = await _kafka().log.KafkaBus.open(
        settings.kafka_bootstrap, clock=wall_clock, prefix=settings.kafka_prefix, name=name, wait_s=_SOON_S
    )
    return log


def place(settings: Settings) -> str:
    """Return where the log is, in words."""
    if settings.kafka_bootstrap is None:
        return str(settings.data / LOG_FILE)
    return f"Kafka at {settings.kafka_bootstrap}"


def recorded(settings: Settings, topic: Topic, *, since: int = 0) -> Iterator[Record]:
    """Yield what a topic of the log holds now, from an offset on, beside whoever writes it.

    Raises:
        ConfigurationError: there is no such log, or Kafka's client is not installed.
        LogError: it cannot be read.
    """
    if settings.kafka_bootstrap is not None:
        cluster = _kafka().client.Cluster(settings.kafka_bootstrap, prefix=settings.kafka_prefix)
        return iter(_kafka().lookup.stored(cluster, topic, since=since))
    path = settings.data / LOG_FILE
    if not path.exists():
        raise ConfigurationError(f"no log at {path}; --data or STOCKEX_DATA names its directory")
    return stored(path, topic, since=since)


def checkpoints(settings: Settings, owner: str = "") -> Checkpoints:
    """Return the checkpoints of this log, and of no other one that was used with the same data directory.

    On Kafka each process of several has its own, by its `owner`.

    Raises: LogError, if Kafka does not answer.
    """
    if settings.kafka_bootstrap is None:
        return Checkpoints(settings.data / CHECKPOINTS)
    cluster = _kafka().client.Cluster(settings.kafka_bootstrap, prefix=settings.kafka_prefix)
    return Checkpoints(Path(settings.data, f"{CHECKPOINTS}-{cluster.identity()}", owner))


def _kafka() -> ModuleType:
    """Return the package that speaks to Kafka; its client comes with an extra. Raises: ConfigurationError."""
    try:
        import stockex.bus.kafka.log  # noqa: PLC0415 (an extra)
        import stockex.bus.kafka.lookup  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"KAFKA_BOOTSTRAP needs the extra `kafka`, make .venv/.kafka: {error}") from error
    return stockex.bus.kafka
