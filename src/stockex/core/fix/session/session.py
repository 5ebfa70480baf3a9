"""One session: carries out what the table says."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from stockex.core.fix.encode import fields_text, sent_again
from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.message import Fields, Message, Refused, head, reversed_route
from stockex.core.fix.reasons import TEXTS
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, LoggedOut, Noted, Numbers, Output, Send
from stockex.core.fix.session.sent import Resending, Sent, SentInMemory, gap_fill
from stockex.core.fix.session.settings import FIRST, SessionSettings
from stockex.core.fix.session.sorting import (
    ADMIN,
    Judge,
    Moment,
    Sorted,
    is_plain,
    nothing_wrong,
    number,
    sorted_again,
    sorted_as,
)
from stockex.core.fix.session.table import EARLY, LIVE, TRANSITIONS, Input, State
from stockex.core.fix.times import SECOND, stamp

_TEST: Final = "TEST"
_PLAIN: Final = Sorted(Input.APPLICATION)
_NEW_NUMBER: Final = re.compile(f"{SOH}36=([0-9]{{1,18}}){SOH}")


class Session:
    """A session with one counterparty. It lives on when connections end.

    Every call takes the time, at which nothing before may be later, and returns what is to be done.

    Attributes:
        connections: How many it has had.
    """

    def __init__(
        self,
        settings: SessionSettings,
        *,
        sent: Sent | None = None,
        numbers: Numbers | None = None,
        judge: Judge = nothing_wrong,
    ) -> None:
        """Go on with `numbers`; `judge` says what is wrong with a Logon beyond its form."""
        self.settings = settings
        self._judge = judge
        self.state = State.DISCONNECTED
        self.connections = 0
        self._sent: Sent = SentInMemory() if sent is None else sent
        self._resending = Resending(self._sent, settings.turns)
        self._expected, self._next_out = (FIRST, FIRST) if numbers is None else (numbers.expected, numbers.next_out)
        self._at = 0
        self._interval = 0
        self._since = self._last_in = self._last_out = 0
        self._kept: dict[int, Message | Refused | None] = {}
        self._gap: tuple[int, int] | None = None
        self._asked_at = 0
        self._is_anew = False
        self._outputs: list[Output] = []
        self._before = (self._expected, self._next_out)
        self._message: Message | Refused | None = None
        self._found = Sorted(Input.LEAVE)

    @property
    def numbers(self) -> Numbers:
        """The next number that is expected and the next one to be sent."""
        return Numbers(self._expected, self._next_out)

    @property
    def next_out(self) -> int:
        """The next number to be sent."""
        return self._next_out

    def renumber(self, numbers: Numbers) -> None:
        """Take other numbers, while there is no connection."""
        assert self.state is State.DISCONNECTED, "numbers belong to the wire while there is one"
        self._expected, self._next_out = numbers.expected, numbers.next_out

    def connect(self, at: int) -> list[Output]:
        """Take a connection that they made."""
        self.connections += 1
        return self._call(Sorted(Input.CONNECT), at)

    def dial(self, at: int) -> list[Output]:
        """Take a connection that we made: log on."""
        self.connections += 1
        return self._call(Sorted(Input.DIAL), at)

    def hang_up(self, at: int) -> list[Output]:
        """Take the end of the connection."""
        return [] if self.state is State.DISCONNECTED else self._call(Sorted(Input.HANG_UP), at)

    def leave(self, at: int, *, text: str = "") -> list[Output]:
        """Log out, if logged on. The connection ends when they answer, or do not."""
        is_up = self.state in (*EARLY, *LIVE)
        return self._call(Sorted(Input.LEAVE, text=text), at) if is_up else []

    def garbled(self, why: str, at: int) -> list[Output]:
        """Take bytes that are no message."""
        if self.state is State.DISCONNECTED:
            return []
        return [Noted(f"garbled: {why}"), *self._call(Sorted(Input.GARBLED), at)]

    def arrived(self, message: Message | Refused, at: int) -> Iterable[Output]:
        """Take a message, and those kept whose turn it makes it.

        The outputs of each must be done before those of the next are made: what the application answers to the one has
        a number before what the session says to the other.
        """
        if self.state is State.DISCONNECTED:
            return []
        self._last_in = at
        plain = self.state in LIVE and is_plain(message, self.settings, expected=self._expected, at=at)
        if plain and self.state is State.ACTIVE and self._gap is None and not self._kept:
            assert isinstance(message, Message), "it is plain"
            self._at = self._asked_at = at  # At once what the table says of it (`sorting.PLAIN_STEP`).
            self._expected += 1
            return [self.numbers, Deliver(message)]
        self._begin_call(at)
        self._message = message
        self._step(_PLAIN if plain else sorted_as(message, self._moment))
        outputs = self._end_call()
        return self._and_kept(outputs, at) if self._expected in self._kept else outputs

    def _and_kept(self, outputs: list[Output], at: int) -> Iterator[Output]:
        """Yield outputs, and those of the kept messages whose turn has come."""
        yield from outputs
        while self._expected in self._kept:
            kept = self._kept.pop(self._expected)
            self._begin_call(at)
            if kept is None:
                self._advance(self._expected + 1)
            else:
                self._message = kept
                self._step(sorted_again(kept, self._moment))
            yield from self._end_call()

    def send(self, msg_type: str, body: Fields, *, at: int, header: Fields | None = None) -> list[Output]:
        """Send an application message, or give it a number to be asked for when the session is up again."""
        assert msg_type not in ADMIN, "the session sends its own messages itself"
        self._begin_call(at)
        self._emit(msg_type, body, header=header)
        return self._end_call()

    def tell(self, msg_type: str, body: Fields, *, at: int, header: Fields | None = None) -> list[Output]:
        """Send an application message that is soon stale: who asks for it again gets a gap filled instead."""
        self._begin_call(at)
        self._emit(msg_type, body, header=header, is_kept=False)
        return self._end_call()

    def utter(self, msg_type: str, body: str, *, at: int) -> list[Output]:
        """Send what a person wrote, under the next number: `body` as it stands, sound or not, each field with its SOH.

        It is not kept to be sent again. NewSeqNo of a SequenceReset is the number of what we send next.
        """
        self._begin_call(at)
        frame = self._framed(msg_type, body, header=None)
        self._next_out += 1
        if msg_type == "4" and (found := _NEW_NUMBER.search(SOH + body)):
            self._next_out = max(FIRST, int(found[1]))
        self._last_out = at
        self._outputs.append(Send(frame))
        return self._end_call()

    def set_numbers(self, numbers: Numbers, at: int) -> list[Output]:
        """Expect, and send next, other numbers, as an operator or a tester wants it; what was missing is forgotten."""
        self._begin_call(at)
        self._expected, self._next_out = numbers.expected, numbers.next_out
        self._kept.clear()
        self._gap = None
        return self._end_call()

    def due(self) -> int | None:
        """Return when `tick` is to be called next; None for never."""
        if self._resending.is_pending:
            return max(self._at, self._resending.at)
        return min((at for at, _ in self._alarms()), default=None)

    def tick(self, at: int) -> list[Output]:
        """Let time pass: heartbeats, tests, patience that ends, and the next piece of what is to be sent again."""
        self._begin_call(at)
        self._send_again()
        for _ in range(len(State)):
            ripe = [given for alarm, given in sorted(self._alarms(), key=lambda pair: pair[0]) if alarm <= at]
            if not ripe:
                break
            self._step(Sorted(ripe[0]))
        return self._end_call()

    def _alarms(self) -> list[tuple[int, Input]]:
        """Return what will happen when, if nothing else does."""
        settings = self.settings
        if self.state in EARLY:
            return [(self._since + settings.logon_wait_s * SECOND, Input.LOGON_LATE)]
        if self.state is State.LOGOUT_SENT:
            return [(self._since + settings.logout_wait_s * SECOND, Input.LOGOUT_LATE)]
        alarms: list[tuple[int, Input]] = []
        if self.state is State.ACTIVE and self._interval:
            alarms.append((self._last_in + self._interval * 12 // 10, Input.QUIET_IN))
            alarms.append((self._last_out + self._interval, Input.QUIET_OUT))
        if self.state is State.TEST_PENDING:
            alarms.append((self._last_in + self._interval * 24 // 10, Input.DEAF))
        if self.state in LIVE and self._gap is not None:
            alarms.append((self._asked_at + settings.gap_wait_s * SECOND, Input.GAP_STALE))
        return alarms

    @property
    def _moment(self) -> Moment:
        return Moment(self.settings, self.state, self._expected, self._next_out, self._at, self._judge)

    def _call(self, found: Sorted, at: int) -> list[Output]:
        self._begin_call(at)
        self._message = None
        self._step(found)
        return self._end_call()

    def _begin_call(self, at: int) -> None:
        self._at = at
        self._outputs = []
        self._before = (self._expected, self._next_out)

    def _end_call(self) -> list[Output]:
        """Return the outputs, new numbers first."""
        outputs, self._outputs = self._outputs, []
        is_new = (self._expected, self._next_out) != self._before
        return [self.numbers, *outputs] if is_new else outputs

    def _step(self, found: Sorted) -> None:
        """Do what the table says about one input."""
        self._found = found
        state = self.state
        following, actions = _STEPS[state, found.given]
        for act in actions:
            act(self)
        if following is not state:
            self.state = following
            self._since = self._at
            if following is State.DISCONNECTED:
                self._forget()

    def _forget(self) -> None:
        """Forget what belongs to the connection, or to numbers that are no more."""
        self._kept.clear()
        self._gap = None
        self._resending.stop()

    def _emit(self, msg_type: str, body: Fields, *, header: Fields | None = None, is_kept: bool = True) -> None:
        """Number a message, and send it unless it must wait for a logon."""
        frame = self._framed(msg_type, fields_text(body), header=header)
        if is_kept and msg_type not in ADMIN:
            self._sent.keep(self._next_out, frame)
        self._next_out += 1
        if msg_type in ADMIN or self.state in LIVE:
            self._write(frame)

    def _framed(self, msg_type: str, body: str, *, header: Fields | None) -> bytes:
        """Return a message under the next number; `header` is what its header has besides the usual."""
        settings, now = self.settings, self._stamp()
        if header:
            own = {34: str(self._next_out), 49: settings.sender, 52: now, 56: settings.target}
            text = fields_text({**header, **own})
        else:
            text = f"34={self._next_out}{SOH}49={settings.sender}{SOH}52={now}{SOH}56={settings.target}{SOH}"
        return framed(f"35={msg_type}{SOH}{text}{body}", begin_string=settings.begin_string)

    def _write(self, frame: bytes) -> None:
        self._last_out = self._at
        self._outputs.append(Send(frame))

    def _stamp(self) -> str:
        return stamp(self._at, digits=self.settings.digits)

    def _advance(self, expected: int) -> None:
        """Expect another number; what was kept before it is not needed, and the gap may be filled."""
        self._expected = expected
        self._asked_at = self._at
        for early in [early for early in self._kept if early < expected]:
            del self._kept[early]
        if self._gap is not None and expected > self._gap[1]:
            self._gap = None

    def _send_again(self) -> None:
        """Send the next piece of what they asked for."""
        for again in self._resending.piece(self.settings.piece, self._at):
            frame, now = again.frame, self._stamp()
            self._write(gap_fill(again, self.settings, now=now) if frame is None else sent_again(frame, now=now))

    def _given(self) -> Message:
        """Return the message at hand, where the table allows only a sound one."""
        assert isinstance(self._message, Message), "the table lets only sound messages come here"
        return self._message

    def _begin(self) -> None:
        asks = isinstance(self._message, Message) and self._message.text(141) == "Y"
        self._is_anew = asks or self.settings.resets_on_logon
        if self.state is State.LOGON_SENT:
            if asks:
                self._expected = FIRST
            if asks and not self.settings.resets_on_logon:
                self._sent.forget()
                self._next_out = FIRST + 1
        elif self._is_anew:
            self._reset_numbers()

    def _reset_numbers(self) -> None:
        self._sent.forget()
        self._forget()
        self._expected = self._next_out = FIRST

    def _send_logon(self) -> None:
        self._interval = self.settings.heartbeat_s * SECOND
        body = {**self.settings.logon, 98: "0", 108: str(self.settings.heartbeat_s)}
        self._emit("A", {**body, 141: "Y"} if self.settings.resets_on_logon else body)

    def _answer_logon(self) -> None:
        logon = self._given()
        self._interval = int(logon.text(108)) * SECOND
        body = {98: "0", 108: logon.text(108)}
        self._emit("A", {**body, 141: "Y"} if logon.text(141) == "Y" else body)

    def _tell_logon(self) -> None:
        self._outputs.append(LoggedOn(self._is_anew))

    def _send_heartbeat(self) -> None:
        self._emit("0", {})

    def _answer_test(self) -> None:
        self._emit("0", {112: self._given().text(112)})

    def _send_test(self) -> None:
        self._emit("1", {112: _TEST})

    def _ask_resend(self) -> None:
        """Ask for what is missing, once for each gap; all that follows comes again too."""
        if self._gap is None:
            assert self._message is not None
            self._gap = (self._expected, number(self._message) - 1)
            self._ask_again()

    def _ask_again(self) -> None:
        self._asked_at = self._at
        self._emit("2", {7: str(self._expected), 16: "0"})

    def _resend(self) -> None:
        request = self._given()
        end = int(request.text(16))
        last = self._next_out if not end else min(end + 1, self._next_out)
        is_new = not self._resending.is_pending
        self._resending.ask(int(request.text(7)), end=last)
        if is_new:
            self._send_again()

    def _refuse(self) -> None:
        message, reason = self._message, self._found.reason
        assert message is not None
        assert reason is not None
        body = {45: head(message, 34), 58: TEXTS[reason], 372: message.msg_type, 373: str(reason.value)}
        if self._found.tag is not None:
            body[371] = str(self._found.tag)
        self._emit("3", body, header=reversed_route(message))

    def _send_logout(self) -> None:
        self._emit("5", {58: self._found.text} if self._found.text else {})

    def _count(self) -> None:
        if self._message is not None and number(self._message) == self._expected:
            self._advance(self._expected + 1)

    def _skip(self) -> None:
        self._advance(int(self._given().text(36)))

    def _keep(self) -> None:
        """Keep a message that came too early; of a ResendRequest, which was answered, only that it came."""
        message = self._message
        assert message is not None
        if len(self._kept) < self.settings.kept:
            is_answered = self._found.given is Input.RESEND_AHEAD
            self._kept.setdefault(number(message), None if is_answered else message)

    def _deliver(self) -> None:
        self._outputs.append(Deliver(self._given()))

    def _tell_logout(self) -> None:
        self._outputs.append(LoggedOut())

    def _cut(self) -> None:
        self._outputs.append(Disconnect())


_STEPS: Final[Mapping[tuple[State, Input], tuple[State, list[Callable[[Session], None]]]]] = {
    case: (following, [getattr(Session, f"_{action.name.lower()}") for action in actions])
    for case, (following, actions) in TRANSITIONS.items()
}
"""The table, with each action as the method of its name."""
