"""What a command says, read from its record: what varies as a row of numbers, and all else as `Terms`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.records import CANCEL, COMMAND, HAS_PRICE, HAS_QTY, NEW, POST_ONLY, REPLACE
from stockex.core.matching.compiled.tables import Records
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Price

RARE: Final = 0
"""The kind of terms that have no place here."""

SIDE_BIT: Final = 1 << 8
"""What a sell adds to the kind of a fact."""

_LIMIT, _MARKET = records.ORD_TYPES.index(OrdType.LIMIT), records.ORD_TYPES.index(OrdType.MARKET)
_TIFS: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK})

_BYTES: Final = 6
"""How many fields of a byte each, from the kind on, are taken together as one number; what `_forms` finds follows."""

_FIRST_BYTE: Final = [place for name, (_, place, *_) in (COMMAND.fields or {}).items() if name == "kind"]
_SMALL: Final = np.dtype({"names": ["small"], "formats": ["<i8"], "offsets": _FIRST_BYTE, "itemsize": COMMAND.itemsize})
_BYTES_MASK: Final = (1 << 8 * _BYTES) - 1
_QTY_FITS, _PRICE_FITS, _CLIENT = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Terms:
    """What the small fields of a command say together. There are few such sets; each is read once.

    `fits`: whether the command is in good form, what its order was filled aside. `is_free`: whether it is, and places a
    limit order of which it does not depend on the book whether it is taken. `place` and `code`: the side as a market's
    ladders and as a fact's kind have it.
    """

    kind: int
    side: Side
    is_buy: bool
    place: int
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


Row = tuple[Terms, int, int, int, int, int, Price, int]
"""Terms, offset, account, symbol, client, target, price, qty; of account, symbol and target the last number that there
is room for when there is none for theirs."""


class KnownTerms(dict[int, Terms]):
    """Terms by the number that a command has for them, each read when it first comes up."""

    def __missing__(self, number: int) -> Terms:
        """Read the terms, and know them from now on."""
        found = self[number] = terms_of(number)
        return found


class Grid(NamedTuple):
    """Tick and lot of each symbol by its number, 1 after the last; and how many accounts and clients there is room for.

    The last number of each stands for all that are not known.
    """

    ticks: npt.NDArray[np.int64]
    lots: npt.NDArray[np.int64]
    accounts: int = 1
    clients: int = 1


def grid_of(ticks: Iterable[int], lots: Iterable[int]) -> Grid:
    """Return the grid of symbols with these ticks and lots."""
    return Grid(np.array([*ticks, 1], np.int64), np.array([*lots, 1], np.int64))


def rows(commands: Records, grid: Grid, *, known: KnownTerms) -> Iterator[Row]:
    """Yield the terms of each command and its other fields that matter, as numbers of Python."""
    symbols = _within(commands["symbol"], len(grid.ticks))
    small = commands.view(_SMALL)["small"] & _BYTES_MASK | _forms(commands, symbols, grid=grid) << 8 * _BYTES
    found: Iterator[Row] = zip(
        map(known.__getitem__, small.tolist()),
        commands["offset"].tolist(),
        _within(commands["account"], grid.accounts).tolist(),
        symbols.tolist(),
        commands["client"].tolist(),
        _within(commands["target"], grid.clients).tolist(),
        commands["price"].tolist(),
        commands["qty"].tolist(),
        strict=True,
    )
    return found


def _within(numbers: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.uint32]:
    """Return the numbers, the last of those below `count` for one that is not among them: as unsigned, -1 is large."""
    return np.minimum(numbers.view(np.uint32), np.uint32(count - 1))


def _forms(commands: Records, symbols: npt.NDArray[np.uint32], *, grid: Grid) -> npt.NDArray[np.int64]:
    """Return what of each command is in good form, if it has it: quantity, price, client id."""
    qty, price = commands["qty"].astype(np.int64), commands["price"].astype(np.int64)
    qty_fits = (qty > 0) & (qty <= int(MAX_QTY)) & (qty % grid.lots[symbols] == 0)
    price_fits = (price > 0) & (price <= int(MAX_PRICE)) & (price % grid.ticks[symbols] == 0)
    forms = qty_fits * np.int64(_QTY_FITS) | price_fits * np.int64(_PRICE_FITS)
    found: npt.NDArray[np.int64] = forms | (commands["client"] >= 0) * np.int64(_CLIENT)
    return found


def terms_of(number: int) -> Terms:
    """Read the number that a command has for its terms. Their kind is `RARE` when they have no place here."""
    kind, side, ord_type, tif, self_trade, flags, forms = number.to_bytes(_BYTES + 1, "little")
    is_order = side <= 1 and ord_type <= _MARKET and records.TIFS[tif] in _TIFS and bool(forms & _CLIENT)
    if kind not in {NEW, CANCEL, REPLACE} or (kind == NEW and not is_order):
        kind, side, ord_type, tif, self_trade, flags = RARE, *bytes(_BYTES - 1)
    is_limit, tif_named = ord_type == _LIMIT, records.TIFS[tif] if kind == NEW else TimeInForce.DAY
    post_only, has_price, has_qty = bool(flags & POST_ONLY), bool(flags & HAS_PRICE), bool(flags & HAS_QTY)
    fits = (not has_price or bool(forms & _PRICE_FITS)) and ((kind != NEW and not has_qty) or bool(forms & _QTY_FITS))
    if kind == NEW:
        fits = fits and has_price is is_limit and not (post_only and not (is_limit and tif_named.rests))
    return Terms(
        kind=kind,
        side=Side.SELL if side else Side.BUY,
        is_buy=not side,
        place=1 if side else 0,
        is_limit=is_limit,
        is_free=fits and is_limit and tif_named is not TimeInForce.FOK and not post_only,
        tif=tif_named,
        rests=tif_named.rests,
        post_only=post_only,
        self_trade=records.SELF_TRADES[self_trade - 1] if self_trade else None,
        has_qty=has_qty,
        has_price=has_price,
        fits=fits,
        code=side * SIDE_BIT,
    )
