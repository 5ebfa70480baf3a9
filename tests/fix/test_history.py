"""A session that is brought back from the log has the numbers and the messages that it had."""

import random

from fix.notation import START

from stockex.core.fix.encode import fields_text, sent_again
from stockex.core.fix.framing import Frame, Framer
from stockex.core.fix.message import Message
from stockex.core.fix.session.history import History
from stockex.core.fix.session.sent import SentInMemory
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.messages.gateways.fix import Answer, SessionMoved

SETTINGS = SessionSettings(sender="STOCKEX", target="CLIENT")


class Live:
    """A session that lives, and what a gateway would have in its log about it."""

    def __init__(self) -> None:
        self.sent = SentInMemory()
        self.session = Session(SETTINGS, sent=self.sent)
        self.records: list[SessionMoved] = []
        self.facts: list[tuple[str, dict[int, str], int]] = []
        self.since = 0

    def report(self) -> None:
        """Send the report of the next fact."""
        body = {17: f"{len(self.facts)}-0", 58: "a fact"}
        self.facts.append(("8", body, START + len(self.facts)))
        self.session.send("8", body, at=START)

    def answer(self) -> None:
        """Send what no fact reports."""
        number, body = self.session.numbers.next_out, {58: "an answer", 380: "0"}
        self.session.send("j", body, at=START)
        self.record(answers=(Answer(number=number, msg_type="j", body=fields_text(body)),))

    def own(self) -> None:
        """Send a message of the session."""
        number = self.session.numbers.next_out
        self.session._emit("0", {})
        self.record(own=(number,))

    def anew(self) -> None:
        """Begin the numbers anew, with a Logon of our own."""
        self.session._reset_numbers()
        self.session._emit("A", {98: "0"})
        self.since = len(self.facts)
        self.record(own=(1,), is_anew=True)

    def record(self, **more: object) -> None:
        """Write down where the session stands."""
        numbers = self.session.numbers
        told = {"session": "CLIENT", "expected": numbers.expected, "next_out": numbers.next_out, "is_up": True}
        self.records.append(SessionMoved(**told, executions=len(self.facts), **more))  # type: ignore[arg-type]

    def again(self) -> tuple[History, Session, SentInMemory]:
        """Return what is brought back from the log."""
        sent = SentInMemory()
        session = Session(SETTINGS, sent=sent)
        history = History(session, sent)
        for record in self.records:
            history.record(record)
        for offset, (msg_type, body, at) in enumerate(self.facts):
            history.report(Message(msg_type, {}, body), offset=offset, at=at)
        history.finish(START)
        return history, session, sent


def test_reports_have_the_numbers_that_no_own_message_took() -> None:
    """Whatever comes in whatever order, and however often the numbers begin anew: 300 lives."""
    for seed in range(300):
        dice, live = random.Random(seed), Live()
        for _ in range(dice.randrange(40)):
            dice.choices([live.report, live.answer, live.own, live.anew], [6, 2, 2, 1])[0]()
        history, session, sent = live.again()
        assert history.is_whole
        assert session.numbers == live.session.numbers
        for number in range(1, session.numbers.next_out):
            assert bodies(sent.frame(number)) == bodies(live.sent.frame(number)), (seed, number)


def test_a_message_that_left_before_its_record_is_forgotten_with_it() -> None:
    """Its number is given to the next report: nothing behind it can have left either."""
    live = Live()
    live.report()
    live.session._emit("0", {})
    _, session, _ = live.again()
    assert session.numbers.next_out == 2


def test_numbers_are_right_even_when_reports_are_others_than_they_were() -> None:
    """As by another version: what was sent before is then gap-filled, and nothing has a number twice."""
    live = Live()
    live.report()
    live.report()
    live.record()
    live.report()
    del live.facts[0]
    live.records[-1] = SessionMoved(session="CLIENT", expected=4, next_out=3, executions=1, is_up=True)
    history, session, sent = live.again()
    assert not history.is_whole
    assert session.numbers.next_out == 4
    assert [sent.frame(number) is None for number in (1, 2, 3)] == [True, True, False]


def test_the_number_expected_is_that_of_the_newest_record() -> None:
    """It was appended with the commands that it counts."""
    live = Live()
    live.records.append(SessionMoved(session="CLIENT", expected=7, next_out=1, executions=0, is_up=False))
    history, session, _ = live.again()
    assert session.numbers.expected == 7
    assert not history.is_up


def test_a_frame_is_sent_again_with_its_body_and_when_it_was_first_sent() -> None:
    """PossDupFlag and OrigSendingTime are set, also where the header holds data with a SOH."""
    session = Session(SETTINGS, sent=(sent := SentInMemory()))
    session.send("8", {37: "1", 58: "x"}, at=START, header={97: "N", 212: "3", 213: "a\x01b"})
    frame = sent.frame(1)
    assert frame is not None
    (again,) = Framer().feed(sent_again(frame, now="20261125-10:00:09.000"))
    assert isinstance(again, Frame)
    assert again.text.replace("\x01", "|") == (
        "35=8|34=1|43=Y|49=STOCKEX|52=20261125-10:00:09.000|56=CLIENT|97=N|122=20261125-10:00:00.000|"
        "212=3|213=a|b|37=1|58=x|"
    )


def bodies(frame: bytes | None) -> bytes | None:
    """Return a frame without its times, length and sum."""
    if frame is None:
        return None
    return b"|".join(field for field in frame.split(b"\x01") if not field.startswith((b"52=", b"9=", b"10=")))
