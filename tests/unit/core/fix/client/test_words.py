"""Messages in words."""

from fix.notation import decoder

from stockex.core.fix.client.words import Line, lines, meaning, title
from stockex.core.fix.framing import SOH, framed

DICTIONARY = decoder().dictionary


def told(text: str) -> list[Line]:
    """Return the lines of a frame around `text`, without the frame's own."""
    return list(lines(framed(text.replace("|", SOH)), DICTIONARY))[2:-1]


def test_each_field_has_its_name_and_its_meaning() -> None:
    """The words of the standard, in small letters."""
    assert told("35=D|54=1|55=ALPHA|18=6 R|") == [
        Line(35, "MsgType", "D", "NewOrderSingle", 0),
        Line(54, "Side", "1", "buy", 0),
        Line(55, "Symbol", "ALPHA", "", 0),
        Line(18, "ExecInst", "6 R", "participate do not initiate, primary peg", 0),
    ]


def test_a_group_is_a_tree() -> None:
    """Entries stand deeper than their count; what follows the group does not."""
    found = told("35=W|55=A|268=2|269=0|270=1|269=1|270=2|10=000|")
    assert [(line.tag, line.depth) for line in found] == [
        (35, 0),
        (55, 0),
        (268, 0),
        (269, 1),
        (270, 1),
        (269, 1),
        (270, 1),
        (10, 0),
    ]


def test_what_is_unsound_is_shown_all_the_same() -> None:
    """A type and a tag that nobody knows, a value without a meaning, text without a tag."""
    assert told("35=!!|9999=x|54=?|nothing|=5|") == [
        Line(35, "MsgType", "!!", "", 0),
        Line(9999, "", "x", "", 0),
        Line(54, "Side", "?", "", 0),
        Line(0, "", "nothing", "", 0),
        Line(0, "", "=5", "", 0),
    ]
    assert list(lines(b"35=0", DICTIONARY)) == [Line(35, "MsgType", "0", "Heartbeat", 0)]


def test_a_data_field_may_hold_delimiters() -> None:
    """As many bytes as its length says; a length that lies is not believed."""
    assert told("35=A|95=5|96=a|b=c|98=0|")[2] == Line(96, "RawData", f"a{SOH}b=c", "", 0)
    assert told("35=A|95=3|96=ab|98=0|")[2].value == "ab"
    assert told("35=A|95=x|96=ab|98=0|")[2].value == "ab"


def test_titles_and_meanings() -> None:
    """Of what the standard does not know: the type itself, no meaning."""
    assert title("8", DICTIONARY) == "ExecutionReport"
    assert title("U1", DICTIONARY) == "U1"
    assert meaning(39, "A", dictionary=DICTIONARY) == "pending new"
    assert meaning(18, "6 ?", dictionary=DICTIONARY) == ""
