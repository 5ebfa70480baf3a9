"""Whole-number units.

`Price`, `Cash` and `Nanos` are subclasses of `int`, so that the codec can tell them from plain numbers;
arithmetic on them gives plain `int`, which must be named again (`Cash(price * qty)`) to be stored.
"""

from typing import Final, NewType

UNITS_PER_EURO: Final = 10_000
"""Prices and cash count this many units to the euro."""


class Price(int):
    """A price per share in whole 1/10 000 euro. 24.95 euro is `Price(249_500)`."""

    __slots__ = ()


class Cash(int):
    """An amount of money in whole 1/10 000 euro. May be negative where a docstring says so."""

    __slots__ = ()


class Nanos(int):
    """An instant: nanoseconds since 1970-01-01 UTC. The log stamps whole microseconds."""

    __slots__ = ()


Shares = NewType("Shares", int)
"""A number of shares."""

MAX_PRICE: Final = Price(1_000_000 * UNITS_PER_EURO)
"""The highest price an order may carry: one million euro (rule VAL-06)."""

TRADES_REMEMBERED: Final = 10_000
"""How many trades can still be busted or corrected, the newest ones of all instruments (rule CTL-07)."""

MAX_QTY: Final = Shares(100_000_000)
"""The largest quantity one order may carry (rule VAL-04); times MAX_PRICE it still fits 64 bits."""

MAX_CASH: Final = Cash(100_000_000_000 * UNITS_PER_EURO)
"""The largest deposit: a hundred billion euro (rule ACC-02); balances stay far below 64 bits."""


def seconds_text(at: int) -> str:
    """Return an instant in seconds, as on the wire, without needless decimals: 12_500_000_000 is "12.5"."""
    sign = "-" if at < 0 else ""
    whole, rest = divmod(abs(at), 10**9)
    return f"{sign}{whole}.{rest:09d}".rstrip("0").rstrip(".")


def euro_text(units: int) -> str:
    """Return `units` of 1/10 000 euro as text with two to four decimals: 249500 is "24.95"."""
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), UNITS_PER_EURO)
    decimals = f"{rest:04d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"
