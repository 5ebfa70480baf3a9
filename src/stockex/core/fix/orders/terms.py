"""The terms of an order: what each is called in FIX 4.4, both ways, and numbers as text.

Source: FIX 4.4, volume 6, tags 18, 40, 54 and 59; volume 1, "Price" and "Qty".
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from stockex.core.fix.times import SECOND, nanos_of, stamp
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares

SIDES: Final[Mapping[str, Side]] = {"1": Side.BUY, "2": Side.SELL}
SIDE_TEXTS: Final[Mapping[Side, str]] = {side: text for text, side in SIDES.items()}

TIMES: Final[Mapping[str, TimeInForce]] = {
    "0": TimeInForce.DAY,
    "1": TimeInForce.GTC,
    "2": TimeInForce.AT_OPEN,
    "3": TimeInForce.IOC,
    "4": TimeInForce.FOK,
    "5": TimeInForce.GFA,
    "6": TimeInForce.GTD,
    "7": TimeInForce.AT_CLOSE,
}
"""TimeInForce (59). Good till crossing (5) is good for the auction; 6 is also GTT, by the day that it names."""

TIME_TEXTS: Final[Mapping[TimeInForce, str]] = {
    **{tif: text for text, tif in TIMES.items()},
    TimeInForce.GTT: "6",
}

PLAIN: Final[Mapping[str, OrdType]] = {
    "1": OrdType.MARKET,
    "2": OrdType.LIMIT,
    "3": OrdType.STOP,
    "4": OrdType.STOP_LIMIT,
    "K": OrdType.MARKET_TO_LIMIT,
}
"""OrdType (40) of orders that follow nothing."""

TYPE_TEXTS: Final[Mapping[OrdType, tuple[str, str]]] = {
    **{ord_type: (text, "") for text, ord_type in PLAIN.items()},
    OrdType.PEG_PRIMARY: ("P", "R"),
    OrdType.PEG_MID: ("P", "M"),
    OrdType.TRAILING_STOP: ("P", "a"),
    OrdType.TRAILING_STOP_LIMIT: ("P", "a"),
}
"""OrdType (40) and ExecInst (18): R primary peg, M mid-price peg, a trailing stop peg."""

FOLLOWING: Final[Mapping[str, OrdType]] = {"R": OrdType.PEG_PRIMARY, "M": OrdType.PEG_MID, "a": OrdType.TRAILING_STOP}

POST_ONLY: Final = "6"
"""ExecInst: participate, do not initiate."""

CANCEL_WHEN_DOWN: Final = "Q"
"""ExecInst: cancel on system failure, which a lost session is."""

KEEP_WHEN_DOWN: Final = "H"
"""ExecInst: reinstate on system failure."""

HELD: Final = "5"
"""ExecInst: held, as every order here is."""

_DECIMALS: Final = 4
_DAY: Final = 86_400 * SECOND


def ord_type_of(ord_type: str, instructions: frozenset[str], *, has_price: bool) -> OrdType | None:
    """Return the type that OrdType (40) and ExecInst (18) name together, None for one that the market has not."""
    if not instructions:
        return PLAIN.get(ord_type)
    following = [FOLLOWING[each] for each in instructions & FOLLOWING.keys()]
    if len(following) > 1:
        return None
    if not following:
        return PLAIN.get(ord_type)
    [found] = following
    if found is OrdType.TRAILING_STOP:
        limited = {"3": False, "4": True, "P": has_price}.get(ord_type)
        return None if limited is None else OrdType.TRAILING_STOP_LIMIT if limited else found
    return found if ord_type == "P" else None


@lru_cache(maxsize=8_192)
def price_of(text: str) -> Price | None:
    """Return a price of at most four decimals in whole units, None for one with more. Negative ones pass."""
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    part = part.rstrip("0")
    if len(part) > _DECIMALS:
        return None
    return Price(sign * int(f"{whole or 0}{part:0<{_DECIMALS}}"))


@lru_cache(maxsize=1_024)
def shares_of(text: str) -> Shares | None:
    """Return a whole number of shares, None for a fraction."""
    whole, _, part = text.partition(".")
    return Shares(int(whole or 0)) if not part.strip("0") and whole != "-" else None


def average_text(cost: int, shares: int) -> str:
    """Return the average price of `shares` that cost `cost`, in euro with up to six decimals, rounded half up."""
    if not shares:
        return "0"
    return decimal_text((cost * 200 + shares) // (2 * shares), decimals=6)


@lru_cache(maxsize=8_192)
def decimal_text(units: int, *, decimals: int = _DECIMALS) -> str:
    """Return units of 10 ** -`decimals` as the shortest text."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    whole, part = divmod(units, 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"


def end_of(date: str) -> Nanos:
    """Return the instant at which the date `YYYYMMDD` ends, by UTC."""
    return Nanos(nanos_of(f"{date}-00:00:00") + _DAY)


def date_of(at: int) -> str:
    """Return the date `YYYYMMDD` of an instant, by UTC."""
    return stamp(at, digits=0).partition("-")[0]


def is_midnight(at: int) -> bool:
    """Say whether a day ends at this instant, by UTC."""
    return at % _DAY == 0
