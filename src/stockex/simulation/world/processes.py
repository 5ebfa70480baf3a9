"""The processes of the exchange: each runs real services over a connection of its own, and may die at any step.

| one process, as `stockex up` | five processes, as `stockex run` |
| --- | --- |
| exchange: everything | matcher: matcher, clock |
| | dashboard: recorder, gateway, stream, an exchange that follows the matcher's |
| | feeder: recorder, feeder |
| | members: recorder, members |
| | clearing: clearing house |
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.credentials import Credentials
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
from stockex.services.engines.choosing import engine_on
from stockex.services.explainer import Explainer
from stockex.services.feeder import Feeder
from stockex.services.matcher import Matcher, Shadow, recovered
from stockex.services.members import Members
from stockex.services.opening import Missing, set_up
from stockex.services.recorder import Recorder
from stockex.services.trust.projections import Projection
from stockex.simulation.world.disk import Disk, DiskFiles
from stockex.simulation.world.log import Connection, SimulatedLog
from stockex.simulation.world.loop import OWNER, Owner, WorldLoop
from stockex.vocabulary.services import LiveBook
from stockex.web.gateway import Gateway
from stockex.web.parts import Batch, Parts
from stockex.web.stream.hub import Hub

Task = asyncio.Task[None]

SERVICES: Final = ("matcher", "dashboard", "feeder", "members", "clearing")
"""What there is to run."""

ONE: Final = {"exchange": frozenset(SERVICES)}
"""Everything in one process."""

FIVE: Final = {service: frozenset({service}) for service in SERVICES}
"""A process for each service."""

_SHOWING: Final = frozenset({"dashboard", "feeder", "members"})


@dataclass(frozen=True)
class Kit:
    """The classes that a world is built of: the real ones. A test plants a fault by putting in another."""

    log: type[SimulatedLog] = SimulatedLog
    checkpoints: type[Checkpoints] = Checkpoints
    recovered: Callable[..., Exchange] = recovered
    matcher: type[Matcher] = Matcher
    shadow: type[Shadow] = Shadow
    recorder: type[Recorder] = Recorder
    house: type[House] = House
    clearing_house: type[ClearingHouse] = ClearingHouse
    gateway: type[Gateway] = Gateway


class Habits(NamedTuple):
    """How a world runs its services: when they save, how fast they trade, what they find missing, and on which book."""

    every: int
    tick_s: float
    interval_s: float
    seed: int
    missing: Missing
    book: Callable[[], LiveBook]


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

    `gateway`, `hub`, `explainer`, `matcher` and `views` are None until they work.
    """

    name: str
    services: frozenset[str]
    loop: WorldLoop
    kit: Kit
    bus: Connection
    disk: Disk
    clock: WallClock
    habits: Habits
    shown: Callable[["Process", Batch], None]
    is_dead: bool = False
    gateway: Gateway | None = None
    hub: Hub | None = None
    explainer: Explainer | None = None
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
            self.gateway = self.hub = None

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            carrying: list[Task] = []
            if self.services & {"matcher", "dashboard"}:
                await self._begin_matching(group, carrying)
            views = await self._begin_showing(group, carrying) if self.services & _SHOWING else None
            trading = [group.create_task(each) for each in self._trading(views)]
            await self._stopping.wait()
            if self.hub is not None:
                self.hub.close()
            self.gateway = self.hub = None
            await _cancelled(trading)
            if self.matcher is not None and "matcher" in self.services:
                await self.matcher.reached(await self.bus.end(Topic.ORDERS) - 1)
            await _cancelled(carrying)
        if self.matcher is not None:
            await self.matcher.save()
        await self.bus.close()

    async def _begin_matching(self, group: asyncio.TaskGroup, carrying: list[Task]) -> None:
        """Start the matcher and set the exchange up; or start one that follows it."""
        exchange = self.kit.recovered(self.checkpoints, end=await self.bus.end(Topic.ORDERS))
        engine = engine_on(self.habits.book(), exchange)
        self.explainer = Explainer(lambda since: self.bus.recorded(Topic.ORDERS, since=since), lambda: engine.exchange)
        self.explainer.keep(engine.next_offset, engine.dump())
        kind = self.kit.matcher if "matcher" in self.services else self.kit.shadow
        matcher = kind(
            PatientBus(self.bus),
            engine,
            checkpoints=self.checkpoints,
            keep=self.explainer.keep,
            every=self.habits.every,
        )
        carrying.append(group.create_task(matcher.serve()))
        if "matcher" in self.services:
            await set_up(self.bus, matcher, missing=self.habits.missing)
        self.matcher = matcher

    async def _begin_showing(self, group: asyncio.TaskGroup, carrying: list[Task]) -> Views:
        """Start the recorder, and when it has caught up open the gateway and the stream."""
        views = Views(Market(), Bars(), Blotter(), self.kit.house(), Switches())
        self.projections = [views.market]
        if self.services & {"dashboard", "members"}:
            self.projections += [views.blotter, views.house]
        if "dashboard" in self.services:
            self.projections += [views.bars, views.switches]
        recorder = self.kit.recorder(
            self.bus, self.projections, checkpoints=self.checkpoints, every=self.habits.every * 3
        )
        carrying.append(group.create_task(recorder.serve()))
        recorder.listen(lambda batch: self.shown(self, batch))
        await recorder.caught_up()
        self.views = views
        if "dashboard" in self.services:
            assert self.explainer is not None, "whoever shows has an exchange"
            hub = Hub(self._parts(views, recorder, explainer=self.explainer))
            self.gateway, self.hub = self.kit.gateway(self.bus), hub
            recorder.listen(self.gateway.hear)
            recorder.listen(self.hub.hear)
        return views

    def _trading(self, views: Views | None) -> Iterator[Coroutine[object, object, None]]:
        """Yield what the services do that end first."""
        bus, habits, matcher = PatientBus(self.bus), self.habits, self.matcher
        if "matcher" in self.services and matcher is not None:
            yield Clock(bus, due=lambda: matcher.engine.due, reached=matcher.reached, clock=self.clock).serve()
        if self.hub is not None:
            yield self.hub.serve()
        if "feeder" in self.services and views is not None:
            yield Feeder(bus, views.market, clock=self.clock, seed=habits.seed, tick_s=habits.tick_s).serve()
        if "members" in self.services and views is not None:
            yield Members(
                bus,
                views.market,
                views.house,
                views.blotter,
                clock=self.clock,
                seed=habits.seed,
                interval_s=habits.interval_s,
            ).serve()
        if "clearing" in self.services:
            yield self.kit.clearing_house(bus).serve()

    def _parts(self, views: Views, recorder: Recorder, *, explainer: Explainer) -> Parts:
        """Return what the web is built from; nobody logs in."""
        return Parts(
            bus=self.bus,
            clock=self.clock,
            market=views.market,
            bars=views.bars,
            blotter=views.blotter,
            house=views.house,
            switches=views.switches,
            recorder=recorder,
            explainer=explainer,
            credentials=Credentials(secret=b"", hashes=None, generated={}),
            demo=True,
            ready=lambda: None,
        )


async def _cancelled(tasks: Collection[Task]) -> None:
    """Cancel the tasks and wait until they have ended, as the application does."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
