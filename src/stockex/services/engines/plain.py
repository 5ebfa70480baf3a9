"""The engine on the plain book."""

from collections.abc import Iterator, Sequence

from stockex.core.exchange import Exchange
from stockex.core.fast.routes import Route
from stockex.core.market.listing import shown_levels
from stockex.core.snapshot import dump, load
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.market_data import Level
from stockex.services.matcher import facts_of
from stockex.services.trust.claims import FactsOf
from stockex.vocabulary.units import Nanos


class PlainEngine:
    """One exchange, asked record by record. Implements `MatchingEngine`.

    Args:
        exchange: What obeys; a new one when None.
        obey: How it obeys a record.
        why: Why it does so on this book.
    """

    def __init__(
        self, exchange: Exchange | None = None, *, obey: FactsOf = facts_of, why: str = "no other is in use"
    ) -> None:
        self.exchange = Exchange() if exchange is None else exchange
        self.why = why
        self._obey = obey

    @property
    def next_offset(self) -> int:
        """The least offset that the next command may have."""
        return self.exchange.next_offset

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something happens by itself."""
        return self.exchange.due

    def entries(self, records: Sequence[Record]) -> Iterator[Sequence[Entry]]:
        """Obey records of `orders`; yield what each causes, as the log takes it."""
        for record in records:
            yield [entry_of(fact) for fact in self._obey(self.exchange, record)]

    def levels(self, symbol: str) -> tuple[list[Level], list[Level]]:
        """Return the levels (bids, asks) that an instrument's book shows, best first."""
        return shown_levels(self.exchange.desk.listings[symbol])

    def dump(self) -> bytes:
        """Return the state."""
        return dump(self.exchange)

    def anew(self, state: bytes) -> "PlainEngine":
        """Return an engine that stands where `dump` was called."""
        return PlainEngine(load(state), obey=self._obey, why=self.why)

    def routes(self) -> list[Route]:
        """Return for each instrument that it is on this book."""
        return [
            Route(symbol, is_lent=False, why=self.why, compiled=0, plain=0, moved=0)
            for symbol in self.exchange.desk.listings
        ]
