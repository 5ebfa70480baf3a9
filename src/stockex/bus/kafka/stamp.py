"""What the headers of a record say: which group it belongs to, and where it stands in it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

GROUP: Final = "group"
"""The header that all records of a group share, byte for byte."""

PLACE: Final = "place"
"""The header of one record: its index in the group, its index in its topic's part of the group, its microseconds."""

MICROSECOND: Final = 1_000

SHARD: Final = "shard"
"""How the names of a shard's topics begin."""

_LABEL: Final = re.compile(rf"(?:{SHARD}[0-9]+\.)?(?:{'|'.join(Topic)})")

Headers = dict[str, str | bytes | None]


class Group(Struct, frozen=True, array_like=True):
    """One transaction.

    Attributes:
        session: Names one opening of the log.
        number: Counts the groups of the session.
        counts: How many records the group has, by topic.
        after: The offset up to which its writer knew each topic when it began; what is below comes before.
    """

    session: str
    number: int
    counts: Mapping[Topic, int]
    after: Mapping[Topic, int]


class Place(Struct, frozen=True, array_like=True):
    """Where a record stands: in its group, in its topic's part of the group, and in time."""

    index: int
    in_topic: int
    at_us: int


class Piece(NamedTuple):
    """A record as it was fetched. `group` holds the bytes of its header; None for a record that others wrote.

    `rank` is its index in the group, `in_topic` the one in its topic's part of it.
    """

    record: Record
    group: bytes | None
    rank: int = 0
    in_topic: int = 0


def headers(group: bytes, place: Place) -> Headers:
    """Return the headers of one record."""
    return {GROUP: group, PLACE: msgspec.json.encode(place)}


_place_of = msgspec.json.Decoder(Place).decode


class _Header(Struct, frozen=True, array_like=True):
    """A group on the wire, with its topics by their labels."""

    session: str
    number: int
    counts: dict[str, int]
    after: dict[str, int]


_decode_header = msgspec.json.Decoder(_Header).decode


class Labels:
    """What headers call the topics of a log: by their names or, where a shard has a topic of its own, by that.

    A topic of the log that this reader has none of, such as another shard's, is passed over.
    """

    def __init__(self, own: Mapping[Topic, str] | None = None) -> None:
        """Call every topic by its name but those of `own`."""
        self._names = {topic: topic.value for topic in Topic} | dict(own or {})
        self._topics = {label: topic for topic, label in self._names.items()}
        self.group_of = lru_cache(maxsize=1_024)(self._group_of)

    def header(self, group: Group) -> bytes:
        """Return the bytes that describe a group."""
        return msgspec.json.encode(
            _Header(group.session, group.number, self._labelled(group.counts), self._labelled(group.after))
        )

    def _labelled(self, offsets: Mapping[Topic, int]) -> dict[str, int]:
        return {self._names[topic]: offset for topic, offset in offsets.items()}

    def _group_of(self, header: bytes) -> Group:
        """Return the group that a header's bytes describe. Raises: msgspec.MsgspecError: they describe none."""
        found = _decode_header(header)
        return Group(found.session, found.number, self._known(found.counts), self._known(found.after))

    def _known(self, offsets: Mapping[str, int]) -> dict[Topic, int]:
        for label in offsets:
            if label not in self._topics and _LABEL.fullmatch(label) is None:
                raise msgspec.ValidationError(f"no topic {label!r}")
        return {self._topics[label]: offset for label, offset in offsets.items() if label in self._topics}


PUBLIC: Final = Labels()
"""Those of a log that is not seen with the eyes of a shard."""


def piece(record: Record, given: Mapping[str, object], *, labels: Labels = PUBLIC) -> Piece:
    """Return a fetched record with what its headers say; headers that are not ours count as none."""
    group, place_bytes = given.get(GROUP), given.get(PLACE)
    if not (isinstance(group, bytes) and isinstance(place_bytes, bytes)):
        return Piece(replace(record, is_ours=False), None)
    try:
        place = _place_of(place_bytes)
        labels.group_of(group)
    except msgspec.MsgspecError:
        return Piece(replace(record, is_ours=False), None)
    at = Nanos(place.at_us * MICROSECOND)
    found = Record(record.topic, record.offset, at, record.key, record.value)  # `replace` takes twice as long
    return Piece(found, group, place.index, place.in_topic)
