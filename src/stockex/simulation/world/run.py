"""One run of the world: it lives through a seed's faults, heals, comes to rest, and is looked at."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from traceback import format_exception
from typing import Final, NamedTuple

from structlog.testing import capture_logs

from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.genesis import genesis, opening
from stockex.messages.envelope import Entry
from stockex.messages.orders import AnyCommand, ChangeSession, Deposit
from stockex.messages.topics import Topic
from stockex.services.engines.choosing import has_compiled
from stockex.simulation.authors.any_command import SETUP, script
from stockex.simulation.world.clients import Clients
from stockex.simulation.world.disk import Disk
from stockex.simulation.world.loop import WorldLoop
from stockex.simulation.world.mischief import Mischief
from stockex.simulation.world.oracle import Oracle, Violation
from stockex.simulation.world.processes import FIVE, ONE, Habits, Kit, Process
from stockex.simulation.world.reader import Reader
from stockex.vocabulary.accounts import MEMBERS, OPERATOR
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos, Price, Shares
from stockex.web.parts import Batch

BEGAN: Final = Nanos(10 * 86_400 * 1_000_000_000)
"""The wall clocks of a world begin here, later than any jump back."""

STEPS: Final = 60
"""How many things clients do in a run."""

CLIENTS: Final = 3
"""How many of them do so at the same time."""

REAL: Final = Kit()
"""The real classes."""

HEALED_S: Final = 120.0
_LISTED: Final = (
    Instrument("ALPHA", "", Price(100), Shares(1), Price(10_000)),
    Instrument("BETA", "", Price(100), Shares(5), Price(10_000)),
)


class Lived(NamedTuple):
    """What came of a seed: how much of what, the digest of all that happened, and the first violation, or None."""

    seed: int
    counts: Mapping[str, int]
    digest: str
    violation: str | None


class World:
    """The scene of a run."""

    def __init__(self, seed: int, kit: Kit) -> None:
        dice = Dice(seed)
        self.seed = seed
        self.has_strangers = True
        self.dice = dice
        self.kit = kit
        self.loop = WorldLoop(Dice(seed, 1))
        self.oracle = Oracle()
        self.disk = Disk()
        self.counts = Counter[str]()
        self.processes: dict[str, Process] = {}
        self.services = dice.choose((ONE, FIVE))
        self.skews = dict.fromkeys((*self.services, "log"), 0)
        self.log = kit.log(self.loop, Dice(seed, 2), clock=lambda: self._now("log"), told=self.oracle.told)
        self.log.gaps = self.services is FIVE and dice.integer(1, 2) == 1
        self._gone: dict[str, asyncio.Event] = {}
        self._zombies: list[Process] = []
        self._is_over = False
        self.habits = Habits(
            every=dice.choose((5, 20, 100)),
            tick_s=dice.choose((4.0, 10.0)),
            interval_s=dice.choose((10.0, 40.0)),
            seed=seed,
            missing=partial(_missing, seed=seed),
            book=partial(_drawn_book, Dice(seed, 3)),
        )

    def _now(self, name: str) -> Nanos:
        skew = self.skews["log"] if len(self.services) == 1 else self.skews[name]
        return Nanos(BEGAN + int(self.loop.time() * 1e9) + skew)

    def front(self) -> Process | None:
        """Return the process that answers clients, None if it does not live."""
        for process in self.processes.values():
            if "dashboard" in process.services and not process.is_dead:
                return process
        return None

    def abandon(self, name: str) -> None:
        """Start a successor of a process that still lives."""
        self._zombies.append(self.processes[name])
        self._gone[name].set()

    def inject(self, entry: Entry) -> None:
        """Let a stranger append a record."""
        self.oracle.strange.add((entry.topic, self.log.next_offset(entry.topic)))
        self.log.commit((entry,))

    async def keep_alive(self, name: str) -> None:
        """Start a process again and again, as a supervisor does."""
        while not self._is_over:
            gone = self._gone[name] = asyncio.Event()
            process = self._started(name)
            process.main.add_done_callback(partial(_tell, gone))
            await gone.wait()
            self._look_at(process)
            await asyncio.sleep(self.dice.uniform(0.01, 1))

    def _started(self, name: str) -> Process:
        bus = self.log.connect(name)
        process = self.processes[name] = Process(
            name,
            self.services[name],
            self.loop,
            self.kit,
            bus,
            self.disk,
            lambda: self._now(name),
            self.habits,
            self.shown,
        )
        self.counts["starts"] += 1
        return process

    def _look_at(self, process: Process) -> None:
        """Hold that a process did not end by a fault of its own."""
        if process.main.done() and not process.main.cancelled():
            process.main.result()

    def shown(self, process: Process, batch: Batch) -> None:
        """Look at the views of a process now and then when it has seen the whole log."""
        if batch and self.dice.integer(1, 12) == 1:
            topics = {topic for view in process.projections for topic in view.topics}
            if self.oracle.is_newest(batch[-1][0], topics):
                self.oracle.same_views(process.projections, who=process.name)

    async def compare(self) -> None:
        """Look at the matcher's state now and then when it has obeyed exactly what has its facts in the log."""
        while True:
            await asyncio.sleep(self.dice.uniform(1, 5))
            for process in self.processes.values():
                if process.matcher is not None and not process.is_dead:
                    self.oracle.same_engine(process.matcher.engine, who=process.name)

    async def come_to_rest(self) -> None:
        """Wait until everything that is in the log has been dealt with. Raises: Violation: it takes too long."""
        await self._until(lambda: self.oracle.at_rest() or self._behind())

    async def _until(self, left: Callable[[], str | None]) -> None:
        """Wait until nothing is left. Raises: Violation: it takes too long."""
        deadline = self.loop.time() + HEALED_S
        while (what := left()) is not None:
            if self.loop.time() > deadline:
                raise Violation(f"{HEALED_S:.0f} s after all was healed, {what}")
            await asyncio.sleep(0.1)

    def _behind(self) -> str | None:
        """Return which process does not work, or has not seen everything."""
        for process in self.processes.values():
            services, matcher = process.services, process.matcher
            if process.is_dead or ("dashboard" in services and process.gateway is None):
                return f"{process.name} does not work"
            if services & {"matcher", "dashboard"} and not (
                matcher and self.oracle.same_engine(matcher.engine, who=process.name)
            ):
                return f"{process.name} has not obeyed everything"
        return None

    async def live(self, steps: int) -> None:
        """Let clients and the world's mischief go on for so many steps; then heal, come to rest, and look."""
        async with asyncio.TaskGroup() as group:
            for name in self.services:
                group.create_task(self.keep_alive(name))
            clients = Clients(self.oracle, Dice(self.seed, 3), self.front, seed=self.seed, began=BEGAN)
            mischief = Mischief(self, Dice(self.seed, 4), self.counts)
            self.counts.update(clients.counts)
            await self.come_to_rest()
            harm = group.create_task(mischief.live())
            reader = Reader(self.oracle, Dice(self.seed, 5), self.front, self.dice.choose(MEMBERS[:3]))
            watching = [group.create_task(each) for each in (self.compare(), reader.live())]
            async with asyncio.TaskGroup() as living:
                for part in range(CLIENTS):
                    living.create_task(clients.live((steps + part) // CLIENTS))
            harm.cancel()
            mischief.heal()
            await self._go_on(clients)
            await self._end(clients)
            await self._until(lambda: None if reader.is_current else "the stream has not told everything")
            for task in watching:
                task.cancel()
            clients.finish()
            self.oracle.finish()
            self.counts += clients.counts + reader.counts
            self._is_over = True
            for process in (*self.processes.values(), *self._zombies):
                process.kill()
                self._look_at(process)

    async def _go_on(self, clients: Clients) -> None:
        """Hold that after all was healed trading goes on: the feeder quotes and the members decide."""
        await self._answered(clients, SessionAction.START, SessionAction.RESUME)
        marks = {topic: self.oracle.ends[topic] for topic in (Topic.SNAPSHOTS, Topic.DECISIONS)}
        await self._until(
            lambda: next(
                (f"nothing new is in {topic.value}" for topic, end in marks.items() if self.oracle.ends[topic] == end),
                None,
            )
        )

    async def _end(self, clients: Clients) -> None:
        """End the day, let everything come to rest, look at all views, stop in order, start again and look again."""
        await self._answered(clients, SessionAction.END)
        for _ in range(2):
            await self.come_to_rest()
            await asyncio.sleep(1)
            for process in self.processes.values():
                self.oracle.same_views(process.projections, who=process.name)
            for process in self.processes.values():
                process.stop()
                await asyncio.wait([process.main])
            await asyncio.sleep(2)
        await self.come_to_rest()

    async def _answered(self, clients: Clients, *actions: SessionAction) -> None:
        """Send session actions until each is answered."""
        for action in actions:
            deadline = self.loop.time() + HEALED_S
            while await clients.send(ChangeSession(action=action, account=OPERATOR)) is None:
                if self.loop.time() > deadline:
                    raise Violation(f"{HEALED_S:.0f} s after all was healed nobody answers")
                await asyncio.sleep(0.1)


def lived(seed: int, steps: int = STEPS, *, kit: Kit = REAL) -> Lived:
    """Let a world live through the faults of a seed."""
    with capture_logs():
        world = World(seed, kit)
        fault = world.loop.run(world.live(steps))
    counts = Counter({"worlds": 1}) + world.counts + world.oracle.counts
    sealed = world.oracle.sealed.copy()
    sealed.update(f"{sorted(counts.items())} {world.loop.steps} {world.loop.time()!r}".encode())
    return Lived(seed, counts, sealed.hexdigest(), None if fault is None else _told(fault))


def _tell(event: asyncio.Event, _task: object) -> None:
    event.set()


def _told(fault: BaseException) -> str:
    """Return the first fault of a tree of them, and where it came up."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return "".join(format_exception(fault)[-4:])


def _drawn_book(dice: Dice) -> LiveBook:
    """Return the book of one life of a process; the next may go on with the same folder on the other one."""
    drawn = dice.choose((LiveBook.PLAIN, LiveBook.COMPILED))
    return drawn if has_compiled() else LiveBook.PLAIN


def _missing(exchange: Exchange, *, is_new: bool, seed: int) -> Sequence[AnyCommand]:
    """Return what the world's exchange lacks."""
    desk = exchange.desk
    commands = genesis(_LISTED, accounts=desk.accounts.balances.keys(), symbols=desk.listings.keys())
    if is_new:
        commands += [*(each for each in SETUP if isinstance(each, Deposit)), *script(seed, 0), opening()]
    return commands
