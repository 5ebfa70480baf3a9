"""Long answers, told piece by piece: neither the session nor the others wait for the whole.

The first piece is an answer like any other. What follows is soon stale: who asks for it again gets a gap filled.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from stockex.core.fix.market.seen import Told
from stockex.core.fix.message import Fields
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.session.throttle import Turns

MOST_WAITING: Final = 10
"""How many answers of a session may wait to be told in full."""

LookedAt = Iterator[Report | None]
"""An answer: its reports, and None whenever much was looked at to find the next one."""


class Pieces:
    """The long answers of one session, each after the one before it.

    Attributes:
        at: The next piece may be told then.
    """

    def __init__(self, size: int, turns: Turns | None = None) -> None:
        """Tell at most `size` reports at once; by `turns` sessions share the time for it."""
        self.at = 0
        self._size = size
        self._turns = turns
        self._waiting: deque[tuple[LookedAt, Fields]] = deque()

    def __bool__(self) -> bool:
        """Say whether something is still to be told."""
        return bool(self._waiting)

    def begin(self, answer: LookedAt, header: Fields, *, at: int) -> list[Told] | None:
        """Take an answer that goes with `header`; return what is told of it at once, None if too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            return None
        self._waiting.append((answer, header))
        return self._piece(at) if len(self._waiting) == 1 else []

    def following(self, at: int) -> list[Told]:
        """Return the next piece of what waits longest, nothing before its turn.

        Cost: O(`size`), and what is looked at up to one None.
        """
        return self._piece(at) if self._waiting and at >= self.at else []

    def _piece(self, at: int) -> list[Told]:
        answer, header = self._waiting[0]
        told: list[Told] = []
        self.at = at if self._turns is None else self._turns.next(at)
        for report in islice(answer, self._size):
            if report is None:
                return told
            told.append(Told(report, header))
        if len(told) < self._size:
            self._waiting.popleft()
        return told

    def forget(self) -> None:
        """Tell nothing more."""
        self._waiting.clear()
