"""One line about each kind of message."""

import pytest
from fix.notation import decoder

from stockex.core.fix.client.summary import summary
from stockex.core.fix.client.words import lines
from stockex.core.fix.framing import SOH, framed


def told(text: str) -> str:
    """Return the line about a message."""
    return summary(lines(framed(text.replace("|", SOH)), decoder().dictionary))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("35=D|11=A|38=10|40=2|44=20.5|54=1|55=ALPHA|59=0|", "buy 10 ALPHA limit @ 20.5 day · A"),
        ("35=D|11=A|38=10|40=4|44=20|54=2|55=ALPHA|99=21|", "sell 10 ALPHA stop limit stop 21 @ 20 · A"),
        ("35=F|11=B|41=A|38=10|54=1|55=ALPHA|", "buy 10 ALPHA · A → B"),
        ("35=8|150=0|39=0|38=10|54=1|55=ALPHA|40=1|14=0|", "new · buy 10 ALPHA market"),
        ("35=8|150=F|39=1|32=4|31=20|14=4|38=10|", "trade · 4 @ 20 · partially filled · 4 of 10 filled"),
        ("35=8|150=D|39=0|378=3|38=1|54=1|55=X|40=P|839=9.5|", "restated · stands at 9.5 · new · buy 1 X pegged"),
        ("35=8|150=8|39=8|38=1|54=1|55=X|58=no cash|", "rejected · buy 1 X · no cash"),
        ("35=9|41=A|102=0|58=filled|", "too late to cancel · filled · A"),
        ("35=A|98=0|108=30|141=Y|553=ME|", "heartbeat 30 s · numbers begin anew · ME"),
        ("35=2|7=3|16=0|", "from 3 to the newest"),
        ("35=2|7=3|16=9|", "from 3 to 9"),
        ("35=4|36=9|123=Y|", "gap fill, next is 9"),
        ("35=4|36=9|", "reset, next is 9"),
        ("35=4|43=Y|36=9|123=Y|", "possible duplicate, gap fill, next is 9"),
        ("35=3|45=7|373=5|371=54|", "of number 7 · value is incorrect · tag 54"),
        ("35=j|45=7|58=unsupported|", "of number 7 · unsupported"),
        ("35=q|11=M|530=7|54=1|", "cancel all orders · buy"),
        ("35=r|531=7|533=2|", "cancel all orders · 2 affected"),
        ("35=1|112=ping|", "ping"),
        ("35=0|", ""),
        ("35=0|43=Y|", ""),
        ("35=5|58=bye|", "bye"),
        ("no message", ""),
    ],
)
def test_a_line_says_what_matters(text: str, line: str) -> None:
    """The words are the standard's."""
    assert told(text) == line
