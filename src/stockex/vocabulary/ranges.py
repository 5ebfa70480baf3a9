"""Ranges of prices around a price.

24.50 ------- 25.00 ------- 25.50      200 basis points around 25.00; both edges belong to it
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from stockex.vocabulary.enums import RangeKind
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Price, euro_text

_WHOLE_BP: Final = 10_000


class Range(NamedTuple):
    """Prices from `low` to `high`, both included; they need not stand on the tick grid."""

    low: Price
    high: Price

    def has(self, price: int) -> bool:
        """Say whether the price is inside, or on the edge."""
        return self.low <= price <= self.high

    def __str__(self) -> str:
        return f"{euro_text(self.low)} to {euro_text(self.high)}"


def around(price: int, bp: int) -> Range:
    """Return the prices, in whole units, that are at most `bp` basis points away from `price`."""
    away = price * bp // _WHOLE_BP
    return Range(Price(price - away), Price(price + away))


class Corridor(NamedTuple):
    """A range of continuous trading, and the price that it is around."""

    which: RangeKind
    centre: Price
    range: Range


def corridors(
    rules: MarketRules, *, last: Price | None, auction: Price | None, reference: Price | None
) -> tuple[Corridor, ...]:
    """Return the ranges in which orders trade continuously (LIM-08).

    Args:
        rules: The settings of the market.
        last: The last price.
        auction: The price of the last auction, since the reference price was set.
        reference: What takes the place of either.
    """
    return _corridors(
        reference if last is None else last,
        reference if auction is None else auction,
        dynamic_bp=rules.dynamic_range_bp,
        static_bp=rules.static_range_bp,
    )


@lru_cache(maxsize=1_024, typed=True)  # each order asks, and the answer changes with a trade only
def _corridors(
    dynamic: Price | None, static: Price | None, *, dynamic_bp: int | None, static_bp: int | None
) -> tuple[Corridor, ...]:
    """Return the ranges around these prices."""
    wanted = ((RangeKind.DYNAMIC, dynamic, dynamic_bp), (RangeKind.STATIC, static, static_bp))
    return tuple(
        Corridor(which, centre, around(centre, bp))
        for which, centre, bp in wanted
        if centre is not None and bp is not None
    )


def common(found: Sequence[Corridor]) -> Range | None:
    """Return the prices that are in all ranges, None when there is no range. No price at all: it is upside down."""
    if not found:
        return None
    return Range(max(each.range.low for each in found), min(each.range.high for each in found))
