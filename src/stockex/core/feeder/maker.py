"""One security's market maker: from a step of its walk to the commands of a tick."""

from collections.abc import Sequence
from itertools import count

from msgspec.structs import replace

from stockex.core.dice import Dice
from stockex.core.feeder.quotes import Quote, crossing, grid_of, quotes
from stockex.core.feeder.regimes import begun, stepped
from stockex.messages.control import Listed
from stockex.messages.market_data import Indicators
from stockex.messages.orders import AnyCommand, MassCancel, NewOrder
from stockex.vocabulary.accounts import FLOW, MARKET_MAKER
from stockex.vocabulary.enums import Phase, Regime, TimeInForce
from stockex.vocabulary.ranges import Range
from stockex.vocabulary.units import Nanos, Price

SOURCE = "MDF"
"""What the feeder's commands name as their source."""


class Numbering:
    """Client order ids of one run of the feeder: account, run and a number that counts up over both accounts."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._numbers = count(1)

    def next_id(self, account: str) -> str:
        """Return an id that no other run and no other order has."""
        return f"{account}-{self._run}-{next(self._numbers)}"


class Maker:
    """Quotes one security from `start` on. It steps first, then is asked for its commands."""

    def __init__(self, listed: Listed, *, start: Price, dice: Dice) -> None:
        self._listed = listed
        self._band: Range | None = None
        self._dice = dice
        self._walk = begun(start, Price(grid_of(listed).lowest), dice=dice)

    def renew(self, listed: Listed, *, band: Range | None = None) -> None:
        """Quote under these terms from now on: an instrument's settings may change, and its price band (LIM-06)."""
        self._listed, self._band = listed, band

    @property
    def regime(self) -> Regime:
        """The regime that the fair price is in."""
        return self._walk.regime

    def step(self) -> None:
        """Move the fair price on by one step."""
        self._walk = stepped(self._walk, self._dice)

    def commands(
        self, seen: Indicators, *, ids: Numbering, at: Nanos, phase: Phase = Phase.CONTINUOUS
    ) -> list[AnyCommand]:
        """Return what one tick sends: the old quotes go, new ones come, and perhaps an order crosses them.

        Args:
            seen: The indicators of the real book.
            ids: Where new orders take their ids from.
            at: The sender's time.
            phase: The instrument's. Where orders gather, what crosses waits for the auction, so that there is one.
                Where it is halted, closed or trading at last nothing is sent.
        """
        fresh = quotes(self._walk, self._listed, dice=self._dice)
        taking = self._taking(fresh, seen)
        if not phase.gathers and phase is not Phase.CONTINUOUS:
            return []
        gone = MassCancel(account=MARKET_MAKER, symbol=self._listed.symbol, source=SOURCE, sent_at=at)
        made = [self._order(MARKET_MAKER, quote, ids=ids, at=at) for quote in fresh if self._may(quote)]
        taken = [self._order(FLOW, taking, ids=ids, at=at)] if taking and self._may(taking) else []
        if phase.gathers:
            taken = [replace(order, tif=TimeInForce.GFA) for order in taken]
        return [gone, *made, *taken]

    def _may(self, quote: Quote) -> bool:
        return self._band is None or self._band.has(quote.limit)

    def _taking(self, fresh: Sequence[Quote], seen: Indicators) -> Quote | None:
        best = {quote.side: quote.limit for quote in reversed(fresh)}
        return crossing(self._walk, self._listed, dice=self._dice, best=best, seen=seen)

    def _order(self, account: str, quote: Quote, *, ids: Numbering, at: Nanos) -> NewOrder:
        """Return the command that places `quote`: it lives for the day if the maker's, else not beyond its trades."""
        return NewOrder(
            account=account,
            cl_ord_id=ids.next_id(account),
            symbol=self._listed.symbol,
            side=quote.side,
            qty=quote.qty,
            limit=quote.limit,
            tif=TimeInForce.DAY if account == MARKET_MAKER else TimeInForce.IOC,
            source=SOURCE,
            sent_at=at,
        )
