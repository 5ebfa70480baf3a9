"""A fact as records of the batch interface. Fields that a kind does not use are 0, client ids NONE."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.records import HAS_PRICE, KEPT, NONE
from stockex.messages.codec import Fact
from stockex.messages.executions import Accepted, Cancelled, Fill, Reduced, Rejected, Replaced, Rested, Traded
from stockex.messages.market_data import BookChanged, Level, Trade
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import UNITS_PER_EURO

Row = dict[str, int]

_FIGURE: Final = re.compile(r"-?\d+(?:\.\d+)?")
_WITHOUT_FIGURES: Final = {
    RejectReason.UNKNOWN_ACCOUNT,
    RejectReason.UNKNOWN_SYMBOL,
    RejectReason.DUPLICATE_CL_ORD_ID,
    RejectReason.UNKNOWN_ORDER,
}


class Names(NamedTuple):
    """The command that caused a fact: its place in the batch, and the client ids that it names."""

    command: int
    client: int
    target: int


def rows(fact: Fact, names: Names) -> Iterator[Row]:
    """Yield the records of one fact: one, or for the tape's own `Trade` none, or one for each level of a book."""
    match fact:
        case Trade():
            return
        case BookChanged():
            yield from (_level(level, names, side=Side.BUY) for level in fact.bids)
            yield from (_level(level, names, side=Side.SELL) for level in fact.asks)
        case Traded():
            yield _traded(fact, names)
        case Rejected():
            yield _rejected(fact, names)
        case Accepted() | Rested() | Reduced() | Cancelled() | Replaced():
            yield _about(fact, names)
        case _:
            raise AssertionError(f"no record for {type(fact).__name__}")


def _blank(names: Names, *, kind: int, side: Side) -> Row:
    return {
        "command": names.command,
        "kind": kind,
        "side": records.SIDES.index(side),
        "client": NONE,
        "other_client": NONE,
    }


def _level(level: Level, names: Names, *, side: Side) -> Row:
    return _blank(names, kind=records.LEVEL, side=side) | {
        "order": level.qty,
        "price": level.price,
        "qty": level.orders,
    }


def _traded(fact: Traded, names: Names) -> Row:
    order, other = (fact.buy, fact.sell) if fact.aggressor is Side.BUY else (fact.sell, fact.buy)
    return (
        _blank(names, kind=records.TRADED, side=fact.aggressor)
        | {"price": fact.price, "qty": fact.qty}
        | _fill(order, "")
        | _fill(other, "other_")
    )


def _fill(fill: Fill, prefix: str) -> Row:
    return {
        prefix.rstrip("_") or "order": fill.order_id,
        f"{prefix}leaves": fill.leaves,
        f"{prefix}cum": fill.cum,
        f"{prefix}client": int(fill.cl_ord_id),
    }


def _about(fact: Accepted | Rested | Reduced | Cancelled | Replaced, names: Names) -> Row:
    kind = {
        Accepted: records.ACCEPTED,
        Rested: records.RESTED,
        Reduced: records.REDUCED,
        Cancelled: records.CANCELLED,
        Replaced: records.REPLACED,
    }[type(fact)]
    row = _blank(names, kind=kind, side=fact.side) | {"order": fact.order_id, "client": int(fact.cl_ord_id)}
    if isinstance(fact, Accepted | Rested | Replaced) and fact.limit is not None:
        row |= {"price": fact.limit, "flag": HAS_PRICE}
    match fact:
        case Accepted():
            row |= {"qty": fact.qty, "leaves": fact.qty}
        case Rested():
            row |= {"leaves": fact.leaves}
        case Reduced():
            row |= {"qty": fact.qty, "leaves": fact.leaves, "cum": fact.cum}
        case Cancelled():
            row |= {"qty": fact.qty, "cum": fact.cum}
            if fact.request_id is not None:
                row |= {"other_client": int(fact.request_id)}
        case Replaced():
            row |= {"qty": fact.qty, "leaves": fact.leaves, "cum": fact.cum, "other_client": int(fact.orig_cl_ord_id)}
            row["flag"] |= KEPT if fact.kept_place else 0
    if isinstance(fact, Reduced | Cancelled):
        row["reason"] = records.CANCEL_REASONS.index(fact.reason)
    return row


def _rejected(fact: Rejected, names: Names) -> Row:
    order, other, third = figures(fact.reason, fact.text)
    row = _blank(names, kind=records.REJECTED, side=Side.BUY) | {"order": order, "other": other, "price": third}
    return row | {
        "reason": records.REJECT_REASONS.index(fact.reason),
        "client": names.client,
        "other_client": names.target,
    }


def figures(reason: RejectReason, text: str) -> tuple[int, int, int]:
    """Return the three figures of a refusal's text that decided, 0 for those that it has not."""
    if reason is RejectReason.POST_ONLY_CONFLICT:
        kind, tif, _ = text.split()
        return records.ORD_TYPES.index(OrdType(kind)), records.TIFS.index(TimeInForce(tif)), 0
    if reason in _WITHOUT_FIGURES:
        return 0, 0, 0
    found = [_units(text) for text in _FIGURE.findall(text)]
    first, second, third = [*found, 0, 0, 0][:3]
    return first, second, third


def _units(text: str) -> int:
    """Return a figure of a refusal's text: shares as they are, euro in 1/10 000."""
    whole, point, decimals = text.partition(".")
    if not point:
        return int(whole)
    units = abs(int(whole)) * UNITS_PER_EURO + int(decimals.ljust(4, "0"))
    return -units if text.startswith("-") else units
