"""A client's requests: each order type and time in force by its standard tags, and each sound by the dictionary."""

import pytest
from fix.notation import decoder
from msgspec import structs

from stockex.core.fix.client import orders
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import Frame, Framer
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.times import nanos_of
from stockex.messages.orders import MassCancel, NewOrder
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares

AT = nanos_of("20261201-10:00:00.250")
LIMIT = NewOrder(account="CLIENT1", cl_ord_id="A", symbol="ALPHA", side=Side.SELL, qty=Shares(7), limit=Price(249_500))
COMMON: dict[int, str] = {11: "A", 21: "1", 38: "7", 54: "2", 55: "ALPHA", 60: "20261201-10:00:00.250"}

KINDS = {
    OrdType.LIMIT: ({"limit": 249_500}, {40: "2", 44: "24.95"}),
    OrdType.MARKET: ({}, {40: "1"}),
    OrdType.MARKET_TO_LIMIT: ({}, {40: "K"}),
    OrdType.STOP: ({"stop": 250_000}, {40: "3", 99: "25.00"}),
    OrdType.STOP_LIMIT: ({"stop": 250_000, "limit": 249_500}, {40: "4", 99: "25.00", 44: "24.95"}),
    OrdType.PEG_PRIMARY: ({"peg_offset": -500}, {40: "P", 18: "R", 211: "-0.05"}),
    OrdType.PEG_MID: ({"limit": 249_500}, {40: "P", 18: "M", 44: "24.95"}),
    OrdType.TRAILING_STOP: ({"trail": 5_000}, {40: "P", 18: "a", 211: "0.50"}),
    OrdType.TRAILING_STOP_LIMIT: (
        {"trail": 5_000, "stop": 250_000, "limit": 249_500},
        {40: "P", 18: "a", 211: "0.50", 99: "25.00", 44: "24.95"},
    ),
}


def order(kind: OrdType, **terms: int) -> NewOrder:
    """Return an order of a kind; prices in 1/10 000 euro."""
    prices = {name: Price(value) for name, value in terms.items()}
    return structs.replace(LIMIT, ord_type=kind, **{"limit": None, **prices})


def sound(request: orders.Request) -> Message:
    """Return the request as the venue reads it; the dictionary must take it."""
    header = {34: "2", 49: "CLIENT1", 52: "20261201-10:00:00.250", 56: "FIX_SERVER"}
    (frame,) = Framer().feed(encoded(Message(request.msg_type, header, request.body)))
    assert isinstance(frame, Frame)
    message = decoder().decode(frame)
    assert isinstance(message, Message), message
    return message


def plain(body: Fields) -> dict[int, object]:
    """Return a body for comparison."""
    return dict(body)


@pytest.mark.parametrize("kind", OrdType)
def test_every_order_type_has_its_tags(kind: OrdType) -> None:
    """40, and where needed 18, 44, 99 and 211; nothing else."""
    terms, tags = KINDS[kind]
    message = sound(orders.new_order_single(order(kind, **terms), at=AT))
    assert plain(message.body) == {**COMMON, **tags, 59: "0"}


@pytest.mark.parametrize(
    ("tif", "value"),
    [("DAY", "0"), ("GTC", "1"), ("AT_OPEN", "2"), ("IOC", "3"), ("FOK", "4"), ("GFA", "5"), ("AT_CLOSE", "7")],
)
def test_a_time_in_force_has_its_value(tif: str, value: str) -> None:
    """Tag 59."""
    placed = NewOrder(account="C", cl_ord_id="A", symbol="S", side=Side.BUY, qty=Shares(1), tif=TimeInForce(tif))
    assert sound(orders.new_order_single(placed, at=AT)).text(59) == value


def test_what_an_order_may_say_besides() -> None:
    """Expiry, post-only, the end with its session, a minimum, and how much is shown: none of it for a hidden order."""
    plain_order = order(OrdType.LIMIT, limit=10_000)
    timed = structs.replace(
        plain_order,
        tif=TimeInForce.GTD,
        expire_at=Nanos(AT),
        post_only=True,
        display=Shares(3),
        min_qty=Shares(1),
        cancel_on_disconnect=True,
    )
    message = sound(orders.new_order_single(timed, at=AT))
    assert {tag: message.text(tag) for tag in (59, 126, 18, 111, 110)} == {
        59: "6",
        126: "20261201-10:00:00.250",
        18: "6 Q",
        111: "3",
        110: "1",
    }
    unseen = structs.replace(plain_order, hidden=True, min_exec=Shares(2))
    hidden = sound(orders.new_order_single(unseen, at=AT))
    assert (hidden.text(111), hidden.text(110)) == ("0", "2")


def test_cancel_and_replace_name_the_order_and_themselves() -> None:
    """41 is the order, 11 the request; a replacement says the whole order."""
    cancel = sound(orders.cancel_request(LIMIT, cl_ord_id="B", at=AT))
    assert (cancel.msg_type, cancel.text(41), cancel.text(11), cancel.text(38)) == ("F", "A", "B", "7")
    replaced = sound(orders.replace_request(LIMIT, orig_cl_ord_id="Z", at=AT))
    assert plain(replaced.body) == {**COMMON, 40: "2", 44: "24.95", 59: "0", 41: "Z"}


def test_a_mass_cancel_says_of_what() -> None:
    """530=7 for all, 1 for a symbol; 54 for a side."""
    every = sound(orders.mass_cancel_request(MassCancel(account="C"), cl_ord_id="M", at=AT))
    assert plain(every.body) == {11: "M", 530: "7", 60: COMMON[60]}
    some = sound(orders.mass_cancel_request(MassCancel(account="C", symbol="S", side=Side.BUY), cl_ord_id="M", at=AT))
    assert plain(some.body) == {11: "M", 530: "1", 55: "S", 54: "1", 60: COMMON[60]}


def test_questions_about_orders() -> None:
    """H for one, AF for all."""
    assert plain(sound(orders.status_request(LIMIT)).body) == {11: "A", 55: "ALPHA", 54: "2"}
    assert plain(sound(orders.mass_status_request("Q")).body) == {584: "Q", 585: "7"}


def test_a_pair_is_a_list_of_two() -> None:
    """35=E, an entry a leg, each in the order of the standard."""
    stop = order(OrdType.STOP, stop=200_000)
    pair = sound(orders.order_list([stop, LIMIT], list_id="L", at=AT))
    assert (pair.text(66), pair.text(68)) == ("L", "2")
    assert [(leg[11], leg[67], leg[40]) for leg in pair.group(73)] == [("A", "1", "3"), ("A", "2", "2")]
