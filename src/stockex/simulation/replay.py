"""Replay: the journal through a fresh exchange, compared with what the live one published."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from stockex.core.exchange import Exchange
from stockex.errors import WireError
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message, decode, entry_of
from stockex.messages.control import MemberLogin, MemberLogout
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.shards.together import Together

Stored = Callable[[Topic], Iterable[Record]]
"""Gives the records of a topic from its beginning."""

_SECOND: Final = 1_000_000_000
_NOT_THE_ENGINES: Final = (DaySettled, MemberLogin, MemberLogout)


@dataclass
class Replayed:
    """What a replay found.

    `exchanges` stand where the replay ended, one for each shard, and `offset` is the first command they have not seen.
    `differs` names the first fact that is not equal to the one in the log, `unpublished` counts facts that the log has
    not, `surplus` facts that only the log has.
    """

    exchanges: Sequence[Exchange]
    commands: int = 0
    facts: int = 0
    unpublished: int = 0
    surplus: int = 0
    differs: str | None = None
    offset: int = 0
    digest: str = ""
    digests: dict[int, str] = field(default_factory=dict)


def replay(
    stored: Stored,
    *,
    until: int | None = None,
    mark: int | None = None,
    heard: Callable[[bytes], None] | None = None,
    shards: int = 1,
) -> Replayed:
    """Replay `orders` and compare every fact, byte for byte, with the one in the log.

    Args:
        stored: Where records come from.
        until: Stop before this offset; None replays all.
        mark: Keep the digest of the state when the exchange has reached this offset, to compare with a checkpoint.
        heard: Called with the JSON of each fact, in order.
        shards: By how many matchers the log was obeyed.

    Facts that the live exchange had not yet published when it died are counted, not compared.
    """
    together = Together(shards)
    found = Replayed(together.exchanges)
    published = {topic: _engine_facts(stored, topic) for topic in FACT_TOPICS}
    for record in stored(Topic.ORDERS):
        if until is not None and record.offset >= until:
            break
        for fact in together.facts_of(record):
            found.facts += 1
            entry = entry_of(fact)
            if heard is not None:
                heard(entry.value)
            value = _next(published[entry.topic], entry)
            if value is None:
                found.unpublished += 1
            elif value != entry.value and found.differs is None:
                found.differs = f"{entry.topic.value} {fact.offset}-{fact.index}"
        found.commands += 1
        if together.next_offset == mark:
            found.digests[mark] = together.digest
    if until is None:
        found.surplus = sum(_is_message(topic, value) for topic, facts in published.items() for value in facts)
    found.offset, found.digest = together.next_offset, together.digest
    return found


def paced(
    records: Iterable[Record], speed: float, *, now: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[Record]:
    """Yield the records at `speed` times the pace at which they were appended. `now` and `sleep` count in seconds."""
    began, first = now(), None
    for record in records:
        first = record.at if first is None else first
        wait = began + (record.at - first) / (speed * _SECOND) - now()
        if wait > 0:
            sleep(wait)
        yield record


def _engine_facts(stored: Stored, topic: Topic) -> Iterator[bytes]:
    """Yield the values of a topic that the engine published, in order."""
    is_shared = topic in {Topic.CONTROL, Topic.LEDGER}
    for record in stored(topic):
        message = _read(topic, record.value) if is_shared else None
        if message is None or is_engines(message):
            yield record.value


def is_engines(message: Message) -> bool:
    """Say whether the engine published a message of one of its topics: all but a few that others put there."""
    return not isinstance(message, _NOT_THE_ENGINES)


def _next(published: Iterator[bytes], wanted: Entry) -> bytes | None:
    """Return the next published fact; what others wrote between and is no message at all is passed over."""
    for value in published:
        if value == wanted.value or _is_message(wanted.topic, value):
            return value
    return None


def _is_message(topic: Topic, value: bytes) -> bool:
    return _read(topic, value) is not None


def _read(topic: Topic, value: bytes) -> Message | None:
    try:
        return decode(topic, value)
    except WireError:
        return None
