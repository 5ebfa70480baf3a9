"""Chance that is the same on every machine.

`Dice` is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): a counter
that steps by a constant, and a mixing of its bits. It passes the usual statistical batteries; it is no secret.
The float draws use only sums and products, which IEEE 754 rounds the same everywhere: no logarithm, no cosine.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_STEP: Final = 0x9E3779B97F4A7C15
_BITS: Final = 64
_MASK: Final = 2**_BITS - 1
_GAUSS_TERMS: Final = 12


class Dice:
    """A stream of draws, fixed by the whole numbers that seed it."""

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._absorb(seed)

    def uniform(self, low: float, high: float) -> float:
        """Draw a number at least `low` and below `high`, on a grid of 2**53 steps."""
        return low + (high - low) * ((self._next() >> 11) * 2.0**-53)

    def gauss(self, sigma: float) -> float:
        """Draw from nearly a normal distribution with mean 0 and deviation `sigma`, never beyond 6 sigma.

        The sum of twelve uniform draws less six has variance one (Irwin and Hall).
        """
        return sigma * (sum(self.uniform(0, 1) for _ in range(_GAUSS_TERMS)) - _GAUSS_TERMS / 2)

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + (self._next() * (high - low + 1) >> _BITS)

    def choose(self, options: Sequence[T]) -> T:
        """Draw one of `options`, of which there is at least one, with equal chances."""
        return options[self.integer(0, len(options) - 1)]

    def choose_weighted(self, weights: Mapping[T, int]) -> T:
        """Draw a key with the probability of its weight. Weights are whole numbers at least 0, not all 0."""
        ticket = self.integer(1, sum(weights.values()))
        for key, weight in weights.items():
            ticket -= weight
            if ticket <= 0:
                return key
        raise AssertionError("no weight is positive")

    def _absorb(self, seed: int) -> None:
        """Mix a whole number of any size into the state, 64 bits at a time; its sign counts."""
        words = [int(seed < 0), abs(seed) & _MASK]
        rest = abs(seed) >> _BITS
        while rest:
            words.append(rest & _MASK)
            rest >>= _BITS
        for word in words:
            self._state ^= word
            self._state = self._next()

    def _next(self) -> int:
        """Return the next 64 bits."""
        self._state = (self._state + _STEP) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)


def number_of(text: str) -> int:
    """Return a whole number that stands for `text`, for seeding; no two texts share one."""
    return int.from_bytes(b"\x01" + text.encode(), "big")
