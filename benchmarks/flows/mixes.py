"""Three mixes of messages that are told in a sentence each.

A  adds          buys and sells in turn at 20 prices that overlap: about half of them meet
B  moves         1,000 resting orders, of which 82 % of the messages move one: a quiet market of quotes
C  market-like   70 % limit orders around the middle, 5 % market orders, 25 % cancels of any earlier order
"""

from random import Random
from typing import Final

from flows.crowd import IOC, Crowd

from stockex.core.matching.compiled.records import BUY

MIDDLE: Final = 10_000
RESTING: Final = 1_000
REACH: Final = 375
"""Mix B: orders rest at up to 375 ticks on either side of the middle."""


def adds(messages: int, *, seed: int) -> Crowd:
    """Mix A: alternate limit adds, to buy at 1880 to 1889 ticks and to sell at 1884 to 1893."""
    crowd = Crowd(Random(seed), accounts=100)
    roll = crowd.dice.random
    for number in range(messages):
        side = number % 2
        start = 1880 if side == BUY else 1884
        crowd.limit(side, start + int(roll() * 10), qty=100 + int(roll() * 901))
    return crowd


def moves(messages: int, *, seed: int) -> Crowd:
    """Mix B: 9 % adds, 3 % IOC, 6 % cancels, 82 % moves; the first 1,000 messages fill the book.

    Adds and cancels balance what trades away, so that about 1,000 orders rest.
    """
    crowd = Crowd(Random(seed), accounts=1_000)
    roll = crowd.dice.random
    for _ in range(min(RESTING, messages)):
        _add(crowd)
    while crowd.messages < messages:
        draw = roll()
        if draw < 0.03:
            side = int(roll() * 2)
            crowd.limit(side, MIDDLE + (REACH if side == BUY else -REACH), qty=1 + int(roll() * 3), tif=IOC)
        elif draw < 0.18:
            if len(crowd.live) < RESTING:
                _add(crowd)
            else:
                crowd.cancel(_any(crowd))
        else:
            _move(crowd)
    return crowd


def _add(crowd: Crowd) -> None:
    side = int(crowd.dice.random() * 2)
    crowd.limit(side, _passive(crowd, side), qty=1 + int(crowd.dice.random() * 20))


def _passive(crowd: Crowd, side: int) -> int:
    distance = 1 + int(crowd.dice.random() * REACH)
    return MIDDLE - distance if side == BUY else MIDDLE + distance


def _move(crowd: Crowd) -> None:
    """Move an order to another price; one in thirty takes the best price of the other side."""
    order = _any(crowd)
    side = crowd.side(order)
    best = crowd.best(1 - side) if crowd.dice.random() < 0.033 else None
    crowd.replace(order, price=_passive(crowd, side) if best is None else best, qty=crowd.qty(order))


def _any(crowd: Crowd) -> int:
    return crowd.live[int(crowd.dice.random() * len(crowd.live))]


def market_like(messages: int, *, seed: int) -> Crowd:
    """Mix C: limits from 50 ticks behind the middle to 5 through it; cancels of any order, the dead included."""
    crowd = Crowd(Random(seed), accounts=100)
    roll = crowd.dice.random
    orders = 0
    while crowd.messages < messages:
        draw, side, qty = roll(), int(roll() * 2), 1 + int(roll() * 100)
        if draw < 0.25 and orders:
            crowd.cancel(int(roll() * orders))
            continue
        if draw < 0.30:
            crowd.market(side, qty)
        else:
            distance = int(roll() * 56) - 5
            crowd.limit(side, MIDDLE + (-distance if side == BUY else distance), qty=qty)
        orders += 1
    return crowd
