"""Facts to lines of JSON, as the codec writes them: the journal at compiled speed."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.machine.code import compiled, shared
from stockex.core.matching.compiled.machine.instructions import Bytes, Wholes, copy
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire import pieces as p
from stockex.core.matching.compiled.wire.digits import put_euro_text, put_price, put_seconds, put_whole
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SOURCE, SYMBOL, Arrays
from stockex.vocabulary.enums import CancelReason

LINE_ROOM: Final = 2_048
"""No fact takes more bytes, its source apart: two lines with ten names of at most 128 bytes."""

COPIED, TIMED, INDEX = 0, 1, 2
"""Places in `cause`: how many bytes offset and time have in `digits`, and the number of the next fact."""

_TIME: Final = 32
_QUOTE, _DASH, _COMMA, _OPEN, _CLOSE, _END = (np.uint8(ord(sign)) for sign in '"-,[]\n')
_BY_OWNER: Final = r.CANCEL_REASONS.index(CancelReason.BY_OWNER)
_REPLACED: Final = r.CANCEL_REASONS.index(CancelReason.REPLACED_BELOW_FILLED)


class Batch(NamedTuple):
    """What is written, and what the lines need to know beside it.

    `modes` is each symbol's own mode of self-trade prevention. `cause` and `digits` are scratch. `out` receives the
    lines, `ends[c]` the place behind those of command `c`.
    """

    facts: Records
    commands: Records
    texts: Arrays
    modes: NDArray[np.uint8]
    cause: Wholes
    digits: Bytes
    out: Bytes
    ends: Wholes


@shared
def _piece(batch: Batch, at: int, number: int) -> int:
    return copy(batch.out, at, p.PIECE_TEXT, p.PIECE_START[number], p.PIECE_SIZE[number])


@shared
def _name(batch: Batch, at: int, kind: int, number: int) -> int:
    entry = batch.texts.known[kind, number]
    return copy(batch.out, at, batch.texts.pool, batch.texts.entries[entry, 0], batch.texts.entries[entry, 1])


@shared
def _name_or_null(batch: Batch, at: int, client: int) -> int:
    if client == r.NONE:
        return _piece(batch, at, p.NULL)
    batch.out[at] = _QUOTE
    at = _name(batch, at + 1, CLIENT, client)
    batch.out[at] = _QUOTE
    return at + 1


@shared
def _head(batch: Batch, at: int, line: int) -> int:
    """Begin a line: its type, and the cause, number and time of the fact."""
    at = _piece(batch, at, line)
    at = copy(batch.out, at, batch.digits, 0, batch.cause[COPIED])
    at = _piece(batch, at, line + 1)
    at = put_whole(batch.out, at, batch.cause[INDEX])
    at = _piece(batch, at, line + 2)
    at = copy(batch.out, at, batch.digits, _TIME, batch.cause[TIMED])
    batch.cause[INDEX] += 1
    return _piece(batch, at, line + 3)


@shared
def _tail(batch: Batch, at: int, line: int) -> int:
    """End a line with its last piece."""
    at = _piece(batch, at, line)
    batch.out[at] = _END
    return at + 1


@shared
def _symbol(batch: Batch, at: int, place: int) -> int:
    return _name(batch, at, SYMBOL, batch.commands[batch.facts[place]["command"]]["symbol"])


@shared
def _owner(batch: Batch, at: int, client: int) -> int:
    return _name(batch, at, ACCOUNT, batch.texts.owners[client])


@shared
def _order(batch: Batch, at: int, place: int, line: int) -> int:
    """Begin a line about an order, up to its side."""
    fact = batch.facts[place]
    at = _head(batch, at, line)
    at = put_whole(batch.out, at, fact["order"])
    at = _piece(batch, at, line + 4)
    at = _owner(batch, at, fact["client"])
    at = _piece(batch, at, line + 5)
    at = _name(batch, at, CLIENT, fact["client"])
    at = _piece(batch, at, line + 6)
    at = _symbol(batch, at, place)
    at = _piece(batch, at, line + 7)
    at = _piece(batch, at, p.SIDE_VALUES + int(fact["side"]))
    return _piece(batch, at, line + 8)


@shared
def _accepted(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.ACCEPTED_LINE
    command = batch.commands[fact["command"]]
    at = _order(batch, at, place, line)
    at = put_whole(batch.out, at, fact["qty"])
    at = _piece(batch, at, line + 9)
    at = put_price(batch.out, at, fact["price"]) if fact["flag"] & r.HAS_PRICE else _piece(batch, at, p.NULL)
    at = _piece(batch, at, line + 10)
    at = _piece(batch, at, p.ORD_TYPE_VALUES + int(command["ord_type"]))
    at = _piece(batch, at, line + 11)
    at = _piece(batch, at, p.TIF_VALUES + int(command["tif"]))
    at = _piece(batch, at, line + 12)
    at = _piece(batch, at, p.TRUE if command["flags"] & r.POST_ONLY else p.FALSE)
    at = _piece(batch, at, line + 13)
    mode = command["self_trade"] - 1 if command["self_trade"] > 0 else batch.modes[command["symbol"]]
    at = _piece(batch, at, p.SELF_TRADE_VALUES + int(mode))
    at = _piece(batch, at, line + 14)
    at = _name(batch, at, SOURCE, command["source"])
    return _tail(batch, at, line + 15)


@shared
def _rested(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.RESTED_LINE
    at = put_price(batch.out, _order(batch, at, place, line), fact["price"])
    at = _piece(batch, at, line + 9)
    at = put_whole(batch.out, at, fact["leaves"])
    return _tail(batch, at, line + 10)


@shared
def _terms(batch: Batch, at: int, place: int, line: int) -> int:
    """Begin the line of a trade, for its owners or for the tape, up to price and quantity."""
    fact = batch.facts[place]
    index = batch.cause[INDEX]
    at = _head(batch, at, line)
    at = copy(batch.out, at, batch.digits, 0, batch.cause[COPIED])
    batch.out[at] = _DASH
    at = put_whole(batch.out, at + 1, index if line == p.TRADED_LINE else index - 1)
    at = _piece(batch, at, line + 4)
    at = _symbol(batch, at, place)
    at = _piece(batch, at, line + 5)
    at = put_price(batch.out, at, fact["price"])
    at = _piece(batch, at, line + 6)
    at = put_whole(batch.out, at, fact["qty"])
    return _piece(batch, at, line + 7)


@shared
def _fill(batch: Batch, at: int, place: int, is_incoming: bool) -> int:  # noqa: FBT001 (Numba has no keywords-only)
    fact = batch.facts[place]
    line = p.TRADED_LINE + (9 if is_incoming == (fact["side"] == r.BUY) else 14)
    client = fact["client"] if is_incoming else fact["other_client"]
    at = put_whole(batch.out, at, fact["order"] if is_incoming else fact["other"])
    at = _piece(batch, at, line)
    at = _owner(batch, at, client)
    at = _piece(batch, at, line + 1)
    at = _name(batch, at, CLIENT, client)
    at = _piece(batch, at, line + 2)
    at = put_whole(batch.out, at, fact["leaves"] if is_incoming else fact["other_leaves"])
    at = _piece(batch, at, line + 3)
    at = put_whole(batch.out, at, fact["cum"] if is_incoming else fact["other_cum"])
    return _piece(batch, at, line + 4)


@shared
def _traded(batch: Batch, at: int, place: int) -> int:
    """Write a trade for its owners, then for the tape."""
    fact = batch.facts[place]
    is_buy = fact["side"] == r.BUY
    at = _terms(batch, at, place, p.TRADED_LINE)
    at = _piece(batch, at, p.SIDE_VALUES + int(fact["side"]))
    at = _piece(batch, at, p.TRADED_LINE + 8)
    at = _fill(batch, at, place, is_buy)
    at = _fill(batch, at, place, not is_buy)
    batch.out[at] = _END
    buy, sell = (fact["client"], fact["other_client"]) if is_buy else (fact["other_client"], fact["client"])
    line = p.TRADE_LINE
    at = _terms(batch, at + 1, place, line)
    at = _name(batch, at, CLIENT, buy)
    at = _piece(batch, at, line + 8)
    at = _name(batch, at, CLIENT, sell)
    at = _piece(batch, at, line + 9)
    at = _owner(batch, at, buy)
    at = _piece(batch, at, line + 10)
    at = _owner(batch, at, sell)
    at = _piece(batch, at, line + 11)
    at = _piece(batch, at, p.SIDE_VALUES + int(fact["side"]))
    return _tail(batch, at, line + 12)


@shared
def _reduced(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.REDUCED_LINE
    at = put_whole(batch.out, _order(batch, at, place, line), fact["qty"])
    at = _piece(batch, at, line + 9)
    at = put_whole(batch.out, at, fact["leaves"])
    at = _piece(batch, at, line + 10)
    at = put_whole(batch.out, at, fact["cum"])
    at = _piece(batch, at, line + 11)
    at = _piece(batch, at, p.CANCEL_REASON_VALUES + int(fact["reason"]))
    return _tail(batch, at, line + 12)


@shared
def _cancelled(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.CANCELLED_LINE
    is_asked = fact["reason"] in (_BY_OWNER, _REPLACED)
    at = _order(batch, at, place, line)
    at = put_whole(batch.out, at, fact["qty"])
    at = _piece(batch, at, line + 9)
    at = put_whole(batch.out, at, fact["cum"])
    at = _piece(batch, at, line + 10)
    at = _piece(batch, at, p.CANCEL_REASON_VALUES + int(fact["reason"]))
    at = _piece(batch, at, line + 11)
    at = _name_or_null(batch, at, batch.commands[fact["command"]]["client"] if is_asked else r.NONE)
    return _tail(batch, at, line + 12)


@shared
def _replaced(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.REPLACED_LINE
    at = _head(batch, at, line)
    at = put_whole(batch.out, at, fact["order"])
    at = _piece(batch, at, line + 4)
    at = _owner(batch, at, fact["client"])
    at = _piece(batch, at, line + 5)
    at = _name(batch, at, CLIENT, fact["client"])
    at = _piece(batch, at, line + 6)
    at = _name(batch, at, CLIENT, batch.commands[fact["command"]]["target"])
    at = _piece(batch, at, line + 7)
    at = _symbol(batch, at, place)
    at = _piece(batch, at, line + 8)
    at = _piece(batch, at, p.SIDE_VALUES + int(fact["side"]))
    at = _piece(batch, at, line + 9)
    at = put_whole(batch.out, at, np.int64(fact["leaves"]) + fact["cum"])
    at = _piece(batch, at, line + 10)
    at = put_price(batch.out, at, fact["price"])
    at = _piece(batch, at, line + 11)
    at = put_whole(batch.out, at, fact["leaves"])
    at = _piece(batch, at, line + 12)
    at = put_whole(batch.out, at, fact["cum"])
    at = _piece(batch, at, line + 13)
    at = _piece(batch, at, p.TRUE if fact["flag"] & r.KEPT else p.FALSE)
    return _tail(batch, at, line + 14)


@shared
def _part(batch: Batch, at: int, place: int, part: int) -> int:
    """Write one part of the text of a refusal."""
    fact = batch.facts[place]
    command = batch.commands[fact["command"]]
    if part > 0:
        return _piece(batch, at, part - 1)
    if part >= p.LAST_FIGURE:
        other = fact["price"] if part == p.THIRD_EURO else fact["other"]
        figure = fact["order"] if part in (p.FIRST, p.FIRST_EURO) else other
        return put_whole(batch.out, at, figure) if part >= p.SECOND else put_euro_text(batch.out, at, figure)
    if part == p.NAME_ACCOUNT:
        return _name(batch, at, ACCOUNT, command["account"])
    if part == p.NAME_SYMBOL:
        return _name(batch, at, SYMBOL, command["symbol"])
    if part in (p.NAME_CLIENT, p.NAME_TARGET):
        return _name(batch, at, CLIENT, command["client"] if part == p.NAME_CLIENT else command["target"])
    if part == p.NAME_EDGE:
        return _piece(batch, at, p.AT_MOST if fact["order"] > fact["other"] else p.AT_LEAST)
    if part == p.NAME_ORD_TYPE:
        return _piece(batch, at, p.ORD_TYPE_VALUES + int(command["ord_type"]))
    return _piece(batch, at, p.TIF_VALUES + int(command["tif"]))


@shared
def _rejected(batch: Batch, at: int, place: int) -> int:
    fact, line = batch.facts[place], p.REJECTED_LINE
    command = batch.commands[fact["command"]]
    at = _head(batch, at, line)
    at = _piece(batch, at, p.COMMAND_VALUES + int(command["kind"]) - r.NEW)
    at = _piece(batch, at, line + 4)
    at = _name(batch, at, ACCOUNT, command["account"])
    at = _piece(batch, at, line + 5)
    at = _name_or_null(batch, at, command["client"])
    at = _piece(batch, at, line + 6)
    at = _name_or_null(batch, at, r.NONE if command["kind"] == r.NEW else command["target"])
    at = _piece(batch, at, line + 7)
    at = _name(batch, at, SYMBOL, command["symbol"])
    at = _piece(batch, at, line + 8)
    at = _piece(batch, at, p.REJECT_REASON_VALUES + int(fact["reason"]))
    at = _piece(batch, at, line + 9)
    at = _piece(batch, at, p.RULE_VALUES + int(fact["reason"]))
    at = _piece(batch, at, line + 10)
    for number in range(p.MOST_PARTS):
        part = p.REFUSAL_PARTS[fact["reason"], number]
        if part != 0:
            at = _part(batch, at, place, part)
    return _tail(batch, at, line + 11)


@shared
def _levels(batch: Batch, at: int, which: tuple[int, int, int]) -> tuple[int, int]:
    """Write the levels from a fact on, of a command and a side, as an array; return the fact behind, and the place."""
    place, command, side = which
    first = place
    batch.out[at] = _OPEN
    at += 1
    while place < len(batch.facts):
        fact = batch.facts[place]
        if fact["kind"] != r.LEVEL or fact["side"] != side or fact["command"] != command:
            break
        if place > first:
            batch.out[at] = _COMMA
            at += 1
        batch.out[at] = _OPEN
        at = put_price(batch.out, at + 1, fact["price"])
        batch.out[at] = _COMMA
        at = put_whole(batch.out, at + 1, fact["order"])
        batch.out[at] = _COMMA
        at = put_whole(batch.out, at + 1, fact["qty"])
        batch.out[at] = _CLOSE
        at += 1
        place += 1
    batch.out[at] = _CLOSE
    return place, at + 1


@shared
def _book(batch: Batch, at: int, place: int) -> tuple[int, int]:
    """Write the changed levels of a book; return the fact behind them, and the place."""
    line = p.BOOK_LINE
    command = batch.facts[place]["command"]
    at = _head(batch, at, line)
    at = _symbol(batch, at, place)
    at = _piece(batch, at, line + 4)
    place, at = _levels(batch, at, (place, command, r.BUY))
    at = _piece(batch, at, line + 5)
    place, at = _levels(batch, at, (place, command, r.SELL))
    return place, _tail(batch, at, line + 6)


@shared
def _fact(batch: Batch, at: int, place: int) -> int:
    """Write a fact that is not about the book."""
    kind = batch.facts[place]["kind"]
    if kind == r.ACCEPTED:
        return _accepted(batch, at, place)
    if kind == r.RESTED:
        return _rested(batch, at, place)
    if kind == r.TRADED:
        return _traded(batch, at, place)
    if kind == r.CANCELLED:
        return _cancelled(batch, at, place)
    if kind == r.REPLACED:
        return _replaced(batch, at, place)
    if kind == r.REDUCED:
        return _reduced(batch, at, place)
    return _rejected(batch, at, place)


@compiled
def write(given: Batch, place: int, room: int) -> tuple[int, int]:
    """Write the facts from `place` on, as far as whole commands fit, where one fact may need `room`.

    Returns: the first fact that is not written, and the place in `out` behind what is.
    """
    batch = pointed(given)
    at = 0
    while place < len(batch.facts):
        command = batch.facts[place]["command"]
        end = place
        while end < len(batch.facts) and batch.facts[end]["command"] == command:
            end += 1
        if at + (end - place) * room > len(batch.out):
            break
        cause = batch.commands[command]
        batch.cause[COPIED] = put_whole(batch.digits, 0, cause["offset"])
        batch.cause[TIMED] = put_seconds(batch.digits, _TIME, cause["at"]) - _TIME
        batch.cause[INDEX] = 0
        while place < end:
            if batch.facts[place]["kind"] == r.LEVEL:
                place, at = _book(batch, at, place)
            else:
                at = _fact(batch, at, place)
                place += 1
        batch.ends[command] = at
    return place, at
