"""What must hold, looked at after every record: the oracle follows the log with an exchange that never dies.

It also writes down every answer that clients were given, and holds it against the log.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.core.snapshot import dump
from stockex.errors import WireError
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message, decode_record, encode, entry_of, from_wire
from stockex.messages.control import MemberLogin, MemberLogout, Stopped
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Quarantined, Rejected, Traded
from stockex.messages.topics import FACT_TOPICS, Topic
from stockex.messages.views import Why
from stockex.services.engines.interface import MatchingEngine
from stockex.services.explainer import Moment
from stockex.services.matcher import facts_of
from stockex.services.trust.projections import Projection
from stockex.simulation.fuzz import Watch, crossings
from stockex.vocabulary.units import Nanos

WHYS_EVERY: Final = 17
"""The oracle knows of one command in so many why its facts came about."""

_OTHERS: Final = (DaySettled, MemberLogin, MemberLogout)


class _Sent(msgspec.Struct):
    sent_at: Nanos | None = msgspec.field(name="timestamp", default=None)


class Violation(Exception):
    """Something that must never be. It is no fault of the world, so it ends the run."""


class Promise(NamedTuple):
    """What a client was told: the command at `offset` is taken, and had these facts."""

    offset: int
    token: Nanos
    facts: tuple[bytes, ...]


class Oracle:
    """Follows the log as it becomes durable. Every method raises Violation when it finds what must not be.

    Attributes:
        exchange: The state after the newest command whose facts are in the log, as if nothing had ever failed.
        views: The projections of everything that is in the log.
        trades: The id of each trade in the log.
        fills: The same for each account that had a part in it, once for each part.
        whys: Why the facts of some commands came about.
        strange: Places of records that a stranger appended.
    """

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.house = House()
        self.blotter = Blotter()
        self.views: tuple[Projection, ...] = (Market(), Bars(), self.blotter, self.house, Switches())
        self.strange: set[tuple[Topic, int]] = set()
        self.trades: list[str] = []
        self.fills: defaultdict[str, list[str]] = defaultdict(list)
        self.whys: dict[int, tuple[Why, ...]] = {}
        self.counts = Counter[str]()
        self.ends = dict.fromkeys(Topic, 0)
        self.sealed = sha256()
        self._watch = Watch()
        self._commands: deque[Record] = deque()
        self._expected: deque[Entry] = deque()
        self._facts: dict[int, tuple[bytes, ...]] = {}
        self._tokens: defaultdict[Nanos | None, list[int]] = defaultdict(list)
        self._settling: dict[int, list[bytes]] = {}
        self._settled: set[int] = set()
        self._promises: list[Promise] = []
        self._at = Nanos(0)
        self._newest: dict[Topic, tuple[int, Record]] = {}
        self._records = 0

    def told(self, records: Sequence[Record]) -> None:
        """Take in one append that is durable now."""
        for record in records:
            if record.offset < self.ends[record.topic]:
                raise Violation(f"{_place(record)} follows a later one")
            if record.at < self._at:
                raise Violation(f"{_place(record)} is older than what stands before it")
            self.ends[record.topic], self._at = record.offset + 1, record.at
            self._records += 1
            self._newest[record.topic] = (self._records, record)
            self.sealed.update(b"%s %d %d %s\n" % (record.topic.value.encode(), record.offset, record.at, record.value))
            self._take(record)
        if self._expected:
            raise Violation(f"only a part of the facts of {self.exchange.next_offset - 1} was appended")

    def _take(self, record: Record) -> None:
        message = self._read(record)
        if record.topic is Topic.ORDERS:
            self._commands.append(record)
            self._tokens[_token(record)].append(record.offset)
        elif message is not None:
            if isinstance(message, DaySettled):
                self._settle(record, message)
            elif record.topic in FACT_TOPICS and not isinstance(message, _OTHERS):
                self._fact(record)
            self._show(record.topic, message)

    def _read(self, record: Record) -> Message | None:
        """Return what a record says; None if it says nothing, as a stranger's, or as a command that no form checked."""
        try:
            return decode_record(record)
        except WireError as error:
            if record.topic is Topic.ORDERS or (record.topic, record.offset) in self.strange:
                return None
            raise Violation(f"{_place(record)} cannot be read: {error}: {record.value!r}") from error

    def _fact(self, record: Record) -> None:
        """Hold a fact of the engine against the one that must come now."""
        if not self._expected:
            if not self._commands:
                raise Violation(f"{_place(record)} has no cause, or comes twice: {record.value!r}")
            self._obey(self._commands.popleft())
        expected = self._expected.popleft()
        found = Entry(record.topic, record.key, record.value)
        if found != expected:
            raise Violation(f"{_place(record)}: {found}, and not {expected}")

    def _obey(self, command: Record) -> None:
        """Let the exchange that never dies obey the next command, and look at what it says."""
        state = dump(self.exchange) if command.offset % WHYS_EVERY == 0 else None
        facts = facts_of(self.exchange, command)
        if state is not None:
            self.whys[command.offset] = Moment(command, state, tuple(facts)).whys()
        wrong = [*self._watch.faults(facts), *self._watch.misses(self.exchange), *crossings(self.exchange, facts)]
        if wrong:
            raise Violation(f"command {command.offset}: {wrong[:1]}")
        self._expected.extend(entry_of(fact) for fact in facts)
        self._facts[command.offset] = tuple(entry.value for entry in self._expected)
        self.counts["commands"] += 1
        self.counts["facts"] += len(facts)

    def _show(self, topic: Topic, message: Message) -> None:
        for view in self.views:
            if topic in view.topics:
                view.apply(message)
        if isinstance(message, Traded):
            self.trades.append(message.trade_id)
            for fill in (message.buy, message.sell):
                self.fills[fill.account].append(message.trade_id)
        if isinstance(message, Stopped):
            self._settling[message.day] = [encode(fact) for fact in self.house.settle(message)]

    def _settle(self, record: Record, fact: DaySettled) -> None:
        """Hold a settlement against what the house that missed nothing had made of the day."""
        expected = self._settling.get(fact.day, [])
        if not expected:
            raise Violation(f"{_place(record)} settles day {fact.day}, which is not due")
        if expected.pop(0) != record.value:
            raise Violation(f"{_place(record)} settles day {fact.day} wrongly: {record.value!r}")
        if not expected:
            self.counts["days_settled"] += 1

    def promised(self, token: Nanos, offset: int, *, facts: Iterable[Message]) -> None:
        """Take note of an answer with facts, which must be durable."""
        promise = Promise(offset, token, tuple(map(encode, facts)))
        self._promises.append(promise)
        self._keep(promise)
        self.counts["acknowledged"] += 1

    def refused(self, token: Nanos, offset: int | None, *, reason: str | None) -> None:
        """Take note that a client was told of a refusal: by the engine, or of a command that cannot be read."""
        offsets = self._tokens[token] if offset is None else [offset]
        said = [decode_record(Record(Topic.EXECUTIONS, 0, Nanos(0), "", self._facts[each][-1])) for each in offsets]
        held = [fact for fact in said if isinstance(fact, Rejected | Quarantined)]
        names = [fact.reason.value if isinstance(fact, Rejected) else None for fact in held]
        if reason not in names:
            raise Violation(f"a client was told of {reason}, and the log says {names} of {offsets}")
        self.counts["refused"] += 1

    def denied(self, token: Nanos) -> None:
        """Take note that a client was told that its command, sent once, is not in the log."""
        if self._tokens[token]:
            raise Violation(f"a client was told that nothing was done, but it stands at {self._tokens[token]}")
        self.counts["denied"] += 1

    def copies(self, token: Nanos, most: int) -> None:
        """Hold that a command that was delivered so many times is not in the log more often."""
        found = self._tokens[token]
        if len(found) > most:
            raise Violation(f"a command delivered {most} times stands {len(found)} times: at {found}")

    def keep_promises(self) -> None:
        """Hold that all that clients were told of is still there."""
        for promise in self._promises:
            self._keep(promise)

    def _keep(self, promise: Promise) -> None:
        if promise.offset not in self._tokens[promise.token]:
            raise Violation(f"a client was told that its command is {promise.offset}, and that is another one")
        held = self._facts.get(promise.offset)
        if held != promise.facts:
            raise Violation(f"a client was told {promise.facts} of {promise.offset}, the log says {held}")

    def same_engine(self, engine: MatchingEngine, *, who: str) -> bool:
        """Hold that a matcher that stands where the facts end has the same state; False: it does not stand there."""
        if engine.next_offset != self.exchange.next_offset:
            return False
        if engine.dump() != dump(self.exchange):
            raise Violation(f"{who} has another state after {engine.next_offset - 1}")
        self.counts["engines_compared"] += 1
        return True

    def is_newest(self, record: Record, topics: Iterable[Topic]) -> bool:
        """Say whether nothing of these topics is in the log behind a record."""
        newest = max((self._newest[topic] for topic in topics if topic in self._newest), default=(0, record))
        return newest[1] == record

    def same_views(self, views: Iterable[Projection], *, who: str) -> None:
        """Hold that projections that have seen the whole log show the same as a replay of it."""
        for mine in self.views:
            for other in views:
                if isinstance(other, type(mine)):
                    if mine.dump() != other.dump():
                        raise Violation(f"{type(mine).__name__} of {who} does not show what the log says")
                    self.counts["views_compared"] += 1

    def at_rest(self) -> str | None:
        """Return what is still to be done, None if every command has its facts and every day its settlement."""
        if self._commands:
            return f"command {self._commands[0].offset} has no facts"
        due = [day for day, facts in self._settling.items() if facts]
        return f"day {due[0]} is not settled" if due else None

    def finish(self) -> None:
        """Hold what must hold at the end."""
        self.keep_promises()
        self.house.totals()
        wrong = list(self._watch.strays(self.exchange))
        if wrong:
            raise Violation(str(wrong[:1]))


def _token(record: Record) -> Nanos | None:
    """Return the token of a command, also of one that cannot be read."""
    try:
        return msgspec.json.decode(record.value, type=_Sent, dec_hook=from_wire).sent_at
    except (msgspec.MsgspecError, ValueError):
        return None


def _place(record: Record) -> str:
    return f"{record.topic.value} {record.offset}"
