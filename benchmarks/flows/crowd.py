"""A crowd that trades: it writes commands, and knows which of its orders are live.

The generators draw from it what a market would have drawn from its own reports: a live order to cancel or to move, or a
dead one. Two heaps of (price, place) tell who meets whom; an entry whose place is no longer its order's is passed over.
What the crowd counts (trades, resting orders) is a third opinion on what the books under test must find.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from stockex.core.matching.compiled import records
from stockex.vocabulary.enums import OrdType, SelfTrade, TimeInForce

Commands = npt.NDArray[np.void]
"""An array of `records.COMMAND`."""

TICK: Final = 100
"""One cent in 1/10 000 euro; the crowd thinks in ticks."""

FIRST_OFFSET: Final = 16
START: Final = 1_767_600_000_000_000_000
"""The log's time of the first command: 5 January 2026; one command a microsecond."""

DAY, IOC = (records.TIFS.index(tif) for tif in (TimeInForce.DAY, TimeInForce.IOC))
LIMIT, MARKET = (records.ORD_TYPES.index(kind) for kind in (OrdType.LIMIT, OrdType.MARKET))
ALLOW: Final = records.SELF_TRADES.index(SelfTrade.ALLOW) + 1
"""Other books know no self-trade prevention: with it, the trades would differ."""

_COLUMNS: Final = ("kind", "client", "target", "account", "side", "ord_type", "tif", "flags", "price", "qty")
_PRICED: Final = records.HAS_PRICE
_BOTH: Final = records.HAS_PRICE | records.HAS_QTY


@dataclass(frozen=True)
class Counts:
    """What a flow came to: what its shares are told from."""

    messages: int
    news: int
    iocs: int
    markets: int
    cancels: int
    replaces: int
    stale: int
    trades: int
    traded_qty: int
    trading: int
    resting: int
    peak: int
    lowest: int
    highest: int

    def lines(self) -> Iterator[str]:
        """Yield the shares, for reading."""
        total = self.messages
        yield (
            f"{total:,} messages: {self.news / total:.1%} new, {self.cancels / total:.1%} cancels, "
            f"{self.replaces / total:.1%} replaces; {self.iocs / total:.1%} IOC, {self.markets / total:.1%} market"
        )
        yield (
            f"{self.stale / total:.2%} aim at dead orders; {self.trading / total:.2%} trade as they come in, "
            f"{self.trades:,} trades, {self.trades / total:.3f} a message"
        )
        yield (
            f"{self.resting:,} orders rest at the end, {self.peak:,} at most; "
            f"prices {self.lowest * TICK / 10_000:.2f} to {self.highest * TICK / 10_000:.2f}"
        )


class Crowd:
    """Writes commands for one symbol. Orders are named by their client id, counted from 0."""

    def __init__(self, dice: Random, *, accounts: int) -> None:
        self.dice = dice
        self.live: list[int] = []
        self.dead: list[int] = []
        self._accounts = accounts
        self._rows = array("q")
        self._heaps: tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]] = ([], [])
        self._at: dict[int, int] = {}
        self._side, self._account, self._price = bytearray(), array("i"), array("q")
        self._leaves, self._cum, self._place = array("q"), array("q"), array("q")
        self._places = self._iocs = self._markets = self._stale = 0
        self._trades = self._traded_qty = self._trading = self._peak = 0

    @property
    def messages(self) -> int:
        """How many commands are written."""
        return len(self._rows) // len(_COLUMNS)

    def side(self, order: int) -> int:
        """Return the side of an order."""
        return self._side[order]

    def price(self, order: int) -> int:
        """Return the limit of an order, in ticks."""
        return self._price[order]

    def qty(self, order: int) -> int:
        """Return the total quantity of an order."""
        return self._leaves[order] + self._cum[order]

    def filled(self, order: int) -> int:
        """Return how much of an order has traded."""
        return self._cum[order]

    def best(self, side: int) -> int | None:
        """Return the best price of `side`, in ticks."""
        heap = self._heaps[side]
        while heap:
            key, place, order = heap[0]
            if self._place[order] == place:
                return key if side == records.SELL else -key
            heappop(heap)
        return None

    def limit(self, side: int, price: int, *, qty: int, tif: int = DAY) -> int:
        """Write a limit order; return its id."""
        order = self._new(side, price, qty=qty)
        account = self._account[order]
        row = (records.NEW, order, records.NONE, account, side, LIMIT, tif, _PRICED, price * TICK, qty)
        self._rows.extend(row)
        self._iocs += tif == IOC
        if self._match(order) and tif == DAY:
            self._rest(order)
        else:
            self.dead.append(order)
        return order

    def market(self, side: int, qty: int) -> int:
        """Write a market order; return its id. What the other side cannot fill is cancelled."""
        order = self._new(side, 2**31 if side == records.BUY else 0, qty=qty)
        row = (records.NEW, order, records.NONE, self._account[order], side, MARKET, DAY, 0, 0, qty)
        self._rows.extend(row)
        self._markets += 1
        self._match(order)
        self.dead.append(order)
        return order

    def cancel(self, order: int) -> None:
        """Write a cancel of an order, live or dead."""
        self._rows.extend((records.CANCEL, records.NONE, order, self._account[order], 0, 0, 0, 0, 0, 0))
        if self.is_live(order):
            self._remove(order)
        else:
            self._stale += 1

    def replace(self, order: int, *, price: int, qty: int) -> None:
        """Write a replacement with both a price and a total quantity, above what is filled, of an order."""
        account = self._account[order]
        self._rows.extend((records.REPLACE, records.NONE, order, account, 0, 0, 0, _BOTH, price * TICK, qty))
        if not self.is_live(order):
            self._stale += 1
            return
        leaves = qty - self._cum[order]
        keeps_place = price == self._price[order] and leaves <= self._leaves[order]
        self._price[order], self._leaves[order] = price, leaves
        if not keeps_place:
            self._place[order] = 0
            if self._match(order):
                self._enter(order)
            else:
                self._forget(order)

    def is_live(self, order: int) -> bool:
        """Say whether an order rests in the book."""
        return self._place[order] != 0

    def commands(self) -> Commands:
        """Return all that is written, in order."""
        rows = np.frombuffer(self._rows, dtype=np.int64).reshape(-1, len(_COLUMNS))
        commands = np.zeros(len(rows), dtype=records.COMMAND)
        for column, name in enumerate(_COLUMNS):
            commands[name] = rows[:, column]
        commands["self_trade"][commands["kind"] == records.NEW] = ALLOW
        commands["offset"] = np.arange(len(rows)) + FIRST_OFFSET
        commands["at"] = START + 1_000 * np.arange(len(rows))
        return commands

    def counts(self) -> Counts:
        """Return what it came to so far."""
        kinds = self._rows[:: len(_COLUMNS)]
        prices = [price for price in self._price if 0 < price < 2**31]
        return Counts(
            messages=len(kinds),
            news=kinds.count(records.NEW),
            iocs=self._iocs,
            markets=self._markets,
            cancels=kinds.count(records.CANCEL),
            replaces=kinds.count(records.REPLACE),
            stale=self._stale,
            trades=self._trades,
            traded_qty=self._traded_qty,
            trading=self._trading,
            resting=len(self.live),
            peak=self._peak,
            lowest=min(prices),
            highest=max(prices),
        )

    def _new(self, side: int, price: int, *, qty: int) -> int:
        order = len(self._side)
        self._side.append(side)
        self._price.append(price)
        self._leaves.append(qty)
        self._account.append(int(self.dice.random() * self._accounts))
        self._cum.append(0)
        self._place.append(0)
        return order

    def _match(self, order: int) -> int:
        """Trade an incoming order; return what it leaves."""
        side, left = self._side[order], self._leaves[order]
        heap = self._heaps[1 - side]
        bound = self._price[order] if side == records.BUY else -self._price[order]
        trades = self._trades
        while left and heap and heap[0][0] <= bound:
            _, place, other = heap[0]
            if self._place[other] != place:
                heappop(heap)
                continue
            qty = min(left, self._leaves[other])
            left -= qty
            self._trades += 1
            self._traded_qty += qty
            self._cum[order] += qty
            self._cum[other] += qty
            self._leaves[other] -= qty
            if not self._leaves[other]:
                heappop(heap)
                self._remove(other)
        self._trading += self._trades > trades
        self._leaves[order] = left
        return left

    def _rest(self, order: int) -> None:
        self._at[order] = len(self.live)
        self.live.append(order)
        self._peak = max(self._peak, len(self.live))
        self._enter(order)

    def _enter(self, order: int) -> None:
        """Put a live order last in the queue at its price."""
        self._places += 1
        self._place[order] = self._places
        side, price = self._side[order], self._price[order]
        heappush(self._heaps[side], (price if side == records.SELL else -price, self._places, order))

    def _remove(self, order: int) -> None:
        self._place[order] = 0
        self._forget(order)

    def _forget(self, order: int) -> None:
        """Take an order off the live ones: the last of them takes its seat."""
        last = self.live.pop()
        seat = self._at.pop(order)
        if last != order:
            self.live[seat] = last
            self._at[last] = seat
        self.dead.append(order)
