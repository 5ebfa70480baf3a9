"""Which command a fact names, and how far the facts of the log reach by what they say."""

from typing import Final

from stockex.bus.interface import Bus
from stockex.errors import WireError
from stockex.messages.codec import decode_record
from stockex.messages.envelope import Record
from stockex.messages.topics import FACT_TOPICS, Topic

_LOOK_BACK: Final = 64


async def newest_cause(bus: Bus) -> int:
    """Return the offset of the newest command whose facts are in the log, -1 when there are none.

    The facts of a command are appended in one batch, so those of every command up to this one are there too.
    """
    end = await bus.end(Topic.ORDERS)
    return max([-1, *[await _newest_cause(bus, topic, end=end) for topic in FACT_TOPICS]])


async def _newest_cause(bus: Bus, topic: Topic, *, end: int) -> int:
    count = _LOOK_BACK
    while True:
        records = await bus.last(topic, count)
        causes = [cause_of(record, end=end) for record in records]
        if len(records) < count or max(causes) >= 0:
            return max(causes, default=-1)
        count *= 8


def cause_of(record: Record, *, end: int) -> int:
    """Return the offset of the command behind a fact; -1 for what is none, as others may have written."""
    if not record.is_ours:
        return -1
    try:
        cause: int = getattr(decode_record(record), "offset", -1)
    except WireError:
        return -1
    return cause if cause < end else -1
