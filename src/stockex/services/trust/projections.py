"""The views of the log that are saved together, and what a checkpoint of them holds."""

from collections.abc import Mapping
from typing import ClassVar, Protocol, Self

from msgspec import Struct

from stockex.messages.codec import Message
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Seen


class Projection(Protocol):
    """A view of the log that can be saved. Its state stands in its instance attributes, all of it."""

    topics: ClassVar[frozenset[Topic]]
    """What it must be fed."""

    def apply(self, message: Message) -> None:
        """Take in one message of its topics."""

    def dump(self) -> bytes:
        """Return the whole state."""

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the projection that `dump` described. Raises: msgspec.MsgspecError: it described none."""


class Saved(Struct, frozen=True):
    """A checkpoint: what each projection held, by its class, when the next records were these of each topic.

    `seen` is what was known of the log there.
    """

    next_offsets: dict[Topic, int]
    states: dict[str, bytes]
    seen: Seen


def fits(positions: Mapping[Topic, int], ends: Mapping[Topic, int]) -> bool:
    """Say whether a checkpoint follows the topics that the log has, and does not reach beyond their ends."""
    return positions.keys() == ends.keys() and all(positions[topic] <= end for topic, end in ends.items())


def name_of(projection: Projection) -> str:
    """Return the name of a projection's state in a checkpoint."""
    return type(projection).__name__
