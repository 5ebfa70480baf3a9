"""One counterparty: its session, its desk, and the connection that it has now."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from stockex.bus.interface import Clock
from stockex.core.fix.copies.pieces import Pieces
from stockex.core.fix.market.seen import Told
from stockex.core.fix.market.viewer import Viewer
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.session.history import History
from stockex.core.fix.session.outputs import Numbers, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import FIRST, SessionSettings
from stockex.core.fix.session.sorting import Judge, nothing_wrong, number
from stockex.core.fix.session.throttle import Rate, Throttle
from stockex.messages.gateways.fix import SessionMoved
from stockex.services.fix.line import Line
from stockex.services.fix.step import ClientState, Outbox, Step

_NOTHING: Final = Step()


class Client:
    """A counterparty of the gateway.

    Attributes:
        is_up: It is logged on.
        line: Where it is reached, while it is logged on.
        rolls_daily: Its numbers begin anew when a trading day ends.
        viewer, pieces: What it asks about the market and watches; what it is told of long answers.
        is_committing: A record of it is on its way to the log, with what its last turn brought.
        throttle: At which rate its messages pass; None: at any.
        is_whole: What it was sent before a start can be sent again.
        powers: The rules by which it is treated badly on purpose.
        waiting: Messages whose turn has not come; they do not count as received yet.
    """

    powers: Powers | None = None

    def __init__(
        self,
        settings: SessionSettings,
        desk: Desk,
        *,
        judge: Judge = nothing_wrong,
        rate: Rate | None = None,
        rolls_daily: bool = False,
    ) -> None:
        self.desk, self.rolls_daily = desk, rolls_daily
        self.throttle = None if rate is None else Throttle(rate)
        self.waiting: deque[Message] = deque()
        self.is_up, self.is_committing, self.is_whole = False, False, True
        self.viewer = Viewer()
        self.pieces = Pieces(settings.piece, settings.turns)
        self.line: Line | None = None
        self._outbox = Outbox()
        self.session = Session(settings, sent=self._outbox, judge=judge)
        self.history: History | None = History(self.session, self._outbox)
        self._counted, self._owed, self._was_up = FIRST, tuple[int, ...](), False

    @property
    def name(self) -> str:
        """Its CompID."""
        return self.session.settings.target

    def recovered(self, at: int) -> SessionMoved | None:
        """Go on where the log has brought the session; return the record that a crash has left out, if one has."""
        assert self.history is not None, "a client recovers once"
        self.history.finish(at)
        self.is_whole = self.history.is_whole
        self._was_up = self.history.is_up
        rolled_at, self.history = self.history.rolled_at, None
        self._outbox.is_anew, self._counted = False, self.session.next_out
        if rolled_at is None:
            return None
        return SessionMoved(
            session=self.name, expected=FIRST, next_out=FIRST, executions=rolled_at, is_anew=True, is_up=False
        )

    def begin_anew(self, now: int) -> None:
        """Say goodbye, if the session is up, and begin the numbers anew."""
        self.send(self.session.leave(now, text="the day has ended"))
        self.session.hang_up(now)
        self._outbox.forget()
        self.session.renumber(Numbers(FIRST, FIRST))

    def report(self, report: Report, *, offset: int, at: int, now: int) -> None:
        """Send the report of a fact at `offset` of `executions`, made at `at`; while recovering, only number it."""
        routes = self.desk.routes
        header = routes.get(str(report.body.get(11)), report.header) if routes else report.header
        if self.history is not None:
            self.history.report(Message(report.msg_type, header, report.body), offset=offset, at=at)
            return
        self.send(self.session.send(report.msg_type, report.body, at=now, header=header))
        self._counted = self.session.next_out

    def answer(self, answer: Report, *, header: Fields, now: int) -> None:
        """Send a message that reports no fact. It must leave after its record, so the line is to be held."""
        self._outbox.note(self.session.next_out, answer, header=header)
        self.send(self.session.send(answer.msg_type, answer.body, at=now, header=header))

    def tell(self, told: Iterable[Told], *, now: Clock) -> None:
        """Send what is soon stale: who asks for it again gets a gap filled."""
        for report, header in told:
            self.send(self.session.tell(report.msg_type, report.body, at=now(), header=header))

    def owe(self, record: SessionMoved) -> None:
        """Let the next record say what this one did, which could not be stored."""
        self._owed += record.own
        self._outbox.answers[:0] = record.answers

    def due(self, now: int) -> int | None:
        """Return when the next message that waits may pass, or the next piece be told; None for never."""
        free = self.throttle.free_at(now) if self.throttle is not None and self.waiting else None
        return min(filter(None, (free, self.pieces.at if self.pieces else None)), default=None)

    def hang_up(self) -> None:
        """Take the end of the connection: messages that wait are asked for again."""
        self.line, self.is_up = None, False
        self.viewer.forget()
        self.pieces.forget()
        if self.waiting:
            self.session.renumber(Numbers(self._expected, self.session.numbers.next_out))
            self.waiting.clear()

    @property
    def _expected(self) -> int:
        """The number of the first message that does not count as received."""
        return number(self.waiting[0]) if self.waiting else self.session.numbers.expected

    def send(self, outputs: Iterable[Output]) -> None:
        """Send the bytes of outputs, as long as there is a connection."""
        if self.line is not None:
            for output in outputs:
                if isinstance(output, Send):
                    self.line.send(output.data)

    @property
    def is_told(self) -> bool:
        """Whether all that the session must tell is in its records."""
        state = (self._counted, self._was_up, self._owed, self._outbox.is_open)
        return state == (self.session.next_out, self.is_up, (), False)

    def state(self, executions: int) -> ClientState:
        """Return where the session stands, which `is_told`."""
        moved = self.moved(executions, always=True)
        assert moved is not None, "it was asked for always"
        return ClientState(moved, self._outbox.frames, self.desk.state())

    def restore(self, state: ClientState) -> None:
        """Stand where a session stood, before `recall`."""
        assert self.history is not None, "what was is read before the client goes on"
        self._outbox.restore(state.frames)
        self.desk.restore(state.desk)
        self.history.resume(state.moved)

    def recall(self, moved: SessionMoved) -> None:
        """Take in a record of what was, before `recovered`."""
        assert self.history is not None, "what was is read before the client goes on"
        self.history.record(moved)
        for list_id, cl_ord_ids in (moved.lists or {}).items():
            self.desk.enlist(list_id, cl_ord_ids)
        for cl_ord_id, header in (moved.routes or {}).items():
            self.desk.route(cl_ord_id, header)

    def moved(self, executions: int, *, always: bool = False, step: Step = _NOTHING) -> SessionMoved | None:
        """Return the record of what no fact tells, since the last one; None if there is nothing, unless `always`.

        `step` is what the turn has brought.
        """
        numbers, is_anew = self.session.numbers, self._outbox.is_anew
        if is_anew:
            self.waiting.clear()
        answered = {answer.number for answer in self._outbox.answers}
        first = FIRST if is_anew else self._counted
        owed, self._owed = () if is_anew else self._owed, ()
        own = owed + tuple(number for number in range(first, numbers.next_out) if number not in answered)
        if not (always or own or answered or is_anew or self.is_up != self._was_up):
            return None
        record = SessionMoved(
            session=self.name,
            expected=self._expected,
            next_out=numbers.next_out,
            executions=executions,
            is_up=self.is_up,
            is_anew=is_anew,
            own=own,
            answers=tuple(self._outbox.answers),
            lists=step.lists or None,
            routes=step.routes or None,
            captures=tuple(step.captures) or None,
        )
        self._outbox.is_anew, self._was_up, self._counted = False, self.is_up, numbers.next_out
        self._outbox.answers.clear()
        return record
