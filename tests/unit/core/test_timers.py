"""What is due happens in one order, and once."""

import pytest

from stockex.core.timers import Kind, Timer, Timers
from stockex.vocabulary.units import Nanos


def timer(due: int, number: int = 0, symbol: str = "ALPHA") -> Timer:
    """Return the expiry of an order."""
    return Timer(Nanos(due), Kind.EXPIRY, number, symbol)


def test_the_earliest_is_first_and_then_the_oldest_order() -> None:
    """However they were set."""
    timers = Timers()
    for one in (timer(20, 1), timer(10, 3), timer(10, 2)):
        timers.set(one)
    assert timers.due == 10
    assert [timers.take(Nanos(20)) for _ in range(4)] == [timer(10, 2), timer(10, 3), timer(20, 1), None]
    assert timers.due is None


@pytest.mark.parametrize(("now", "happens"), [(9, False), (10, True), (11, True)])
def test_what_is_due_happens_at_its_instant_and_not_before(now: int, *, happens: bool) -> None:
    """At ten, or whenever time is known to have passed ten."""
    assert (Timers([timer(10)]).take(Nanos(now)) is not None) is happens


def test_a_cancelled_timer_does_not_happen() -> None:
    """And cancelling it again, or one that never was, is no error."""
    timers = Timers([timer(10, 1), timer(10, 2)])
    for one in (timer(10, 1), timer(10, 1), timer(99, 9)):
        timers.cancel(one)
    assert timers.as_list() == [timer(10, 2)]
