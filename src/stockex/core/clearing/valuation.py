"""What holdings are worth at given marks (CLR-06)."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec.structs import replace

from stockex.core.clearing.positions import Standing
from stockex.messages.views import Holding, LeaderboardRow
from stockex.vocabulary.accounts import DAILY_OBLIGATION, MEMBERS
from stockex.vocabulary.units import Cash, Price, Shares

Mark = Callable[[str], int]
"""The price at which a symbol is valued now."""


class Reserved(NamedTuple):
    """What an account's open orders hold back: cash for buys, shares for sells."""

    cash: Cash = Cash(0)
    shares: Mapping[str, Shares] = MappingProxyType({})


NOTHING_RESERVED: Final = Reserved()
"""No open orders."""


def holdings(standing: Standing, *, mark: Mark, reserved: Reserved = NOTHING_RESERVED) -> tuple[Holding, ...]:
    """Return what the account holds, by symbol, each position valued at its mark."""
    rows = []
    for symbol, position in sorted(standing.positions.items()):
        price = mark(symbol)
        value = price * position.qty
        row = Holding(
            symbol=symbol,
            qty=Shares(position.qty),
            reserved=reserved.shares.get(symbol, Shares(0)),
            average_cost=position.average_cost,
            current_price=Price(price),
            value=Cash(value),
            unrealised=Cash(value - position.basis),
        )
        rows.append(row)
    return tuple(rows)


def obligation(account: str) -> Shares:
    """Return how many shares the account must trade a day: members 20, others none (CLR-07)."""
    return DAILY_OBLIGATION if account in MEMBERS else Shares(0)


def ranked(rows: Iterable[LeaderboardRow]) -> list[LeaderboardRow]:
    """Return the rows by total value, the highest first and equal ones by name, with ranks from 1."""
    ordered = sorted(rows, key=lambda row: (-row.total_value, row.account))
    return [replace(row, rank=rank) for rank, row in enumerate(ordered, start=1)]
