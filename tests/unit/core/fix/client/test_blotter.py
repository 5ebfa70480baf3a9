"""The blotter of a client: what stands in it after what was sent and told."""

import pytest
from fix.notation import decoder

from stockex.core.fix.client import blotter
from stockex.core.fix.client.blotter import Blotter, Execution, OrderLine
from stockex.core.fix.framing import SOH, Frame
from stockex.core.fix.message import Message

ORDER = "11=A|21=1|38=10|40=2|44=20|54=1|55=ALPHA|59=0|60=20261201-10:00:00|"


def message(msg_type: str, body: str, *, number: int = 2) -> Message:
    """Return a sound message."""
    text = f"35={msg_type}|34={number}|49=X|52=20261201-10:00:00|56=Y|{body}"
    found = decoder().decode(Frame("FIX.4.4", text.replace("|", SOH)))
    assert isinstance(found, Message), found
    return found


def report(body: str, **terms: str) -> Message:
    """Return an execution report of order A; `terms` by tag, such as t14="0"."""
    told = {"11": "A", "37": "7", "54": "1", "55": "ALPHA", "38": "10", "14": "0", "151": "10", "6": "0", "17": "E"}
    told |= {name.removeprefix("t"): value for name, value in terms.items()}
    return message("8", "".join(f"{tag}={value}|" for tag, value in told.items()) + body)


class Book:
    """A blotter and its one order."""

    def __init__(self) -> None:
        self.blotter = Blotter()
        self.blotter.said(message("D", ORDER), 100)

    @property
    def line(self) -> OrderLine:
        """The order that was entered as A."""
        return self.blotter.orders["A"]

    def told(self, body: str, **terms: str) -> list[blotter.Changed]:
        """Hear a report."""
        return self.blotter.heard(report(body, **terms), 150)


def test_an_order_stands_as_asked_until_it_is_reported() -> None:
    """Then as the report says, with the time that the first report took."""
    book = Book()
    assert (book.line.status, book.line.terms[44], book.line.is_open) == ("sent", "20", True)
    assert book.told("150=0|39=0|") == [book.line]
    assert (book.line.status, book.line.order_id, book.line.leaves) == ("0", "7", "10")
    assert book.line.answered_at - book.line.sent_at == 50


def test_a_fill_is_an_execution() -> None:
    """Quantities and average as reported; a correction and a bust change the execution's line."""
    book = Book()
    book.told("150=F|39=1|31=20|32=4|", t14="4", t151="6", t6="20", t17="F1")
    [done] = book.blotter.executions.values()
    assert done == Execution("F1", "A", "ALPHA", "1", "4", "20", 150)
    assert (book.line.cum, book.line.leaves, book.line.average) == ("4", "6", "20")
    book.told("150=G|39=1|19=F1|31=19|32=3|", t17="F2")
    assert (done.status, done.qty, done.price) == ("corrected", "3", "19")
    book.told("150=H|39=0|19=F1|", t17="F3")
    assert done.status == "busted"
    assert len(book.blotter.executions) == 1


def test_a_replaced_order_keeps_its_line() -> None:
    """Pending until the report; then it has its new id, and reports under it find it."""
    book = Book()
    asked = message("G", ORDER.replace("11=A", "11=B") + "41=A|", number=3)
    assert book.blotter.said(asked, 200) == [book.line]
    assert book.line.pending == "replace"
    book.told("150=E|39=E|41=A|", t11="B")
    assert book.line.pending == "replace"
    book.told("150=5|39=0|41=A|44=21|", t11="B", t38="12")
    assert (book.line.pending, book.line.cl_ord_id, book.line.terms[38]) == ("", "B", "12")
    book.told("150=F|39=2|31=21|32=12|", t11="B", t14="12", t151="0")
    assert not book.line.is_open
    assert list(book.blotter.orders) == ["A"]


def test_a_fill_while_a_cancel_is_pending_leaves_it_pending() -> None:
    """Only an end, or the answer, takes the mark away."""
    book = Book()
    book.blotter.said(message("F", "41=A|11=C|55=ALPHA|54=1|60=20261201-10:00:00|38=10|", number=3), 200)
    book.told("150=F|39=1|31=20|32=4|", t14="4", t151="6")
    assert book.line.pending == "cancel"
    book.told("150=4|39=4|41=A|", t11="C", t151="0")
    assert (book.line.pending, book.line.status) == ("", "4")


def test_a_refused_cancel_says_why() -> None:
    """OrderCancelReject names the order by 41."""
    book = Book()
    book.blotter.said(message("F", "41=A|11=C|55=ALPHA|54=1|60=20261201-10:00:00|38=10|", number=3), 200)
    refusal = message("9", "37=7|11=C|41=A|39=0|434=1|102=0|58=too late|")
    assert book.blotter.heard(refusal, 300) == [book.line]
    assert (book.line.pending, book.line.text) == ("", "too late")


@pytest.mark.parametrize(("kind", "body"), [("3", "45=2|58=bad|372=D|373=5|"), ("j", "45=2|58=bad|372=D|380=3|")])
def test_an_order_that_never_was_is_rejected(kind: str, body: str) -> None:
    """A Reject and a BusinessMessageReject name it by its number."""
    book = Book()
    told = message(kind, body)
    assert (book.blotter.rejected if kind == "3" else book.blotter.heard)(told, 300) == [book.line]
    assert (book.line.status, book.line.text, book.line.is_open) == ("8", "bad", False)


def test_a_reject_of_something_else_changes_nothing() -> None:
    """A number that was no order's, a cancel of an order that is not here, a message about no order."""
    book = Book()
    assert book.blotter.rejected(message("3", "45=9|58=bad|373=5|"), 300) == []
    assert book.blotter.heard(message("9", "37=7|11=C|41=?|39=8|434=1|102=1|"), 300) == []
    assert book.blotter.said(message("F", "41=?|11=C|55=ALPHA|54=1|60=20261201-10:00:00|38=10|"), 300) == []
    assert book.blotter.heard(message("B", "148=News|33=1|58=x|"), 300) == []


def test_a_rejected_replace_leaves_the_order() -> None:
    """What was sent or reported stands; only the mark goes."""
    book = Book()
    book.blotter.said(message("G", ORDER.replace("11=A", "11=B") + "41=A|", number=3), 200)
    book.blotter.rejected(message("3", "45=3|58=bad|373=5|"), 300)
    assert (book.line.status, book.line.pending, book.line.text) == ("sent", "", "bad")


def test_an_order_that_another_connection_sent_is_shown() -> None:
    """A report of an unknown order makes a line of its own, without a time that it took."""
    book = Blotter()
    book.heard(report("150=I|39=1|40=2|44=20|", t11="Z", t14="4"), 300)
    line = book.orders["Z"]
    assert (line.sent_at, line.cum, line.terms[55]) == (0, "4", "ALPHA")


def test_a_pair_is_two_lines() -> None:
    """Each leg of a list is an order."""
    book = Blotter()
    legs = "".join(f"11=L{leg}|67={leg}|55=ALPHA|54=1|38=5|40=2|44=2{leg}|" for leg in (1, 2))
    changed = book.said(message("E", f"66=P|68=2|394=3|73=2|{legs}"), 100)
    assert [line.key for line in changed if isinstance(line, OrderLine)] == ["L1", "L2"]


def test_only_the_newest_lines_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has a bound: orders, their ids, executions."""
    monkeypatch.setattr(blotter, "KEPT", 2)
    book = Blotter()
    for number in range(4):
        book.said(message("D", ORDER.replace("11=A", f"11={number}"), number=number + 2), 100)
        book.heard(report("150=F|39=1|31=20|32=1|", t11=str(number), t17=f"F{number}"), 200)
    assert list(book.orders) == ["2", "3"]
    assert list(book.executions) == ["F2", "F3"]
