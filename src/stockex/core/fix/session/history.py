"""A session as the log has it: which numbers its own messages took, so that all others belong to facts, in their order.

own messages      1       4   5            from the records of `fix`
reports               2 3       6 7 8      from facts, in the order of `executions`
"""

from stockex.core.fix.encode import fields_text, frame_of
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.session.outputs import Numbers
from stockex.core.fix.session.sent import Sent
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import FIRST
from stockex.core.fix.times import stamp
from stockex.messages.gateways.fix import Answer, SessionMoved


class History:
    """Brings one session back to where it stood. First all its records, then the reports of all facts, then `finish`.

    Attributes:
        is_up: It was logged on when the last record was made.
        rolled_at: The offset of `executions` at which numbers should have begun anew, if no record says so.
        is_whole: The reports have the numbers that they had; else nothing that was sent before can be sent again.
    """

    def __init__(self, session: Session, sent: Sent) -> None:
        self.is_up = False
        self.is_whole = True
        self.rolled_at: int | None = None
        self._session = session
        self._sent = sent
        self._own: dict[int, Answer | None] = {}
        self._since = 0
        self._last: SessionMoved | None = None
        self._next_out = FIRST
        self._is_checked = False

    def resume(self, moved: SessionMoved) -> None:
        """Begin where a checkpoint has brought the session, instead of at its beginning; `moved` says where."""
        self._last, self.is_up, self._next_out = moved, moved.is_up, moved.next_out

    def record(self, moved: SessionMoved) -> None:
        """Take in the next record of the session."""
        if moved.is_anew:
            self._own.clear()
            self._sent.forget()
            self._next_out, self._since = FIRST, moved.executions
        self._own.update(dict.fromkeys(moved.own))
        self._own.update({answer.number: answer for answer in moved.answers})
        self._last, self.is_up = moved, moved.is_up

    def roll(self, executions: int) -> None:
        """Take in that numbers begin anew here. There is a record of it, unless the process died before."""
        if self._since >= executions or (self._last is not None and self._last.executions > executions):
            return
        self._own.clear()
        self._sent.forget()
        self._since = self.rolled_at = executions
        self._next_out, self._last = FIRST, None

    def report(self, message: Message, *, offset: int, at: int) -> None:
        """Take in the report of the fact at `offset` of `executions`, which was made at `at`."""
        if offset < self._since:
            return
        if self._last is not None and offset >= self._last.executions:
            self._check(self._last)
        self._pass_own(at)
        self._keep(message.msg_type, fields_text(message.body), at=at, header=message.header)

    def finish(self, at: int) -> None:
        """Give the session its numbers."""
        if self._last is not None:
            self._check(self._last)
        self._pass_own(at)
        expected = FIRST if self._last is None else self._last.expected
        self._session.renumber(Numbers(expected, self._next_out))

    def _check(self, last: SessionMoved) -> None:
        """Hold the numbers against those of the last record, which are right even if reports were others then."""
        if self._is_checked:
            return
        self._is_checked = True
        self._pass_own(0)
        if self._next_out != last.next_out:
            self.is_whole = False
            self._sent.forget()
            self._next_out = last.next_out

    def _pass_own(self, at: int) -> None:
        while self._next_out in self._own:
            answer = self._own[self._next_out]
            if answer is None:
                self._next_out += 1
            else:
                self._keep(answer.msg_type, answer.body, at=at, header=answer.header or {})

    def _keep(self, msg_type: str, body: str, *, at: int, header: Fields) -> None:
        settings = self._session.settings
        own = {34: str(self._next_out), 49: settings.sender, 52: stamp(at), 56: settings.target}
        message = Message(msg_type, {**header, **own}, {}, {}, settings.begin_string)
        self._sent.keep(self._next_out, frame_of(message, body))
        self._next_out += 1
