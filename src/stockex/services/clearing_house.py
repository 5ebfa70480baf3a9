"""The clearing house: settles each day, exactly once."""

from typing import Final

import structlog

from stockex.bus.interface import Bus
from stockex.core.clearing.house import House
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import entry_of
from stockex.messages.control import Stopped
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Sieve, followed

_TOPICS: Final = (Topic.ORDERS, *sorted(House.topics))

_log = structlog.get_logger()


class ClearingHouse:
    """Follow the log with books of its own, and append a day's settlement when the day has stopped (CLR-08).

    The log gives everything that was appended before the stop before the stop itself, so the day is complete.
    After a restart the log is read again from its beginning; what was due then is appended only once all that was
    in the log at the start has been read, when it is known which days had been settled.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._house = House()
        self._due: dict[int, list[DaySettled]] = {}
        self._sieve = Sieve(_TOPICS)

    async def serve(self) -> None:
        """Settle until cancelled or the log is closed. Raises: LogError: a settlement could not be appended."""
        self._house, self._due, self._sieve = House(), {}, Sieve(_TOPICS)
        unread = await self._newest_offsets()
        async for batch in followed(self._bus, dict.fromkeys(_TOPICS, 0), sieve=self._sieve):
            for record in batch:
                self._follow(record)
                if record.offset >= unread.get(record.topic, -1):
                    unread.pop(record.topic, None)
            if not unread:
                await self._settle()

    async def _newest_offsets(self) -> dict[Topic, int]:
        """Return the offset of the newest record of each topic that has any."""
        newest = {topic: await self._bus.last(topic) for topic in House.topics}
        return {topic: records[-1].offset for topic, records in newest.items() if records}

    def _follow(self, record: Record) -> None:
        """Book one record, and note which days it makes due or settled."""
        message = self._sieve.read(record)
        if message is None:
            return
        self._house.apply(message)
        if isinstance(message, Stopped):
            self._due[message.day] = self._house.settle(message)
        elif isinstance(message, DaySettled):
            self._due.pop(message.day, None)

    async def _settle(self) -> None:
        """Append all settlements that are due, each day's in one batch."""
        for day in sorted(self._due):
            await self._bus.append([entry_of(fact) for fact in self._due[day]])
            _log.info("day_settled", day=day, members=len(self._due.pop(day)))
