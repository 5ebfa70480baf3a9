"""The auditor: replays the log of an exchange that runs or is dead, and holds what people were told against it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

from stockex.bus.embedded.reading import batch_from, shape_of
from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.core.snapshot import digest
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_record, entry_of
from stockex.messages.envelope import Record
from stockex.messages.executions import Accepted, Cancelled, Traded
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.matcher import facts_of
from stockex.simulation.replay import is_engines
from stockex.torture.kills.trader import Told

_FAULTS: Final = 20
"""So many faults are told, and no more looked for."""


class Audited(Protocol):
    """A log that is read beside whoever writes it."""

    def ends(self) -> Mapping[Topic, int]:
        """Return where each topic ends now; whatever fact is below, so is its command."""

    def records(self, topic: Topic, since: int, *, end: int) -> Iterator[Record]:
        """Yield what a topic has from an offset to below another."""


class EmbeddedLog:
    """The embedded log at a path."""

    def __init__(self, path: Path) -> None:
        """Read the file at `path`; it need not be there yet."""
        self._path = path

    def ends(self) -> Mapping[Topic, int]:
        """Return where each topic ends now. Raises: LogDamaged; LogError."""
        return shape_of(self._path).ends

    def records(self, topic: Topic, since: int, *, end: int) -> Iterator[Record]:
        """Yield what a topic has from an offset to below another. Raises: LogDamaged; LogError."""
        while batch := batch_from(self._path, {topic: since}, ends={topic: end}):
            since = batch[-1].offset + 1
            yield from batch


class Auditor:
    """Follows a log by itself, as far as it goes at each look, and never forgets.

    Attributes:
        faults: What is wrong, in words; nothing should be.
        commands: How many it has obeyed.
        orders: Every order that was accepted, as (account, client id).
        trades: The id of every trade.
    """

    def __init__(self, log: Audited) -> None:
        """Audit a log from its beginning."""
        self.faults: list[str] = []
        self.commands = 0
        self.orders: set[tuple[str, str]] = set()
        self.trades: set[str] = set()
        self._log = log
        self._exchange = Exchange()
        self._house = House()
        self._ended: set[tuple[str, str]] = set()
        self._wants = dict.fromkeys((Topic.ORDERS, *FACT_TOPICS), 0)
        self._owed: dict[Topic, deque[tuple[int, bytes]]] = {topic: deque() for topic in FACT_TOPICS}

    def look(self) -> int:
        """Replay what is new and compare every fact with the log's; return the offset after the newest command.

        Raises: LogDamaged: the log is. LogError: it cannot be read.
        """
        ends = self._log.ends()
        for record in self._new(Topic.ORDERS, ends):
            self._obey(record)
        for topic in FACT_TOPICS:
            for record in self._new(topic, ends):
                self._compare(record)
        self._weigh()
        return ends.get(Topic.ORDERS, 0)

    def _new(self, topic: Topic, ends: Mapping[Topic, int]) -> Iterator[Record]:
        for record in self._log.records(topic, self._wants[topic], end=ends.get(topic, 0)):
            self._wants[topic] = record.offset + 1
            yield record

    def _obey(self, record: Record) -> None:
        self.commands += 1
        for fact in facts_of(self._exchange, record):
            self._note(fact)
            self._house.apply(fact)
            entry = entry_of(fact)
            self._owed[entry.topic].append((record.offset, entry.value))

    def _note(self, fact: Fact) -> None:
        match fact:
            case Accepted():
                self.check((fact.account, fact.cl_ord_id) not in self.orders, f"order {fact.cl_ord_id} was taken twice")
                self.orders.add((fact.account, fact.cl_ord_id))
            case Traded():
                self.check(fact.trade_id not in self.trades, f"trade {fact.trade_id} was made twice")
                self.trades.add(fact.trade_id)
            case Cancelled():
                self._ended.add((fact.account, fact.cl_ord_id))
            case _:
                pass

    def _compare(self, record: Record) -> None:
        try:
            if not is_engines(decode_record(record)):
                return
        except WireError:
            return
        owed = self._owed[record.topic]
        place = f"{record.topic.value} {record.offset}"
        if not owed:
            self.check(False, f"{place} is nothing that the replay gives")  # noqa: FBT003 (a claim that is false)
        else:
            self.check(owed.popleft()[1] == record.value, f"{place} is not what the replay gives")

    def _weigh(self) -> None:
        totals = self._house.totals()
        self.check(totals.cash == 0 and not any(totals.shares.values()), f"the house does not balance: {totals}")

    def published(self, below: int) -> None:
        """Check that every command below an offset has its facts in the log."""
        for topic, owed in self._owed.items():
            self.check(not owed or owed[0][0] >= below, f"{topic.value} lacks facts of commands below {below}")

    def hear(self, told: Iterable[Told]) -> None:
        """Check that the log holds what accounts were told, and nothing that they were told it did not take."""
        for each in told:
            account = each.account
            lost = [cl_ord_id for cl_ord_id in each.taken if (account, cl_ord_id) not in self.orders]
            self.check(not lost, f"orders of {account} were acknowledged and are lost: {lost[:5]}")
            taken = [cl_ord_id for cl_ord_id in each.refused if (account, cl_ord_id) in self.orders]
            self.check(not taken, f"orders of {account} were refused and are in the log: {taken[:5]}")
            self.check(not each.turned, f"orders of {account} were refused, and then there: {each.turned[:5]}")
            unmade = [trade_id for trade_id in each.trades if trade_id not in self.trades]
            self.check(not unmade, f"fills of {account} were acknowledged and are lost: {unmade[:5]}")
            alive = self.open_of(account).keys() & set(each.ended)
            self.check(not alive, f"orders of {account} were cancelled and are open: {sorted(alive)[:5]}")

    def open_of(self, account: str) -> dict[str, int]:
        """Return the open orders of an account, by client id, with what each leaves."""
        return {order.cl_ord_id: order.leaves for order in self._exchange.desk.orders_of(account)}

    def digest(self) -> str:
        """Return the digest of the replayed state."""
        return digest(self._exchange)

    def check(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim)
        """Write down a fault unless the claim is so."""
        if not is_so and len(self.faults) < _FAULTS:
            self.faults.append(otherwise)
