"""The newest insights, for those who show them."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from stockex.bus.interface import Bus
from stockex.messages.envelope import Record
from stockex.messages.market_data import Insight
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Sieve

KEPT: Final = 50
"""How many are kept."""


class Newest:
    """Follows the topic from its newest records on; it needs no checkpoint."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._sieve = Sieve((Topic.AI_INSIGHTS,))
        self._insights: deque[Insight] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Insight], None]] = []

    def listen(self, callback: Callable[[Insight], None]) -> None:
        """Call `callback` with each insight that comes."""
        self._listeners.append(callback)

    def newest(self, count: int) -> list[Insight]:
        """Return the newest insights, newest first."""
        return list(self._insights)[: -count - 1 : -1]

    async def serve(self) -> None:
        """Follow until cancelled or the log is closed."""
        known = await self._bus.last(Topic.AI_INSIGHTS, KEPT)
        self._insights.clear()
        self._take(known)
        async for batch in self._bus.read({Topic.AI_INSIGHTS: known[-1].offset + 1 if known else 0}):
            for insight in self._take(batch):
                for listener in self._listeners:
                    listener(insight)

    def _take(self, records: Sequence[Record]) -> list[Insight]:
        read = [self._sieve.read(record) for record in records]
        insights = [each for each in read if isinstance(each, Insight)]
        self._insights.extend(insights)
        return insights
