"""What a matcher asks of the exchange that it carries records to."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from stockex.core.exchange import Exchange
from stockex.core.fast.routes import Route
from stockex.messages.envelope import Entry, Record
from stockex.messages.market_data import Level
from stockex.vocabulary.units import Nanos

Heard = Callable[[Sequence[Entry]], None]
"""Takes note of what an engine has told."""


class MatchingEngine(Protocol):
    """All state of an exchange, and what obeys for it."""

    @property
    def next_offset(self) -> int:
        """The least offset that the next command may have."""

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something happens by itself, once a command of that time is obeyed (FCT-06)."""

    @property
    def exchange(self) -> Exchange:
        """The exchange to look at: instruments, settings, phases, accounts. Orders may stand elsewhere."""

    def entries(self, records: Sequence[Record]) -> Iterator[Sequence[Entry]]:
        """Obey records of `orders`; yield what each causes, as the log takes it. To be read to the end."""

    def levels(self, symbol: str) -> tuple[list[Level], list[Level]]:
        """Return the levels (bids, asks) that an instrument's book shows, best first. Cost: O(orders) at most."""

    def dump(self) -> bytes:
        """Return the state, as `stockex.core.snapshot.dump` does."""

    def anew(self, state: bytes) -> "MatchingEngine":
        """Return an engine of the same kind that stands where `dump` was called."""

    def routes(self) -> list[Route]:
        """Return for each instrument on which book it is, and why."""
