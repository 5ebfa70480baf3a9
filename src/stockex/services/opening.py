"""The opening: what the log must hold before anybody trades is appended at each start, as far as it is missing."""

from collections.abc import Sequence
from typing import Protocol

from stockex.bus.interface import Bus
from stockex.core.exchange import Exchange
from stockex.messages.codec import entry_of
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.services.matcher import Matcher


class Missing(Protocol):
    """Says what an exchange lacks; `is_new`: the log is empty."""

    def __call__(self, exchange: Exchange, /, *, is_new: bool) -> Sequence[AnyCommand]:
        """Return the commands."""


async def set_up(bus: Bus, matcher: Matcher, *, missing: Missing) -> None:
    """Wait until a serving matcher has replayed the past, then append what is missing, all at once, and wait for it.

    Raises: LogError: it was not appended.
    """
    end = await bus.end(Topic.ORDERS)
    await matcher.reached(end - 1)
    commands = missing(matcher.exchange, is_new=end == 0)
    if commands:
        offsets = await bus.append([entry_of(command) for command in commands])
        await matcher.reached(offsets[-1])
