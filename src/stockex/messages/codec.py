"""Bytes to messages and back, which topic each has, and the one place where wire numbers become whole units.

A price or an amount crosses the wire as a JSON number of euro. The conversion is exact both ways as long as doubles
stand closer together than units, up to 2**39 euro and 2**33 seconds: `units / 10_000` is the double nearest to the
decimal, and a double that is not the nearest one to any whole number of units is refused.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from stockex.errors import WireError
from stockex.messages.clearing import AnyLedger, DaySettled, Decision, Deposited
from stockex.messages.control import AnyControl, AnySignal
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import AnyExecution
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Insight, Snapshot, Trade
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Nanos, Price

_MICROS: Final = 1_000_000
_LONGEST: Final = 1_000
_DEEPEST: Final = 64
_BRACKET: Final = re.compile(rb"[\[\]{}]")
_SCALES: Final[dict[type, int]] = {Price: UNITS_PER_EURO, Cash: UNITS_PER_EURO, Nanos: _MICROS}
_EXACT: Final[dict[type, int]] = {Price: 2**39, Cash: 2**39, Nanos: 2**33}
_DECIMALS: Final[dict[type, str]] = {
    Price: "a number of euro with at most 4 decimals",
    Cash: "a number of euro with at most 4 decimals",
    Nanos: "a number of seconds with at most 6 decimals",
}

T = TypeVar("T")
Fact = AnyExecution | Trade | Bust | Correction | BookChanged | Indicative | AnySignal | Deposited
OrderFact = AnyExecution | Trade | BookChanged
Message = AnyCommand | Fact | AnyControl | AnyLedger | Snapshot | Decision | SessionMoved | Insight

TOPICS: Final[dict[type, Topic]] = {
    **dict.fromkeys(AnyCommand.__args__, Topic.ORDERS),
    **dict.fromkeys(AnyExecution.__args__, Topic.EXECUTIONS),
    **dict.fromkeys(AnyControl.__args__, Topic.CONTROL),
    Trade: Topic.TRADES,
    Bust: Topic.TRADES,
    Correction: Topic.TRADES,
    BookChanged: Topic.BOOK,
    Indicative: Topic.BOOK,
    Snapshot: Topic.SNAPSHOTS,
    Deposited: Topic.LEDGER,
    DaySettled: Topic.LEDGER,
    Decision: Topic.DECISIONS,
    Insight: Topic.AI_INSIGHTS,
    SessionMoved: Topic.FIX,
}
"""The topic of every type of message."""


def to_wire(value: object) -> float:
    """Return the wire number of a unit: euro for `Price` and `Cash`, seconds for `Nanos`."""
    if isinstance(value, Nanos):
        return (value // 1_000) / _MICROS
    assert isinstance(value, (Price, Cash)), f"no wire form for {type(value)}"
    return value / UNITS_PER_EURO


def from_wire(kind: type[T], value: object) -> T:
    """Return the unit `kind` for a wire number.

    Raises:
        ValueError: not a number, too large to be exact, or with too many decimals.
    """
    if isinstance(value, float):
        return _from_float(kind, value)  # type: ignore[no-any-return, arg-type]  # of `lru_cache`
    return _units(kind, value)


def _units(kind: type[T], value: object) -> T:
    """Return the unit `kind` for a number. Raises: ValueError, as `from_wire`."""
    scale = _SCALES[kind]
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _EXACT[kind]:
        raise ValueError(f"expected {_DECIMALS[kind]}")
    units = round(value * scale)
    if units / scale != value:
        raise ValueError(f"expected {_DECIMALS[kind]}")
    return kind(units * 1_000 if kind is Nanos else units)  # type: ignore[call-arg]


_from_float: Final = lru_cache(maxsize=8_192)(_units)
"""Most floats were converted just before: the same prices come again, and many facts have one time."""


_encoder = msgspec.json.Encoder(enc_hook=to_wire)
encode: Callable[[object], bytes] = _encoder.encode
"""Return the JSON bytes of a message, or of any mapping or sequence that holds units."""


def _decoder(kind: object) -> "msgspec.json.Decoder[Message]":
    return msgspec.json.Decoder(kind, dec_hook=from_wire)


_DECODERS: Final = {
    Topic.ORDERS: _decoder(AnyCommand),
    Topic.EXECUTIONS: _decoder(AnyExecution),
    Topic.TRADES: _decoder(Trade | Bust | Correction),
    Topic.BOOK: _decoder(BookChanged | Indicative),
    Topic.SNAPSHOTS: _decoder(Snapshot),
    Topic.CONTROL: _decoder(AnyControl),
    Topic.LEDGER: _decoder(AnyLedger),
    Topic.DECISIONS: _decoder(Decision),
    Topic.AI_INSIGHTS: _decoder(Insight),
    Topic.FIX: _decoder(SessionMoved),
}
_ORDER_FACTS: "Final[msgspec.json.Decoder[OrderFact]]" = msgspec.json.Decoder(OrderFact, dec_hook=from_wire)


def decode(topic: Topic, value: bytes) -> Message:
    """Return the message that `value` holds.

    Raises:
        WireError: the bytes are no message of that topic; the field at fault is named.
    """
    try:
        return _DECODERS[topic].decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        if isinstance(error, RecursionError) or _depth(value) > _DEEPEST:
            raise WireError(f"nested more than {_DEEPEST} deep") from error
        raise wire_error(error) from error


def decode_command(value: bytes) -> AnyCommand:
    """Return the command that `value` holds. Raises: WireError, as `decode`."""
    return decode(Topic.ORDERS, value)  # type: ignore[return-value]


def decode_order_fact(value: bytes) -> OrderFact:
    """Return the fact about orders, trades or a book that one of our own lines holds."""
    return _ORDER_FACTS.decode(value)


def decode_record(record: Record) -> Message:
    """Return the message of a record. Raises: WireError, as `decode`."""
    return decode(record.topic, record.value)


def wire_error(error: Exception) -> WireError:
    """Turn a decoding error into one that names the field: "... - at `$.price`" names `price`.

    Both are cut at `_LONGEST` characters: they may quote what stands in the record.
    """
    text, _, path = str(error).partition(" - at `$")
    if not path and " field `" in text:
        path = text.split(" field `", 1)[1]
    return WireError(text[:_LONGEST], field=path.strip(".`").split("`")[0][:_LONGEST])


def _depth(value: bytes) -> int:
    """Return how deeply arrays and objects stand in one another at the end, or where it is more than `_DEEPEST`.

    Brackets in texts count too. How deep the decoder goes before it gives up depends on who called it; what a record
    causes must not.
    """
    if value.count(b"[") + value.count(b"{") <= _DEEPEST:
        return 0
    depth = 0
    for found in _BRACKET.finditer(value):
        depth += 1 if found[0] in b"[{" else -1
        if depth > _DEEPEST:
            break
    return depth


def topic_of(message: Message) -> Topic:
    """Return the topic that carries messages of this type."""
    return TOPICS[type(message)]


def entry_of(message: Message) -> Entry:
    """Return the message as the log takes it. Its key is the symbol, or "" when it concerns no single one."""
    return Entry(topic_of(message), getattr(message, "symbol", None) or "", encode(message))
