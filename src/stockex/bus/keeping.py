"""How much of each topic is kept, and who lets go of the rest.

Only what can be spared is ever cut: what no start reads again, because the last two checkpoints both lie beyond it.
`control`, `trades` and `ledger` are read from their beginning by the feeder and the clearing house, and stay.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import structlog

from stockex.bus.interface import Clock, CutBus
from stockex.errors import LogClosed, LogError
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

_SPARED: Final = (Topic.EXECUTIONS, Topic.BOOK, Topic.SNAPSHOTS, Topic.ORDERS)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_RULE: Final = re.compile(r"([a-z]+)=([1-9][0-9]*)([smhd]?)")
_LOOK_S: Final = 30.0
_SECOND: Final = 1_000_000_000

Covered = Callable[[], Mapping[Topic, int]]
"""Returns, by topic, the offset below which no start would read; a topic that is absent is not cut."""

_log = structlog.get_logger(__name__)


class Keep(NamedTuple):
    """Keep the newest `most` records or, if `is_age`, those of the last `most` seconds."""

    most: int
    is_age: bool


def keeps(text: str) -> dict[Topic, Keep]:
    """Return what a setting like `book=100000,executions=7d` says. Raises: ValueError, with what is expected."""
    found: dict[Topic, Keep] = {}
    for rule in filter(None, (part.strip() for part in text.split(","))):
        match = _RULE.fullmatch(rule)
        if match is None or match[1] not in _SPARED:
            topics = ", ".join(sorted(_SPARED))
            raise ValueError(f"expected TOPIC=COUNT or TOPIC=AGE with s, m, h or d, of {topics}, got {rule!r}")
        found[Topic(match[1])] = Keep(int(match[2]) * _SECONDS.get(match[3], 1), is_age=bool(match[3]))
    return found


def covered_by_all(views: Mapping[Topic, int], orders: int) -> dict[Topic, int]:
    """Return what no start would read: of `orders` neither the matcher, beyond that offset, nor the views."""
    return {**views, Topic.ORDERS: min(orders, views.get(Topic.ORDERS, 0))}


class Keeper:
    """Cuts topics now and then. An age counts from when this process saw the record, so that a restart keeps longer.

    Args:
        bus: The log.
        keep: What is kept of which topic; of the others, everything.
        covered: What can be spared.
        clock: The time now.
    """

    def __init__(
        self,
        bus: CutBus,
        keep: Mapping[Topic, Keep],
        *,
        covered: Covered,
        clock: Clock,
    ) -> None:
        self._bus = bus
        self._keep = keep
        self._covered = covered
        self._clock = clock
        self._seen: dict[Topic, deque[tuple[Nanos, int]]] = {topic: deque() for topic in keep}

    async def serve(self) -> None:
        """Look again and again until the log is closed or this task is cancelled."""
        while True:
            try:
                await self.cut()
            except LogClosed:
                return
            except LogError as error:
                _log.warning("log_not_cut", error=str(error))
            await asyncio.sleep(_LOOK_S)

    async def cut(self) -> None:
        """Let go of what is kept no longer and can be spared. Raises: LogError."""
        covered = self._covered()
        for topic, keep in self._keep.items():
            below = min(await self._below(topic, keep), covered.get(topic, 0))
            if below > await self._bus.first(topic):
                await self._bus.cut(topic, below)

    async def _below(self, topic: Topic, keep: Keep) -> int:
        """Return the offset below which a topic is not kept."""
        end, now, seen = await self._bus.end(topic), self._clock(), self._seen[topic]
        if not keep.is_age:
            return end - keep.most
        seen.append((now, end))
        while len(seen) > 1 and now - seen[1][0] >= keep.most * _SECOND:
            seen.popleft()
        return seen[0][1] if now - seen[0][0] >= keep.most * _SECOND else 0
