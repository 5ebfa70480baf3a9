"""Trade capture: each trade of the accounts that a session may see as a TradeCaptureReport (AE), with both sides.

    request ──> take ──> ack, the trades so far          facts ──> told ──> reports to those who subscribe

A subscription lasts as long as its connection. Its reports are made of facts, so their numbers follow from the log,
which has the offsets at which it began and ended.

Source: FIX 4.4, volume 5, "Trade capture".
"""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from stockex.core.fix.copies.asking import ACCEPTED, COMPLETED, OTHER, acknowledged, capture_of, refused
from stockex.core.fix.market.seen import SNAPSHOT, UPDATES, Market
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.reports import NOBODY, Report, exec_id, sides_of
from stockex.core.fix.orders.requests import LOOKED_AT, Take, Taken
from stockex.core.fix.orders.terms import SIDE_TEXTS, date_of, decimal_text
from stockex.core.fix.times import stamp
from stockex.messages.executions import AnyExecution, TradeBusted, TradeCorrected, Traded
from stockex.messages.gateways.fix import Capture, SessionMoved
from stockex.vocabulary.units import Nanos

KEPT: Final = 50_000
"""How many trades may still be asked for, the newest."""

MOST_SUBSCRIPTIONS: Final = 10

Standing = Traded | TradeBusted | TradeCorrected
"""The newest fact about a trade."""

_KINDS: Final[Mapping[type[Standing], Fields]] = {
    Traded: {150: "F", 487: "0"},
    TradeBusted: {150: "H", 487: "1", 856: "6"},
    TradeCorrected: {150: "G", 487: "2", 856: "5"},
}
"""ExecType (150), TradeReportTransType (487: new, cancel, replace) and TradeReportType (856: cancel, no/was)."""


class _Open(Struct):
    """A subscription of a session; told below the offset `until`."""

    desk: Desk
    asked: Capture
    until: int | None = None


class CapturesState(Struct, frozen=True):
    """All that is known of trades, and the subscriptions: of which session, by the `source` of its commands."""

    trades: list[Standing]
    subscriptions: list[tuple[str, Capture]]
    following: int


class Captures:
    """Tells all sessions of one gateway of trades.

    Attributes:
        market: Says which instruments are listed; None: nobody does.
        takes: What it takes, by MsgType.
    """

    def __init__(self) -> None:
        self.market: Market | None = None
        self.takes: Mapping[str, Take] = {"AD": self.take}
        self._trades: OrderedDict[str, Standing] = OrderedDict()
        self._open: list[_Open] = []
        self._coming: deque[_Open] = deque()
        self._next = 0

    def state(self) -> CapturesState:
        """Return all that is known."""
        lasting = [(each.desk.party.source, each.asked) for each in (*self._open, *self._coming) if each.until is None]
        return CapturesState(list(self._trades.values()), lasting, self._next)

    def restore(self, state: CapturesState, desks: Sequence[Desk]) -> None:
        """Know what was known; records that follow may end subscriptions, or begin more."""
        by_source = {desk.party.source: desk for desk in desks}
        self._trades = OrderedDict((fact.trade_id, fact) for fact in state.trades)
        self._coming = deque(_Open(by_source[source], asked) for source, asked in state.subscriptions)
        self._next = state.following

    def take(self, message: Message, desk: Desk, *, at: int) -> Taken:
        """Take a TradeCaptureReportRequest."""
        del at
        listed = None if self.market is None else self.market.instruments
        asked = capture_of(message, desk.may_see, listed=listed, since=self._next)
        if isinstance(asked, Report):
            return Taken(answers=[asked])
        known = {each.asked.request_id: each for each in self._open if each.desk is desk}
        if not asked.is_on:
            if asked.request_id not in known:
                return Taken(answers=[refused(message, OTHER, text="there is no such subscription")])
            self._open.remove(known[asked.request_id])
            return Taken(answers=[acknowledged(message, status=COMPLETED)], captures=[asked])
        is_lasting = message.text(263) == UPDATES
        if is_lasting and (asked.request_id in known or len(known) >= MOST_SUBSCRIPTIONS):
            text = f"a session has at most {MOST_SUBSCRIPTIONS} subscriptions, each with its own TradeRequestID (568)"
            return Taken(answers=[refused(message, OTHER, text=text)])
        if is_lasting:
            self._open.append(_Open(desk, asked))
        one = None if asked.trade_id is None else self._trades.get(asked.trade_id)
        some = [*self._trades.values()] if asked.trade_id is None else [] if one is None else [one]
        more = self._answer(message, asked, desk=desk, some=some)
        return Taken(more=more, captures=[asked] if is_lasting else [])

    def _answer(
        self, message: Message, asked: Capture, *, desk: Desk, some: Sequence[Standing]
    ) -> Iterator[Report | None]:
        """Yield the ack and which of some trades are asked for, each as it stands when it is told.

        The ack says how many they are, unless there is much to look at first. Then one that says that there are none
        comes when this is known.
        """
        is_lasting, is_long = message.text(263) == UPDATES, len(some) > LOOKED_AT
        if is_long:
            yield acknowledged(message, status=ACCEPTED, count=None)
        found = []
        for place, fact in enumerate(some, 1):
            if _is_asked(fact, asked, desk=desk):
                found.append(fact)
            if place % LOOKED_AT == 0:
                yield None
        if not is_long or not (found or is_lasting):
            yield acknowledged(message, status=ACCEPTED if found or is_lasting else COMPLETED, count=len(found))
        told = {263: UPDATES if is_lasting else SNAPSHOT, 325: "N", 748: str(len(found))}
        for place, fact in enumerate(found, 1):
            body = _report(self._trades.get(fact.trade_id, fact), asked, desk=desk)
            yield Report("AE", {**body, **told, 912: "Y" if place == len(found) else "N"})

    def told(self, fact: AnyExecution, *, offset: int) -> Iterator[tuple[Desk, Report]]:
        """Take in the fact at `offset` of `executions`; yield reports, each with the desk that is told."""
        self._next = offset + 1
        if not isinstance(fact, Standing):
            return
        self._trades[fact.trade_id] = fact
        if len(self._trades) > KEPT:
            self._trades.popitem(last=False)
        while self._coming and self._coming[0].asked.since <= offset:
            self._open.append(self._coming.popleft())
        if not self._open:
            return
        self._open = [each for each in self._open if each.until is None or offset < each.until]
        for each in self._open:
            if _is_asked(fact, each.asked, desk=each.desk):
                body = {**_report(fact, each.asked, desk=each.desk), 263: UPDATES, 325: "Y"}
                yield each.desk, Report("AE", body, each.asked.header or {})

    def recall(self, desk: Desk, moved: SessionMoved) -> None:
        """Take in what a record of before a restart says of subscriptions; the facts come after all records."""
        for asked in moved.captures or ():
            if asked.is_on:
                self._coming.append(_Open(desk, asked))
            else:
                self._end(desk, asked.request_id, until=asked.since)
        if not moved.is_up:
            self._end(desk, None, until=moved.executions)

    def _end(self, desk: Desk, request_id: str | None, *, until: int) -> None:
        for each in self._coming:
            if each.desk is desk and each.until is None and request_id in {None, each.asked.request_id}:
                each.until = until

    def drop(self, desk: Desk, begun: Sequence[Capture]) -> None:
        """Forget subscriptions that `take` has begun just now: there was no room for the answer."""
        self._open = [each for each in self._open if each.desk is not desk or each.asked not in begun]

    def forget(self, desk: Desk) -> None:
        """Tell a session of nothing more: its connection has ended."""
        self._open = [each for each in self._open if each.desk is not desk]
        self._coming = deque(each for each in self._coming if each.desk is not desk)


def _is_asked(fact: Standing, asked: Capture, *, desk: Desk) -> bool:
    """Say whether a session asks for a trade: in which one side that it may see is as it wants it."""
    return (
        asked.symbol in {None, fact.symbol}
        and asked.trade_id in {None, fact.trade_id}
        and (asked.first is None or asked.first <= _traded_at(fact))
        and (asked.last is None or _traded_at(fact) <= asked.last)
        and any(
            desk.may_see(part.account)
            and (asked.accounts is None or part.account in asked.accounts)
            and asked.side in {None, side}
            and asked.order_id in {None, str(part.order_id)}
            and asked.cl_ord_id in {None, part.cl_ord_id}
            for side, part in sides_of(fact)
        )
    )


def _report(fact: Standing, asked: Capture, *, desk: Desk) -> Fields:
    """Return the body of the report of a trade as it stands by a fact; whose the other side is, is not told."""
    sides: list[Fields] = []
    for side, part in sides_of(fact):
        own = {54: SIDE_TEXTS[side], 37: NOBODY}
        if desk.may_see(part.account):
            own |= {37: str(part.order_id), 11: part.cl_ord_id, 1: part.account}
        if not isinstance(fact, Traded) and fact.text:
            own[58] = fact.text
        sides.append(own)
    is_new = isinstance(fact, Traded)
    return {
        **_KINDS[type(fact)],
        31: decimal_text(fact.price),
        32: str(fact.qty),
        55: fact.symbol,
        60: stamp(_traded_at(fact)),
        75: date_of(_traded_at(fact)),
        552: tuple(sides),
        568: asked.request_id,
        570: "N",
        571: fact.trade_id if is_new else exec_id(fact),
        **({} if is_new else {572: fact.trade_id}),
        573: "0",
        828: "0",
        880: fact.trade_id,
    }


def _traded_at(fact: Standing) -> Nanos:
    return fact.at if isinstance(fact, Traded) else fact.traded_at
