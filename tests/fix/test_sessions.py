"""Every session case of the FIX Trading Community, as a script on bytes."""

import re

import pytest
from fix.notation import START, Player, Script, scripts

from stockex.core.fix.session.outputs import Numbers, Send
from stockex.core.fix.session.sent import Resending, SentInMemory
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.sorting import Sorted
from stockex.core.fix.session.table import TRANSITIONS, Action, Input
from stockex.core.fix.session.throttle import Turns

SCRIPTS = list(scripts())


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
def test_the_session_does_what_the_script_says(script: Script) -> None:
    """What comes out is what the script states, in its order, to the last field."""
    Player().play(script)


def test_new_numbers_come_before_the_bytes_that_use_them() -> None:
    """A shell that does the outputs in their order has stored the numbers when the bytes leave."""
    session = Session(SessionSettings(sender="A", target="B"))
    numbers, sent = session.dial(START)
    assert numbers == Numbers(1, 2)
    assert isinstance(sent, Send)
    assert session.tick(START) == []


def test_numbers_go_on_where_a_store_says() -> None:
    """A session that is made anew, after a crash, has its numbers back."""
    session = Session(SessionSettings(sender="A", target="B"), numbers=Numbers(5, 9))
    assert session.dial(START)[0] == Numbers(5, 10)


def test_only_so_many_sent_messages_are_kept() -> None:
    """The oldest go first; numbers begun anew forget all."""
    sent = SentInMemory(kept=2)
    for number in (1, 2, 3):
        sent.keep(number, str(number).encode())
    assert [sent.frame(number) is None for number in (1, 2, 3)] == [True, False, False]
    sent.forget()
    assert sent.frame(3) is None


def test_a_second_request_takes_nothing_from_the_first() -> None:
    """What is pending and what is asked for are sent as one range."""
    resending = Resending(SentInMemory())
    resending.ask(4, end=9)
    resending.ask(6, end=7)
    assert [(again.number, again.following) for again in resending.piece(5)] == [(4, 9)]
    resending.ask(4, end=6)
    resending.ask(2, end=8)
    assert [(again.number, again.following) for again in resending.piece(5)] == [(2, 8)]


def test_sessions_send_again_in_turns() -> None:
    """Each has its own turn after the others', however many ask, and the first piece waits for nobody."""
    turns, sent = Turns(10), SentInMemory()
    for number in (1, 2, 3):
        sent.keep(number, b"x")
    one, two = Resending(sent, turns), Resending(sent, turns)
    for each in (one, two):
        each.ask(1, end=4)
    assert [len(list(each.piece(1, 100))) for each in (one, two, one, two)] == [1, 1, 0, 0]
    assert (one.at, two.at) == (110, 120)
    assert [len(list(each.piece(1, 110))) for each in (two, one)] == [0, 1]
    assert one.at == 130


def test_every_case_has_a_script() -> None:
    """1 to 21, each script with its own claim."""
    numbers = {int(match[0]) for script in SCRIPTS if (match := re.match(r"\d+", script.title))}
    assert numbers == set(range(1, 22))
    assert len({script.title for script in SCRIPTS}) == len(SCRIPTS)


def test_the_scripts_take_every_way_out_of_every_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each input and each action of the table comes up, and each change of state."""
    taken = set()
    step = Session._step

    def noting(session: Session, found: Sorted) -> None:
        taken.add((session.state, found.given))
        step(session, found)

    monkeypatch.setattr(Session, "_step", noting)
    for script in SCRIPTS:
        Player().play(script)
    changes = {(state, following) for (state, _), (following, _) in TRANSITIONS.items()}
    assert {(state, TRANSITIONS[state, given][0]) for state, given in taken} == changes
    assert {given for _, given in taken} == set(Input)
    assert {action for entry in taken for action in TRANSITIONS[entry][1]} == set(Action)
