"""Builds the exchange out of its parts, and runs them: all in one process, or one service a process on Kafka.

log ── matcher ── recorder ── feeder, members, clearing house, web

Nothing else builds anything.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final

import uvloop

from stockex import __version__, journal
from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.credentials import Credentials
from stockex.adapters.fix_sessions import fix_sessions
from stockex.adapters.process import calm_garbage_collector, spare_what_is_there
from stockex.adapters.securities import securities
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus, Led
from stockex.bus.keeping import Keeper, covered_by_all
from stockex.bus.past import PastBus
from stockex.bus.patient import PatientBus
from stockex.core.fix.powers.register import Powers
from stockex.errors import ConfigurationError, LogClosed, LogDamaged, LogError
from stockex.messages.topics import Topic
from stockex.services.analyst.analyst import Analyst
from stockex.services.analyst.newest import Newest
from stockex.services.clearing_house import ClearingHouse
from stockex.services.clock import Clock
from stockex.services.engines.changing import ChangingEngine
from stockex.services.engines.machine_code import have_machine_code
from stockex.services.engines.shown import Shown
from stockex.services.feeder import Feeder
from stockex.services.fix.building import clients_of, tls_of
from stockex.services.fix.service import FixGateway, Place
from stockex.services.members import Members
from stockex.services.opening import set_up
from stockex.services.recorder import Recorder
from stockex.services.shards.turn import Turn
from stockex.services.standby.heir import Heir
from stockex.services.standby.succession import Succession
from stockex.services.trust.causes import newest_cause
from stockex.serving import Door, log_to_stderr
from stockex.starting.minds import Mind, explainer_of, mind_of, missing, missing_in, shown_by
from stockex.starting.plan import SEATS, Plan, Say, credentials_of, place_of, powers_of
from stockex.starting.speaking import speaker_of
from stockex.starting.views import Views
from stockex.vocabulary.services import LiveBook, Service, Standing
from stockex.web.app import MATCHER_ROUTERS, ROUTERS, FixSite, Parts, create_app

_MANY: Final = 100_000
"""A start that has to read more records than this gets help."""

_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class Engine:
    """The log, the views of its facts, who may log in, the exchanges of this process, FIX's bad manners, what is said.

    `shards` is the log as each shard sees it, for whoever puts together what they tell. `own` is what a matcher in a
    process of its own shows in the place of views.
    """

    bus: Bus
    recorder: Recorder
    views: Views
    credentials: Credentials
    minds: Sequence[Mind]
    powers: Powers
    checkpoints: Checkpoints
    insights: Newest
    shards: Sequence[Led] = ()
    own: Shown | None = None

    async def reached(self, offset: int) -> None:
        """Wait until every exchange has obeyed the command at `offset`."""
        for mind in self.minds:
            await mind.matcher.reached(offset)


def run(settings: Settings, *, say: Say, service: Service | None = None) -> None:
    """Run the exchange, or one part of it, until SIGINT or SIGTERM.

    Raises:
        StockExError: the world does not let it start, or go on.
        BaseExceptionGroup: a service failed; all others were stopped.
    """
    if service is Service.FIX_UI:
        log_to_stderr(settings.log_level)
        uvloop.run(_fix_ui_alone(Plan(settings, say, service)))
        return
    if service is not None and settings.kafka_bootstrap is None:
        raise ConfigurationError(
            f"`run {service}` needs a log that processes share: set KAFKA_BOOTSTRAP (`make kafka`: localhost:9092); "
            f"`stockex up` runs everything in one process without it"
        )
    log_to_stderr(settings.log_level)
    uvloop.run(_serve(Plan(settings, say, service)))


async def _fix_ui_alone(plan: Plan) -> None:
    """Serve the FIX page, which needs no log, until SIGINT or SIGTERM."""
    plan.say(f"StockEx {__version__} {plan.service}")
    settings = plan.settings
    listed = tuple(each.symbol for each in securities(settings.securities_file, more=settings.more_securities))
    site = FixSite(place_of(settings, lambda: listed))
    door = Door(home=SEATS[Service.FIX_UI].home)
    async with door.open(plan.address) as port, site.running():
        door.site, door.why_not = site, None
        plan.say(f"address    http://localhost:{port}")
        await door.closed()


async def _serve(plan: Plan) -> None:
    """Open the door, work behind it, and end the work when the door is closed."""
    plan.say(f"StockEx {__version__}{f' {plan.service}' if plan.service else ''}")
    spare_what_is_there()
    door = Door(home=SEATS[plan.service].home if plan.service else {})
    async with door.open(plan.address) as port:
        working = asyncio.create_task(
            _work(plan, door, port=port) if plan.service is None else _keep_on(plan, door, port=port)
        )
        closed = asyncio.create_task(door.closed())
        await asyncio.wait({working, closed}, return_when=asyncio.FIRST_COMPLETED)
        if door.why_not is not None:
            working.cancel()
        closed.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _keep_on(plan: Plan, door: Door, *, port: int) -> None:
    """Work; whenever the broker or its topics are not there, say so, wait a little longer each time, and begin anew."""
    pause_s, told = _PAUSE_S, ""
    while True:
        try:
            return await _work(plan, door, port=port)
        except* LogError as faults:
            fault = _first(faults)
            if isinstance(fault, LogClosed | LogDamaged):
                raise
            why = str(fault)
        door.site, door.why_not = None, f"Waiting: {why}."
        if why != told:
            plan.say(f"waiting    {why}")
        told = why
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _first(faults: BaseExceptionGroup[BaseException]) -> BaseException:
    fault = faults.exceptions[0]
    return _first(fault) if isinstance(fault, BaseExceptionGroup) else fault


async def _work(plan: Plan, door: Door, *, port: int) -> None:
    """Carry records, trade and show until the door is closed."""
    began, settings = monotonic(), plan.settings
    async with _engine(plan) as engine, asyncio.TaskGroup() as group:
        door.why_not = "Reading the log."
        door.led = engine.bus if plan.stands_by and isinstance(engine.bus, Led) else None
        door.shards = engine.shards
        viewing = group.create_task(view(settings, engine.recorder))
        carrying = []
        for mind in engine.minds:
            matching = mind.matcher.engine
            if isinstance(matching, ChangingEngine):
                carrying.append(group.create_task(matching.serve()))
                await matching.before(await engine.bus.end(Topic.ORDERS) - matching.next_offset)
            carrying.append(group.create_task(mind.matcher.serve()))
        if plan.service is None:
            await set_up(engine.bus, engine.minds[0].matcher, missing=partial(missing, settings))
        await viewing
        carrying += await _read(plan, engine, group=group)
        commands = await engine.bus.end(Topic.ORDERS)
        if not plan.stands_by:
            await engine.reached(commands - 1)
        plan.say(f"log        {journal.place(settings)}, {commands:,} commands, read in {monotonic() - began:.1f} s")
        if plan.has_views:
            session = engine.views.market.session()
            plan.say(f"session    {session.phase.value.lower()}, day {session.day}")
        services = list(_services(plan, engine))
        trading = [group.create_task(each.serve()) for each in services if not isinstance(each, FixGateway)]
        calm_garbage_collector()
        async with _site(plan, engine, door=door):
            plan.say(f"address    http://localhost:{port}")
            trading += [group.create_task(each.serve()) for each in services if isinstance(each, FixGateway)]
            await door.closed()
        await _cancelled(trading)
        if plan.has(Service.MATCHER) and door.standing in {None, Standing.ACTIVE}:
            await engine.reached(await engine.bus.end(Topic.ORDERS) - 1)
        await _cancelled(carrying)
    if ends := [mind.matcher.digest() for mind in engine.minds]:
        plan.say(f"stopped    at offset {ends[0][0]}, state {' '.join(digest for _, digest in ends)}")


async def _read(plan: Plan, engine: Engine, *, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
    """Read what was told so far into the views or, without any, have it obeyed; return who reads on."""
    if not plan.has_views:
        await engine.reached(await newest_cause(engine.bus))
        return []
    reading = group.create_task(engine.recorder.serve())
    await engine.recorder.caught_up()
    return [reading]


async def view(settings: Settings, recorder: Recorder) -> None:
    """When no checkpoint spares the views a long log, have a process read it while this one replays the commands.

    Should it fail, the recorder reads the log itself.
    """
    if settings.kafka_bootstrap is None and await recorder.restore() > _MANY:
        words = ("-m", "stockex", "views", "--data", str(settings.data))
        child = await asyncio.create_subprocess_exec(sys.executable, *words)
        try:
            await child.wait()
        except asyncio.CancelledError:
            child.kill()
            raise


def save_views(settings: Settings) -> None:
    """Read the embedded log, beside whoever writes it, and save the checkpoint of its views. Raises: LogError."""
    calm_garbage_collector()
    bus = PastBus(settings.data / journal.LOG_FILE)
    asyncio.run(Recorder(bus, Views.empty().of(None), checkpoints=journal.checkpoints(settings)).serve())


async def _cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel the tasks and wait until they have ended; what one of them raised is for the group to tell."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


@asynccontextmanager
async def _engine(plan: Plan) -> AsyncIterator[Engine]:
    """Open the log and build what reads and writes it; at the end save checkpoints and close the log."""
    settings = plan.settings
    async with AsyncExitStack() as stack:
        bus: Bus = await (
            journal.joined(settings, plan.writer, shard=plan.shard.number if plan.shard else None)
            if plan.stands_by
            else journal.opened(settings, plan.writer)
        )
        stack.push_async_callback(bus.close)
        shards: list[Led] = []
        for number in range(settings.shards if plan.service is Service.COLLATOR else 0):
            shards.append(await journal.joined(settings, journal.name_of(number), shard=number))
            stack.push_async_callback(shards[-1].close)
        checkpoints = stack.enter_context(closing(await asyncio.to_thread(journal.checkpoints, settings, plan.owner)))
        views, end = Views.empty(), await bus.end(Topic.ORDERS)
        recorder = Recorder(bus, views.of(plan.service), checkpoints=checkpoints)
        minds = []
        if settings.book is LiveBook.COMPILED and plan.seen:
            await asyncio.to_thread(have_machine_code, plan.say)
        for shard in plan.seen:
            own = checkpoints if shard in {None, plan.shard} else checkpoints.under(journal.name_of(shard.number))
            minds.append(mind_of(plan, bus, shard=shard, checkpoints=own, end=end))
        yield Engine(
            bus=bus,
            recorder=recorder,
            views=views,
            credentials=credentials_of(plan),
            minds=minds,
            powers=powers_of(settings),
            checkpoints=checkpoints,
            insights=Newest(bus),
            shards=shards,
            own=await shown_by(minds[0], bus) if minds and not plan.has_views else None,
        )
        for mind in minds:
            await mind.matcher.save()


_Served = Feeder | Members | ClearingHouse | Analyst | Newest | FixGateway | Clock | Keeper | Succession | Turn


def _services(plan: Plan, engine: Engine) -> Iterator[_Served]:
    """Yield the services of this process that trade and settle, and let time pass."""
    settings, bus, views = plan.settings, PatientBus(engine.bus), engine.views
    if plan.has(Service.FEEDER):
        yield Feeder(bus, views.market, clock=wall_clock, seed=settings.seed, tick_s=settings.feeder_tick_s)
    if plan.has(Service.MEMBERS):
        yield Members(
            bus,
            views.market,
            views.house,
            views.blotter,
            clock=wall_clock,
            seed=settings.seed,
            interval_s=settings.member_interval_s,
        )
    if plan.has(Service.CLEARING):
        yield ClearingHouse(bus)
    yield from _commenting(plan, engine)
    if plan.has(Service.FIX):
        fix = _fix(plan, engine)
        yield fix
    if plan.service is Service.COLLATOR and isinstance(engine.bus, Led):
        yield Turn(engine.bus, engine.shards, say=plan.say)
    if plan.has(Service.MATCHER):
        matcher = engine.minds[0].matcher
        clock = Clock(bus, due=lambda: matcher.engine.due, reached=matcher.reached, clock=wall_clock)
        if isinstance(matcher, Heir) and isinstance(engine.bus, Led):
            wanted = (
                partial(missing, settings) if plan.shard is None else partial(missing_in, settings, shard=plan.shard)
            )
            yield Succession(engine.bus, matcher, missing=wanted, clock=clock, say=plan.say)
        else:
            yield clock
        if plan.service is None:
            yield journal.keeper(settings, engine.bus, covered=lambda: _covered(engine, fix=fix))


def _commenting(plan: Plan, engine: Engine) -> Iterator[Analyst | Newest]:
    """Yield who comments on trading, and who follows that for screens."""
    if plan.has(Service.ANALYST):
        analyst = Analyst(
            PatientBus(engine.bus),
            engine.views.market,
            engine.views.house,
            clock=wall_clock,
            interval_s=plan.settings.analysis_interval_s,
            speaker=speaker_of(plan.settings, say=plan.say),
        )
        engine.recorder.listen(analyst.hear)
        yield analyst
    if engine.minds and plan.service is not Service.MATCHER:
        yield engine.insights


def _fix(plan: Plan, engine: Engine) -> FixGateway:
    settings = plan.settings
    clients = clients_of(
        fix_sessions(settings.fix_sessions), verify=engine.credentials.verify, demo=settings.demo, powers=engine.powers
    )
    tls = tls_of(settings.fix_certificate, settings.fix_key)
    place = Place(settings.host, settings.fix_port, is_optional="fix_port" not in settings.model_fields_set, tls=tls)
    gateway = FixGateway(engine.bus, clients, place=place, clock=wall_clock, say=plan.say)
    gateway.remember(engine.checkpoints)
    engine.recorder.listen(gateway.show(engine.views.market))
    return gateway


def _covered(engine: Engine, *, fix: FixGateway) -> dict[Topic, int]:
    """Return below which offsets no start needs the log any more."""
    covered = covered_by_all(engine.recorder.covered, engine.minds[0].matcher.covered)
    return {**covered, Topic.EXECUTIONS: min(covered.get(Topic.EXECUTIONS, 0), fix.needed())}


@asynccontextmanager
async def _site(plan: Plan, engine: Engine, *, door: Door) -> AsyncIterator[None]:
    """Be ready, and serve pages and REST if this process has any, until the block ends."""
    if not engine.minds:
        door.why_not = None
        yield
        return
    settings = plan.settings
    parts = Parts(
        bus=engine.bus,
        clock=wall_clock,
        market=engine.views.market,
        bars=engine.views.bars,
        blotter=engine.views.blotter,
        house=engine.views.house,
        switches=engine.views.switches,
        recorder=engine.recorder,
        insights=engine.insights,
        explainer=explainer_of(engine.minds),
        credentials=engine.credentials,
        demo=settings.demo,
        ready=lambda: door.reason,
        standing=lambda: door.standing,
        shard=None if plan.shard is None else plan.shard.number,
        routes=lambda: [route for mind in engine.minds for route in mind.matcher.engine.routes()],
        fix=place_of(settings, lambda: tuple(engine.views.market.instruments), powers=engine.powers),
        front_page=SEATS[plan.service].front_page if plan.service else "/",
        own=engine.own,
    )
    site = create_app(parts, routers=MATCHER_ROUTERS if plan.service is Service.MATCHER else ROUTERS)
    async with site.running():
        door.site, door.why_not = site, None
        yield
