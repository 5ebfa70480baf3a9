"""Order types by REST: stops, icebergs, market-to-limit orders and pegs."""

from typing import Any

import httpx
import pytest
from web.floor import Floor

BUY = {"symbol": "ALPHA", "side": "BUY", "quantity": 10, "cl_ord_id": "mine"}


async def placed(floor: Floor, **terms: object) -> dict[str, Any]:
    """Place a buy of 10 ALPHA with these terms for USR01; return the order as answered."""
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=BUY | terms)
    assert response.status_code == 201
    order: dict[str, Any] = response.json()["order"]
    return order


async def seen(floor: Floor) -> dict[str, Any]:
    """Return USR01's order as it stands now."""
    order: dict[str, Any] = (await floor.call("GET", "/api/v1/orders/mine", "USR01")).json()
    return order


async def amended(floor: Floor, **changes: object) -> httpx.Response:
    """Change USR01's order."""
    return await floor.call("PATCH", "/api/v1/orders/mine", "USR01", json=changes)


async def trade(floor: Floor, price: str) -> None:
    """Trade one share at a price."""
    await floor.place("CLIENT1", f"sell 1 ALPHA {price}")
    await floor.place("CLIENT2", f"buy 1 ALPHA {price}")


async def test_a_stop_waits_outside_the_book(floor: Floor) -> None:
    """It is answered with its stop price, and nobody sees it."""
    order = await placed(floor, ord_type="STOP_LIMIT", stop_price=25.1, price=25.2)
    book = (await floor.call("GET", "/api/v1/book/ALPHA")).json()
    assert (order["ord_type"], order["stop_price"], order["price"], order["is_waiting"]) == (
        "STOP_LIMIT", 25.1, 25.2, True,
    )  # fmt: skip
    assert book["bids"] == []


async def test_a_stop_goes_live_when_its_price_is_reached(floor: Floor) -> None:
    """Then it is a limit order that stands in the book."""
    await placed(floor, ord_type="STOP_LIMIT", stop_price=25.1, price=25.2)
    await trade(floor, "25.10")
    order = await seen(floor)
    assert (order["ord_type"], order["is_waiting"], order["status"], order["stop_price"]) == (
        "LIMIT",
        False,
        "NEW",
        25.1,
    )


async def test_a_stop_price_can_be_amended_alone(floor: Floor) -> None:
    """The order waits on, for the new price."""
    await placed(floor, ord_type="STOP_LIMIT", stop_price=25.1, price=25.2)
    order = (await amended(floor, stop_price=25.15)).json()["order"]
    assert (order["stop_price"], order["price"], order["is_waiting"]) == (25.15, 25.2, True)


@pytest.mark.parametrize(("stop", "reason"), [(-1, "BAD_STOP"), (10**7, "BAD_STOP"), (25.155, "BAD_STOP")])
async def test_a_stop_price_amended_to_no_price_is_refused(floor: Floor, stop: float, reason: str) -> None:
    """Negative, huge or off the tick grid: the field is named, and the order stays."""
    await placed(floor, ord_type="STOP_LIMIT", stop_price=25.1, price=25.2)
    response = await amended(floor, stop_price=stop)
    error = response.json()["error"]
    assert (response.status_code, error["field"], error["reason"]) == (422, "stop_price", reason)
    assert (await seen(floor))["stop_price"] == 25.1


async def test_an_iceberg_shows_only_its_peak(floor: Floor) -> None:
    """Its owner sees all of it."""
    order = await placed(floor, price=24.9, display_quantity=4)
    book = (await floor.call("GET", "/api/v1/book/ALPHA")).json()
    assert (order["display_quantity"], order["leaves"], book["bids"]) == (4, 10, [[24.9, 4, 1]])


async def test_a_hidden_order_shows_nothing(floor: Floor) -> None:
    """With the least that it trades."""
    order = await placed(floor, price=24.9, hidden=True, min_exec=5)
    book = (await floor.call("GET", "/api/v1/book/ALPHA")).json()
    assert (order["hidden"], order["min_exec"], book["bids"]) == (True, 5, [])


async def test_what_a_market_to_limit_order_leaves_rests_where_it_traded(floor: Floor) -> None:
    """The answer holds the fill and the price that the order has now."""
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95")
    await floor.place("CLIENT1", "sell 4 ALPHA 24.99")
    order = await placed(floor, ord_type="MARKET_TO_LIMIT")
    assert (order["status"], order["cum"], order["price"], order["ord_type"]) == ("PARTIALLY_FILLED", 4, 24.95, "LIMIT")


async def test_a_peg_follows_the_best_price_of_its_side(floor: Floor) -> None:
    """It waits without a price while there is none."""
    waiting = await placed(floor, ord_type="PEG_PRIMARY")
    await floor.place("CLIENT1", "buy 1 ALPHA 24.90")
    following = await seen(floor)
    assert (waiting["price"], waiting["is_waiting"]) == (None, True)
    assert (following["price"], following["is_waiting"]) == (24.9, False)


async def test_its_owner_is_told_when_a_peg_moves(floor: Floor) -> None:
    """Though somebody else's order moved it."""
    await placed(floor, ord_type="PEG_PRIMARY")
    reader = await floor.read("USR01")
    await floor.place("CLIENT1", "buy 1 ALPHA 24.90")
    [order] = await reader.until("order")
    assert (order["cl_ord_id"], order["price"]) == ("mine", 24.9)


async def test_a_peg_keeps_its_offset(floor: Floor) -> None:
    """It stands that far from what it follows; a new offset moves it, and the order says which it has."""
    await floor.place("CLIENT1", "buy 1 ALPHA 24.90")
    first = await placed(floor, ord_type="PEG_PRIMARY", peg_offset=-0.05)
    second = (await amended(floor, peg_offset=-0.1)).json()["order"]
    third = (await amended(floor, peg_offset=0)).json()["order"]
    assert [(order["price"], order["peg_offset"]) for order in (first, second, third)] == [
        (24.85, -0.05),
        (24.8, -0.1),
        (24.9, 0.0),
    ]


async def test_a_trailing_stop_follows_the_last_price(floor: Floor) -> None:
    """Its first stop is as far from the last price as it says; a better price moves it, and its owner is told."""
    await trade(floor, "25.00")
    order = await placed(floor, ord_type="TRAILING_STOP", trail=0.5)
    reader = await floor.read("USR01")
    await trade(floor, "24.90")
    [told] = await reader.until("order")
    assert [(view["stop_price"], view["trail"], view["is_waiting"]) for view in (order, told)] == [
        (25.5, 0.5, True),
        (25.4, 0.5, True),
    ]


async def test_a_trailing_stop_may_be_given_another_distance(floor: Floor) -> None:
    """Its stop is set anew from the last price; what is no distance names its field."""
    await trade(floor, "25.00")
    await placed(floor, ord_type="TRAILING_STOP", trail=0.5)
    further = (await amended(floor, trail=0.8)).json()["order"]
    wrong = await amended(floor, trail=10**7)
    assert (further["stop_price"], further["trail"], further["is_waiting"]) == (25.8, 0.8, True)
    assert (wrong.status_code, wrong.json()["error"]["reason"]) == (422, "BAD_TRAIL")
    assert (await seen(floor))["trail"] == 0.8


async def test_an_amendment_may_ask_for_a_minimum_at_once(floor: Floor) -> None:
    """That much trades with the amendment; or else the order ends, and its reason says so."""
    await placed(floor, price=24.9)
    await floor.place("CLIENT1", "sell 4 ALPHA 25.00")
    enough = (await amended(floor, price=25, min_qty=4)).json()
    too_few = (await amended(floor, min_qty=1)).json()["order"]
    assert (enough["order"]["cum"], enough["order"]["min_qty"], len(enough["fills"])) == (4, 4, 1)
    assert (too_few["status"], too_few["reason"], too_few["cum"]) == ("CANCELLED", "BELOW_MINIMUM", 4)


@pytest.mark.parametrize("tif", ["GTD", "GTT"])
async def test_an_order_expires_at_its_instant(floor: Floor, tif: str) -> None:
    """The instant can be amended alone; one that is past is refused and changes nothing."""
    order = await placed(floor, price=24.9, time_in_force=tif, expire_at=2_000_000_000.5)
    later = await amended(floor, expire_at=2_100_000_000)
    past = await amended(floor, expire_at=1)
    assert (order["expire_at"], later.json()["order"]["expire_at"]) == (2_000_000_000.5, 2_100_000_000)
    assert (past.status_code, past.json()["error"]["rule"]) == (422, "VAL-14")
    assert (await seen(floor))["expire_at"] == 2_100_000_000


async def test_an_order_for_the_close_waits(floor: Floor) -> None:
    """Outside the book, until the closing call."""
    order = await placed(floor, price=24.9, time_in_force="AT_CLOSE")
    book = (await floor.call("GET", "/api/v1/book/ALPHA")).json()
    assert (order["is_waiting"], order["status"], book["bids"]) == (True, "NEW", [])


async def test_an_order_for_the_opening_comes_too_late_in_trading(floor: Floor) -> None:
    """It conflicts with the phase, and the time in force is named."""
    body = BUY | {"price": 24.9, "time_in_force": "AT_OPEN"}
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["field"], error["reason"]) == (409, "time_in_force", "NEEDS_OPENING")


async def test_one_leg_of_a_pair_cancels_the_other(floor: Floor) -> None:
    """The second leg names the first; a third order cannot be tied to it; a cancel of one is the end of both."""
    first = await placed(floor, price=24.9)
    leg = {"ord_type": "STOP", "stop_price": 25.2, "oco": "mine"}
    second = await placed(floor, cl_ord_id="other", **leg)
    third = await floor.call("POST", "/api/v1/orders", "USR01", json=BUY | leg | {"cl_ord_id": "third"})
    await floor.call("DELETE", "/api/v1/orders/other", "USR01")
    ended = await seen(floor)
    assert second["oco_id"] == first["order_id"]
    assert (third.status_code, third.json()["error"]["reason"]) == (409, "OCO_TAKEN")
    assert (ended["status"], ended["reason"]) == ("CANCELLED", "OCO")


async def test_a_minimum_quantity_trades_at_once_or_nothing_does(floor: Floor) -> None:
    """With too little in the book the order is cancelled whole."""
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95")
    order = await placed(floor, price=25, min_qty=5)
    assert (order["status"], order["cum"], order["reason"]) == ("CANCELLED", 0, "BELOW_MINIMUM")


async def test_an_order_says_how_it_is_handled(floor: Floor) -> None:
    """What happens when it meets an own order, by the market's choice or its own; whether it ends with a logout."""
    named = await placed(floor, price=24.9, self_trade="CANCEL_BOTH", cancel_on_disconnect=True)
    plain = await placed(floor, price=24.9, cl_ord_id="plain")
    assert (named["self_trade"], named["cancel_on_disconnect"]) == ("CANCEL_BOTH", True)
    assert (plain["self_trade"], plain["cancel_on_disconnect"]) == ("CANCEL_NEWEST", False)


@pytest.mark.parametrize(
    ("terms", "field", "reason"),
    [
        ({"ord_type": "TRAILING_STOP"}, "trail", "TRAIL_MISSING"),
        ({"price": 24.9, "trail": 1}, "trail", "TRAIL_NOT_ALLOWED"),
        ({"price": 24.9, "peg_offset": 0}, "peg_offset", "PEG_OFFSET_NOT_ALLOWED"),
        ({"ord_type": "PEG_PRIMARY", "peg_offset": 0.01}, "peg_offset", "BAD_PEG_OFFSET"),
        ({"ord_type": "PEG_MID", "peg_offset": -1_000_000.01}, "peg_offset", "BAD_PEG_OFFSET"),
        ({"price": 24.9, "min_qty": 11}, "min_qty", "BAD_MIN_QTY"),
        ({"price": 24.9, "time_in_force": "GTD"}, "expire_at", "EXPIRY_MISSING"),
        ({"price": 24.9, "expire_at": 2_000_000_000}, "expire_at", "EXPIRY_NOT_ALLOWED"),
        ({"price": 24.9, "time_in_force": "GTT", "expire_at": 1}, "expire_at", "BAD_EXPIRY"),
        ({"price": 24.9, "oco": "nothing"}, "oco", "OCO_NOT_FOUND"),
        ({"ord_type": "STOP"}, "stop_price", "STOP_MISSING"),
        ({"ord_type": "STOP", "stop_price": -1}, "stop_price", "BAD_STOP"),
        ({"ord_type": "STOP", "stop_price": 10**7}, "stop_price", "BAD_STOP"),
        ({"price": 24.9, "stop_price": 25.1}, "stop_price", "STOP_NOT_ALLOWED"),
        ({"price": 24.9, "display_quantity": -1}, "display_quantity", "BAD_DISPLAY"),
        ({"price": 24.9, "display_quantity": 10**9}, "display_quantity", "BAD_DISPLAY"),
        ({"price": 24.9, "display_quantity": 11}, "display_quantity", "BAD_DISPLAY"),
        ({"price": 24.9, "min_exec": 11}, "min_exec", "BAD_MIN_EXEC"),
        ({"ord_type": "PEG_PRIMARY", "display_quantity": 5}, "ord_type", "UNSUPPORTED_COMBINATION"),
    ],
)
async def test_terms_that_break_a_rule_name_their_field(
    floor: Floor, terms: dict[str, object], field: str, reason: str
) -> None:
    """With the reason and the rule's number."""
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=BUY | terms)
    error = response.json()["error"]
    assert (response.status_code, error["field"], error["reason"]) == (422, field, reason)
    assert error["rule"]


async def test_what_waits_is_reserved(floor: Floor) -> None:
    """A stop that buys without a limit is covered at 110 % of its stop price."""
    await placed(floor, ord_type="STOP", stop_price=25)
    portfolio = (await floor.call("GET", "/api/v1/portfolio", "USR01")).json()
    assert portfolio["reserved"] == 275.0
