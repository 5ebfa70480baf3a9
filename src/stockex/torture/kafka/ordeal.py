"""The ordeals: the broker dies, the matcher dies, the active matcher dies or freezes beside a standby; under load."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from stockex.bus.kafka.client import Cluster
from stockex.errors import StockExError
from stockex.torture.fleet import Fleet, Process
from stockex.torture.kafka.broker import Broker
from stockex.torture.kafka.log import KafkaLog
from stockex.torture.kafka.roles import Roles
from stockex.torture.kills.audit import Auditor
from stockex.torture.kills.load import LATEST_S, Round
from stockex.torture.kills.loading import Loading, loading
from stockex.torture.kills.ordeal import spread
from stockex.torture.trading import ended_at
from stockex.vocabulary.services import Service

RATE: Final = 300.0
"""Items a second that the accounts send together."""

WITHIN_S: Final = 2.0
"""A standby is to be active within so many seconds."""

LIMIT_S: Final = 60.0
"""What takes longer than this has failed."""

_LIFE_S: Final = (0.3, 1.5)
_DEAD_S: Final = (0.0, 1.0)
_LOOK_S: Final = 0.05
_FENCED: Final = "another process"


class Counts(NamedTuple):
    """How often the broker is killed, the matcher is killed, and a standby has to take over."""

    brokers: int = 20
    matchers: int = 50
    takeovers: int = 50


@dataclass
class Outcome:
    """What became of an ordeal. `faults` tells all that went wrong; nothing should.

    Attributes:
        counts: Kills, freezes, orders acknowledged, and so on.
        takeovers_s: Seconds from each death or freeze until the standby was active.
        resumed_s: By what had happened, after how many seconds orders were taken again.
        waits: Seconds from when each request was due to its answer.
    """

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    takeovers_s: list[float] = field(default_factory=list)
    resumed_s: dict[str, list[float]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """Return the figures by name."""
        late = sum(seconds > WITHIN_S for seconds in self.takeovers_s)
        return {
            **self.counts,
            "standby active after s": spread(self.takeovers_s),
            "later than 2 s": late,
            **{f"orders again after {what}, s": spread(seconds) for what, seconds in self.resumed_s.items()},
            "answered after ms": spread([wait * 1_000 for wait in self.waits]),
            "faults": len(self.faults),
        }


class Ordeal:
    """One exchange on one broker, those who load it, and its auditor. Use `suffered`."""

    def __init__(self, fleet: Fleet, load: Loading, *, broker: Broker, log: KafkaLog, dice: Random) -> None:
        self._fleet = fleet
        self._broker = broker
        self._load = load
        self._log = log
        self._dice = dice
        self._auditor = Auditor(log)
        self._roles = Roles()
        self._active, *self._others = fleet.processes
        self._roles.watch(self._active)
        self._standby: Process | None = None
        self.outcome = Outcome(self._auditor.faults)

    def broker_dies(self) -> None:
        """Kill the broker under load and start it again; exactly one matcher is active then."""
        self._stand_by()

        def blow() -> None:
            self._broker.kill()
            time.sleep(self._dice.uniform(*_DEAD_S))
            self._broker.start()

        self._suffer("a broker's death", blow)
        self._settle()
        self.outcome.counts["broker killed"] += 1

    def matcher_dies(self) -> None:
        """Kill the only matcher under load, and start it again."""
        self._dismiss_standby()

        def blow() -> None:
            self._active.kill()
            self._active.start().ready(within_s=LIMIT_S)
            self._roles.watch(self._active)

        self._suffer("a matcher's death", blow)
        self.outcome.counts["matcher killed"] += 1

    def standby_takes_over(self) -> None:
        """Kill or freeze the active matcher under load; the standby takes over, and a frozen one stops when revived."""
        standby, old = self._stand_by(), self._active
        is_frozen = self._dice.random() < 1 / 2

        def blow() -> None:
            began = time.monotonic()
            if is_frozen:
                old.signal(signal.SIGSTOP)
            else:
                old.kill()
            self.outcome.takeovers_s.append(self._roles.active(standby, within_s=LIMIT_S) - began)

        self._active, self._standby = standby, None
        self._suffer("a takeover", blow)
        if is_frozen:
            self._revive(old)
        self.outcome.counts["active matcher frozen" if is_frozen else "active matcher killed"] += 1

    def _revive(self, old: Process) -> None:
        """Let a frozen matcher go on: it finds that another one is active, and stops."""
        old.signal(signal.SIGCONT)
        status = old.ended()
        self._check(status == 1 and _FENCED in old.said[-500:], f"a revived matcher ended with {status}")

    def _suffer(self, what: str, blow: Callable[[], None]) -> None:
        """Let accounts trade, strike, wait until orders are taken again, and audit."""
        self._load.go()
        time.sleep(self._dice.uniform(*_LIFE_S))
        began = time.monotonic()
        blow()
        resumed = self._load.resumed()
        self._check(resumed < LATEST_S, f"no orders were taken after {what}")
        self.outcome.resumed_s.setdefault(what, []).append(time.monotonic() - began)
        time.sleep(self._dice.uniform(*_DEAD_S))
        told = self._load.stop()
        self._auditor.look()
        self._auditor.hear(told.told)
        self._write_down(told)

    def _stand_by(self) -> Process:
        """Return the standby, started if there is none, once it follows."""
        if self._standby is None:
            self._standby = self._fleet.add(Service.MATCHER)
            self._roles.watch(self._standby)
        standby = self._standby.ready(within_s=LIMIT_S)
        self._wait(lambda: self._roles.of(standby) == "standby", "a standby does not stand by")
        return standby

    def _dismiss_standby(self) -> None:
        if self._standby is not None:
            self._check(self._standby.stop() == 0, "a standby did not stop in order")
            self._standby = None

    def _settle(self) -> None:
        """After the broker was away: one of both is active, and the other stands by or has stopped."""
        assert self._standby is not None
        pair = (self._active, self._standby)
        self._wait(lambda: any(each.is_running and self._roles.of(each) == "active" for each in pair), "nobody leads")
        if self._roles.of(self._active) == "active" and self._active.is_running:
            return
        self.outcome.counts["led by the standby after a broker's death"] += 1
        self._check(self._active.ended() == 1, "the one that was fenced did not stop")
        self._active, self._standby = self._standby, None

    def _wait(self, is_so: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not is_so():
            if time.monotonic() > deadline:
                raise StockExError(f"{otherwise}:\n{self._active.said[-1_000:]}")
            time.sleep(_LOOK_S)

    def _write_down(self, told: Round) -> None:
        counts = self.outcome.counts
        counts["items answered"] += told.items
        counts["orders acknowledged"] += sum(len(each.taken) for each in told.told)
        counts["fills acknowledged"] += sum(len(each.trades) for each in told.told)
        counts["items refused"] += sum(each.refusals for each in told.told)
        counts["items without an answer"] += sum(each.silent for each in told.told)
        self.outcome.waits += told.waits

    def end(self) -> None:
        """Stop everything in order; facts and last states are those of the replay, and no matcher wrote twice."""
        for process in self._others:
            self._check(process.stop() == 0, f"{process.service} did not stop in order")
        self._dismiss_standby()
        self._check(self._active.stop() == 0, "the matcher did not stop in order")
        self._roles.close()
        self._auditor.published(self._auditor.look())
        self._check(ended_at(self._active)[1] == self._auditor.digest(), "the last state is not that of a replay")
        for fault in (*self._roles.faults, *self._log.returned()):
            self._check(False, fault)  # noqa: FBT003 (a claim that is false)
        self.outcome.counts["changes of the active matcher"] = self._roles.changes
        self.outcome.counts["commands audited"] = self._auditor.commands

    def _check(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim)
        self._auditor.check(is_so, otherwise)


def suffered(
    folder: Path,
    broker: Broker,
    *,
    counts: Counts,
    seed: int,
    told: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Run an exchange on a broker that runs, strike so often, and return what became of it.

    Args:
        folder: An empty directory for data and output.
        broker: It is killed and started again.
        counts: How often what happens.
        seed: What everything that is drawn follows from; when a kill strikes also depends on the machine.
        told: Called after each blow.
    """
    prefix, outcome = f"torture-{seed}-{folder.name}-", Outcome()
    log = KafkaLog(Cluster(broker.bootstrap, prefix=prefix))
    with Fleet(folder, broker.bootstrap, prefix=prefix, STOCKEX_FEEDER_TICK_S="0.5") as fleet:
        try:
            for service in (Service.MATCHER, Service.FEEDER, Service.DASHBOARD):
                fleet.add(service).ready(within_s=LIMIT_S)
            with loading(fleet.processes[-1].port, rate=RATE, seed=seed) as load:
                ordeal = Ordeal(fleet, load, broker=broker, log=log, dice=Random(seed))  # noqa: S311 (no secret)
                outcome = ordeal.outcome
                blows = (
                    *((ordeal.broker_dies,) * counts.brokers),
                    *((ordeal.matcher_dies,) * counts.matchers),
                    *((ordeal.standby_takes_over,) * counts.takeovers),
                )
                for blow in blows:
                    blow()
                    told(outcome)
                    if outcome.faults:
                        return outcome
                ordeal.end()
        except StockExError as error:
            outcome.faults.append(str(error))
        return outcome
