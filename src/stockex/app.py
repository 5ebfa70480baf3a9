"""Builds the exchange out of its parts, and runs them: all in one process, or one service a process on Kafka.

log ── matcher ── recorder ── feeder, members, clearing house, web

Nothing else builds anything.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final, Self

import uvloop

from stockex import __version__, journal
from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.credentials import Credentials
from stockex.adapters.fix_sessions import fix_sessions
from stockex.adapters.garbage import calm_garbage_collector
from stockex.adapters.profiles import DEFAULT_PROFILE, profile
from stockex.adapters.securities import securities
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus, Led
from stockex.bus.keeping import Keeper, covered_by_all
from stockex.bus.past import PastBus
from stockex.bus.patient import PatientBus
from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.core.fix.powers.register import Powers
from stockex.core.genesis import genesis, new_rules, opening
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.errors import ConfigurationError, LogClosed, LogDamaged, LogError
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.plan import SEATS, Plan, Say, place_of, powers_of
from stockex.services.clearing_house import ClearingHouse
from stockex.services.clock import Clock
from stockex.services.engines.changing import ChangingEngine
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.machine_code import have_machine_code
from stockex.services.explainer import Explainer
from stockex.services.feeder import Feeder
from stockex.services.fix.building import clients_of, tls_of
from stockex.services.fix.service import FixGateway, Place
from stockex.services.matcher import Matcher, Shadow, recovered
from stockex.services.members import Members
from stockex.services.opening import set_up
from stockex.services.recorder import Recorder
from stockex.services.standby.heir import Heir
from stockex.services.standby.succession import Succession
from stockex.services.trust.projections import Projection
from stockex.serving import Door, log_to_stderr
from stockex.vocabulary.services import LiveBook, Service, Standing
from stockex.web.app import MATCHER_ROUTERS, ROUTERS, FixSite, Parts, create_app

_MANY: Final = 100_000
"""A start that has to read more records than this gets help."""

_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class Views:
    """The projections that screens, members and the feeder read."""

    market: Market
    bars: Bars
    blotter: Blotter
    house: House
    switches: Switches

    @classmethod
    def empty(cls) -> Self:
        """Return views that have seen nothing."""
        return cls(Market(), Bars(), Blotter(), House(), Switches())

    def of(self, service: Service | None) -> Sequence[Projection]:
        """Return those that a process reads."""
        match service:
            case Service.FEEDER | Service.FIX:
                return (self.market,)
            case Service.MEMBERS:
                return (self.market, self.blotter, self.house)
            case _:
                return (self.market, self.bars, self.blotter, self.house, self.switches)


@dataclass(frozen=True)
class Mind:
    """An exchange that obeys the log, and who says why. Its matcher publishes, or follows one that does."""

    matcher: Matcher
    explainer: Explainer


@dataclass(frozen=True)
class Engine:
    """The log, the views of its facts, who may log in, the exchange, if this process has one, and FIX's bad manners."""

    bus: Bus
    recorder: Recorder
    views: Views
    credentials: Credentials
    mind: Mind | None
    powers: Powers


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
    calm_garbage_collector()
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
        viewing = group.create_task(view(settings, engine.recorder))
        carrying = []
        if engine.mind is not None:
            matching = engine.mind.matcher.engine
            if isinstance(matching, ChangingEngine):
                carrying.append(group.create_task(matching.serve()))
                await matching.before(await engine.bus.end(Topic.ORDERS) - matching.next_offset)
            carrying.append(group.create_task(engine.mind.matcher.serve()))
        if plan.service is None and engine.mind is not None:
            await set_up(engine.bus, engine.mind.matcher, missing=partial(_missing, settings))
        await viewing
        carrying.append(group.create_task(engine.recorder.serve()))
        await engine.recorder.caught_up()
        commands = await engine.bus.end(Topic.ORDERS)
        if engine.mind is not None and not plan.stands_by:
            await engine.mind.matcher.reached(commands - 1)
        plan.say(f"log        {journal.place(settings)}, {commands:,} commands, read in {monotonic() - began:.1f} s")
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
        if plan.has(Service.MATCHER) and engine.mind is not None and door.standing in {None, Standing.ACTIVE}:
            await engine.mind.matcher.reached(await engine.bus.end(Topic.ORDERS) - 1)
        await _cancelled(carrying)
    if engine.mind is not None:
        offset, digest = engine.mind.matcher.digest()
        plan.say(f"stopped    at offset {offset}, state {digest}")


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
    bus: Bus = await (journal.joined if plan.stands_by else journal.opened)(settings, name=plan.writer)
    try:
        with closing(await asyncio.to_thread(journal.checkpoints, settings, plan.service or "")) as checkpoints:
            views = Views.empty()
            recorder = Recorder(bus, views.of(plan.service), checkpoints=checkpoints)
            mind = None
            if plan.service is None or SEATS[plan.service].has_site:
                if settings.book is LiveBook.COMPILED:
                    await asyncio.to_thread(have_machine_code, plan.say)
                mind = _mind(plan, bus, checkpoints=checkpoints, end=await bus.end(Topic.ORDERS))
            yield Engine(bus, recorder, views, _credentials(plan), mind, powers_of(settings))
            if mind is not None:
                await mind.matcher.save()
    finally:
        await bus.close()


def _credentials(plan: Plan) -> Credentials:
    """Return who may log in; say the passwords that were made just now."""
    credentials = Credentials.open(plan.settings.data, demo=plan.settings.demo)
    for user, password in credentials.generated.items():
        plan.say(f"password   {user} {password}   (shown this once)")
    return credentials


def _mind(plan: Plan, bus: Bus, *, checkpoints: Checkpoints, end: int) -> Mind:
    engine = engine_on(plan.settings.book, recovered(checkpoints, end=end))
    explainer = Explainer(
        lambda since: journal.recorded(plan.settings, Topic.ORDERS, since=since), lambda: engine.exchange
    )
    explainer.keep(engine.next_offset, engine.dump())
    kind = Heir if plan.stands_by else Matcher if plan.has(Service.MATCHER) else Shadow
    return Mind(kind(PatientBus(bus), engine, checkpoints=checkpoints, keep=explainer.keep), explainer)


def _missing(settings: Settings, exchange: Exchange, *, is_new: bool) -> list[AnyCommand]:
    """Return what the configuration has and the log has not."""
    desk = exchange.desk
    listed = securities(settings.securities_file, more=settings.more_securities)
    rules = profile(settings.profile or DEFAULT_PROFILE)
    commands = genesis(listed, accounts=desk.accounts.balances.keys(), symbols=desk.listings.keys(), rules=rules)
    if settings.profile is not None:
        commands += new_rules(rules, known={symbol: each.rules for symbol, each in desk.listings.items()})
    if is_new and settings.autostart:
        commands.append(opening())
    return commands


_Served = Feeder | Members | ClearingHouse | FixGateway | Clock | Keeper | Succession


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
    if plan.has(Service.FIX):
        fix = _fix(plan, engine)
        yield fix
    if plan.has(Service.MATCHER) and engine.mind is not None:
        matcher = engine.mind.matcher
        clock = Clock(bus, due=lambda: matcher.engine.due, reached=matcher.reached, clock=wall_clock)
        if isinstance(matcher, Heir) and isinstance(engine.bus, Led):
            yield Succession(engine.bus, matcher, missing=partial(_missing, settings), clock=clock, say=plan.say)
        else:
            yield clock
        if plan.service is None:
            yield journal.keeper(settings, engine.bus, covered=lambda: _covered(engine, matcher, fix=fix))


def _fix(plan: Plan, engine: Engine) -> FixGateway:
    settings = plan.settings
    clients = clients_of(
        fix_sessions(settings.fix_sessions), verify=engine.credentials.verify, demo=settings.demo, powers=engine.powers
    )
    tls = tls_of(settings.fix_certificate, settings.fix_key)
    place = Place(settings.host, settings.fix_port, is_optional="fix_port" not in settings.model_fields_set, tls=tls)
    gateway = FixGateway(engine.bus, clients, place=place, clock=wall_clock, say=plan.say)
    engine.recorder.listen(gateway.show(engine.views.market))
    return gateway


def _covered(engine: Engine, matcher: Matcher, *, fix: FixGateway) -> dict[Topic, int]:
    """Return below which offsets no start needs the log any more."""
    covered = covered_by_all(engine.recorder.covered, matcher.covered)
    return {**covered, Topic.EXECUTIONS: min(covered.get(Topic.EXECUTIONS, 0), fix.needed())}


@asynccontextmanager
async def _site(plan: Plan, engine: Engine, *, door: Door) -> AsyncIterator[None]:
    """Be ready, and serve pages and REST if this process has any, until the block ends."""
    if engine.mind is None:
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
        explainer=engine.mind.explainer,
        credentials=engine.credentials,
        demo=settings.demo,
        ready=lambda: door.reason,
        standing=lambda: door.standing,
        routes=engine.mind.matcher.engine.routes,
        fix=place_of(settings, lambda: tuple(engine.views.market.instruments), powers=engine.powers),
    )
    site = create_app(parts, routers=MATCHER_ROUTERS if plan.service is Service.MATCHER else ROUTERS)
    async with site.running():
        door.site, door.why_not = site, None
        yield
