"""What a command says, read from its record: what varies as a row of numbers, and all else as `Terms`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.records import CANCEL, HAS_PRICE, HAS_QTY, NEW, POST_ONLY, REPLACE
from stockex.core.matching.compiled.tables import Records
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Price

Row = tuple[int, int, int, int, int, int, Price, int]
"""The number for `terms_of`, offset, account, symbol, client, target, price, qty."""

SIDE_BIT: Final = 1 << 8
"""What a sell adds to the kind of a fact."""

_LIMIT, _MARKET = records.ORD_TYPES.index(OrdType.LIMIT), records.ORD_TYPES.index(OrdType.MARKET)
_TIFS: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK})

_SMALL: Final = ("kind", "side", "ord_type", "tif", "self_trade", "flags")
"""The fields of a byte each, which are taken together as one number; a byte of what `_forms` finds follows."""

_COLUMNS: Final = ("offset", "account", "symbol", "client", "target", "price", "qty")
_QTY_FITS, _PRICE_FITS = 1, 2


@dataclass(frozen=True, slots=True)
class Terms:
    """What the small fields of a command say together. There are few such sets; each is read once.

    `is_free`: whether it is a limit order of which it does not depend on the book whether it is taken. `fits`: whether
    the command is in good form, what its order was filled aside. `code`: the side as a fact's kind takes it.
    """

    kind: int
    side: Side
    is_buy: bool
    is_limit: bool
    is_free: bool
    tif: TimeInForce
    rests: bool
    post_only: bool
    self_trade: SelfTrade | None
    has_qty: bool
    has_price: bool
    fits: bool
    code: int


class Grid(NamedTuple):
    """Tick and lot of each symbol by its number, 1 after the last."""

    ticks: npt.NDArray[np.int64]
    lots: npt.NDArray[np.int64]


def grid_of(ticks: Iterable[int], lots: Iterable[int]) -> Grid:
    """Return the grid of symbols with these ticks and lots."""
    return Grid(np.array([*ticks, 1], np.int64), np.array([*lots, 1], np.int64))


def rows(commands: Records, grid: Grid) -> Iterator[Row]:
    """Yield the fields of each command that matter, as numbers of Python."""
    small = _forms(commands, grid) << 8 * len(_SMALL)
    for place, name in enumerate(_SMALL):
        small |= commands[name].astype(np.int64) << 8 * place
    found: Iterator[Row] = zip(small.tolist(), *(commands[name].tolist() for name in _COLUMNS), strict=True)
    return found


def _forms(commands: Records, grid: Grid) -> npt.NDArray[np.int64]:
    """Return whether the quantity and the price of each command are in good form, if it has them."""
    symbols = np.clip(commands["symbol"], 0, len(grid.ticks) - 1)
    qty, price = commands["qty"].astype(np.int64), commands["price"].astype(np.int64)
    qty_fits = (qty > 0) & (qty <= int(MAX_QTY)) & (qty % grid.lots[symbols] == 0)
    price_fits = (price > 0) & (price <= int(MAX_PRICE)) & (price % grid.ticks[symbols] == 0)
    found: npt.NDArray[np.int64] = qty_fits * np.int64(_QTY_FITS) + price_fits * np.int64(_PRICE_FITS)
    return found


def terms_of(number: int) -> Terms | None:
    """Read the number that a row has for this; None: what it says has no place here."""
    kind, side, ord_type, tif, self_trade, flags, forms = number.to_bytes(7, "little")
    if kind not in {NEW, CANCEL, REPLACE}:
        return None
    if kind == NEW and (side > 1 or ord_type > _MARKET or records.TIFS[tif] not in _TIFS):
        return None
    is_limit, tif_named = ord_type == _LIMIT, records.TIFS[tif] if kind == NEW else TimeInForce.DAY
    post_only, has_price, has_qty = bool(flags & POST_ONLY), bool(flags & HAS_PRICE), bool(flags & HAS_QTY)
    fits = (not has_price or bool(forms & _PRICE_FITS)) and ((kind != NEW and not has_qty) or bool(forms & _QTY_FITS))
    if kind == NEW:
        fits = fits and has_price is is_limit and not (post_only and not (is_limit and tif_named.rests))
    return Terms(
        kind=kind,
        side=Side.SELL if side else Side.BUY,
        is_buy=not side,
        is_limit=is_limit,
        is_free=is_limit and tif_named is not TimeInForce.FOK and not post_only,
        tif=tif_named,
        rests=tif_named.rests,
        post_only=post_only,
        self_trade=records.SELF_TRADES[self_trade - 1] if self_trade else None,
        has_qty=has_qty,
        has_price=has_price,
        fits=fits,
        code=side * SIDE_BIT,
    )
