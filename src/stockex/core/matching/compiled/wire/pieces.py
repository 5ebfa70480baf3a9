"""What stands between the values of a line: the literal parts of every fact, cut from what the codec writes.

{"type":"rested","offset":     ,"index":     ,"timestamp":     ,"order_id":   ...   }
piece 0                        piece 1       piece 2           piece 3              the last piece
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
import numpy as np

from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes
from stockex.core.matching.compiled.records import CANCEL_REASONS, ORD_TYPES, REJECT_REASONS, SELF_TRADES, SIDES, TIFS
from stockex.messages import executions as ex
from stockex.messages.codec import encode
from stockex.messages.market_data import BookChanged, Trade
from stockex.messages.orders import CancelOrder, NewOrder, ReplaceOrder
from stockex.vocabulary.reasons import RULES, RejectReason
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, euro_text

_VALUE: Final = msgspec.Raw(b"~")
_TEXT: Final = "~"
_CAUSE: Final = {"offset": _VALUE, "index": _VALUE, "at": _VALUE}
_ORDER: Final = {"order_id": _VALUE, "account": _TEXT, "cl_ord_id": _TEXT, "symbol": _TEXT, "side": _TEXT}
_FILL: Final = {"order_id": _VALUE, "account": _TEXT, "cl_ord_id": _TEXT, "leaves": _VALUE, "cum": _VALUE}
_TRADE: Final = {"trade_id": _TEXT, "symbol": _TEXT, "price": _VALUE, "qty": _VALUE}


class Pool(NamedTuple):
    """Texts one after another: number `n` has `size[n]` bytes from `start[n]`."""

    text: Bytes
    start: Wholes
    size: Wholes


class _Pieces:
    """Collects texts for a pool."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def add(self, texts: Sequence[bytes]) -> int:
        """Add texts and return the number of the first."""
        self.texts += texts
        return len(self.texts) - len(texts)

    def of(self, kind: Callable[..., object], **fields: object) -> int:
        """Add the pieces of a message in which each field is a value to be filled in, in the order of `fields`."""
        message = kind(**_CAUSE, **fields)
        order = [name for name in getattr(message, "__struct_fields__", ()) if name in {*_CAUSE, *fields}]
        assert order == [*_CAUSE, *fields], f"{kind} has its fields in another order: {order}"
        return self.add(encode(message).split(b"~"))

    def values(self, members: Sequence[StrEnum]) -> int:
        """Add the values of an enumeration."""
        return self.add([member.value.encode() for member in members])

    def pool(self) -> Pool:
        """Return all texts."""
        size = np.array([len(text) for text in self.texts], np.int64)
        return Pool(np.frombuffer(b"".join(self.texts), np.uint8), np.cumsum(size) - size, size)


_all = _Pieces()
_open = {"leaves": _VALUE, "cum": _VALUE}
ACCEPTED_LINE: Final = _all.of(
    ex.Accepted,
    **_ORDER,
    qty=_VALUE,
    limit=_VALUE,
    ord_type=_TEXT,
    tif=_TEXT,
    post_only=_VALUE,
    self_trade=_TEXT,
    source=_TEXT,
)
REJECTED_LINE: Final = _all.of(
    ex.Rejected,
    refused=_TEXT,
    account=_TEXT,
    cl_ord_id=_VALUE,
    orig_cl_ord_id=_VALUE,
    symbol=_TEXT,
    reason=_TEXT,
    rule=_TEXT,
    text=_TEXT,
)
RESTED_LINE: Final = _all.of(ex.Rested, **_ORDER, limit=_VALUE, leaves=_VALUE)
TRADED_LINE: Final = _all.of(ex.Traded, **_TRADE, aggressor=_TEXT, buy=ex.Fill(**_FILL), sell=ex.Fill(**_FILL))  # type: ignore[arg-type]  # values to be filled in
TRADE_LINE: Final = _all.of(
    Trade, **_TRADE, buy_id=_TEXT, sell_id=_TEXT, buy_member=_TEXT, sell_member=_TEXT, aggressor=_TEXT
)
REDUCED_LINE: Final = _all.of(ex.Reduced, **_ORDER, qty=_VALUE, **_open, reason=_TEXT)
CANCELLED_LINE: Final = _all.of(ex.Cancelled, **_ORDER, qty=_VALUE, cum=_VALUE, reason=_TEXT, request_id=_VALUE)
REPLACED_LINE: Final = _all.of(
    ex.Replaced,
    order_id=_VALUE,
    account=_TEXT,
    cl_ord_id=_TEXT,
    orig_cl_ord_id=_TEXT,
    symbol=_TEXT,
    side=_TEXT,
    qty=_VALUE,
    limit=_VALUE,
    **_open,
    kept_place=_VALUE,
)
BOOK_LINE: Final = _all.of(BookChanged, symbol=_TEXT, bids=_VALUE, asks=_VALUE)
"""The number of the first piece of each line."""

SIDE_VALUES: Final = _all.values(SIDES)
ORD_TYPE_VALUES: Final = _all.values(ORD_TYPES)
TIF_VALUES: Final = _all.values(TIFS)
SELF_TRADE_VALUES: Final = _all.values(SELF_TRADES)
CANCEL_REASON_VALUES: Final = _all.values(CANCEL_REASONS)
REJECT_REASON_VALUES: Final = _all.values(REJECT_REASONS)
RULE_VALUES: Final = _all.add([RULES[reason].number.encode() for reason in REJECT_REASONS])
COMMAND_VALUES: Final = _all.add(
    [str(kind.__struct_config__.tag).encode() for kind in (NewOrder, CancelOrder, ReplaceOrder)]
)
AT_MOST, AT_LEAST = (_all.add([text]) for text in (b"at most", b"at least"))
NULL, FALSE, TRUE = (_all.add([encode(value)]) for value in (None, False, True))

FIRST, SECOND, FIRST_EURO, SECOND_EURO, THIRD_EURO, LAST_FIGURE = -1, -2, -3, -4, -5, -5
NAME_ACCOUNT, NAME_CLIENT, NAME_TARGET, NAME_SYMBOL, NAME_ORD_TYPE, NAME_TIF, NAME_EDGE = range(-6, -13, -1)
_HOLES: Final = {
    "{a}": FIRST,
    "{b}": SECOND,
    "{A}": FIRST_EURO,
    "{B}": SECOND_EURO,
    "{C}": THIRD_EURO,
    "{account}": NAME_ACCOUNT,
    "{client}": NAME_CLIENT,
    "{target}": NAME_TARGET,
    "{symbol}": NAME_SYMBOL,
    "{ord_type}": NAME_ORD_TYPE,
    "{tif}": NAME_TIF,
    "{edge}": NAME_EDGE,
}
_R = RejectReason
REFUSALS: Final = {
    _R.UNKNOWN_ACCOUNT: "account {account}",
    _R.UNKNOWN_SYMBOL: "symbol {symbol}",
    _R.DUPLICATE_CL_ORD_ID: "cl_ord_id {client}",
    _R.UNKNOWN_ORDER: "order {target} in {symbol}",
    _R.BAD_QUANTITY: "quantity {a}",
    _R.QUANTITY_TOO_LARGE: f"quantity {{a}}, at most {MAX_QTY}",
    _R.ODD_LOT: "quantity {a}, lot {b}",
    _R.PRICE_MISSING: "no price",
    _R.PRICE_NOT_ALLOWED: "price {A} on a market order",
    _R.BAD_PRICE: "price {A}",
    _R.PRICE_TOO_HIGH: f"price {{A}}, at most {euro_text(MAX_PRICE)}",
    _R.OFF_TICK: "price {A}, tick {B}",
    _R.POST_ONLY_CONFLICT: "{ord_type} {tif} order",
    _R.BELOW_FILLED: "new quantity {a}, filled {b}",
    _R.ABOVE_MAX_QUANTITY: "quantity {a}, at most {b}",
    _R.ABOVE_MAX_VALUE: "value {A}, at most {B}",
    _R.OUTSIDE_BAND: "price {A}, band {B} to {C}",
    _R.FAT_FINGER_PRICE: "price {A}, {edge} {B} from {C}",
    _R.INSUFFICIENT_CASH: "{A} needed, {B} free",
    _R.INSUFFICIENT_SHARES: "{a} needed, {b} free",
    _R.POST_ONLY_WOULD_TRADE: "best opposite price {A}",
}
"""The text of every refusal that the compiled book can give; a and b are the figures of its fact, A to C in euro."""

MOST_PARTS: Final = 8


def _refusal_parts() -> Wholes:
    """Return for each reason the parts of its text: the number of a piece plus 1, a figure or a name, 0 at the end."""
    parts = np.zeros((len(REJECT_REASONS), MOST_PARTS + 1), np.int64)
    for reason, text in REFUSALS.items():
        holes = text.replace("{", "\0{").replace("}", "}\0").split("\0")
        for place, part in enumerate(one for one in holes if one):
            number = _HOLES[part] if part in _HOLES else _all.add([part.encode()]) + 1
            parts[REJECT_REASONS.index(reason), place] = number
    return parts


REFUSAL_PARTS: Final = _refusal_parts()
PIECES: Final = _all.pool()
PIECE_TEXT, PIECE_START, PIECE_SIZE = PIECES
