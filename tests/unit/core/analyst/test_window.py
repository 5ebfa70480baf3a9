"""What asks for an insight."""

import pytest
from unit.core.analyst.scenes import Day
from unit.core.market_data.market_facts import (
    interrupted,
    phase_changed,
    resumed,
    started,
    stopped,
    suspended,
    uncrossed,
)

from stockex.core.analyst.window import Event
from stockex.vocabulary.enums import InsightCause, Phase


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (started(2), InsightCause.SESSION_START),
        (stopped(), InsightCause.SESSION_END),
        (suspended(), InsightCause.HALT),
        (resumed(), InsightCause.RESUMED),
        (phase_changed(Phase.HALTED), InsightCause.HALT),
        (interrupted(), InsightCause.VOLATILITY),
        (uncrossed(180_000, 10), InsightCause.AUCTION),
    ],
)
def test_an_event_asks_for_an_insight(event: Event, cause: InsightCause) -> None:
    """And is covered by it: the next window has none."""
    day = Day()
    assert day.window.cause is None
    day.happens(event)
    assert day.window.cause is cause
    assert day.window.next().cause is None


def test_going_continuous_is_no_news() -> None:
    """The auction before it is."""
    day = Day()
    day.happens(phase_changed(Phase.CONTINUOUS))
    assert day.window.cause is None


def test_the_weightiest_of_several_events_names_the_insight() -> None:
    """A halt while the day ends is told under the day's end."""
    day = Day()
    day.happens(stopped(), phase_changed(Phase.HALTED), uncrossed(180_000, 10))
    assert day.window.cause is InsightCause.SESSION_END


@pytest.mark.parametrize(
    ("price", "cause"), [(184_000, None), (184_110, InsightCause.BIG_MOVE), (176_000, InsightCause.BIG_MOVE)]
)
def test_a_big_move_asks_for_an_insight(price: int, cause: InsightCause | None) -> None:
    """From two percent on, up or down, counted from the last insight."""
    day = Day()
    day.trades("NBG", price)
    assert day.window.cause is cause
