"""The parts that the exchange can be taken apart into."""

from enum import StrEnum


class Service(StrEnum):
    """A service that can be a process of its own."""

    MATCHER = "matcher"
    FEEDER = "feeder"
    DASHBOARD = "dashboard"
    CLEARING = "clearing"
    MEMBERS = "members"
    FIX = "fix"
