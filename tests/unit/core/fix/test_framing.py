"""Frames are found in any stream; what is not one is skipped."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.core.fix.fixing import ORDER, frame, wire

from stockex.core.fix.framing import Frame, Framer, Garbled, framed

BEAT = "35=0|34=2|49=A|52=20261125-10:00:00|56=B|"


def found(data: bytes, *, max_body: int = 65_536) -> list[Frame | Garbled]:
    """Return what one feed of all the data finds."""
    return list(Framer(max_body=max_body).feed(data))


def test_a_frame_comes_out_as_its_text() -> None:
    """BeginString, and everything between BodyLength and CheckSum."""
    assert found(wire(ORDER)) == [frame(ORDER)]


def test_the_length_and_the_sum_are_written_as_the_standard_says() -> None:
    """BodyLength counts from MsgType up to CheckSum; CheckSum has three digits."""
    assert framed("35=0\x01") == b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"


@pytest.mark.parametrize("step", [1, 2, 7, 64])
def test_pieces_of_any_size_give_the_same_frames(step: int) -> None:
    """TCP cuts where it likes."""
    stream = wire(ORDER) + b"noise" + wire(BEAT) + wire(ORDER)
    framer = Framer()
    parts = [part for at in range(0, len(stream), step) for part in framer.feed(stream[at : at + step])]
    assert [part for part in parts if isinstance(part, Frame)] == [frame(ORDER), frame(BEAT), frame(ORDER)]


def test_who_stops_listening_misses_nothing() -> None:
    """What was not taken comes with the next bytes."""
    framer = Framer()
    assert next(framer.feed(wire(BEAT) + wire(ORDER))) == frame(BEAT)
    assert list(framer.feed(b"")) == [frame(ORDER)]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"garbage ", "8 bytes before BeginString"),
        (wire(BEAT)[:-4] + b"000\x01", "CheckSum"),
        (wire(BEAT)[:-4] + b"7\x01", "BodyLength or CheckSum"),
        (b"8=FIX.4.4\x0134=3\x0135=0\x0110=000\x01", "BeginString and BodyLength"),
        (framed("34=3\x0135=0\x01"), "MsgType is not third"),
        (framed("35=\x0134=2\x01"), "MsgType is not third"),
        (b"8=FIX.4.4\x019=70000\x0135=0\x01", "BodyLength over the bound"),
        (b"8=FIX.4.4\x019=9\x0135=0\x0134=2\x0149=A\x0110=123\x01", "BodyLength or CheckSum"),
    ],
)
def test_garbled_bytes_are_skipped_up_to_the_next_frame(bad: bytes, why: str) -> None:
    """Each is told with its fault, and the sound frame behind it is found."""
    first, *rest = found(bad + wire(BEAT))
    assert isinstance(first, Garbled)
    assert first.why == why
    assert rest[-1] == frame(BEAT)


def test_a_length_too_long_takes_the_next_frame_with_it() -> None:
    """The bytes up to the CheckSum behind the stated end are one garbled frame; what follows is sound."""
    long = wire(BEAT).replace(b"\x019=41\x01", b"\x019=57\x01")
    assert long != wire(BEAT)
    assert found(long + wire(BEAT) + wire(ORDER)) == [
        Garbled("BodyLength or CheckSum", long + wire(BEAT)),
        frame(ORDER),
    ]


def test_line_ends_between_frames_are_no_noise() -> None:
    """People who type frames end them with a line feed."""
    assert found(wire(BEAT) + b"\r\n" + wire(BEAT)) == [frame(BEAT), frame(BEAT)]


def test_the_sum_is_right_for_bodies_of_any_length() -> None:
    """Sums over 256 bytes, 512 of ASCII, are taken in blocks."""
    lengths = (0, 1, 200, 255, 256, 257, *range(480, 520), 1000, 65_000)
    for filling, length in product("\x7f\xff", lengths):
        text = "35=B\x0158=" + filling * length + "\x01"
        assert int(framed(text)[-4:-1]) == sum(framed(text)[:-7]) % 256


def test_a_frame_that_never_ends_is_given_up() -> None:
    """Not more than twice the bound is held for want of a CheckSum."""
    framer = Framer(max_body=100)
    assert list(framer.feed(b"8=FIX.4.4\x019=20\x01" + b"x" * 120)) == []
    first, *_ = framer.feed(b"x" * 20)
    assert first == Garbled("no CheckSum", b"8=FIX")
    assert list(framer.feed(wire(BEAT)))[-1] == frame(BEAT)


def test_the_bound_itself_is_allowed() -> None:
    """A body of exactly the bound is a frame, one byte more is not."""
    length = len(BEAT)
    assert found(wire(BEAT), max_body=length) == [frame(BEAT)]
    assert found(wire(BEAT), max_body=length - 1)[0] == Garbled("BodyLength over the bound", b"8=FIX")


@given(st.lists(st.binary(max_size=60) | st.sampled_from([wire(BEAT), wire(ORDER), b"8=FIX", b"9=", b"\x0110="])))
def test_nothing_breaks_the_framer_or_makes_it_hoard(pieces: list[bytes]) -> None:
    """Whatever comes, what is held stays below the bound of one message."""
    framer = Framer(max_body=300)
    for piece in pieces:
        for part in framer.feed(piece):
            assert isinstance(part, Frame | Garbled)
        assert len(framer._rest) < 2 * 300 + 200
