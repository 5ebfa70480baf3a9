"""Messages are read by the dictionary, and each fault has its reason and its tag."""

from collections.abc import Iterator
from itertools import islice, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.core.fix.fixing import HEAD, NOW, ORDER, frame, standard, wire

from stockex.core.fix.decode import AT_ONCE, MESSAGES_A_SHAPE, Decoder
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import Frame, Framer
from stockex.core.fix.message import Message, Refused
from stockex.core.fix.reading import read
from stockex.core.fix.reasons import SessionRejectReason as Reason

PARTIES = "453=2|448=TRADER|447=D|452=11|448=FIRM|447=D|452=1|802=1|523=DESK|803=4|"


def decoded(text: str) -> Message | Refused:
    """Return what a decoder makes of `text` at first sight."""
    return Decoder(standard()).decode(frame(text))


def test_header_and_body_are_told_apart() -> None:
    """Each field stands in its part, in the order in which it came."""
    message = decoded(f"35=0|{HEAD}112=HELLO|")
    assert message == Message("0", {34: "2", 49: "CLIENT1", 52: NOW, 56: "STOCKEX"}, {112: "HELLO"})


def test_groups_are_entries_with_groups_of_their_own() -> None:
    """A count is followed by that many entries, which begin with the group's first field."""
    message = decoded(ORDER + PARTIES)
    assert isinstance(message, Message)
    first, second = message.group(453)
    assert first == {448: "TRADER", 447: "D", 452: "11"}
    assert second == {448: "FIRM", 447: "D", 452: "1", 802: ({523: "DESK", 803: "4"},)}
    assert message.text(453) == "2"


def test_the_header_has_a_group_too() -> None:
    """Hops stand in the header."""
    message = decoded(f"35=0|{HEAD}627=1|628=HUB|629={NOW}|630=4|")
    assert isinstance(message, Message)
    assert message.header[627] == ({628: "HUB", 629: NOW, 630: "4"},)


def test_data_may_hold_delimiters() -> None:
    """As many bytes as the length before it says; a SOH among them is data."""
    message = decoded(f"35=A|{HEAD}98=0|108=30|95=7|96=a|b=c|d|")
    assert isinstance(message, Message)
    assert message.text(96) == "a\x01b=c\x01d"


@pytest.mark.parametrize("pair", ["93=3|89=|x||", "354=5|355=1|2=3|", "212=3|213=|=||"])
def test_data_is_taken_wherever_it_stands(pair: str) -> None:
    """In the header, the body and the trailer."""
    length, name, *_ = pair.split("=")
    text = f"35=B|{HEAD}148=News|33=1|58=x|{pair}"
    if length == "212":
        text = f"35=B|{HEAD}{pair}148=News|33=1|58=x|"
    assert isinstance(decoded(text), Message), (name, decoded(text))


@pytest.mark.parametrize(
    ("text", "reason", "tag"),
    [
        (f"35=0|{HEAD}999=HI|", Reason.INVALID_TAG, 999),
        (f"35=0|{HEAD}0=HI|", Reason.INVALID_TAG, 0),
        (f"35=0|{HEAD}-1=HI|", Reason.INVALID_TAG, -1),
        (f"35=0|{HEAD}5000=HI|", Reason.INVALID_TAG, 5000),
        (f"35=0|{HEAD}0112=HI|", Reason.INVALID_TAG, None),
        (f"35=0|{HEAD}x=HI|", Reason.INVALID_TAG, None),
        (f"35=0|{HEAD}{'9' * 5000}=HI|", Reason.INVALID_TAG, None),
        (f"35=0|34=2|49=CLIENT1|52={NOW}|", Reason.REQUIRED_TAG_MISSING, 56),
        (ORDER.replace("11=A1|", ""), Reason.REQUIRED_TAG_MISSING, 11),
        (ORDER.replace("40=2|", ""), Reason.REQUIRED_TAG_MISSING, 40),
        (f"35=0|{HEAD}55=ALPHA|", Reason.TAG_NOT_DEFINED, 55),
        (ORDER + "448=X|", Reason.TAG_NOT_DEFINED, 448),
        (f"35=0|34=2|49=A|52={NOW}|56=|", Reason.NO_VALUE, 56),
        (ORDER + "58=|", Reason.NO_VALUE, 58),
        (ORDER.replace("21=1", "21=4"), Reason.VALUE_INCORRECT, 21),
        (ORDER + "167=BOO|", Reason.VALUE_INCORRECT, 167),
        (ORDER + "18=G BOO|", Reason.VALUE_INCORRECT, 18),
        (ORDER.replace("38=100", "38=+100.00"), Reason.FORMAT_INCORRECT, 38),
        (ORDER + "126=20040415|", Reason.FORMAT_INCORRECT, 126),
        (ORDER + "126=20260229-10:00:00|", Reason.FORMAT_INCORRECT, 126),
        (ORDER + "15=eur|", Reason.FORMAT_INCORRECT, 15),
        (f"35=*|{HEAD}", Reason.INVALID_MSG_TYPE, None),
        (ORDER.replace("40=2|", "40=2|40=1|"), Reason.REPEATED_TAG, 40),
        (ORDER + "35=D|", Reason.REPEATED_TAG, 35),
        (ORDER + "34=2|", Reason.REPEATED_TAG, 34),
        (f"35=0|34=2|112=HI|49=A|52={NOW}|56=B|", Reason.OUT_OF_ORDER, 49),
        (ORDER + "93=1|89=x|58=late|", Reason.OUT_OF_ORDER, 58),
        (ORDER + "89=x|93=1|", Reason.OUT_OF_ORDER, 89),
        (f"35=A|{HEAD}98=0|108=3|96=abc|95=3|", Reason.OUT_OF_ORDER, 96),
        (f"35=A|{HEAD}98=0|108=30|95=2|96=abc|", Reason.VALUE_INCORRECT, 96),
        (f"35=A|{HEAD}98=0|108=30|95={'9' * 5000}|96=abc|", Reason.FORMAT_INCORRECT, 95),
        (ORDER + "453=1|447=D|448=X|", Reason.GROUP_OUT_OF_ORDER, 447),
        (ORDER + "453=1|448=X|452=1|447=D|", Reason.GROUP_OUT_OF_ORDER, 447),
        (ORDER + "453=1|448=X|447=D|447=D|", Reason.REPEATED_TAG, 447),
        (ORDER + "386=3|336=PRE-OPEN|336=AFTER-HOURS|", Reason.GROUP_COUNT, 386),
        (ORDER + "386=1|336=PRE-OPEN|336=AFTER-HOURS|", Reason.GROUP_COUNT, 386),
        (ORDER + "386=1|", Reason.GROUP_COUNT, 386),
        (f"35=E|{HEAD}66=L|394=3|68=1|73=1|11=A|55=X|54=1|", Reason.REQUIRED_TAG_MISSING, 67),
        (ORDER + "58=half|a value|", Reason.CONTAINS_DELIMITER, 58),
        (ORDER + "|", Reason.CONTAINS_DELIMITER, 60),
    ],
)
def test_each_fault_has_its_reason_and_its_tag(text: str, reason: Reason, tag: int | None) -> None:
    """As session test case 14 lists them."""
    found = decoded(text)
    assert isinstance(found, Refused)
    assert (found.reason, found.tag) == (reason, tag)


def test_what_the_header_says_is_read_even_of_a_wrong_message() -> None:
    """The session needs MsgSeqNum to refuse it."""
    found = decoded(f"35=D|11=A|34=7|49=A|52={NOW}|56=|")
    assert isinstance(found, Refused)
    assert found.header == {34: "7", 49: "A", 52: NOW}


def test_a_count_of_zero_is_a_group_without_entries() -> None:
    """Session test case 21."""
    message = decoded(ORDER + "454=0|")
    assert isinstance(message, Message)
    assert message.group(454) == ()
    assert message.text(454) == "0"


def test_user_fields_are_taken_where_that_is_agreed() -> None:
    """Then they have any value but none, once."""
    decoder = Decoder(standard(), takes_user_fields=True)
    message = decoder.decode(frame(ORDER + "5001=Y|"))
    assert isinstance(message, Message)
    assert message.text(5001) == "Y"
    assert decoder.decode(frame(ORDER + "5001=|")) == Refused("D", message.header, Reason.NO_VALUE, 5001)
    assert decoder.decode(frame(ORDER + "4999=Y|")) == Refused("D", message.header, Reason.INVALID_TAG, 4999)


def test_encoding_sorts_and_decoding_finds_the_same_again() -> None:
    """Header ascending, body ascending, groups as they are; a second encoding changes nothing."""
    message = decoded(f"35=D|{HEAD}60={NOW}|55=ALPHA|54=1|40=1|{PARTIES}11=A|97=N|".replace("|97=N|", "|"))
    assert isinstance(message, Message)
    expected = f"35=D|{HEAD}11=A|40=1|54=1|55=ALPHA|60={NOW}|{PARTIES}"
    assert encoded(message) == wire(expected)
    (again,) = Framer().feed(encoded(message))
    assert isinstance(again, Frame)
    assert encoded(read(again, standard())) == encoded(message)  # type: ignore[arg-type]


def test_a_message_with_a_group_follows_one_without() -> None:
    """The same tags are written as their values are, whatever came before."""
    for entries in ("0", ({448: "A", 447: "D", 452: "1"},), "0"):
        group = entries if isinstance(entries, str) else "1|448=A|447=D|452=1"
        assert encoded(Message("8", {}, {453: entries, 37: "x"})) == wire(f"35=8|37=x|453={group}|")


VALUES = st.sampled_from(["", "1", "2", "0", "Y", "A", "24.95", "-3", "+3", NOW, "20260101", "1 2", "G 6", "x=y", "ÿ"])
TAGS = st.sampled_from(
    [1, 11, 15, 18, 21, 38, 40, 43, 44, 54, 55, 58, 59, 60, 97, 112, 126, 453, 448, 95, 96, 999, 5001]
)


@given(st.lists(st.tuples(TAGS, VALUES), max_size=6), st.sampled_from(["D", "0", "A", "8"]))
def test_the_quick_way_finds_what_the_long_one_finds(extra: list[tuple[int, str]], msg_type: str) -> None:
    """Shapes change the time that reading takes, never the result."""
    sound = ORDER if msg_type == "D" else f"35={msg_type}|{HEAD}"
    text = sound + "".join(f"{tag}={value}|" for tag, value in extra)
    decoder = Decoder(standard())
    for _ in range(3):
        assert decoder.decode(frame(sound)) == read(frame(sound), standard())
        assert decoder.decode(frame(text)) == read(frame(text), standard())


@given(st.data())
def test_a_mutated_order_is_read_or_refused(data: st.DataObject) -> None:
    """Any text with whole fields gives a message or a reason, the same on both ways."""
    text = list(ORDER)
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(5, len(text) - 2))] = data.draw(st.sampled_from("|=0159.AY-ÿ"))
    decoder = Decoder(standard())
    for _ in range(2):
        decoder.decode(frame(ORDER))
    assert decoder.decode(frame("".join(text))) == read(frame("".join(text)), standard())


def test_data_and_groups_are_always_read_the_long_way() -> None:
    """A wrong length is noticed after a right one, and an empty group stays a group."""
    decoder = Decoder(standard())
    for _ in range(2):
        assert isinstance(decoder.decode(frame(f"35=A|{HEAD}98=0|108=30|95=3|96=abc|")), Message)
    assert isinstance(decoder.decode(frame(f"35=A|{HEAD}98=0|108=30|95=2|96=abc|")), Refused)
    assert decoder.decode(frame(ORDER + "454=0|")) == decoder.decode(frame(ORDER + "454=0|"))


def test_shapes_are_bounded() -> None:
    """A client that varies its fields does not make the decoder grow."""
    decoder = Decoder(standard())
    for tag, value in [(1, "A"), (18, "G"), (58, "x"), (110, "1"), (111, "1"), (15, "EUR"), (126, NOW)]:
        for _ in range(2):
            assert isinstance(decoder.decode(frame(f"{ORDER}{tag}={value}|")), Message)
    assert len(decoder._shapes["D"]) == 4


def test_no_expression_is_made_of_a_row_of_tags_that_does_not_come_again() -> None:
    """To make one takes as long as to read 70 messages; a client may send another row each time."""
    decoder = Decoder(standard())
    for row in others(100):
        assert isinstance(decoder.decode(frame(row)), Message)
    assert not decoder._shapes


def test_expressions_are_made_of_few_messages_whoever_sends_them() -> None:
    """Of 16 rows at once, then of one in a hundred messages; a client that sends one row gets his."""
    decoder, made, newest = Decoder(standard()), 0, None
    for row in others(400):
        for _ in range(2):
            decoder.decode(frame(row))
            known = decoder._shapes.get("D", [None])[0]
            made, newest = made + (known is not newest), known
    assert AT_ONCE < made <= AT_ONCE + 2 * 400 // MESSAGES_A_SHAPE
    for _ in range(MESSAGES_A_SHAPE + 1):
        decoder.decode(frame(ORDER + "1=A|"))
    assert decoder._shapes["D"][0].body[-1] == 1


def others(count: int) -> Iterator[str]:
    """Yield orders with the fields of the body each time in another order."""
    text = ORDER.removeprefix(f"35=D|{HEAD}").rstrip("|")
    for fields in islice(permutations(text.split("|")), count):
        yield f"35=D|{HEAD}{'|'.join(fields)}|"
