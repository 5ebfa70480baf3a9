"""Records a day: the feeder, the members and a crowd trade through all phases on an embedded log."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.profiles import profile, profile_names
from stockex.adapters.securities import securities
from stockex.bus.sqlite import SqliteBus
from stockex.core.clearing.house import House
from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.genesis import genesis, opening
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.journal import LOG_FILE
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Record
from stockex.messages.orders import AnyCommand, ChangePhase, ChangeSession
from stockex.messages.topics import Topic
from stockex.services.clearing_house import ClearingHouse
from stockex.services.clock import Clock
from stockex.services.engines.choosing import engine_on, has_compiled
from stockex.services.feeder import Feeder
from stockex.services.matcher import Matcher
from stockex.services.members import Members
from stockex.services.recorder import Recorder
from stockex.torture.days.crowd import Crowd
from stockex.vocabulary.accounts import OPERATOR
from stockex.vocabulary.enums import Phase, PhaseAction, SessionAction
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos

SYMBOLS: Final = 4
"""So many instruments are traded; two are halted on the way."""

_BEGIN: Final = 1_795_600_800_000_000_000
_MILLISECOND: Final = 1_000_000


class Day(NamedTuple):
    """A recorded day: the state at its end as the live exchange had it, and the phases that it went through."""

    folder: Path
    offset: int
    digest: str
    phases: frozenset[Phase]


@dataclass
class _Hand:
    """A clock that somebody moves."""

    at: int = _BEGIN

    def __call__(self) -> Nanos:
        return Nanos(self.at)


class _Exchange:
    """All parts of an exchange on one log."""

    def __init__(self, bus: SqliteBus, clock: _Hand, *, folder: Path, seed: int) -> None:
        self.bus, self.clock = bus, clock
        self.market, self.house, self.blotter = Market(), House(), Blotter()
        views = (self.market, self.house, self.blotter)
        book = LiveBook.COMPILED if has_compiled() else LiveBook.PLAIN
        self.matcher = Matcher(bus, engine_on(book, Exchange()), checkpoints=Checkpoints(folder / "engine"))
        self.recorder = Recorder(bus, views, checkpoints=Checkpoints(folder / "views"))
        self.feeder = Feeder(bus, self.market, clock=clock, seed=seed, tick_s=1)
        self.members = Members(bus, *views, clock=clock, seed=seed, interval_s=30)
        self.settling = ClearingHouse(bus)
        self.timer = Clock(bus, due=lambda: self.matcher.engine.due, reached=self.matcher.reached, clock=clock)
        self.dice = Dice(seed)
        self.crowd = Crowd(self.market, self.blotter, clock=clock, dice=self.dice)
        self.phases: set[Phase] = set()
        self.shown = dict.fromkeys((topic for view in views for topic in view.topics), 0)
        self.heard = asyncio.Event()
        self.recorder.listen(self._hear)

    def _hear(self, heard: Sequence[tuple[Record, Message]]) -> None:
        """Note up to which offset of each topic all views show what is published."""
        self.shown.update({record.topic: record.offset + 1 for record, _ in heard})
        self.heard.set()

    async def obeyed(self, *commands: AnyCommand) -> None:
        """Append commands, and wait until all views show what they caused."""
        if commands:
            await self.bus.append([entry_of(command) for command in commands])
        await self.matcher.reached(await self.bus.end(Topic.ORDERS) - 1)
        ends = {topic: await self.bus.end(topic) for topic in self.shown}
        while any(self.shown[topic] < end for topic, end in ends.items()):
            self.heard.clear()
            await self.heard.wait()
        self.phases |= {self.market.phase(symbol) for symbol in self.market.instruments}

    async def trade(self, steps: int) -> None:
        """Let time pass, and the feeder, the members and the crowd act, so many times."""
        for _ in range(steps):
            self.clock.at += self.dice.integer(1, 2_000) * _MILLISECOND
            match self.dice.integer(1, 4):
                case 1:
                    await self.feeder.tick(self.dice.choose(tuple(self.market.instruments)))
                case 2:
                    await self.members.step()
                case _:
                    await self.bus.append([entry_of(self.crowd.command())])
            await self.timer.look()
            await self.obeyed()


async def recorded(folder: Path, *, seed: int, steps: int) -> Day:
    """Record the day of a seed in `folder`, about `steps` times an act of somebody; under the rules of a profile.

    It trades on the compiled book where the extra `fast` is installed; who replays it does so on the plain one.
    """
    clock = _Hand()
    bus = await SqliteBus.open(folder / LOG_FILE, clock=clock)
    exchange = _Exchange(bus, clock, folder=folder, seed=seed)
    parts = (exchange.matcher, exchange.recorder, exchange.settling)
    tasks = [asyncio.create_task(part.serve()) for part in parts]
    try:
        rules = profile(profile_names()[seed % len(profile_names())])
        listed = securities(None, more=False)[:SYMBOLS]
        await exchange.obeyed(*genesis(listed, accounts=(), symbols=(), rules=rules))
        acts = list(_acts())
        for act in acts:
            await exchange.obeyed(act)
            await exchange.trade(steps // len(acts))
        await exchange.obeyed()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bus.close()
    return Day(folder, *exchange.matcher.digest(), frozenset(exchange.phases))


def _acts() -> Iterator[AnyCommand]:
    """Yield what the operator does, one after the other: two days, of which the second begins and ends in order."""
    yield opening()
    for to in (PhaseAction.CALL, PhaseAction.UNCROSS):
        yield ChangePhase(to=to, seed=1)
    yield ChangeSession(action=SessionAction.SUSPEND, account=OPERATOR)
    yield ChangeSession(action=SessionAction.RESUME, account=OPERATOR)
    yield ChangePhase(to=PhaseAction.PRE_OPEN)
    yield ChangePhase(to=PhaseAction.OPENING_CALL, duration_s=20, random_s=10, seed=2)
    yield ChangePhase(to=PhaseAction.UNCROSS)
    yield ChangePhase(to=PhaseAction.HALT, symbol="ALPHA")
    yield ChangePhase(to=PhaseAction.RESUME, symbol="ALPHA")
    yield ChangePhase(to=PhaseAction.CLOSING_CALL)
    yield ChangePhase(to=PhaseAction.UNCROSS)
    yield ChangePhase(to=PhaseAction.TRADING_AT_LAST)
    yield ChangeSession(action=SessionAction.END, account=OPERATOR)
    yield ChangeSession(action=SessionAction.START, account=OPERATOR)
