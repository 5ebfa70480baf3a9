"""The engine on pipes: lines in, lines out."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stockex.simulation.ndjson import matched

LISTING = b'{"type":"instrument","symbol":"ALPHA","tick":0.01,"reference":25}\n'


def facts(*lines: bytes) -> list[dict[str, object]]:
    """Return what comes out for the lines, read as JSON."""
    return [json.loads(line) for written in matched(lines) for line in written.splitlines()]


def test_offsets_are_line_numbers_and_blank_lines_count() -> None:
    """The second command stands on line 3."""
    assert [fact["offset"] for fact in facts(LISTING, b"\n", b"  \r\n", LISTING)] == [0, 3]


def test_each_line_is_answered_before_the_next_is_read() -> None:
    """A program may write a line and wait for its facts."""
    lines = iter([LISTING, LISTING])
    answers = matched(lines)
    assert b"list" in next(answers)
    assert next(lines) == LISTING


def test_a_line_that_cannot_be_read_is_answered_and_passed_over() -> None:
    """The next command is obeyed as if nothing had been."""
    quarantined, listed = facts(b"what?\n", LISTING)
    assert (quarantined["type"], quarantined["offset"], quarantined["field"]) == ("quarantined", 0, "")
    assert (listed["action"], listed["offset"]) == ("list", 1)


def test_time_is_the_line_s_own_or_that_of_the_line_before() -> None:
    """It begins at zero, and neither a past nor a negative one moves it back."""
    stamps = ("", ',"timestamp":-5', ',"timestamp":12.5', "", ',"timestamp":11', ',"timestamp":13.000001')
    lines = [f'{{"type":"deposit","account":"A"{stamp}}}'.encode() for stamp in stamps]
    assert [fact["timestamp"] for fact in facts(*lines)] == [0.0, 0.0, 12.5, 12.5, 12.5, 13.000001]


def test_the_last_line_needs_no_newline() -> None:
    """End of input ends the line."""
    assert len(facts(LISTING.rstrip())) == 1


def test_anybody_may_trade_without_a_deposit() -> None:
    """The session is open and accounts are, until a deposit limits them."""
    order = b'{"type":"new","account":"A","cl_ord_id":"1","symbol":"ALPHA","side":"SELL","quantity":5,"price":25}'
    assert [fact.get("type") for fact in facts(LISTING, order)] == [None, "accepted", "rested", "book"]


@given(st.lists(st.binary(max_size=80)))
def test_no_bytes_stop_the_engine(lines: list[bytes]) -> None:
    """Whatever the lines hold, each that is not blank has an answer."""
    assert len(list(matched(lines))) == sum(1 for line in lines if line.strip())


def test_why_follows_the_facts_and_changes_none_of_them() -> None:
    """Each line's records end with one sentence or more a fact; what is no command is explained too."""
    order = b'{"type":"new","account":"a","cl_ord_id":"1","symbol":"ALPHA","side":"BUY","quantity":1,"price":24.995}\n'
    lines = [LISTING, order, b"what?\n"]
    written = [json.loads(line) for part in matched(lines, explain=True) for line in part.splitlines()]
    assert [record for record in written if record.get("type") != "why"] == facts(*lines)
    assert [(why["offset"], why["about"], why["rules"]) for why in written if why.get("type") == "why"] == [
        (0, "list", ["REF-01", "REF-02"]),
        (1, "rejected", ["VAL-07"]),
        (2, "quarantined", ["FCT-04"]),
    ]
