"""Numbers as JSON has them, written into a buffer. Every function returns the place behind what it wrote.

Prices are whole 1/10 000 euro and times nanoseconds; they are written as the shortest decimal, as a float would be.
"""

from typing import Final

import numpy as np

from stockex.core.matching.compiled.machine.code import shared
from stockex.core.matching.compiled.machine.instructions import Bytes
from stockex.vocabulary.units import UNITS_PER_EURO

ZERO, POINT, MINUS, EXPONENT = (np.uint8(ord(sign)) for sign in "0.-e")
_UNITS: Final = UNITS_PER_EURO
_DECIMALS: Final = len(str(UNITS_PER_EURO)) - 1
_MICROS: Final = 1_000_000
_MICRO_DECIMALS: Final = 6
_FEW: Final = 9


@shared
def put_whole(out: Bytes, at: int, value: int) -> int:
    """Write a whole number."""
    if value < 0:
        out[at] = MINUS
        at += 1
        value = -value
    size = 1
    rest = value // 10
    while rest > 0:
        size += 1
        rest //= 10
    for place in range(at + size - 1, at - 1, -1):
        out[place] = ZERO + np.uint8(value % 10)
        value //= 10
    return at + size


@shared
def _put_decimals(out: Bytes, at: int, value: int, decimals: int, least: int) -> int:
    """Write a point and the last `decimals` digits of `value`, without zeros at the end beyond `least` digits."""
    out[at] = POINT
    while decimals > least and value % 10 == 0:
        value //= 10
        decimals -= 1
    for place in range(at + decimals, at, -1):
        out[place] = ZERO + np.uint8(value % 10)
        value //= 10
    return at + decimals + 1


@shared
def put_price(out: Bytes, at: int, value: int) -> int:
    """Write a price as a number of euro: 249500 is 24.95 and 180000 is 18.0."""
    at = put_whole(out, at, value // _UNITS)
    return _put_decimals(out, at, value % _UNITS, _DECIMALS, 1)


@shared
def put_euro_text(out: Bytes, at: int, value: int) -> int:
    """Write an amount as `euro_text` does, with at least two decimals: 180000 is 18.00."""
    if value < 0:
        out[at] = MINUS
        at += 1
        value = -value
    at = put_whole(out, at, value // _UNITS)
    return _put_decimals(out, at, value % _UNITS, _DECIMALS, 2)


@shared
def put_seconds(out: Bytes, at: int, value: int) -> int:
    """Write a time as a number of seconds; under ten microseconds as 5e-6, as JSON encoders do."""
    micros = value // 1_000
    if 0 < micros <= _FEW:
        out[at] = ZERO + np.uint8(micros)
        out[at + 1] = EXPONENT
        out[at + 2] = MINUS
        out[at + 3] = ZERO + np.uint8(_MICRO_DECIMALS)
        return at + 4
    at = put_whole(out, at, micros // _MICROS)
    return _put_decimals(out, at, micros % _MICROS, _MICRO_DECIMALS, 1)
