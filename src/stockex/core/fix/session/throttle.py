"""How many messages of a session may pass in a time."""

from collections import deque

from msgspec import Struct

from stockex.core.fix.times import SECOND


class Rate(Struct, frozen=True):
    """At most so many messages of the application in any `per_s` seconds.

    Attributes:
        waits: What is too much waits for its turn; else it is refused.
    """

    most: int
    per_s: int = 1
    waits: bool = False

    def __str__(self) -> str:
        return f"at most {self.most} messages in {self.per_s} s"


class Throttle:
    """Lets messages pass at a rate: of any `most + 1` that follow each other, the first and the last are too far apart.

    Holds as many times as may pass at once.
    """

    def __init__(self, rate: Rate) -> None:
        """Let nobody have passed."""
        self.rate = rate
        self._span = rate.per_s * SECOND
        self._passed: deque[int] = deque(maxlen=rate.most)

    def free_at(self, at: int) -> int:
        """Return when the next message may pass: `at` itself if it may now."""
        if len(self._passed) < self.rate.most:
            return at
        return max(at, self._passed[0] + self._span)

    def passes(self, at: int) -> bool:
        """Say whether a message may pass now, and count it if so."""
        is_free = self.free_at(at) <= at
        if is_free:
            self._passed.append(at)
        return is_free


class Turns:
    """Gives several something to do one after the other, at most one in each span of time."""

    def __init__(self, every: int) -> None:
        """Give a turn every so many nanoseconds."""
        self._every = every
        self._last = 0

    def next(self, at: int) -> int:
        """Return when the next turn is that nobody has, seen from `at`."""
        self._last = max(at, self._last) + self._every
        return self._last
