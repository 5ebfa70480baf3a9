"""The parts that the exchange can be taken apart into."""

from enum import StrEnum
from typing import Final

SHARD_STRIDE: Final = 2**20
"""The id of a trade of shard k ends with a number from k times this many on. No command causes so many facts."""

MOST_SHARDS: Final = 64
"""An exchange has at most so many matchers."""


class Service(StrEnum):
    """A service that can be a process of its own."""

    MATCHER = "matcher"
    COLLATOR = "collator"
    FEEDER = "feeder"
    DASHBOARD = "dashboard"
    CLEARING = "clearing"
    MEMBERS = "members"
    FIX = "fix"
    FIX_UI = "fix-ui"
    FRONTEND = "frontend"
    ANALYST = "analyst"


class Standing(StrEnum):
    """What a matcher does while several of them run."""

    ACTIVE = "active"
    """It publishes the facts, and nobody else does."""

    STANDBY = "standby"
    """It follows the log and takes over when the active one is silent."""

    WAITING = "waiting"
    """It is taking over, or it leads and cannot be sure of that now: the broker is away."""


class LiveBook(StrEnum):
    """On which book a running exchange matches; `AUTO` goes over from plain to compiled when there is enough to do."""

    AUTO = "auto"
    PLAIN = "plain"
    COMPILED = "compiled"
