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


@pytest.mark.parametrize(
    ("terms", "field", "reason"),
    [
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
