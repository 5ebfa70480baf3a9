"""What the headers of a record say: which group it belongs to, and where it stands in it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

GROUP: Final = "group"
"""The header that all records of a group share, byte for byte."""

PLACE: Final = "place"
"""The header of one record: its index in the group, its index in its topic's part of the group, its microseconds."""

MICROSECOND: Final = 1_000

Headers = dict[str, bytes]


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
_decode_group = msgspec.json.Decoder(Group).decode


@lru_cache(maxsize=1_024)
def group_of(header: bytes) -> Group:
    """Return the group that a header's bytes describe. Raises: msgspec.MsgspecError: they describe none."""
    return _decode_group(header)


def piece(record: Record, given: Mapping[str, bytes]) -> Piece:
    """Return a fetched record with what its headers say; headers that are not ours count as none."""
    group, place_bytes = given.get(GROUP), given.get(PLACE)
    if group is None or place_bytes is None:
        return Piece(record._replace(is_ours=False), None)
    try:
        place = _place_of(place_bytes)
        group_of(group)
    except msgspec.MsgspecError:
        return Piece(record._replace(is_ours=False), None)
    return Piece(record._replace(at=Nanos(place.at_us * MICROSECOND)), group, place.index, place.in_topic)
