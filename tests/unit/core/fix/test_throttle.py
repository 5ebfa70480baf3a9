"""The rate of a session is held to the message."""

import random

from stockex.core.fix.session.throttle import Rate, Throttle
from stockex.core.fix.times import SECOND


def test_so_many_pass_in_any_span_and_not_one_more() -> None:
    """Held against a count over all spans, for random arrivals at 200 rates."""
    for seed in range(200):
        dice = random.Random(seed)
        rate = Rate(dice.randrange(1, 6), dice.randrange(1, 3))
        passed: list[int] = []
        throttle, at = Throttle(rate), 0
        for _ in range(100):
            at += dice.choice((0, SECOND // 4, SECOND // 2, SECOND))
            recent = [each for each in passed if each > at - rate.per_s * SECOND]
            assert throttle.passes(at) == (len(recent) < rate.most), (seed, at)
            if len(recent) < rate.most:
                passed.append(at)


def test_it_says_when_the_next_one_may_pass() -> None:
    """One span after the first of the newest that passed."""
    throttle = Throttle(Rate(2))
    assert throttle.free_at(5) == 5
    assert throttle.passes(5)
    assert throttle.passes(7)
    assert throttle.free_at(8) == 5 + SECOND
    assert not throttle.passes(4 + SECOND)
    assert throttle.passes(5 + SECOND)
    assert throttle.free_at(6 + SECOND) == 7 + SECOND
