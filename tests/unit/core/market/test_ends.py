"""Claims about `stockex.core.market.ends` that the scenarios do not show."""

import pytest
from unit.core.market.playing import figures

from stockex.core.market.ends import end_of
from stockex.core.market.listing import CallEnd
from stockex.messages.orders import ChangePhase
from stockex.vocabulary.enums import PhaseAction
from stockex.vocabulary.units import Nanos

BEGIN = Nanos(7)
SECOND = 1_000_000_000


def end(seed: int | None, symbol: str = "ALPHA", *, random_s: int | None = 30) -> CallEnd:
    """Return the end of a call of a minute."""
    found = end_of(ChangePhase(to=PhaseAction.CALL, duration_s=60, random_s=random_s, seed=seed), symbol, at=BEGIN)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("call for 0", "duration 0 s, random None s, at most 86400 s each"),
        ("call random 5 seed 1", "duration None s, random 5 s, at most 86400 s each"),
        ("call for 5 random 5", "duration 5 s, random 5 s, no seed"),
        ("pre-open for 5", "duration 5 s, random None s of pre_open"),
    ],
)
def test_a_refused_duration_says_both_figures(line: str, text: str) -> None:
    """And what is wrong with them."""
    assert figures(line) == text


@pytest.mark.parametrize("random_s", [None, 0])
def test_without_a_draw_the_end_is_the_earliest_one(random_s: int | None) -> None:
    """A minute after the begin, to the nanosecond."""
    assert end(None, random_s=random_s) == (BEGIN + 60 * SECOND, BEGIN + 60 * SECOND)


def test_a_draw_is_within_its_range_in_whole_microseconds() -> None:
    """Whatever the seed; the earliest end stays."""
    ends = [end(seed) for seed in range(500)]
    late = [at - earliest for earliest, at in ends]
    assert {earliest for earliest, _ in ends} == {BEGIN + 60 * SECOND}
    assert {each % 1_000 for each in late} == {0}
    assert 0 <= min(late) < SECOND
    assert 29 * SECOND < max(late) <= 30 * SECOND


def test_a_draw_is_as_long_as_the_range_at_most() -> None:
    """Of a range of one second, hundreds of draws stay within and come near its end."""
    late = [end(seed, random_s=1).at - BEGIN - 60 * SECOND for seed in range(500)]
    assert 0.99 * SECOND < max(late) <= SECOND


def test_seed_and_symbol_give_the_draw() -> None:
    """Each its own; the same ones the same again. Zero is a seed."""
    assert end(0) == end(0)
    assert len({end(0), end(1), end(0, "BETA"), end(1, "BETA")}) == 4
