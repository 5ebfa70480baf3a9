"""What the log carries: entries on their way in, records on their way out."""

from msgspec import Struct

from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos


class Entry(Struct, frozen=True, gc=False):
    """One message to append. `key` is the symbol, or "" when the message concerns no single one."""

    topic: Topic
    key: str
    value: bytes


class Record(Struct, frozen=True, gc=False):
    """One message as the log holds it. `at` is stamped by the log and never decreases within it.

    `is_ours`: a process of the exchange wrote it. Others can write to Kafka's topics; what they write has their time.
    """

    topic: Topic
    offset: int
    at: Nanos
    key: str
    value: bytes
    is_ours: bool = True
