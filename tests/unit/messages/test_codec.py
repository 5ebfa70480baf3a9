"""Wire numbers become whole units and back, exactly; what cannot is refused with its field."""

import contextlib
import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from stockex.errors import WireError
from stockex.messages.codec import decode, decode_command, decode_record, encode, from_wire, to_wire
from stockex.messages.control import MemberLogin
from stockex.messages.envelope import Record
from stockex.messages.orders import Deposit, NewOrder
from stockex.messages.topics import Topic
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

MOST_UNITS = 2**39 * 10_000
MOST_MICROS = 2**33 * 1_000_000
units = st.integers(-MOST_UNITS, MOST_UNITS)
micros = st.integers(-MOST_MICROS, MOST_MICROS)

NEW = {"type": "new", "account": "A", "cl_ord_id": "x", "symbol": "S", "side": "BUY", "quantity": 5, "price": 24.95}

BAD = [
    ("account", ""),
    ("account", "A B"),
    ("account", "A\n"),
    ("account", "é"),
    ("account", "A" * 65),
    ("account", 5),
    ("account", None),
    ("cl_ord_id", ["x"]),
    ("symbol", {}),
    ("side", "buy"),
    ("side", 1),
    ("quantity", "5"),
    ("quantity", 5.5),
    ("quantity", 5.0),
    ("quantity", True),
    ("quantity", None),
    ("quantity", 2**53 + 1),
    ("quantity", -(2**53) - 1),
    ("quantity", 10**400),
    ("price", "24.95"),
    ("price", 24.95001),
    ("price", 0.00001),
    ("price", True),
    ("price", [24.95]),
    ("price", {"euro": 24}),
    ("price", 2**39 + 1),
    ("price", -(2**39) - 1),
    ("price", 1e300),
    ("price", 10**400),
    ("ord_type", "ICEBERG"),
    ("time_in_force", "day"),
    ("time_in_force", None),
    ("post_only", "yes"),
    ("post_only", 1),
    ("self_trade", "NONE"),
    ("timestamp", "now"),
    ("timestamp", 1e11),
    ("timestamp", 1.0000001),
    ("source", 5),
    ("type", "buy"),
    ("type", None),
    ("more", 1),
]
"""A field of an order, and a value that it may not have."""


@given(units)
@example(MOST_UNITS)
@example(MOST_UNITS - 1)
@example(-MOST_UNITS)
@pytest.mark.parametrize("kind", [Price, Cash])
def test_euro_are_exact_both_ways(kind: type[int], count: int) -> None:
    """Every number of units comes back from JSON as it was, and keeps its type."""
    back = from_wire(kind, json.loads(encode(kind(count))))
    assert (type(back), back) == (kind, count)


@given(micros)
@example(MOST_MICROS)
def test_instants_are_exact_both_ways(count: int) -> None:
    """Every whole microsecond comes back as it was."""
    assert from_wire(Nanos, json.loads(encode(Nanos(count * 1_000)))) == count * 1_000


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_decimal_is_read_as_it_is_written(digits: int, places: int) -> None:
    """The text of a price with up to four decimals means exactly those units."""
    text = f"{digits}e-{places}"
    assert from_wire(Price, json.loads(text)) == digits * 10 ** (4 - places)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_number_between_units_is_refused_and_never_rounded(value: float) -> None:
    """A double is taken only if it is the one that a number of units is written as."""
    with contextlib.suppress(ValueError):
        assert to_wire(from_wire(Price, value)) == value


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_refused(value: float) -> None:
    """Infinity is too large, and nothing equals what is not a number."""
    with pytest.raises(ValueError, match=r"decimals|NaN"):
        from_wire(Price, value)


def test_only_units_have_a_wire_form() -> None:
    """Asking for another's is a bug of ours."""
    with pytest.raises(AssertionError, match="no wire form"):
        to_wire(object())


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_bad_value_names_its_field(field: str, value: object) -> None:
    """The sender learns which field is at fault."""
    with pytest.raises(WireError) as raised:
        decode_command(json.dumps({**NEW, field: value}).encode())
    assert raised.value.field == field
    assert str(raised.value)


@pytest.mark.parametrize("field", ["type", "account", "cl_ord_id", "symbol", "side", "quantity"])
def test_a_missing_field_is_named(field: str) -> None:
    """What has no default must be there."""
    fields = {name: value for name, value in NEW.items() if name != field}
    with pytest.raises(WireError) as raised:
        decode_command(json.dumps(fields).encode())
    assert raised.value.field == field


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"nonsense", b"null", b"5", b"[]", b"\xff\xfe", b'{"type":"deposit","account":"A"} more', b'{"a":NaN}'],
)
def test_what_is_no_object_names_no_field(value: bytes) -> None:
    """The record as a whole is malformed."""
    with pytest.raises(WireError) as raised:
        decode_command(value)
    assert raised.value.field in {"", "type"}


@pytest.mark.parametrize("value", [b'{"type":"deposit","account":"A","cash":' + b"[" * 100_000, b"[" * 100_000])
def test_deep_nesting_is_a_fault_like_any_other(value: bytes) -> None:
    """Whoever nests a hundred thousand arrays is refused, and nothing overflows."""
    with pytest.raises(WireError):
        decode_command(value)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_a_wire_error(value: bytes) -> None:
    """Nothing else can come out of decoding."""
    for topic in Topic:
        with pytest.raises(WireError):
            decode(topic, value)


def test_the_path_of_a_nested_fault_is_named() -> None:
    """The field inside the fill, by its path."""
    fill = {"order_id": 1, "account": "A", "cl_ord_id": "x", "leaves": "five", "cum": 0}
    fact = {"type": "traded", "offset": 1, "index": 0, "timestamp": 0, "trade_id": "1-0", "symbol": "S", "price": 1}
    value = json.dumps({**fact, "quantity": 1, "aggressor": "BUY", "buy": fill, "sell": fill}).encode()
    with pytest.raises(WireError) as raised:
        decode(Topic.EXECUTIONS, value)
    assert raised.value.field == "buy.leaves"


def test_an_order_is_read_with_its_defaults() -> None:
    """What is left out has its documented value; the wire's names are the seed's."""
    command = decode_command(json.dumps(NEW).encode())
    assert command == NewOrder(
        account="A", cl_ord_id="x", symbol="S", side=Side.BUY, qty=Shares(5), limit=Price(249_500)
    )


def test_names_of_sixty_four_visible_characters_are_taken() -> None:
    """The first and the last visible one included."""
    name = "!" + "A" * 62 + "~"
    command = decode_command(encode(Deposit(account=name)))
    assert isinstance(command, Deposit)
    assert command.account == name


def test_a_record_is_decoded_by_its_topic() -> None:
    """The same bytes are a signal in `control` and nothing in `orders`."""
    value = encode(MemberLogin(member="USR01"))
    record = Record(Topic.CONTROL, 0, Nanos(0), "", value)
    assert decode_record(record) == MemberLogin(member="USR01")
    with pytest.raises(WireError):
        decode_record(replace(record, topic=Topic.ORDERS))
