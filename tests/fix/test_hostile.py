"""Whatever comes over a connection, a session answers by the table and keeps its numbers."""

from random import Random

import pytest
from fix.notation import OURS, START, THEIRS, decoder

from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOut, Noted, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.sorting import Sorted, is_plain, sorted_as
from stockex.core.fix.session.table import LIVE, Input
from stockex.core.fix.times import SECOND, stamp

NOW = "20261125-10:00:00"
TEXTS = [
    f"35=A|34=1|49=CLIENT|52={NOW}|56=STOCKEX|98=0|108=10|",
    f"35=A|34=1|49=CLIENT|52={NOW}|56=STOCKEX|98=0|108=10|141=Y|",
    f"35=0|34=N|49=CLIENT|52={NOW}|56=STOCKEX|",
    f"35=1|34=N|49=CLIENT|52={NOW}|56=STOCKEX|112=X|",
    f"35=2|34=N|49=CLIENT|52={NOW}|56=STOCKEX|7=1|16=0|",
    f"35=3|34=N|49=CLIENT|52={NOW}|56=STOCKEX|45=1|",
    f"35=4|34=N|43=Y|49=CLIENT|52={NOW}|56=STOCKEX|36=9|123=Y|",
    f"35=4|34=N|49=CLIENT|52={NOW}|56=STOCKEX|36=5|",
    f"35=5|34=N|49=CLIENT|52={NOW}|56=STOCKEX|",
    f"35=D|34=N|43=Y|49=CLIENT|52={NOW}|56=STOCKEX|122={NOW}|11=A|21=1|55=X|54=1|60={NOW}|40=1|453=1|448=P|447=D|452=1|",
]
SETTINGS = SessionSettings(sender=OURS, target=THEIRS, kept=10, piece=10)


def mutated(dice: Random, next_number: int) -> bytes:
    """Return a frame that is sound outside, whatever is in it."""
    text = dice.choice(TEXTS).replace("34=N", f"34={max(0, next_number + dice.choice([0, 0, 0, 0, -1, 1, 5]))}")
    for _ in range(dice.choice([0, 0, 1, 2])):
        at = dice.randrange(3, len(text))
        text = (
            text[:at]
            + dice.choice(["|", "=", "0", "9", "-", "A", "Y", "ÿ", "", "99999999999999999999"])
            + text[at + 1 :]
        )
    return framed(text.replace("|", SOH))


def test_the_short_way_says_what_the_long_one_says() -> None:
    """A message that is taken for the next one of the application, without a further look, is one."""
    session = Session(SETTINGS)
    connection = Connection(Acceptor([session], decoder()), START)
    list(connection.received(framed(TEXTS[0].replace("|", SOH)), START))
    dice, plain = Random(1), 0
    order = f"35=D|34=2|49=CLIENT|52={NOW}|56=STOCKEX|11=A|21=1|55=X|54=1|60={NOW}|40=1|"
    for _ in range(5_000):
        text = dice.choice((order, *TEXTS)).replace("34=N", "34=2")
        if dice.random() < 0.5:
            at = dice.randrange(3, len(text))
            text = text[:at] + dice.choice("0129AYX|=") + text[at + 1 :]
        found = list(Framer().feed(framed(text.replace("|", SOH))))
        if len(found) != 1 or not isinstance(found[0], Frame):
            continue
        message = decoder().decode(found[0])
        if is_plain(message, SETTINGS, expected=session.numbers.expected, at=START):
            plain += 1
            assert sorted_as(message, session._moment) == Sorted(Input.APPLICATION), text
    assert plain > 100


def test_the_short_way_leads_where_the_table_leads() -> None:
    """An order counted and delivered at once has the outputs, and leaves the numbers and alarms, of the table's way."""
    order = f"35=D|34=2|49=CLIENT|52={NOW}|56=STOCKEX|11=A|21=1|55=X|54=1|60={NOW}|40=1|"
    (frame,) = Framer().feed(framed(order.replace("|", SOH)))
    assert isinstance(frame, Frame)
    message, told = decoder().decode(frame), []
    for is_short in (True, False):
        session = Session(SETTINGS)
        connection = Connection(Acceptor([session], decoder()), START)
        list(connection.received(framed(TEXTS[0].replace("|", SOH)), START))
        if not is_short:
            session._kept[9] = None  # Something that came too early.
        told.append((session.arrived(message, START + SECOND), session.numbers, session.state, session.due()))
    assert told[0] == told[1]
    assert told[0][1].expected == 3


@pytest.mark.parametrize("seed", range(40))
def test_no_message_breaks_a_session_or_makes_it_hoard(seed: int) -> None:
    """Every answer is sound by the dictionary, numbers only grow but for a reset, and what is kept has its bound."""
    dice = Random(seed)
    session = Session(SETTINGS)
    acceptor = Acceptor([session], decoder())
    connection, at = Connection(acceptor, START), START
    for _ in range(150):
        outputs = list(connection.received(mutated(dice, session.numbers.expected), at))
        if connection.session is not None and dice.random() < 0.1:
            at += SECOND
            outputs += connection.tick(at)
        for output in outputs:
            if isinstance(output, Send):
                (frame,) = Framer().feed(output.data)
                assert not hasattr(decoder().decode(frame), "reason"), output.data  # type: ignore[arg-type]
        assert len(session._kept) <= SETTINGS.kept
        if any(isinstance(output, Disconnect) for output in outputs):
            connection.closed(at)
            connection = Connection(acceptor, at)


def test_a_storm_of_resend_requests_is_answered_in_pieces() -> None:
    """A thousand requests for ten thousand messages cost a piece each, and the last message still comes."""
    session = Session(SETTINGS)
    acceptor = Acceptor([session], decoder())
    connection = Connection(acceptor, START)
    list(connection.received(framed(TEXTS[0].replace("|", SOH)), START))
    for number in range(10_000):
        session.send("D", {11: f"A{number}", 21: "1", 40: "1", 54: "1", 55: "X", 60: stamp(START)}, at=START)
    sends = 0
    for number in range(2, 1_002):
        request = f"35=2|34={number}|49=CLIENT|52={NOW}|56=STOCKEX|7=1|16=0|"
        outputs = list(connection.received(framed(request.replace("|", SOH)), START))
        sends += sum(isinstance(output, Send) for output in outputs)
    assert sends <= 1_000 + SETTINGS.piece
    last = b""
    while session.due() == START:
        for output in session.tick(START):
            assert isinstance(output, Send)
            sends, last = sends + 1, output.data
    assert b"\x0134=10001\x01" in last
    assert sends == 10_001 + SETTINGS.piece


def connected(acceptor: Acceptor, number: int) -> tuple[Connection, list[Output]]:
    """Return a new connection that has logged on with a number, and what came of it."""
    connection = Connection(acceptor, START)
    logon = f"35=A|34={number}|49=CLIENT|52={NOW}|56=STOCKEX|98=0|108=10|"
    return connection, list(connection.received(framed(logon.replace("|", SOH)), START))


def test_the_end_of_an_old_connection_does_not_end_the_session_of_a_new_one() -> None:
    """A client that is cut for a number too low comes back before the old connection is closed."""
    acceptor = Acceptor([session := Session(SETTINGS)], decoder())
    old, _ = connected(acceptor, 1)
    low = framed(f"35=0|34=1|49=CLIENT|52={NOW}|56=STOCKEX|".replace("|", SOH))
    assert any(isinstance(output, Disconnect) for output in old.received(low, START))
    new, _ = connected(acceptor, 2)
    assert old.closed(START) == []
    assert session.state in LIVE
    assert list(old.received(low, START)) == []
    assert any(isinstance(output, LoggedOut) for output in new.closed(START))


def test_noise_on_a_connection_whose_session_was_ended_is_passed_over() -> None:
    """As by the end of the day, before the connection is closed."""
    acceptor = Acceptor([session := Session(SETTINGS)], decoder())
    connection, _ = connected(acceptor, 1)
    session.hang_up(START)
    assert list(connection.received(b"noise8=FIX.4.4\x01", START)) == []
    assert connection.tick(START) == []


def test_what_is_answered_to_kept_messages_leaves_in_the_order_of_its_numbers() -> None:
    """An order, and a message to be rejected, that both came too early: the application answers before the Reject."""
    acceptor = Acceptor([session := Session(SETTINGS)], decoder())
    connection, _ = connected(acceptor, 1)
    order = f"35=D|34=3|49=CLIENT|52={NOW}|56=STOCKEX|11=A|21=1|55=X|54=1|60={NOW}|40=1|"
    wrong = f"35=D|34=4|49=CLIENT|52={NOW}|56=STOCKEX|11=A|21=1|55=X|54=!|60={NOW}|40=1|"
    for text in (order, wrong):
        list(connection.received(framed(text.replace("|", SOH)), START))
    told: list[bytes] = []
    fill = f"35=4|34=2|43=Y|49=CLIENT|52={NOW}|56=STOCKEX|122={NOW}|36=3|123=Y|"
    for output in connection.received(framed(fill.replace("|", SOH)), START):
        if isinstance(output, Deliver):
            told += [each.data for each in session.send("j", {45: "3", 380: "0"}, at=START) if isinstance(each, Send)]
        elif isinstance(output, Send):
            told.append(output.data)
    assert [(frame[frame.index(b"35=") : frame.index(b"\x0149=")]) for frame in told] == [
        b"35=j\x0134=3",
        b"35=3\x0134=4",
    ]


def test_garbled_bytes_without_end_are_not_noted_without_end() -> None:
    """Ten of them, then each power of ten: who floods a session does not flood the logs; then it goes on."""
    connection = Connection(Acceptor([Session(SETTINGS)], decoder()), START)
    list(connection.received(framed(TEXTS[0].replace("|", SOH)), START))
    found = [
        output
        for _ in range(5)
        for output in connection.received(b"8=FIX" * 2_500 + b"\x01", START)
        if isinstance(output, Noted)
    ]
    assert len(found) == 10 + 3
    (answer,) = [
        each
        for each in connection.received(framed(TEXTS[3].replace("34=N", "34=2").replace("|", SOH)), START)
        if isinstance(each, Send)
    ]
    assert b"112=X" in answer.data
