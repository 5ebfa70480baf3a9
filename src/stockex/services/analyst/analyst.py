"""The analyst: publishes an insight every so often while there is trading, and when something happens."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from stockex.bus.interface import Bus, Clock
from stockex.core.analyst.picture import Picture, taken
from stockex.core.analyst.remarks import comment
from stockex.core.analyst.window import Window
from stockex.core.clearing.house import House
from stockex.core.market_data.market import Market
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Record
from stockex.messages.market_data import Insight, Statement
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Sieve
from stockex.vocabulary.enums import InsightCause
from stockex.vocabulary.units import Nanos

RULES: Final = "rules"
"""The source of what no model said."""

SETTLE: Final = 1_000_000_000
"""How long after an event its insight comes, in nanoseconds: what belongs to it is known by then."""

GAP: Final = 15_000_000_000
"""The least time between two insights, in nanoseconds."""

FIRST: Final = 20_000_000_000
"""How long after its start the analyst says something at first, in nanoseconds, unless its interval is shorter."""

WATCHED: Final = 100
"""How many securities are looked at, so that a market of thousands costs no more."""

_LOOK_S: Final = 0.25


class Worded(NamedTuple):
    """Words for an insight, by whom, and why others gave none."""

    text: str
    source: str
    note: str = ""


class Speaker(Protocol):
    """Somebody who puts sentences into other words."""

    async def words(self, statements: Sequence[Statement]) -> Worded:
        """Return words for these sentences, in bounded time; without any, an empty text and why."""

    async def aclose(self) -> None:
        """Let go of what is open."""


@dataclass
class Analyst:
    """Follow what a recorder hears, and comment on it. `market` and `house` are kept current by that recorder."""

    bus: Bus
    market: Market
    house: House
    clock: Clock = field(kw_only=True)
    interval_s: float = field(kw_only=True)
    speaker: Speaker | None = field(kw_only=True, default=None)

    def __post_init__(self) -> None:
        """Begin with an empty window."""
        self._window = Window()
        self._interval = round(self.interval_s * 1_000_000_000)
        self._before: Picture | None = None
        self._covered = -1
        self._told_at = self._asked_at = Nanos(0)

    def hear(self, batch: Sequence[tuple[Record, Message]]) -> None:
        """Take in a batch of the log. Facts of commands that an insight has covered are passed over."""
        had_cause = self._window.cause is not None
        for _, message in batch:
            if getattr(message, "offset", self._covered + 1) > self._covered:
                self._window.apply(message)
        if not had_cause and self._window.cause is not None:
            self._asked_at = self.clock()

    async def serve(self) -> None:
        """Comment until cancelled. Raises: LogError: an insight could not be appended."""
        await self.begin()
        try:
            while True:
                await self.step()
                await asyncio.sleep(_LOOK_S)
        finally:
            if self.speaker is not None:
                await self.speaker.aclose()

    async def begin(self) -> None:
        """Find out what has been said already; and where prices stand."""
        sieve = Sieve((Topic.AI_INSIGHTS,))
        said = [sieve.read(record) for record in await self.bus.last(Topic.AI_INSIGHTS)]
        self._covered = max((each.last for each in said if isinstance(each, Insight)), default=-1)
        for symbol in self.market.instruments:
            self._window.prices.setdefault(symbol, self.market.mark(symbol))
        self._told_at = Nanos(self.clock() - self._interval + min(FIRST, self._interval))

    async def step(self) -> None:
        """Publish an insight if one is due."""
        now, cause = self.clock(), self._due()
        if cause is None:
            return
        window, self._window = self._window, self._window.next()
        picture = taken(self.market, self.house, symbols=self._watched(window))
        statements = tuple(comment(window, before=self._before, now=picture))
        self._before, self._told_at = picture, now
        self._covered = max(self._covered, window.last)
        worded = Worded(" ".join(each.text for each in statements), RULES)
        if self.speaker is not None:
            spoken = await self.speaker.words(statements)
            worded = spoken if spoken.text else worded._replace(note=spoken.note)
        insight = Insight(
            text=worded.text,
            at=now,
            source=worded.source,
            note=worded.note,
            cause=cause,
            day=self.market.session().day,
            statements=statements,
            first=window.first,
            last=window.last,
        )
        await self.bus.append([entry_of(insight)])

    def _watched(self, window: Window) -> list[str]:
        """Return which securities are looked at: the first listed and the most traded ones, so many of each."""
        traded = sorted(window.spans, key=lambda symbol: -window.spans[symbol].value)
        return list(dict.fromkeys((*list(self.market.instruments)[:WATCHED], *traded[:WATCHED])))

    def _due(self) -> InsightCause | None:
        """Return why an insight is due now, None if none is. A clock that was set back delays none for long."""
        now, cause = self.clock(), self._window.cause
        since = now - self._told_at
        if cause is not None:
            is_due = (now - self._asked_at >= SETTLE and since >= GAP) or since < 0
            return cause if is_due else None
        is_trading = self.market.session().active and bool(self._window.spans)
        return InsightCause.INTERVAL if is_trading and not 0 <= since < self._interval else None
