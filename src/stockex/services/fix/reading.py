"""Reading the log for the gateway."""

import structlog

from stockex.bus.interface import Bus, CutBus
from stockex.errors import WireError
from stockex.messages.codec import decode_record
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

_log = structlog.get_logger(__name__)


async def first(bus: Bus, topic: Topic) -> int:
    """Return the offset from which on a topic is kept."""
    assert isinstance(bus, CutBus), "every log that is opened here can be cut"
    return await bus.first(topic)


def message_of(record: Record) -> object:
    """Return the message of a record; one that cannot be read concerns nobody here."""
    try:
        return decode_record(record)
    except WireError as error:
        _log.warning("record_unreadable", topic=record.topic, offset=record.offset, error=str(error))
        return None
