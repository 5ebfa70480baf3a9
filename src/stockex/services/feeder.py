"""The feeder: quotes every security while the session is open, so that there is always a market."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from stockex.bus.interface import Bus, Clock
from stockex.core.dice import Dice, number_of
from stockex.core.feeder.maker import Maker, Numbering
from stockex.core.market_data.indicators import indicators
from stockex.core.market_data.market import Market
from stockex.messages.codec import entry_of
from stockex.messages.control import Resumed, Started, Stopped, Suspended
from stockex.messages.envelope import Record
from stockex.messages.market_data import Snapshot
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Sieve
from stockex.vocabulary.units import UNITS_PER_EURO, Price

MIDS_KEPT: Final = 60
"""How many mid prices the indicators see."""

_NANOS_PER_MS: Final = 1_000_000


@dataclass(frozen=True)
class Stand:
    """One security's maker and the mids of the real book, in euro, at its last ticks."""

    maker: Maker
    mids: deque[float] = field(default_factory=lambda: deque(maxlen=MIDS_KEPT))


class Feeder:
    """Quotes one security after the other, each once every `tick_s` seconds.

    A walk begins at the day's reference price when the feeder hears the start. A feeder that comes into a running
    session goes on from where the market is. `market` must be caught up with the log when serving begins.
    """

    def __init__(self, bus: Bus, market: Market, *, clock: Clock, seed: int, tick_s: float) -> None:
        self._bus = bus
        self._market = market
        self._clock = clock
        self._tick_s = tick_s
        self._run = clock() // _NANOS_PER_MS
        self._ids = Numbering(self._run)
        self._seed = seed
        self._day_offset = 0
        self._is_late = False
        self._references: dict[str, Price] = {}
        self._stands: dict[str, Stand] = {}
        self._is_open = False
        self._sieve = Sieve((Topic.CONTROL,))
        self._trading = asyncio.Event()

    async def serve(self) -> None:
        """Quote until the log is closed. Raises: ExceptionGroup of LogError: a tick could not be appended."""
        async with asyncio.TaskGroup() as group:
            quoting = group.create_task(self._quote())
            await self._follow()
            quoting.cancel()

    async def tick(self, symbol: str) -> None:
        """Append one tick of a security in one batch: its new quotes, and a snapshot of the real book as it is now."""
        stand = self._stands.get(symbol) or self._begin(symbol)
        stand.maker.renew(self._market.instruments[symbol], band=self._market.band(symbol))
        stand.maker.step()
        stand.mids.append(self._market.mark(symbol) / UNITS_PER_EURO)
        seen = indicators(list(stand.mids), stand.maker.regime)
        at = self._clock()
        snapshot = Snapshot(symbol=symbol, **self._market.bbo(symbol)._asdict(), at=at, indicators=seen)
        commands = stand.maker.commands(seen, ids=self._ids, at=at, phase=self._market.phase(symbol))
        await self._bus.append([entry_of(each) for each in (*commands, snapshot)])

    async def _quote(self) -> None:
        """Take turns, evenly spread, while trading; after a delay go on, without catching up."""
        loop = asyncio.get_running_loop()
        turn, due = 0, loop.time()
        while True:
            await self._trading.wait()
            symbols = tuple(self._market.instruments)
            if symbols:
                await self.tick(symbols[turn % len(symbols)])
                turn += 1
            due = max(due + self._tick_s / max(len(symbols), 1), loop.time())
            await asyncio.sleep(due - loop.time())

    async def _follow(self) -> None:
        """Follow the session. What was in the log before only says whether it is open now."""
        newest = await self._bus.last(Topic.CONTROL)
        known = newest[-1].offset if newest else -1
        async for batch in self._bus.read({Topic.CONTROL: 0}):
            for record in batch:
                self._hear(record, is_new=record.offset > known)
                if self._is_open and record.offset >= known:
                    self._trading.set()
                else:
                    self._trading.clear()

    def _hear(self, record: Record, *, is_new: bool) -> None:
        match self._sieve.read(record):
            case Started() as started:
                self._is_open = True
                self._start(started, is_new=is_new)
            case Resumed():
                self._is_open = True
            case Suspended() | Stopped():
                self._is_open = False
            case _:
                pass

    def _start(self, started: Started, *, is_new: bool) -> None:
        """Begin all walks anew: at the references, or where the market is by now."""
        self._stands.clear()
        self._references = started.references if is_new else {}
        self._day_offset = started.offset
        self._is_late = not is_new

    def _begin(self, symbol: str) -> Stand:
        """Begin a walk. Where trading went on before this run its dice are new: the day's first ones were thrown."""
        start = self._references.get(symbol) or self._market.mark(symbol)
        seeds = [self._seed, self._day_offset, number_of(symbol)]
        if self._is_late and self._market.ticker(symbol).trades:
            seeds.append(self._run)
        dice = Dice(*seeds)
        stand = self._stands[symbol] = Stand(Maker(self._market.instruments[symbol], start=start, dice=dice))
        return stand
