"""Clients that trade and write down every answer, and the audit that holds their answers against the log."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from stockex.adapters.settings import Settings
from stockex.errors import StockExError, WireError
from stockex.journal import recorded
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message, decode_record
from stockex.messages.executions import Accepted, Traded
from stockex.messages.topics import Topic
from stockex.simulation.replay import replay
from stockex.torture.fleet import Process

TRADERS: Final = ("CLIENT1", "CLIENT2")
"""The accounts that trade."""

_CREATED: Final = 201
_PAUSE_S: Final = 0.05
_PATIENCE_S: Final = 90.0


class Trader(threading.Thread):
    """Trades by one process's REST as fast as it is answered, and goes on whatever happens, until told to stop."""

    def __init__(self, door: Process, user: str, *, run: str = "") -> None:
        """Send to `door` as `user`; `run` tells this trader's orders from those of others."""
        super().__init__(daemon=True)
        self.user = user
        self.orders: list[str] = []
        self.trades: list[str] = []
        self._door = door
        self._run = run
        self._told_to_stop = threading.Event()
        self._grown = threading.Condition()

    def run(self) -> None:
        """Trade."""
        number = 0
        while not self._told_to_stop.is_set():
            number += 1
            if not self._send(f"{self.user}-{self._run}-{number}", is_resting=number % 2 == 1):
                self._told_to_stop.wait(_PAUSE_S)

    def answered(self, count: int) -> None:
        """Wait until `count` more orders are acknowledged. Raises: StockExError: they are not in time."""
        with self._grown:
            goal = len(self.orders) + count
            if not self._grown.wait_for(lambda: len(self.orders) >= goal, _PATIENCE_S):
                raise StockExError(f"{self.user} has no answers any more:\n{self._door.said[-2_000:]}")

    def stop(self) -> None:
        """Send no more, and wait for the last answer."""
        self._told_to_stop.set()
        self.join()

    def _send(self, cl_ord_id: str, *, is_resting: bool) -> bool:
        """Send one order: one that rests far away, or one that trades at once; say whether it was acknowledged."""
        order = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "cl_ord_id": cl_ord_id}
        terms = {"price": 23.5} if is_resting else {"ord_type": "MARKET", "time_in_force": "IOC"}
        status, body = self._door.ask("/api/v1/orders", order | terms, user=self.user)
        if status != _CREATED:
            return False
        with self._grown:
            self.orders.append(cl_ord_id)
            self.trades += [fill["trade_id"] for fill in json.loads(body)["fills"]]
            self._grown.notify_all()
        return True


class Audit(NamedTuple):
    """What the log says of what clients were told. All but the first three must be 0 or None.

    `unpublished` facts are due to commands that came after the last matcher had ended.
    """

    orders: int
    trades: int
    commands: int
    lost: int
    doubled: int
    surplus: int
    unpublished: int
    differs: str | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or made differently."""
        return not any(self[3:])


def audited(settings: Settings, traders: Sequence[Trader]) -> Audit:
    """Hold every acknowledgement against the log, and the log against its replay."""
    counts: Counter[tuple[str, ...]] = Counter()
    settled: Counter[tuple[int, str]] = Counter()
    for topic in (Topic.EXECUTIONS, Topic.LEDGER):
        for record in recorded(settings, topic):
            try:
                fact: Message | None = decode_record(record)
            except WireError:
                continue
            match fact:
                case Accepted():
                    counts["order", fact.account, fact.cl_ord_id] += 1
                case Traded():
                    counts["trade", fact.trade_id] += 1
                case DaySettled():
                    settled[fact.day, fact.account] += 1
                case _:
                    pass
    orders = [("order", trader.user, order) for trader in traders for order in trader.orders]
    trades = [("trade", trade) for trader in traders for trade in trader.trades]
    found = replay(lambda topic: recorded(settings, topic), shards=settings.shards)
    return Audit(
        orders=len(orders),
        trades=len(trades),
        commands=found.commands,
        lost=sum(told not in counts for told in (*orders, *trades)),
        doubled=sum(count > 1 for tally in (counts, settled) for count in tally.values()),
        surplus=found.surplus,
        unpublished=found.unpublished,
        differs=found.differs,
    )


def ended_at(process: Process) -> tuple[int, str]:
    """Return the offset and the digest with which a process says that it stopped; of several shards, all digests."""
    offset, _, digest = process.said.rsplit("stopped    at offset ", 1)[1].partition(", state ")
    return int(offset), digest.strip()
