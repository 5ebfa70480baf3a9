"""Holds the log of an exchange that met garbage against its replay."""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from stockex import journal
from stockex.adapters.settings import Settings
from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Accepted, Rejected
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.services.matcher import facts_of
from stockex.services.trust.sieve import Sieve
from stockex.simulation.replay import is_engines

_FAULTS: Final = 20


@dataclass
class Found:
    """What the log says. `faults` tells what is wrong; nothing should be.

    Attributes:
        passed_over: How many records of each topic are not believed, by reason. Of `orders` those without a command;
            "refused" counts commands about what does not exist.
        commands: How many records `orders` has.
        facts: How many facts of the engine are believed, each of them that of the replay.
    """

    passed_over: dict[Topic, Counter[str]] = field(default_factory=dict)
    commands: int = 0
    facts: int = 0
    faults: list[str] = field(default_factory=list)

    def check(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim)
        """Write down a fault unless the claim is so."""
        if not is_so and len(self.faults) < _FAULTS:
            self.faults.append(otherwise)


class _Audit:
    """Goes through a log in the order of appending."""

    def __init__(self) -> None:
        self.found = Found()
        self.orders: Counter[str] = Counter()
        self.refused = 0
        self.sieve = Sieve(tuple(Topic))
        self.house = House()
        self._exchange = Exchange()
        self._owed: dict[Topic, deque[Entry]] = {topic: deque() for topic in FACT_TOPICS}

    def take(self, record: Record) -> None:
        """Obey a command; compare a fact that is believed with the replay's."""
        if record.topic is Topic.ORDERS:
            self._obey(record)
        message = self.sieve.read(record)
        if message is None:
            return
        if record.topic in House.topics:
            self.house.apply(message)
        if record.topic in self._owed and is_engines(message):
            self._compare(record, message)

    def _obey(self, record: Record) -> None:
        self.found.commands += 1
        for fact in facts_of(self._exchange, record):
            entry = entry_of(fact)
            self._owed[entry.topic].append(entry)

    def _compare(self, record: Record, message: Message) -> None:
        place, owed = f"{record.topic.value} {record.offset}", self._owed[record.topic]
        self.found.check(bool(owed), f"{place} is believed and is nothing that the replay gives")
        if owed:
            self.found.check(owed.popleft().value == record.value, f"{place} is not what the replay gives")
        self.found.facts += 1
        if isinstance(message, Accepted):
            self.orders[message.cl_ord_id] += 1
        self.refused += isinstance(message, Rejected) and "GHOST" in message.account

    def end(self, told: Collection[str]) -> Found:
        """Check that nothing is missing, and that what people were told is in the log once."""
        found = self.found
        for topic, owed in self._owed.items():
            found.check(not owed, f"{topic.value} lacks {len(owed)} facts")
        found.check(all(self.orders[each] == 1 for each in told), "an acknowledged order is lost or doubled")
        totals = self.house.totals()
        found.check(totals.cash == 0 and not any(totals.shares.values()), f"the house does not balance: {totals}")
        found.passed_over = {topic: Counter(of_topic) for topic, of_topic in self.sieve.tally.counts.items()}
        found.passed_over.setdefault(Topic.ORDERS, Counter())["refused"] = self.refused
        return found


def audited(settings: Settings, *, told: Collection[str]) -> Found:
    """Go through the whole log, and hold against it the client ids of orders that were acknowledged."""
    audit = _Audit()
    for record in journal.merged(settings, dict.fromkeys(Topic, 0)):
        audit.take(record)
    return audit.end(told)
