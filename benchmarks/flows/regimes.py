"""Five regimes of one market, after the published description of the flash1 workload; no code of it was used.

The middle follows a path: it stands still, wanders, swings by a quarter or by two fifths, or crashes. Orders are placed
behind it at distances that follow a power law, most of them near. Of the messages 15 % are immediate-or-cancel orders,
20 % change an order, about 2 % aim at orders that are dead already; nearly all others are orders and, after a while,
the cancel of each. The few orders that are never cancelled rest until the middle comes to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from math import pi, sin
from random import Random
from typing import Final

from flows.crowd import IOC, Crowd

from stockex.core.matching.compiled.records import BUY

FULL: Final = 2_000_000
"""The messages of a whole run. A shorter one is its beginning."""

START: Final = 20_000
"""The middle at first, in ticks: 200.00 euro."""

NEAREST: Final = 12
FARTHEST: Final = 2_000
"""How far behind the middle orders are placed, in ticks: the density falls with the square of the distance."""


@dataclass(frozen=True)
class Regime:
    """How the middle moves, in shares of its price: wander in `FULL` messages, height of a swing, depth of a crash."""

    wander: float = 0.0
    swing: float = 0.0
    crash: float = 0.0


REGIMES: Final = {
    "still": Regime(),
    "normal": Regime(wander=0.02),
    "swing25": Regime(wander=0.02, swing=0.25),
    "swing40": Regime(wander=0.02, swing=0.40),
    "crash": Regime(wander=0.02, crash=0.50),
}

_IOC, _REPLACE, _DEAD = 0.15, 0.20, 0.02
_FORGOTTEN: Final = 0.033
"""The share of resting orders that nobody cancels."""

_LIFE: Final = 700.0
"""How many messages an order lives, on average."""

_THROUGH: Final = 0.0005
"""The share of orders that are priced through the middle."""


def regime(messages: int, *, seed: int, kind: Regime) -> Crowd:
    """Write one run of a regime."""
    crowd = Crowd(Random(seed), accounts=100)
    roll, middle = crowd.dice.random, _path(crowd.dice, kind=kind)
    due: list[tuple[float, int]] = []
    for now in range(messages):
        draw = roll()
        if draw < _IOC:
            _place(crowd, middle(now), tif=IOC)
        elif draw < _IOC + _REPLACE and crowd.live:
            _change(crowd, crowd.live[int(roll() * len(crowd.live))], middle=middle(now))
        elif draw > 1.0 - _DEAD and crowd.dead:
            _repeat(crowd, crowd.dead[int(roll() * len(crowd.dead))], middle=middle(now))
        else:
            while due and not crowd.is_live(due[0][1]):
                heappop(due)
            if due and due[0][0] <= now:
                crowd.cancel(heappop(due)[1])
                continue
            order = _place(crowd, middle(now))
            if roll() > _FORGOTTEN:
                heappush(due, (now + crowd.dice.expovariate(1.0 / _LIFE), order))
    return crowd


def _path(dice: Random, *, kind: Regime) -> Callable[[int], int]:
    """Return the path of the middle: a geometric random walk, times a swing, or a crash that half recovers."""
    step = kind.wander / FULL**0.5
    walk = 1.0

    def middle(now: int) -> int:
        nonlocal walk
        if step:
            walk *= 1.0 + step * dice.gauss(0.0, 1.0)
        done = now / FULL
        swing = 1.0 + kind.swing * sin(2.0 * pi * done)
        fall = min(max((done - 0.05) / 0.02, 0.0), 1.0) - 0.5 * min(max((done - 0.07) / 0.5, 0.0), 1.0)
        return int(START * walk * swing * (1.0 - kind.crash * fall))

    return middle


def _place(crowd: Crowd, middle: int, *, tif: int = 0) -> int:
    side = int(crowd.dice.random() * 2)
    return crowd.limit(side, _behind(crowd, middle, side=side), qty=_lots(crowd), tif=tif)


def _behind(crowd: Crowd, middle: int, *, side: int) -> int:
    """Return a price behind the middle: half of them within twice `NEAREST`, one in a hundred beyond 1,200 ticks."""
    distance = min(int(NEAREST * crowd.dice.paretovariate(1.0)), FARTHEST)
    if crowd.dice.random() < _THROUGH:
        distance = -distance
    return max(middle - distance if side == BUY else middle + distance, 1)


def _lots(crowd: Crowd) -> int:
    return 1 + int(crowd.dice.expovariate(0.01))


def _change(crowd: Crowd, order: int, *, middle: int) -> None:
    """Follow the middle with a live order, or change its quantity only."""
    price, qty, draw = crowd.price(order), crowd.qty(order), crowd.dice.random()
    if draw < 0.5:
        price = _behind(crowd, middle, side=crowd.side(order))
    elif draw < 0.75:
        qty = crowd.filled(order) + 1 + int(crowd.dice.random() * (qty - crowd.filled(order)))
    else:
        qty += _lots(crowd)
    crowd.replace(order, price=price, qty=qty)


def _repeat(crowd: Crowd, order: int, *, middle: int) -> None:
    """Cancel or change an order that is gone."""
    if crowd.dice.random() < 0.5:
        crowd.cancel(order)
    else:
        crowd.replace(order, price=_behind(crowd, middle, side=crowd.side(order)), qty=_lots(crowd))
