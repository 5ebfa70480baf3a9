"""The explainer: goes back to a command of the log, and says why each of its facts came about."""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from stockex.core.exchange import Exchange
from stockex.core.snapshot import dump, load
from stockex.core.why.auctions import auction_whys
from stockex.core.why.story import Witness
from stockex.core.why.words import Called, owner_and_id
from stockex.errors import NothingThere, TooBusy, TooFarBack, WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.envelope import Record
from stockex.messages.orders import AnyCommand
from stockex.messages.views import Why
from stockex.services.matcher import facts_of
from stockex.services.trust.claims import FactsOf

FURTHEST: Final = 20_000
"""At most so many commands are replayed for one explanation."""

STATES_KEPT: Final = 32
"""At most so many states of the exchange are kept to begin a replay from."""

_STEP: Final = 5_000
_MOMENTS_KEPT: Final = 16
_WAITING: Final = 4


class Moment(NamedTuple):
    """A command of the log with the state before it and the facts that it caused."""

    record: Record
    state: bytes
    facts: tuple[Fact, ...]

    @property
    def command(self) -> AnyCommand | None:
        """The command; None for a record that is none."""
        try:
            return decode_command(self.record.value)
        except WireError:
            return None

    def whys(self, called: Called = owner_and_id) -> tuple[Why, ...]:
        """Return why the facts came about."""
        return Witness(self.state, called).explained(self.command, self.facts)


def moment_of(exchange: Exchange, records: Iterable[Record], *, offset: int, obey: FactsOf = facts_of) -> Moment | None:
    """Have the exchange `obey` each record before `offset`; return that moment, None when there is no such command."""
    for record in records:
        if record.offset >= offset:
            state = dump(exchange)
            return Moment(record, state, tuple(obey(exchange, record))) if record.offset == offset else None
        obey(exchange, record)
    return None


class Explainer:
    """Explains commands of a running exchange, one at a time, in a thread, from the nearest state that it has kept.

    Args:
        records: Gives the records of `orders` from an offset on; it is called in a thread.
        engine: Gives the exchange as it is now.
        obey: How it obeys a record.
    """

    def __init__(
        self, records: Callable[[int], Iterable[Record]], engine: Callable[[], Exchange], *, obey: FactsOf = facts_of
    ) -> None:
        self._records = records
        self._engine = engine
        self._obey = obey
        self._states: dict[int, bytes] = {}
        self._moments: OrderedDict[int, Moment] = OrderedDict()
        self._turn = asyncio.Lock()
        self._waiting = 0

    def keep(self, offset: int, state: bytes) -> None:
        """Keep a snapshot taken before the command at `offset`; of too many, every second one is let go."""
        self._states[offset] = zlib.compress(state, 1)
        if len(self._states) > STATES_KEPT:
            offsets = sorted(self._states)
            self._states = {kept: self._states[kept] for kept in {*offsets[::2], offsets[-1]}}

    async def explained(self, offset: int, called: Called = owner_and_id) -> tuple[Why, ...]:
        """Return why each fact of the command at `offset` came about. Raises: as `moment`."""
        moment = await self.moment(offset)
        async with self._own_turn():
            return await asyncio.to_thread(moment.whys, called)

    async def moment(self, offset: int) -> Moment:
        """Go to the command at `offset`.

        Raises:
            NothingThere: there is no such command.
            TooFarBack: more than `FURTHEST` commands lie between it and a state that is kept.
            TooBusy: too many others are waiting.
        """
        if offset >= self._engine().next_offset:
            raise NothingThere(f"There is no command {offset} yet.")
        async with self._own_turn():
            moment = self._moments.get(offset)
            if moment is None:
                moment = self._moments[offset] = await asyncio.to_thread(self._moment, offset)
            self._moments.move_to_end(offset)
            if len(self._moments) > _MOMENTS_KEPT:
                self._moments.popitem(last=False)
            return moment

    @asynccontextmanager
    async def _own_turn(self) -> AsyncIterator[None]:
        """Wait until nobody else asks. Raises: TooBusy: too many are waiting."""
        if self._waiting >= _WAITING:
            raise TooBusy("Others are waiting for explanations; try again in a moment.")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    def auction(self, symbol: str) -> tuple[Why, ...]:
        """Return why the auction that would be held now has its price. Raises: NothingThere: no call runs."""
        listing = self._engine().desk.listings.get(symbol)
        if listing is None or not listing.phase.is_call:
            raise NothingThere(f"No call runs in {symbol}.")
        return auction_whys(listing, offset=self._engine().next_offset)

    def _moment(self, offset: int) -> Moment:
        """Go to the command, from the nearest kept state before it; keep states on the way."""
        states = dict(self._states)
        since = max((kept for kept in states if kept <= offset), default=0)
        if offset - since > FURTHEST:
            raise TooFarBack(
                f"{offset - since:,} commands would have to be replayed, more than {FURTHEST:,}; "
                f"`stockex explain {offset}` does it beside the exchange."
            )
        exchange = load(zlib.decompress(states[since])) if since in states else Exchange()
        while exchange.next_offset + _STEP < offset:
            begin = exchange.next_offset
            moment_of(exchange, self._records(begin), offset=begin + _STEP - 1, obey=self._obey)
            if exchange.next_offset == begin:
                break
            self.keep(exchange.next_offset, dump(exchange))
        moment = moment_of(exchange, self._records(exchange.next_offset), offset=offset, obey=self._obey)
        if moment is None:
            raise NothingThere(f"The log has no command {offset}.")
        return moment
