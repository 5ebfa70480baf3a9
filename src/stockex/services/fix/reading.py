"""Reading the log for the gateway."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from stockex.bus.interface import Bus, CutBus
from stockex.errors import WireError
from stockex.messages.codec import decode_record
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import OWN_TOPICS


async def first(bus: Bus, topic: Topic) -> int:
    """Return the offset from which on a topic is kept."""
    assert isinstance(bus, CutBus), "every log that is opened here can be cut"
    return await bus.first(topic)


def message_of(record: Record) -> object:
    """Return the message of a record; one that cannot be read, or is a stranger's fact, concerns nobody here."""
    if not record.is_ours and record.topic in OWN_TOPICS:
        return None
    try:
        return decode_record(record)
    except WireError:  # whoever keeps the views counts it
        return None


def naming(accounts: Iterable[AbstractSet[str] | None]) -> bytes:
    """Return a pattern that finds a record in which one of these accounts stands, None being all of them."""
    names: set[bytes] = set()
    for some in accounts:
        names |= {rb'[^"]+'} if some is None else {re.escape(name.encode()) for name in some}
    return b'"account":"(?:' + b"|".join(sorted(names)) + b')"'
