"""The engine that begins on the plain book, and goes over to two books when there is enough to do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import structlog

from stockex.core.exchange import Exchange
from stockex.core.fast.common import rare_setting
from stockex.core.fast.routes import Route
from stockex.errors import ConfigurationError
from stockex.messages.envelope import Entry, Record
from stockex.messages.market_data import Level
from stockex.services.engines.interface import MatchingEngine
from stockex.services.engines.machine_code import machine_code_ready, two_books
from stockex.services.engines.plain import PlainEngine
from stockex.vocabulary.units import Nanos

MANY: Final = 50_000
"""With so many commands to be obeyed at a start it is worth waiting for the compiled book, as long as plain takes."""

SECONDS_PER_COMMAND: Final = 60e-6
COMMANDS_BEFORE: Final = 10_000
"""So many commands are obeyed on the plain book before the compiled one is made ready, which takes seconds."""

_log = structlog.get_logger(__name__)


class ChangingEngine:
    """An engine on the plain book, and later on two. Implements `MatchingEngine`.

    It goes over between two batches of records, once the compiled book is ready: after `COMMANDS_BEFORE` commands, when
    some instrument has settings that it knows. Until then nothing of the extra `fast` takes memory or time.

    Args:
        exchange: What obeys.
        ready: Makes the compiled book ready.
    """

    def __init__(self, exchange: Exchange, *, ready: Callable[[], Awaitable[None]] = machine_code_ready) -> None:
        why = f"fewer than {COMMANDS_BEFORE:,} commands were obeyed, or no settings are common"
        self._plain = PlainEngine(exchange, why=why)
        self._engine: MatchingEngine = self._plain
        self._ready = ready
        self._is_ready = False
        self._obeyed = 0
        self._look_at = COMMANDS_BEFORE
        self._is_busy = asyncio.Event()
        self._is_decided = asyncio.Event()

    async def serve(self) -> None:
        """Make the compiled book ready once it is worth it; where that cannot be, say so and stay on the plain one."""
        await self._is_busy.wait()
        self._plain.why = "the compiled book is being made ready"
        try:
            await self._ready()
        except ConfigurationError as error:
            self._plain.why = str(error)
            _log.warning("plain_book_only", why=str(error))
        else:
            self._is_ready = True
        finally:
            self._is_decided.set()

    async def before(self, commands: int) -> None:
        """Wait for the compiled book, before so many commands are obeyed, if that may save time."""
        if commands >= MANY:
            self._is_busy.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_decided.wait(), commands * SECONDS_PER_COMMAND)

    @property
    def next_offset(self) -> int:
        """The least offset that the next command may have."""
        return self._engine.next_offset

    @property
    def due(self) -> Nanos | None:
        """The earliest instant at which something happens by itself."""
        return self._engine.due

    @property
    def exchange(self) -> Exchange:
        """The exchange to look at."""
        return self._engine.exchange

    def entries(self, records: Sequence[Record]) -> Iterator[Sequence[Entry]]:
        """Obey records of `orders`; yield what each causes, as the log takes it."""
        if self._engine is self._plain:
            self._look(len(records))
        return self._engine.entries(records)

    def _look(self, more: int) -> None:
        """Go over if the compiled book is ready, or else see whether it should be."""
        if self._is_ready:
            _log.info("compiled_book_in_use", from_command=self.next_offset)
            self._engine = two_books().of(self._plain.exchange)
        self._obeyed += more
        if self._obeyed >= self._look_at and not self._is_busy.is_set():
            self._look_at += COMMANDS_BEFORE
            if any(rare_setting(each.rules) is None for each in self.exchange.desk.listings.values()):
                self._is_busy.set()

    def levels(self, symbol: str) -> tuple[list[Level], list[Level]]:
        """Return the levels (bids, asks) that an instrument's book shows, best first."""
        return self._engine.levels(symbol)

    def dump(self) -> bytes:
        """Return the state."""
        return self._engine.dump()

    def anew(self, state: bytes) -> MatchingEngine:
        """Return an engine of the book of now that stands where `dump` was called."""
        return self._engine.anew(state)

    def routes(self) -> list[Route]:
        """Return for each instrument on which book it is, and why."""
        return self._engine.routes()
