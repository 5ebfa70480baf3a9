"""Long answers: pieces of one session, one request after the other, each in its turn."""

from collections.abc import Iterator

from stockex.core.fix.copies.captures import Captures
from stockex.core.fix.copies.pieces import MOST_WAITING, Pieces
from stockex.core.fix.message import Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.entry import Party
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.session.throttle import Turns
from stockex.messages.executions import Fill, Traded
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, Price, Shares

LATE = 10**12


def answer(*names: str) -> Iterator[Report | None]:
    """Yield a report for each name, None for each "-"."""
    return (None if name == "-" else Report(name, {}) for name in names)


def names(pieces: Pieces, at: int = LATE) -> str:
    """Return the names of the next piece."""
    return "".join(told.report.msg_type for told in pieces.following(at))


def test_answers_are_told_in_pieces_one_after_the_other() -> None:
    """The first piece at once, unless another answer is not told to its end; None ends a piece."""
    pieces = Pieces(2)
    begun = pieces.begin(answer("a", "b", "c", "-", "d"), {}, at=0)
    assert [told.report.msg_type for told in begun or ()] == ["a", "b"]
    assert pieces.begin(answer("x"), {115: "Y"}, at=0) == []
    assert [names(pieces) for _ in range(4)] == ["c", "d", "x", ""]
    assert not pieces


def test_sessions_take_turns() -> None:
    """No piece comes before its turn."""
    turns = Turns(10)
    one, two = Pieces(1, turns), Pieces(1, turns)
    for pieces in (one, two):
        pieces.begin(answer("a", "b"), {}, at=100)
    assert (one.at, two.at) == (110, 120)
    assert (names(one, 109), names(one, 110), names(two, 119), names(two, 120)) == ("", "b", "", "b")


def test_too_many_answers_are_not_begun() -> None:
    """None of it is looked at."""
    pieces = Pieces(1)
    for _ in range(MOST_WAITING):
        assert pieces.begin(answer("a", "b", "c"), {}, at=0) is not None
    assert pieces.begin(answer("a"), {}, at=0) is None
    pieces.forget()
    assert not pieces


def trade(number: int, account: str) -> Traded:
    """Return a trade of an account with somebody else."""
    parts = [
        Fill(order_id=number, account=each, cl_ord_id="A", leaves=Shares(0), cum=Shares(1)) for each in (account, "MDF")
    ]
    return Traded(
        offset=number,
        index=0,
        at=Nanos(number),
        trade_id=str(number),
        symbol="ALPHA",
        price=Price(10_000),
        qty=Shares(1),
        aggressor=Side.BUY,
        buy=parts[0],
        sell=parts[1],
    )


def asked(captures: Captures, desk: Desk) -> list[str]:
    """Return what an AD is answered with, in short, `-` for None."""
    message = Message("AD", {34: "2"}, {568: "T", 569: "0", 263: "0"})
    reports = captures.take(message, desk, at=0).more
    assert reports is not None
    tags = (748, 749, 750, 912)
    return ["-" if each is None else f"{each.msg_type} {[each.body.get(tag) for tag in tags]}" for each in reports]


def test_a_request_for_trades_among_many_is_acknowledged_before_they_are_looked_through() -> None:
    """So the ack cannot say how many they are; where there are none, a second one says so."""
    captures, desk = Captures(), Desk(Party("ONE", "FIX:ONE"))
    for number in range(2_500):
        assert not list(captures.told(trade(number, "ONE" if number in {7, 1_999} else "TWO"), offset=number))
    ack, counted = "AQ [None, '0', '0', None]", ["AE ['2', None, None, 'N']", "AE ['2', None, None, 'Y']"]
    assert asked(captures, desk) == [ack, "-", "-", *counted]
    assert asked(captures, Desk(Party("FOUR", "FIX:FOUR"))) == [ack, "-", "-", "AQ ['0', '0', '1', None]"]


def test_a_trade_of_the_meantime_is_told_by_the_subscription_alone() -> None:
    """What was before the request is in its answer, however late that is told; what comes after it is not."""
    captures, desk, pieces = Captures(), Desk(Party("ONE", "FIX:ONE")), Pieces(5)
    assert not list(captures.told(trade(1, "ONE"), offset=1))
    pieces.begin(answer(*"abcdef"), {}, at=0)
    more = captures.take(Message("AD", {34: "2"}, {568: "T", 569: "0", 263: "1"}), desk, at=0).more
    assert more is not None
    assert pieces.begin(more, {}, at=0) == []
    assert [report.body[571] for _, report in captures.told(trade(2, "ONE"), offset=2)] == ["2"]
    assert names(pieces) == "f"
    assert [told.report.body.get(571) for told in pieces.following(LATE)] == [None, "1"]
