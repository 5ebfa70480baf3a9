"""The ordeal: an exchange under load is killed again and again, now and then frozen, starved of space, or misled."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Final, cast

from stockex.errors import StockExError
from stockex.journal import LOG_FILE
from stockex.services.engines.choosing import has_compiled
from stockex.torture.kills.audit import Auditor, EmbeddedLog
from stockex.torture.kills.load import ACCOUNTS, LATEST_S, Round
from stockex.torture.kills.loading import Loading, loading
from stockex.torture.kills.service import Service, Start
from stockex.vocabulary.services import LiveBook

RATE: Final = 2_000.0
"""Items a second that the accounts send together."""

READY_S: Final = 3.0
"""After a kill the exchange is to be ready again within so many seconds."""

_LIFE_S: Final = (0.2, 1.2)
_FROZEN, _FROZEN_S = 0.15, (0.02, 1.0)
_FULL, _FULL_S = 0.1, (0.5, 1.0)
_MISLED: Final = 0.2
"""How likely a life is frozen, without space or misled, and for how long."""

_SHOWN: Final = 400
_OPEN: Final = "/api/v1/orders?open=true&limit=500"
_FILLS: Final = "/api/v1/fills?limit=500"


@dataclass
class Outcome:
    """What became of an ordeal. `faults` tells all that went wrong; nothing should.

    Attributes:
        counts: Kills, lives that were frozen and so on, items sent, orders taken, and so on.
        starts: How long the exchange took to be ready, each time.
        resumed_s: After how many seconds one that was frozen, or had no space, took orders again.
        waits: Seconds from when each request was due to its answer, in lives that were only killed; `plain_items` items
            in `plain_s` seconds.
    """

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    starts: list[Start] = field(default_factory=list)
    resumed_s: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    plain_s: float = 0.0
    plain_items: int = 0

    def summary(self) -> dict[str, object]:
        """Return the figures by name."""
        return {
            **self.counts,
            "items a second": round(self.plain_items / max(self.plain_s, 1e-9)),
            "answered after ms": spread([wait * 1_000 for wait in self.waits]),
            "took orders again after s": spread(self.resumed_s),
            "ready after s": spread([start.seconds for start in self.starts]),
            "of which processor s": spread([start.processor_s for start in self.starts]),
            "later than 3 s": sum(start.seconds > READY_S for start in self.starts),
            "faults": len(self.faults),
        }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, 99th percentile and maximum."""
    if len(values) < 2:  # noqa: PLR2004 (of one value there is no spread)
        return {"max": round(max(values, default=0.0), 2)}
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(values), 2)}


class Ordeal:
    """One exchange, those who load it, and its auditor. Use `suffered`."""

    def __init__(self, service: Service, load: Loading, *, seed: int) -> None:
        self._service = service
        self._load = load
        self._auditor = Auditor(EmbeddedLog(service.data / LOG_FILE))
        self._dice = Random(seed)  # noqa: S311 (no secret)
        self._book_dice = Random(seed + 1)  # noqa: S311 (no secret)
        self.outcome = Outcome(self._auditor.faults)

    def live_and_die(self) -> None:
        """Let the exchange trade under load, kill it and audit it; start it again and audit it again."""
        self._load.go()
        time.sleep(self._dice.uniform(*_LIFE_S))
        is_plain = not self._suffer()
        self._service.kill()
        told = self._load.stop()
        self._write_down(told, is_plain=is_plain)
        end = self._auditor.look()
        self._auditor.hear(told.told)
        held = {account: frozenset(self._auditor.open_of(account)) for account in ACCOUNTS}
        self.start()
        self._look_alive(told, end, held=held)

    def start(self) -> None:
        """Start the exchange on a book that need not be that of the life before; now and then its wall clock jumps."""
        is_misled = self._dice.random() < _MISLED
        book = self._book_dice.choice([*LiveBook]) if has_compiled() else LiveBook.AUTO
        started = self._service.start(jumps=self._dice.randrange(2**32) if is_misled else None, book=book)
        self.outcome.counts["misled by a jumping clock"] += is_misled
        self.outcome.counts[f"lives on book {book.value}"] += 1
        self.outcome.starts.append(started)

    def _suffer(self) -> bool:
        """Now and then freeze the exchange or let its disk be full, until it takes orders again; say whether it did."""
        chance = self._dice.random()
        if chance < _FROZEN:
            self.outcome.counts["frozen"] += 1
            self._service.freeze(self._dice.uniform(*_FROZEN_S))
        elif chance < _FROZEN + _FULL:
            self.outcome.counts["disk full"] += 1
            self._service.starve(self._dice.uniform(*_FULL_S))
        else:
            return False
        seconds = self._load.resumed()
        self.outcome.resumed_s.append(seconds)
        self._auditor.check(seconds < LATEST_S, "it was free again and took no orders")
        return True

    def _write_down(self, told: Round, *, is_plain: bool) -> None:
        outcome = self.outcome
        outcome.counts["kills"] += 1
        outcome.counts["items answered"] += told.items
        outcome.counts["orders acknowledged"] += sum(len(each.taken) for each in told.told)
        outcome.counts["fills acknowledged"] += sum(len(each.trades) for each in told.told)
        outcome.counts["refused for lack of space"] += sum(each.refusals for each in told.told)
        outcome.counts["items without an answer"] += sum(each.silent for each in told.told)
        if is_plain:
            outcome.waits += told.waits
            outcome.plain_s += told.seconds
            outcome.plain_items += told.items

    def _look_alive(self, told: Round, end: int, *, held: Mapping[str, frozenset[str]]) -> None:
        """Hold what the restarted exchange shows against the log; members and the feeder trade meanwhile.

        It shows all orders that were `held` at the death and are still open, and none but those that were open at some
        moment since. What members do now may be in the log some moments before it is shown.
        """
        auditor = self._auditor
        auditor.look()
        auditor.published(end)
        before, known = {account: auditor.open_of(account).keys() for account in ACCOUNTS}, set(auditor.orders)
        shown = {account: self._service.asked(account, _OPEN, _FILLS) for account in ACCOUNTS}
        auditor.look()
        fresh = auditor.orders - known
        for each in told.told:
            account = each.account
            shown_open, shown_fills = (cast("list[dict[str, str]]", answer) for answer in shown[account])
            ids, after = {order["cl_ord_id"] for order in shown_open}, auditor.open_of(account).keys()
            may_be = before[account] | after | {name for owner, name in fresh if owner == account}
            auditor.check(
                held[account] & before[account] & after <= ids <= may_be,
                f"{account} is shown other open orders than the log holds",
            )
            fills = {fill["trade_id"] for fill in shown_fills}
            auditor.check(fills <= auditor.trades, f"{account} is shown fills that the log has not")
            auditor.check(set(each.trades[-_SHOWN:]) <= fills, f"{account} is not shown all of its newest fills")

    def end(self) -> None:
        """Stop the exchange in order; its last state is that of the replay."""
        state = self._service.stop()
        end = self._auditor.look()
        self._auditor.published(end)
        self._auditor.check(state == self._auditor.digest(), "the last state is not that of a replay")
        self.outcome.counts["commands audited"] = self._auditor.commands


def suffered(
    data: Path, kills: int, *, seed: int, rate: float = RATE, told: Callable[[Outcome], None] = lambda _: None
) -> Outcome:
    """Kill an exchange that keeps its log in `data` so many times under load, and return what became of it.

    Args:
        data: An empty directory.
        kills: How many times.
        seed: What everything that is drawn follows from; when a kill strikes also depends on the machine.
        rate: Orders and cancels a second.
        told: Called after each kill.
    """
    with closing(Service(data)) as service, loading(service.port, rate=rate, seed=seed) as load:
        ordeal = Ordeal(service, load, seed=seed)
        try:
            ordeal.start()
            for _ in range(kills):
                ordeal.live_and_die()
                told(ordeal.outcome)
                if ordeal.outcome.faults:
                    return ordeal.outcome
            ordeal.end()
        except StockExError as error:
            ordeal.outcome.faults.append(str(error))
        return ordeal.outcome
