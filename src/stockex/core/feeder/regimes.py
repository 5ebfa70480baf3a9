"""The fair price of a security: a walk through five regimes.

Prices are floats in units of 1/10 000 euro, finer than any tick. `v` is the volatility: units a step.
Source: the seed's feeder. Its volatilities belong to a step a minute; a step of ours takes seconds, so they are
lower here, and a walk that has left its start by more than `LEASH` turns back at once.
"""

from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from stockex.core.dice import Dice
from stockex.messages.market_data import Indicators
from stockex.vocabulary.enums import Regime, Side
from stockex.vocabulary.units import Price


class Manner(NamedTuple):
    """How a regime moves the price in one step.

    `lean` times v times a draw from `TREND` is the trend; `pull` is the share of the way back to the start price;
    `wander` and `noise` are deviations in v; momentum keeps `memory` of itself, and in a trend takes 5 % of the
    drift; volatility grows by the factor `growth`.
    """

    lean: int = 0
    pull: float = 0.0
    wander: float = 0.0
    noise: float = 0.0
    memory: float = 0.95
    growth: float = 1.0


MANNERS: Final[dict[Regime, Manner]] = {
    Regime.TRENDING_UP: Manner(lean=1, noise=0.5),
    Regime.TRENDING_DOWN: Manner(lean=-1, noise=0.5),
    Regime.MEAN_REVERT: Manner(pull=0.03, noise=0.3, memory=0.8),
    Regime.VOLATILE: Manner(wander=0.5, noise=1.5, memory=0.9, growth=1.002),
    Regime.CALM: Manner(wander=0.1, noise=0.2, growth=0.998),
}
"""The seed's five regimes."""

_ORDER: Final = (Regime.TRENDING_UP, Regime.TRENDING_DOWN, Regime.MEAN_REVERT, Regime.VOLATILE, Regime.CALM)
_FAR: Final = dict(zip(_ORDER, (5, 5, 50, 20, 20), strict=True))
_OFF: Final = dict(zip(_ORDER, (15, 15, 30, 20, 20), strict=True))
_NEAR: Final = dict(zip(_ORDER, (25, 25, 10, 15, 25), strict=True))

START_VOLATILITY: Final = 0.0012
"""Volatility of a new walk, as a share of the price."""

LEAST_VOLATILITY: Final = 0.0011
"""The floor of volatility. It keeps a calm security of 3.95 euro, with ticks of 0.002, moving."""

MOST_VOLATILITY: Final = 0.004
"""The cap of volatility, as a share of the price."""

LEASH: Final = 0.30
"""How far from its start, as a share of it, a walk may be in any regime but mean reversion."""

_OVERBOUGHT: Final = (70, 0.85)
_OVERSOLD: Final = (30, 0.15)
_SHORTEST: Final = 15
_LONGEST: Final = 50
TREND: Final = (0.05, 0.3)
"""The least and the greatest drift of a trend, in v. The seed's 0.2 to 0.8 belongs to its one tick a minute."""

_UPTAKE: Final = 0.05


class Walk(Struct, frozen=True):
    """Where a fair price stands. `start` is where its day began, `tick` its floor, `left` the regime's steps to go."""

    start: float
    tick: int
    fair: float
    regime: Regime
    left: int
    momentum: float
    volatility: float

    @property
    def price(self) -> Price:
        """The fair price in whole units, at least one."""
        return Price(round(self.fair))

    @property
    def deviation(self) -> float:
        """How far the fair price is from its start, as a share of the start, at least 0."""
        return abs(self.fair - self.start) / self.start


def begun(start: Price, tick: Price, *, dice: Dice) -> Walk:
    """Return a new walk at `start`, in a regime drawn with equal chances. Both prices are positive."""
    return Walk(
        start=float(start),
        tick=int(tick),
        fair=float(max(start, tick)),
        regime=dice.choose(_ORDER),
        left=dice.integer(_SHORTEST, _LONGEST),
        momentum=0.0,
        volatility=START_VOLATILITY * start,
    )


def stepped(walk: Walk, dice: Dice) -> Walk:
    """Return the walk one step on: it moves as its regime does, then the regime may change."""
    manner, v = MANNERS[walk.regime], walk.volatility
    drift = (
        manner.lean * v * dice.uniform(*TREND) + manner.pull * (walk.start - walk.fair) + dice.gauss(manner.wander * v)
    )
    momentum = _momentum(walk.momentum, drift, manner=manner)
    fair = max(walk.fair + drift + dice.gauss(manner.noise * v) + momentum, float(walk.tick))
    volatility = min(max(v * manner.growth, LEAST_VOLATILITY * fair), MOST_VOLATILITY * fair)
    moved = replace(walk, fair=fair, momentum=momentum, volatility=volatility, left=walk.left - 1)
    return _turned(moved, dice)


def _momentum(before: float, drift: float, *, manner: Manner) -> float:
    """Return the momentum after a step. In a trend it takes up drift and never points against the trend."""
    kept = manner.memory * before
    if not manner.lean:
        return kept
    taken = kept + _UPTAKE * drift
    return max(taken, 0.0) if manner.lean > 0 else min(taken, 0.0)


def _turned(walk: Walk, dice: Dice) -> Walk:
    """Return the walk in its next regime if this one is over or the leash is taut."""
    is_taut = walk.deviation > LEASH and walk.regime is not Regime.MEAN_REVERT
    if walk.left > 0 and not is_taut:
        return walk
    regime = Regime.MEAN_REVERT if is_taut else dice.choose_weighted(next_weights(walk.deviation))
    return replace(walk, regime=regime, left=dice.integer(_SHORTEST, _LONGEST))


def next_weights(deviation: float) -> dict[Regime, int]:
    """Return the chances in percent of the regimes that may follow; far from the start, mean reversion leads."""
    if deviation > 0.15:  # noqa: PLR2004 (the seed's table)
        return _FAR
    return _OFF if deviation > 0.08 else _NEAR  # noqa: PLR2004 (the seed's table)


def inclination(seen: Indicators) -> Side | None:
    """Return the side that the indicators speak for; None when they do not. Source: the seed's feeder."""
    rsi, position = seen.rsi_14, seen.bb_pos
    if rsi > _OVERBOUGHT[0] and position > _OVERBOUGHT[1]:
        return Side.SELL
    if rsi < _OVERSOLD[0] and position < _OVERSOLD[1]:
        return Side.BUY
    if seen.macd > 0 and seen.regime is Regime.TRENDING_UP:
        return Side.BUY
    if seen.macd < 0 and seen.regime is Regime.TRENDING_DOWN:
        return Side.SELL
    return None
