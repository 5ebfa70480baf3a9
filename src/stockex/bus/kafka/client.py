"""What all clients of the broker share: their settings, a logger that does not flood, and the making of topics."""

import logging
import re
import time
from collections.abc import Collection, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from stockex.bus.kafka.stamp import SHARD, Labels, Piece, piece
from stockex.errors import ConfigurationError, LogDamaged, LogError
from stockex.messages.envelope import Record
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.vocabulary.units import Nanos

MOST_BYTES: Final = 16 * 2**20
"""The largest value, with its key and headers, that a topic takes."""

LAG_S: Final = 10.0
"""A question to the broker that takes longer than this has failed."""

SILENCE_S: Final = 0.7
"""How long a leader is silent until others think that it is dead, unless they are told otherwise."""

_SAY_AGAIN_S: Final = 10.0
_NANOS_PER_MS: Final = 1_000_000
_TOPIC: Final = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
_LEASE: Final = {"cleanup.policy": "delete", "retention.ms": "3600000", "segment.ms": "600000"}

_OWN: Final = (*FACT_TOPICS, Topic.SNAPSHOTS)
"""What each shard has topics of its own for. That of snapshots stays empty: none of others' symbols need be seen."""

Config = dict[str, str | int | float | bool]


class _Sparse(logging.Filter):
    """Lets one line of a kind through every ten seconds: a client without its broker complains without end."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether this line is the first of its kind for some time. Its kind is what it says up to a colon."""
        kind = record.getMessage().partition(":")[0]
        now = time.monotonic()
        if now - self._said.get(kind, -_SAY_AGAIN_S) < _SAY_AGAIN_S:
            return False
        self._said[kind] = now
        return True


LOGGER: Final = logging.getLogger("stockex.kafka")
LOGGER.addFilter(_Sparse())


class Cluster:
    """The broker's address, and the names that our topics have there."""

    def __init__(
        self,
        bootstrap: str,
        *,
        prefix: str = "",
        silence_s: float = SILENCE_S,
        shards: int = 1,
        shard: int | None = None,
    ) -> None:
        """Talk to `bootstrap`; every topic's name begins with `prefix`.

        Args:
            bootstrap: The broker's address, as host:port.
            prefix: Stands before the name of every topic.
            silence_s: A standby takes over when it has heard no sign of life for so long; the same for all.
            shards: How many matchers the log has. Above 1 each has topics of its own for its facts, as `shard0.trades`.
            shard: See the log as this one does, whose facts are its own and whose other topics are those of all: `own`
                are the topics of its own.
        """
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.silence_s = silence_s
        self._shards = shards
        own = {} if shard is None else _own(shard)
        self.own = tuple(own)
        self.labels = Labels(own)
        self.names = {topic: prefix + own.get(topic, topic.value) for topic in Topic}
        self.topics = {name: topic for topic, name in self.names.items()}
        self.lease = f"{prefix}lease"

    def config(self, **more: str | float | bool) -> Config:
        """Return settings for any client: quick to find the broker again, and never in a tight loop."""
        shared: Config = {
            "bootstrap.servers": self.bootstrap,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1_000,
            "retry.backoff.ms": 20,
            "socket.nagle.disable": True,
            "log.connection.close": False,
        }
        return shared | {name.replace("_", "."): value for name, value in more.items()}

    def consumer(self, **more: str | float | bool) -> Consumer:
        """Return a consumer of committed records that keeps no position with the broker, within a few MiB."""
        config = self.config(
            group_id="stockex",
            enable_auto_commit=False,
            auto_offset_reset="error",
            isolation_level="read_committed",
            enable_partition_eof=True,
            queued_min_messages=2_000,
            queued_max_messages_kbytes=8_192,
            fetch_queue_backoff_ms=10,
            fetch_error_backoff_ms=50,
            max_poll_interval_ms=86_400_000,
        )
        return Consumer(config | {name.replace("_", "."): value for name, value in more.items()}, logger=LOGGER)

    def prepare(self, *, wait_s: float) -> None:
        """Make the topics that are not there, that of leases too.

        Raises:
            LogError: no broker answered within `wait_s`, or it refuses to make them.
            LogDamaged: a topic is there with several partitions, which would have no order between them.
            ConfigurationError: the log was begun with another number of shards.
        """
        admin = AdminClient(self.config(), logger=LOGGER)
        wanted = self._wanted()
        try:
            there = admin.list_topics(timeout=wait_s).topics
            self._check_shards(admin, there)
            missing = [name for name in wanted if name not in there]
            news = [_new(name, _LEASE if name == self.lease else _TOPIC) for name in missing]
            made = admin.create_topics(news) if news else {}
            for future in made.values():
                _settled(future.exception(timeout=wait_s))
            if missing:
                there = admin.list_topics(timeout=wait_s).topics
        except (KafkaException, TimeoutError) as error:
            raise LogError(f"no Kafka at {self.bootstrap} (KAFKA_BOOTSTRAP): {reason(error)}") from error
        several = [name for name in wanted if name in there and len(there[name].partitions) > 1]
        if several:
            raise LogDamaged(f"topics of several partitions have no order: {', '.join(several)}")

    def _wanted(self) -> list[str]:
        """Return the names of all topics: those of all, those of every shard, and that of leases."""
        labels = [topic.value for topic in Topic]
        if self._shards > 1:
            labels += [label for number in range(self._shards) for label in _own(number).values()]
        return [*(self.prefix + label for label in labels), self.lease]

    def check(self) -> None:
        """Look whether the log has as many shards as is believed here.

        Raises:
            ConfigurationError: it has not.
            LogError: the broker does not answer.
        """
        admin = AdminClient(self.config(), logger=LOGGER)
        try:
            self._check_shards(admin, admin.list_topics(timeout=LAG_S).topics)
        except (KafkaException, TimeoutError) as error:
            raise LogError(f"no Kafka at {self.bootstrap} (KAFKA_BOOTSTRAP): {reason(error)}") from error

    def _check_shards(self, admin: AdminClient, there: Collection[str]) -> None:
        """Refuse a log that has another number of shards: it was begun with that, and its facts follow from it.

        Raises: ConfigurationError.
        """
        first = re.compile(rf"{re.escape(self.prefix)}{SHARD}[0-9]+\.{FACT_TOPICS[0]}")
        found = max(sum(first.fullmatch(name) is not None for name in there), 1)
        if found == self._shards or (found < self._shards and not self._has_orders(admin, there)):
            return
        raise ConfigurationError(
            f"the log at {self.bootstrap} was begun with STOCKEX_SHARDS={found}, not {self._shards}, and keeps that"
        )

    def _has_orders(self, admin: AdminClient, there: Collection[str]) -> bool:
        name = self.prefix + Topic.ORDERS
        if name not in there:
            return False
        place = TopicPartition(name, 0)
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        return bool(admin.list_offsets({place: latest}, request_timeout=LAG_S)[place].result(LAG_S).offset)

    def identity(self) -> str:
        """Return what the broker calls the topic `orders`: it names this log, and no later one of the same names.

        Raises: LogError, if the broker does not answer.
        """
        name = self.names[Topic.ORDERS]
        admin = AdminClient(self.config(), logger=LOGGER)
        try:
            described = admin.describe_topics(TopicCollection([name]), request_timeout=LAG_S)[name].result(LAG_S)
        except (KafkaException, TimeoutError) as error:
            raise LogError(f"no topic {name} at {self.bootstrap} (KAFKA_BOOTSTRAP): {reason(error)}") from error
        return str(described.topic_id)

    def fetched(self, message: Message) -> Piece:
        """Return what a consumer has fetched. A record of others has the time that its own writer gave it."""
        topic, offset = self.topics[message.topic() or ""], message.offset()
        assert offset is not None, "a fetched record has an offset"
        at = Nanos(max(message.timestamp()[1], 0) * _NANOS_PER_MS)
        record = Record(topic, offset, at, text(message.key()), message.value() or b"")
        return piece(record, _headers(message), labels=self.labels)

    def partition(self, topic: Topic, offset: int = 0) -> TopicPartition:
        """Return a place in the one partition of a topic."""
        return TopicPartition(self.names[topic], 0, offset)


def _own(shard: int) -> dict[Topic, str]:
    """Return what a shard's own topics are called."""
    return {topic: f"{SHARD}{shard}.{topic}" for topic in _OWN}


def _new(name: str, config: Mapping[str, str]) -> NewTopic:
    """Return a topic of one partition, with as many replicas as the cluster gives by default."""
    limit = {"max.message.bytes": str(MOST_BYTES + 2**20)}
    return NewTopic(name, num_partitions=1, replication_factor=-1, config={**config, **limit})


def _settled(error: BaseException | None) -> None:
    """Raise what went wrong, unless another process made the topic at the same time."""
    if isinstance(error, KafkaException) and error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
        return
    if error is not None:
        raise error


def _headers(message: Message) -> Mapping[str, object]:
    return dict(message.headers() or ())


def text(key: bytes | None) -> str:
    """Return a key as text; what is none is shown with marks."""
    return (key or b"").decode(errors="replace")


def reason(error: BaseException) -> str:
    """Return what the broker or its client says is wrong."""
    first = error.args[0] if error.args else error
    return first.str() if isinstance(first, KafkaError) else str(first) or type(error).__name__
