"""A gateway with an engine behind it, in one process on one log."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import DEFAULT, FixSessions
from stockex.bus.interface import Bus
from stockex.bus.memory import MemoryBus
from stockex.core.fix.powers.register import Powers
from stockex.errors import LogError
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.services.fix.service import FixGateway
from stockex.torture.fix.venue import venue
from stockex.vocabulary.units import Nanos

GATEWAYS: list[FixGateway] = []
"""The gateway of the newest floor."""


@asynccontextmanager
async def floor(
    bus: Bus,
    folder: Path,
    sessions: FixSessions = DEFAULT,
    *,
    tls: ssl.SSLContext | None = None,
    powers: Powers | None = None,
) -> AsyncIterator[int]:
    """Run engine and gateway until the block ends; give the gateway's port."""
    async with venue(bus, folder, sessions=sessions, tls=tls, powers=powers) as place:
        GATEWAYS[:] = [place.gateway]
        yield place.port


class DeafBus(MemoryBus):
    """A log that does not take where sessions stand while it is deaf."""

    is_deaf = False

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append, or refuse."""
        if self.is_deaf and any(entry.topic is Topic.FIX for entry in entries):
            self.is_deaf = False
            raise LogError("no room")
        return await super().append(entries)


async def copied(bus: MemoryBus) -> MemoryBus:
    """Return a log with the records of another, each at its time; what is appended later has that of the wall."""
    times: list[Nanos] = []
    copy = MemoryBus(lambda: times.pop() if times else wall_clock())
    records = [record for topic in Topic for record in await bus.last(topic, 1_000)]
    for at, together in groupby(sorted(records, key=attrgetter("at")), key=attrgetter("at")):
        times.append(at)
        await copy.append([Entry(record.topic, record.key, record.value) for record in together])
    return copy
