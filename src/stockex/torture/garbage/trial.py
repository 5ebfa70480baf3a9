"""An exchange that trades, meets garbage on every topic, is killed, and trades on."""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from stockex.adapters.settings import Settings
from stockex.errors import StockExError
from stockex.messages.topics import Topic
from stockex.torture.fleet import Fleet, Process
from stockex.torture.garbage.audit import Found, audited
from stockex.torture.garbage.making import Maker, Truth
from stockex.torture.garbage.writing import garbage, truth_of, write

PARTS: Final = ("matcher", "clearing", "feeder", "members", "dashboard")
"""The processes of an exchange on Kafka; the last one takes orders."""

_CREATED: Final = 201
_BUSY: Final = frozenset({0, 503})
"""Nobody has answered in time: what came before an order is still being read."""

_THERE: Final = b"DUPLICATE_CL_ORD_ID"
_ORDERS: Final = 40
_READY_S: Final = 1_800.0
_TRADERS: Final = ("CLIENT1", "CLIENT2")
_QUICK: Final = {"STOCKEX_FEEDER_TICK_S": "0.5", "CH_AI_INTERVAL": "2"}


class Whole(Process):
    """`stockex up`: all services in one process."""

    def __init__(self, folder: Path, *, environment: dict[str, str]) -> None:
        """Keep data and output in `folder`."""
        super().__init__("up", folder, environment=environment)
        self._command = [*self._command[:3], "up", "--port", str(self.port)]


@dataclass
class Outcome:
    """What became of a trial. `faults` tells what is wrong; nothing should be.

    Attributes:
        each: How much garbage each topic got.
        told: The client ids of all orders that were acknowledged.
        ready_s: How long each start took that had garbage to read.
        shown: What `GET /api/v1/quarantine` said at the end.
        found: What the log says.
    """

    each: int
    told: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    trading_s: float = 0.0
    shown: dict[str, dict[str, int]] = field(default_factory=dict)
    found: Found = field(default_factory=Found)

    @property
    def faults(self) -> list[str]:
        """All that is wrong."""
        faults = list(self.found.faults)
        for topic in Topic:
            count = self.found.passed_over.get(topic, Counter())
            if sum(count.values()) != self.each:
                faults.append(f"of {self.each} records on {topic.value}, {sum(count.values())} are accounted for")
            shown = self.shown.get(topic)
            if shown is not None and shown != {why: each for why, each in count.items() if why != "refused"}:
                faults.append(f"{topic.value}: shown are {shown}, and the log has {dict(count)}")
        return faults


class Trial:
    """One exchange in a folder, embedded or on Kafka, and those who trade there."""

    def __init__(self, folder: Path, each: int, *, seed: int, bootstrap: str | None = None) -> None:
        """Give each topic so much garbage, made by `seed`."""
        self._prefix = f"garbage-{secrets.token_hex(4)}-" if bootstrap else ""
        self._settings = Settings(data=folder / "data", kafka_bootstrap=bootstrap, kafka_prefix=self._prefix)
        self._folder = folder
        self._seed = seed
        self._runs = 0
        self._truth: Truth | None = None
        self.outcome = Outcome(each)

    def met(self, say: Callable[[str], None] = lambda _: None) -> Outcome:
        """Trade, write half of the garbage, trade on, be killed, meet the other half, trade on, stop, and audit."""
        half = self.outcome.each // 2
        with ExitStack() as stack:
            exchange = self._started(stack)
            self._trade(exchange)
            is_beside = self._settings.kafka_bootstrap is not None
            for turn, count in enumerate((half, self.outcome.each - half)):
                if not is_beside:
                    _end(exchange, is_killed=turn == 1)
                say(f"writing {count:,} records on each of {len(Topic)} topics")
                self._write(count)
                if is_beside:
                    self._trade(exchange)
                    _end(exchange[: 1 if turn == 0 else len(exchange)], is_killed=True)
                began = monotonic()
                for process in exchange:
                    if not process.is_running:
                        process.start()
                _wait(exchange)
                self.outcome.ready_s.append(monotonic() - began)
                self._trade(exchange)
            self._look(exchange[-1])
            _end(exchange, is_killed=False)
        say("auditing")
        self.outcome.found = audited(self._settings, told=self.outcome.told)
        return self.outcome

    def _started(self, stack: ExitStack) -> Sequence[Process]:
        bootstrap = self._settings.kafka_bootstrap
        if bootstrap is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            process = Whole(self._folder, environment=_QUICK).start()
            stack.callback(process.kill)
            return _wait([process])
        fleet = stack.enter_context(Fleet(self._folder, bootstrap, prefix=self._prefix, **_QUICK))
        return _wait([fleet.add(part) for part in PARTS])

    def _write(self, count: int) -> None:
        self._seed += 1
        self._truth = truth_of(self._settings, self._truth)
        write(self._settings, garbage(Maker(self._truth, seed=self._seed), count))

    def _trade(self, exchange: Sequence[Process]) -> None:
        """Place some orders one after the other, and wait for the answer of each."""
        self._runs += 1
        began = monotonic()
        for number in range(_ORDERS):
            name = f"order-{self._runs}-{number}"
            order = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "cl_ord_id": name}
            terms = {"price": 23.5} if number % 2 else {"ord_type": "MARKET", "time_in_force": "IOC"}
            status, body = _placed(exchange[-1], order | terms, user=_TRADERS[number % 2])
            if status != _CREATED and _THERE not in body:
                raise StockExError(f"an order was answered with {status}: {body[:300]!r}\n{exchange[-1].said[-2_000:]}")
            self.outcome.told.append(name)
        self.outcome.trading_s = max(self.outcome.trading_s, monotonic() - began)

    def _look(self, door: Process) -> None:
        """Note what is shown, which is at least all that was in the log when the newest order was answered."""
        status, body = door.ask("/api/v1/quarantine")
        if status == 0:
            raise StockExError("nobody says what was passed over")
        self.outcome.shown = json.loads(body)["topics"]


def _placed(door: Process, order: dict[str, object], *, user: str) -> tuple[int, bytes]:
    """Place an order, again and again while nobody answers in time; return status and body of the answer."""
    deadline = monotonic() + _READY_S
    while True:
        status, body = door.ask("/api/v1/orders", order, user=user)
        if status not in _BUSY or monotonic() > deadline:
            return status, body


def _wait(exchange: Sequence[Process]) -> Sequence[Process]:
    return [process.ready(within_s=_READY_S) for process in exchange]


def _end(exchange: Sequence[Process], *, is_killed: bool) -> None:
    for process in reversed(exchange):
        if is_killed:
            process.kill()
        elif (status := process.stop()) != 0:
            raise StockExError(f"{process.service} ended with status {status}:\n{process.said[-2_000:]}")


def told(outcome: Outcome) -> list[str]:
    """Return the figures as lines, then every fault."""
    lines = []
    for topic, counts in sorted(outcome.found.passed_over.items()):
        reasons = ", ".join(f"{why} {count:,}" for why, count in sorted(counts.items()) if count)
        lines.append(f"{topic.value:<12} {sum(counts.values()):>9,}  {reasons}")
    lines.append(f"commands     {outcome.found.commands:>9,}")
    lines.append(f"facts        {outcome.found.facts:>9,}  each as the replay gives it")
    lines.append(f"orders       {len(outcome.told):>9,}  acknowledged, each in the log once")
    lines.append(f"ready after  {', '.join(f'{seconds:.1f}' for seconds in outcome.ready_s)} s")
    lines.append(f"{_ORDERS} orders    {outcome.trading_s:.1f} s at most, one after the other")
    return [*lines, *outcome.faults]
