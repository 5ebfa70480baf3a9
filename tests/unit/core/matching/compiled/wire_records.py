"""The plain exchange's commands and facts as records: what the compiled book would be given, and would give."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import fields
from numpy.typing import NDArray

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.wire.pieces import REFUSALS
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SOURCE, SYMBOL, Texts
from stockex.messages import executions as ex
from stockex.messages.codec import Fact
from stockex.messages.market_data import BookChanged, Trade
from stockex.messages.orders import CancelOrder, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import UNITS_PER_EURO

Records = NDArray[np.void]
Order = NewOrder | CancelOrder | ReplaceOrder

KNOWN: Final = (
    ex.Accepted,
    ex.Rejected,
    ex.Rested,
    ex.Traded,
    Trade,
    ex.Reduced,
    ex.Cancelled,
    ex.Replaced,
    BookChanged,
)
_FIGURE: Final = re.compile(r"(?<![\w-])-?\d+(?:\.\d+)?(?![\w.])")
_PLAIN: Final = {
    reason: re.compile(re.sub(r"\\\{[ab]\\\}", r"-?\\d+", re.sub(r"\\\{[A-Z]\\\}", r"-?[0-9.]+", re.escape(text))))
    for reason, text in REFUSALS.items()
    if not re.search(r"\{[a-z_]{2,}\}", text)
}


class Caused(NamedTuple):
    """A command and all that it caused."""

    command: Order
    facts: Sequence[Fact]
    offset: int
    at: int


def is_common(caused: Caused) -> bool:
    """Say whether the compiled book could have given these facts."""
    for fact in caused.facts:
        if not isinstance(fact, KNOWN):
            return False
        if isinstance(fact, ex.Rejected):
            text = _PLAIN.get(fact.reason)
            is_named = text is None and fact.reason in REFUSALS and "MARKET_TO" not in fact.text
            if not (is_named or (text is not None and text.fullmatch(fact.text))):
                return False
        is_usual = all(field.default in (msgspec.NODEFAULT, getattr(fact, field.name)) for field in fields(type(fact)))
        if not is_usual or (isinstance(fact, ex.Rested | ex.Replaced) and fact.limit is None):
            return False
    return not any(
        isinstance(fact, ex.Accepted) and fact.ord_type.value not in {"LIMIT", "MARKET"} for fact in caused.facts
    )


def client(texts: Texts, account: str, text: str | None) -> int:
    """Return the number of an account's client id, or NONE for none."""
    return r.NONE if text is None else texts.number(CLIENT + texts.number(ACCOUNT, account), text)


def command_record(texts: Texts, caused: Caused) -> Records:
    """Return one command as an array of one record."""
    record, command = np.zeros(1, r.COMMAND), caused.command
    record["offset"], record["at"] = caused.offset, caused.at
    record["account"] = texts.number(ACCOUNT, command.account)
    record["symbol"] = texts.number(SYMBOL, command.symbol)
    record["source"] = texts.number(SOURCE, command.source)
    record["client"] = client(texts, command.account, command.cl_ord_id)
    record["target"] = client(texts, command.account, getattr(command, "orig_cl_ord_id", None))
    record["kind"] = (NewOrder, CancelOrder, ReplaceOrder).index(type(command)) + r.NEW
    if isinstance(command, NewOrder):
        record["ord_type"], record["tif"] = r.ORD_TYPES.index(command.ord_type), r.TIFS.index(command.tif)
        record["self_trade"] = 0 if command.self_trade is None else r.SELF_TRADES.index(command.self_trade) + 1
        record["flags"] = command.post_only * r.POST_ONLY
    return record


def _figures(fact: ex.Rejected) -> dict[str, int]:
    figures = []
    for text in _FIGURE.findall(fact.text):
        whole, point, decimals = text.partition(".")
        sign = -1 if text.startswith("-") else 1
        units = abs(int(whole)) * UNITS_PER_EURO + int(decimals.ljust(4, "0")) if point else abs(int(whole))
        figures.append(sign * units)
    return (
        dict(zip(("order", "other", "price"), figures, strict=False)) if "{a}" in REFUSALS[fact.reason].lower() else {}
    )


def _trade(texts: Texts, fact: ex.Traded) -> dict[str, int]:
    one, other = (fact.buy, fact.sell) if fact.aggressor is Side.BUY else (fact.sell, fact.buy)
    return {
        "side": r.SIDES.index(fact.aggressor),
        "order": one.order_id,
        "other": other.order_id,
        "leaves": one.leaves,
        "cum": one.cum,
        "other_leaves": other.leaves,
        "other_cum": other.cum,
        "client": client(texts, one.account, one.cl_ord_id),
        "other_client": client(texts, other.account, other.cl_ord_id),
    }


def _terms(fact: Fact) -> dict[str, int]:
    """Return the fields of the same meaning in facts and records."""
    values = {name: getattr(fact, name, None) for name in ("qty", "leaves", "cum")}
    limit = getattr(fact, "limit", None) if not isinstance(fact, ex.Traded) else fact.price
    found = {name: value for name, value in values.items() if value is not None}
    if limit is not None:
        found |= {"price": limit, "flag": r.HAS_PRICE}
    if isinstance(fact, ex.Replaced):
        found["flag"] |= fact.kept_place * r.KEPT
    if isinstance(fact, ex.Cancelled | ex.Reduced):
        found["reason"] = r.CANCEL_REASONS.index(fact.reason)
    return found


def _fields(texts: Texts, facts: Sequence[Fact]) -> Iterator[dict[str, int]]:
    for fact in facts:
        match fact:
            case Trade():
                continue
            case BookChanged():
                for side, levels in enumerate((fact.bids, fact.asks)):
                    for level in levels:
                        yield {
                            "kind": r.LEVEL,
                            "side": side,
                            "price": level.price,
                            "order": level.qty,
                            "qty": level.orders,
                        }
            case ex.Rejected():
                yield {"kind": r.REJECTED, "reason": r.REJECT_REASONS.index(fact.reason), **_figures(fact)}
            case ex.Traded():
                yield {"kind": r.TRADED, **_terms(fact), **_trade(texts, fact)}
            case ex.Accepted() | ex.Rested() | ex.Reduced() | ex.Cancelled() | ex.Replaced():
                kinds = {ex.Accepted: r.ACCEPTED, ex.Rested: r.RESTED, ex.Reduced: r.REDUCED, ex.Cancelled: r.CANCELLED}
                yield {
                    "kind": kinds.get(type(fact), r.REPLACED),
                    "order": fact.order_id,
                    "client": client(texts, fact.account, fact.cl_ord_id),
                    "side": r.SIDES.index(fact.side),
                    **_terms(fact),
                }


def fact_records(texts: Texts, facts: Sequence[Fact], *, command: int) -> Records:
    """Return the facts of the command with this place in its batch."""
    wanted = list(_fields(texts, facts))
    found = np.zeros(len(wanted), r.FACT)
    for record, values in zip(found, wanted, strict=True):
        record["command"] = command
        for name, value in values.items():
            record[name] = value
    return found
