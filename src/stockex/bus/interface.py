"""The contract every log keeps. `tests/contract/bus_contract.py` is its executable form."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.services import Standing
from stockex.vocabulary.units import Nanos

Clock = Callable[[], Nanos]
"""Where a log takes its time from."""


class Bus(Protocol):
    """An ordered, durable log of several topics."""

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append all entries or none; return their offsets, each in its topic, once they are durable.

        Entries of one call stand next to each other and carry the same time.

        Raises:
            LogClosed: the log is closed.
            LogError: nothing was appended, for the reason given.
        """

    def read(self, since: Mapping[Topic, int]) -> AsyncIterator[Sequence[Record]]:
        """Yield batches of records of the topics named, each from its offset on, then wait for more.

        Records come in the order in which they were appended, over all the topics named; what one call appended to
        them comes in one batch. A batch is never empty. The iterator ends when the log is closed.

        Raises:
            LogCut: a record that is wanted is not kept any more; `first` says which offset is the first to ask for.
        """

    async def end(self, topic: Topic) -> int:
        """Return the offset that is above every record of `topic` now: 0 for an empty topic."""

    async def last(self, topic: Topic, count: int = 1) -> Sequence[Record]:
        """Return the newest `count` records of `topic`, oldest first; fewer if there are fewer."""

    async def close(self) -> None:
        """Finish what was appended, end all readers, and release the log. Closing twice is harmless."""


@runtime_checkable
class CutBus(Bus, Protocol):
    """A log that lets go of old records. `tests/contract/retention_contract.py` is its executable form."""

    async def cut(self, topic: Topic, below: int) -> int:
        """Let go of the records of `topic` below an offset, but of its newest one never; return `first`.

        Offsets stay as they are, and so does `end`. Cutting again, or at an offset that is cut already, is harmless.

        Raises:
            LogClosed: the log is closed.
            LogError: it was not cut, or not as far.
        """

    async def first(self, topic: Topic) -> int:
        """Return the offset from which on `topic` is kept: 0 when it was never cut."""


@runtime_checkable
class Led(Bus, Protocol):
    """A log that the one of several processes appends to that leads."""

    @property
    def standing(self) -> Standing:
        """Whether this process is active, as far as it can be sure of it now."""

    @property
    def doubt(self) -> str | None:
        """Why nobody is surely active, neither this process nor another; None when one is."""

    @property
    def leader(self) -> str:
        """Who leads; "" when nobody does."""

    async def lead(self, *, by_force: bool = False) -> None:
        """Wait until nobody leads, or by force do not; fence whoever did, and append from now on. Raises: LogError."""

    async def serve(self) -> None:
        """Count as active from now on, and wait until that is certain."""
