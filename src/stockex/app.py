"""Builds the exchange out of its parts and runs them in one process. Nothing else builds anything.

log ── matcher ── recorder ── feeder, members, clearing house, web
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final, Self

import structlog
import uvicorn
import uvloop

from stockex import __version__, journal
from stockex.adapters.clock import wall_clock
from stockex.adapters.credentials import Credentials
from stockex.adapters.profiles import DEFAULT_PROFILE, profile
from stockex.adapters.securities import securities
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus
from stockex.bus.patient import PatientBus
from stockex.core.clearing.house import House
from stockex.core.genesis import genesis, new_rules, opening
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.core.snapshot import dump
from stockex.errors import ConfigurationError
from stockex.messages.codec import entry_of
from stockex.messages.topics import Topic
from stockex.services.clearing_house import ClearingHouse
from stockex.services.clock import Clock
from stockex.services.explainer import Explainer
from stockex.services.feeder import Feeder
from stockex.services.matcher import Matcher, recovered
from stockex.services.members import Members
from stockex.services.recorder import Recorder
from stockex.web.app import Parts, Site, create_app

Say = Callable[[str], None]
"""Where start-up lines go."""

_GRACE_S: Final = 1
_LOOK_S: Final = 0.005
_YOUNG, _OLD_EVERY, _OLDEST_EVERY = 50_000, 20, 100


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


@dataclass(frozen=True)
class Engine:
    """The log, the matcher that writes its facts, the views of them, and who says why."""

    bus: Bus
    matcher: Matcher
    recorder: Recorder
    views: Views
    explainer: Explainer


def run(settings: Settings, *, say: Say) -> None:
    """Run the exchange until SIGINT or SIGTERM.

    Raises:
        StockExError: the world does not let it start, or go on.
        BaseExceptionGroup: a service failed; all others were stopped.
    """
    _log_to_stderr(settings.log_level)
    uvloop.run(_serve(settings, say))


def _log_to_stderr(level: str) -> None:
    """Log JSON lines of at least `level` to standard error; the web server's own warnings go there too."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


async def _serve(settings: Settings, say: Say) -> None:
    began = monotonic()
    say(f"StockEx {__version__}")
    async with _engine(settings) as engine, asyncio.TaskGroup() as group:
        carrying = [group.create_task(engine.matcher.serve())]
        await _set_up(settings, engine)
        carrying.append(group.create_task(engine.recorder.serve()))
        await engine.recorder.caught_up()
        commands = await engine.bus.end(Topic.ORDERS)
        say(f"log        {journal.place(settings)}, {commands:,} commands, read in {monotonic() - began:.1f} s")
        session = engine.views.market.session()
        say(f"session    {session.phase.value.lower()}, day {session.day}")
        trading = [group.create_task(service.serve()) for service in _services(settings, engine)]
        _calm_garbage_collector()
        await _serve_web(settings, engine, say=say)
        await _cancelled(trading)
        await engine.matcher.reached(await engine.bus.end(Topic.ORDERS) - 1)
        await _cancelled(carrying)
    offset, digest = engine.matcher.digest()
    say(f"stopped    at offset {offset}, state {digest}")


async def _cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel the tasks and wait until they have ended; what one of them raised is for the group to tell."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _calm_garbage_collector() -> None:
    """Keep full collections rare: each walks every living object, and stopped all trading for 100 ms (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLD_EVERY, _OLDEST_EVERY)


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[Engine]:
    """Open the log and build what reads and writes it; at the end save checkpoints and close the log."""
    bus = await journal.opened(settings)
    try:
        checkpoints = await asyncio.to_thread(journal.checkpoints, settings)
        exchange = recovered(checkpoints, end=await bus.end(Topic.ORDERS))
        explainer = Explainer(lambda since: journal.recorded(settings, Topic.ORDERS, since=since), lambda: exchange)
        explainer.keep(exchange.next_offset, dump(exchange))
        matcher = Matcher(PatientBus(bus), exchange, checkpoints=checkpoints, keep=explainer.keep)
        views = Views.empty()
        shown = (views.market, views.bars, views.blotter, views.house, views.switches)
        recorder = Recorder(bus, shown, checkpoints=checkpoints)
        yield Engine(bus, matcher, recorder, views, explainer)
        await matcher.save()
    finally:
        await bus.close()


async def _set_up(settings: Settings, engine: Engine) -> None:
    """Wait for the past to be replayed, then append what the configuration has and the log has not."""
    end = await engine.bus.end(Topic.ORDERS)
    await engine.matcher.reached(end - 1)
    desk = engine.matcher.exchange.desk
    listed = securities(settings.securities_file, more=settings.more_securities)
    rules = profile(settings.profile or DEFAULT_PROFILE)
    commands = genesis(listed, accounts=desk.accounts.balances.keys(), symbols=desk.listings.keys(), rules=rules)
    if settings.profile is not None:
        commands += new_rules(rules, known={symbol: each.rules for symbol, each in desk.listings.items()})
    if end == 0 and settings.autostart:
        commands.append(opening())
    if commands:
        offsets = await engine.bus.append([entry_of(command) for command in commands])
        await engine.matcher.reached(offsets[-1])


def _services(settings: Settings, engine: Engine) -> list[Feeder | Members | ClearingHouse | Clock]:
    """Return the services that trade and settle, and let time pass."""
    bus, views, matcher = PatientBus(engine.bus), engine.views, engine.matcher
    return [
        Feeder(bus, views.market, clock=wall_clock, seed=settings.seed, tick_s=settings.feeder_tick_s),
        Members(
            bus,
            views.market,
            views.house,
            views.blotter,
            clock=wall_clock,
            seed=settings.seed,
            interval_s=settings.member_interval_s,
        ),
        ClearingHouse(bus),
        Clock(bus, due=lambda: matcher.exchange.due, reached=matcher.reached, clock=wall_clock),
    ]


async def _serve_web(settings: Settings, engine: Engine, *, say: Say) -> None:
    """Answer at the address of the settings until SIGINT or SIGTERM."""
    views = engine.views
    credentials = Credentials.open(settings.data, demo=settings.demo)
    for user, password in credentials.generated.items():
        say(f"password   {user} {password}   (shown this once)")
    parts = Parts(
        bus=engine.bus,
        clock=wall_clock,
        market=views.market,
        bars=views.bars,
        blotter=views.blotter,
        house=views.house,
        switches=views.switches,
        recorder=engine.recorder,
        explainer=engine.explainer,
        credentials=credentials,
        demo=settings.demo,
        ready=lambda: None,
    )
    site = create_app(parts)
    config = uvicorn.Config(
        site, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_S, server_header=False
    )
    with closing(_listening(settings)) as listener:
        server = _Server(config, site=site)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not (server.started or serving.done()):  # noqa: ASYNC110 (uvicorn has a flag, no event)
            await asyncio.sleep(_LOOK_S)
        say(f"address    http://localhost:{settings.port}")
        await serving


def _listening(settings: Settings) -> socket.socket:
    """Return a socket bound to the address of the settings. Raises: ConfigurationError: it is taken, or not ours."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        raise ConfigurationError(f"cannot listen on {where} (STOCKEX_HOST, STOCKEX_PORT): {error.strerror}") from error
    return listener


class _Server(uvicorn.Server):
    """A server that leaves signals to us, so that streams are told goodbye and the log is closed in order."""

    def __init__(self, config: uvicorn.Config, *, site: Site) -> None:
        super().__init__(config)
        self._site = site

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Set the flag that ends serving on SIGINT and SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self._site.close()
        self.should_exit = True
