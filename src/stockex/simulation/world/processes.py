"""The processes of the exchange: each runs real services over a connection of its own, and may die at any step.

one process                      four processes
───────────                      ──────────────
exchange: everything, as         matcher: matcher, clock
`stockex up` builds it           front: recorder, gateway
                                 traders: recorder, feeder, members
                                 clearing: clearing house
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Clock as WallClock
from stockex.bus.patient import PatientBus
from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.errors import LogClosed, LogError
from stockex.messages.topics import Topic
from stockex.services.clearing_house import ClearingHouse
from stockex.services.clock import Clock
from stockex.services.feeder import Feeder
from stockex.services.matcher import Matcher, recovered
from stockex.services.members import Members
from stockex.services.opening import Missing, set_up
from stockex.services.recorder import Projection, Recorder
from stockex.simulation.world.disk import Disk, DiskFiles
from stockex.simulation.world.log import Connection, SimulatedLog
from stockex.simulation.world.loop import OWNER, Owner, WorldLoop
from stockex.web.gateway import Gateway
from stockex.web.parts import Batch

Task = asyncio.Task[None]

ONE: Final = {"exchange": frozenset({"matcher", "front", "traders", "clearing"})}
"""Everything in one process."""

FOUR: Final = {duty: frozenset({duty}) for duty in ("matcher", "front", "traders", "clearing")}
"""A process for each duty."""


@dataclass(frozen=True)
class Kit:
    """The classes that a world is built of: the real ones. A test plants a fault by putting in another."""

    log: type[SimulatedLog] = SimulatedLog
    checkpoints: type[Checkpoints] = Checkpoints
    recovered: Callable[..., Exchange] = recovered
    matcher: type[Matcher] = Matcher
    recorder: type[Recorder] = Recorder
    house: type[House] = House
    clearing_house: type[ClearingHouse] = ClearingHouse
    gateway: type[Gateway] = Gateway


class Habits(NamedTuple):
    """How a world runs its services: when they save, how fast they trade, and what they find missing at a start."""

    every: int
    tick_s: float
    interval_s: float
    seed: int
    missing: Missing


@dataclass
class Views:
    """The projections of one process; those that nobody needs are not fed."""

    market: Market
    bars: Bars
    blotter: Blotter
    house: House
    switches: Switches


@dataclass(eq=False)
class Process(Owner):
    """One life of a process. `loop`, `clock`, `bus` and `checkpoints` are its whole world.

    `gateway`, `matcher` and `views` are None until they work.
    """

    name: str
    duties: frozenset[str]
    loop: WorldLoop
    kit: Kit
    bus: Connection
    disk: Disk
    clock: WallClock
    habits: Habits
    shown: Callable[["Process", Batch], None]
    is_dead: bool = False
    gateway: Gateway | None = None
    matcher: Matcher | None = None
    views: Views | None = None
    main: Task = field(init=False)

    def __post_init__(self) -> None:
        """Begin to live."""
        self.files = DiskFiles(self.disk)
        self.checkpoints = self.kit.checkpoints(Path(self.name), files=self.files)
        self.projections: list[Projection] = []
        self._requests: list[Task] = []
        self._stopping = asyncio.Event()
        self.main = self._spawned(self._live())

    def serve(self, request: Coroutine[object, object, None]) -> None:
        """Run a request of a client in this process."""
        self._requests = [task for task in self._requests if not task.done()]
        self._requests.append(self._spawned(request))

    def kill(self) -> None:
        """End this life at once: whatever its code still does reaches nobody."""
        if not self.is_dead:
            self.is_dead = True
            self.paused_until = 0.0
            self.bus.cut_off(LogClosed(f"{self.name} was killed"))
            self.files.is_cut_off = True
            for task in (self.main, *self._requests):
                task.cancel()

    def stop(self) -> None:
        """Ask for an orderly end."""
        self._stopping.set()

    def _spawned(self, work: Coroutine[object, object, None]) -> Task:
        context = copy_context()
        context.run(OWNER.set, self)
        return self.loop.create_task(work, context=context)

    async def _live(self) -> None:
        """Run until an orderly end, or until the log is lost; any other end is a fault."""
        try:
            await self._work()
        except* LogError:
            pass
        finally:
            self.is_dead = True
            self.files.is_cut_off = True
            self.gateway = None

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            carrying: list[Task] = []
            trading: list[Task] = []
            if "matcher" in self.duties:
                trading.append(await self._begin_matching(group, carrying))
            if self.duties & {"front", "traders"}:
                trading += await self._begin_showing(group, carrying)
            if "clearing" in self.duties:
                trading.append(group.create_task(self.kit.clearing_house(PatientBus(self.bus)).serve()))
            await self._stopping.wait()
            self.gateway = None
            await _cancelled(trading)
            if self.matcher is not None:
                await self.matcher.reached(await self.bus.end(Topic.ORDERS) - 1)
            await _cancelled(carrying)
        if self.matcher is not None:
            await self.matcher.save()
        await self.bus.close()

    async def _begin_matching(self, group: asyncio.TaskGroup, carrying: list[Task]) -> Task:
        """Start the matcher and set the exchange up; return the clock's task."""
        bus = PatientBus(self.bus)
        exchange = self.kit.recovered(self.checkpoints, end=await self.bus.end(Topic.ORDERS))
        matcher = self.kit.matcher(bus, exchange, checkpoints=self.checkpoints, every=self.habits.every)
        carrying.append(group.create_task(matcher.serve()))
        await set_up(self.bus, matcher, missing=self.habits.missing)
        self.matcher = matcher
        clock = Clock(bus, due=lambda: matcher.exchange.due, reached=matcher.reached, clock=self.clock)
        return group.create_task(clock.serve())

    async def _begin_showing(self, group: asyncio.TaskGroup, carrying: list[Task]) -> list[Task]:
        """Start the recorder, and when it has caught up open the gateway, or let the feeder and the members trade."""
        views = Views(Market(), Bars(), Blotter(), self.kit.house(), Switches())
        self.projections = [views.market, views.blotter, views.house]
        if "front" in self.duties:
            self.projections += [views.bars, views.switches]
        recorder = self.kit.recorder(
            self.bus, self.projections, checkpoints=self.checkpoints, every=self.habits.every * 3
        )
        carrying.append(group.create_task(recorder.serve()))
        recorder.listen(lambda batch: self.shown(self, batch))
        await recorder.caught_up()
        self.views = views
        if "front" in self.duties:
            gateway = self.kit.gateway(self.bus)
            recorder.listen(gateway.hear)
            self.gateway = gateway
        if "traders" not in self.duties:
            return []
        bus, habits = PatientBus(self.bus), self.habits
        feeder = Feeder(bus, views.market, clock=self.clock, seed=habits.seed, tick_s=habits.tick_s)
        members = Members(
            bus,
            views.market,
            views.house,
            views.blotter,
            clock=self.clock,
            seed=habits.seed,
            interval_s=habits.interval_s,
        )
        return [group.create_task(feeder.serve()), group.create_task(members.serve())]


async def _cancelled(tasks: Collection[Task]) -> None:
    """Cancel the tasks and wait until they have ended, as the application does."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
