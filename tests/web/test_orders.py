"""Order entry by REST."""

import httpx
import pytest
from web.floor import Floor


def error(response: httpx.Response) -> dict[str, str | None]:
    """Return what a refusal says."""
    fault: dict[str, str | None] = response.json()["error"]
    return fault


async def test_an_order_is_answered_with_its_state(floor: Floor) -> None:
    """201 tells the order as it stands in the log, with a client id made for it."""
    response = await floor.place("USR01", "buy 10 ALPHA 24.90")
    order = response.json()["order"]
    assert response.status_code == 201
    assert (order["status"], order["leaves"], order["price"], order["source"]) == ("NEW", 10, 24.9, "WEB")
    assert order["account"] == "USR01"
    assert order["cl_ord_id"].startswith("WEB-")


async def test_an_order_that_trades_is_answered_with_its_fills(floor: Floor) -> None:
    """The answer of an order that met another holds both its state and its fill."""
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95")
    answer = (await floor.place("USR01", "buy 10 ALPHA")).json()
    assert answer["order"]["status"] == "FILLED"
    assert [(fill["price"], fill["quantity"], fill["account"]) for fill in answer["fills"]] == [(24.95, 10, "USR01")]


async def test_what_was_acknowledged_is_in_every_view(floor: Floor) -> None:
    """When a client has its answer, its own lists and the public book show the same."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    own = (await floor.call("GET", "/api/v1/orders?open=true", "USR01")).json()
    book = (await floor.call("GET", "/api/v1/book/ALPHA")).json()
    assert [order["cl_ord_id"] for order in own] == ["mine"]
    assert book["bids"] == [[24.9, 10, 1]]


@pytest.mark.parametrize(
    ("order", "status", "reason", "field"),
    [
        ("buy 10 NOPE 24.90", 404, "UNKNOWN_SYMBOL", "symbol"),
        ("buy 10 ALPHA 24.955", 422, "OFF_TICK", "price"),
        ("buy 100000 ALPHA 24.90", 422, "INSUFFICIENT_CASH", "quantity"),
        ("sell 1 ALPHA 24.90", 422, "INSUFFICIENT_SHARES", "quantity"),
        ("buy 0 ALPHA 24.90", 422, "BAD_QUANTITY", "quantity"),
        ("buy 100000001 ALPHA 24.90", 422, "QUANTITY_TOO_LARGE", "quantity"),
        ("buy 1 ALPHA -1", 422, "BAD_PRICE", "price"),
        ("buy 1 ALPHA 1000001", 422, "PRICE_TOO_HIGH", "price"),
    ],
)
async def test_a_refusal_names_reason_rule_and_field(
    floor: Floor, order: str, status: int, reason: str, field: str
) -> None:
    """What breaks a rule is refused with the rule's number and a sentence."""
    response = await floor.place("USR01", order)
    fault = error(response)
    assert (response.status_code, fault["reason"], fault["field"]) == (status, reason, field)
    assert fault["rule"]
    assert fault["message"]


async def test_a_client_id_is_good_once(floor: Floor) -> None:
    """The second order of the same client id is a conflict."""
    await floor.place("USR01", "buy 1 ALPHA 24.90", cl_ord_id="twice")
    response = await floor.place("USR01", "buy 1 ALPHA 24.90", cl_ord_id="twice")
    assert (response.status_code, error(response)["reason"]) == (409, "DUPLICATE_CL_ORD_ID")


@pytest.mark.parametrize(("action", "reason"), [("end", "MARKET_CLOSED"), ("suspend", "MARKET_SUSPENDED")])
async def test_a_market_that_does_not_trade_says_so(floor: Floor, action: str, reason: str) -> None:
    """Outside trading an order is a conflict with the session, with its reason."""
    await floor.call("POST", f"/api/v1/session/{action}", "OPERATOR")
    response = await floor.place("USR01", "buy 1 ALPHA 24.90")
    assert (response.status_code, error(response)["reason"]) == (409, reason)


async def test_an_amended_order_is_answered_with_its_new_state(floor: Floor) -> None:
    """PATCH changes price and quantity and tells the order after it."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    response = await floor.call("PATCH", "/api/v1/orders/mine", "USR01", json={"quantity": 4, "price": 24.91})
    order = response.json()["order"]
    assert (response.status_code, order["quantity"], order["price"]) == (200, 4, 24.91)


async def test_an_amended_order_may_trade_at_once(floor: Floor) -> None:
    """A new price that meets the other side trades, and the answer holds the fill."""
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95")
    await floor.place("USR01", "buy 4 ALPHA 24.90", cl_ord_id="mine")
    answer = (await floor.call("PATCH", "/api/v1/orders/mine", "USR01", json={"price": 24.95})).json()
    assert (answer["order"]["status"], [fill["quantity"] for fill in answer["fills"]]) == ("FILLED", [4])


async def test_an_order_is_found_by_every_id_it_has_had(floor: Floor) -> None:
    """After an amendment under a new client id, both ids name the order, also to cancel it."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="old")
    await floor.call("PATCH", "/api/v1/orders/old", "USR01", json={"quantity": 4, "cl_ord_id": "new"})
    seen = (await floor.call("GET", "/api/v1/orders/old", "USR01")).json()
    response = await floor.call("DELETE", "/api/v1/orders/old", "USR01")
    assert seen["cl_ord_id"] == "new"
    assert response.json()["order"]["status"] == "CANCELLED"


async def test_an_amendment_of_nothing_is_refused(floor: Floor) -> None:
    """PATCH without quantity and price names what it lacks."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    response = await floor.call("PATCH", "/api/v1/orders/mine", "USR01", json={})
    assert (response.status_code, error(response)["field"]) == (422, "quantity")


async def test_a_cancelled_order_has_left_the_book(floor: Floor) -> None:
    """DELETE answers when the order is gone; a second one finds nothing open."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    first = await floor.call("DELETE", "/api/v1/orders/mine", "USR01")
    second = await floor.call("DELETE", "/api/v1/orders/mine", "USR01")
    assert (first.json()["order"]["status"], second.status_code) == ("CANCELLED", 404)
    assert error(second)["reason"] == "UNKNOWN_ORDER"


async def test_an_id_may_hold_any_visible_character(floor: Floor) -> None:
    """A client id with slash, question mark and percent sign is reachable, percent-encoded."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="a/b?c%d")
    response = await floor.call("DELETE", "/api/v1/orders/a%2Fb%3Fc%25d", "USR01")
    assert response.json()["order"]["cl_ord_id"] == "a/b?c%d"


async def test_a_mass_cancel_counts_what_it_cancelled(floor: Floor) -> None:
    """DELETE of all orders of one symbol leaves those of the other."""
    for order in ("buy 1 ALPHA 24.90", "buy 1 ALPHA 24.91", "buy 1 PEIR 18.00"):
        await floor.place("USR01", order)
    response = await floor.call("DELETE", "/api/v1/orders?symbol=ALPHA&side=BUY", "USR01")
    left = (await floor.call("GET", "/api/v1/orders?open=true", "USR01")).json()
    assert (response.json(), [order["symbol"] for order in left]) == ({"count": 2}, ["PEIR"])


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [("simbol=ALPHA", 422, "simbol"), ("symbol=NOPE", 404, "symbol"), ("side=X", 422, "side")],
)
async def test_a_mass_cancel_that_is_misspelt_cancels_nothing(
    floor: Floor, query: str, status: int, field: str
) -> None:
    """An unknown parameter must not widen a mass cancel to everything."""
    before = await floor.commands()
    response = await floor.call("DELETE", f"/api/v1/orders?{query}", "USR01")
    assert (response.status_code, error(response)["field"], await floor.commands()) == (status, field, before)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"quantity": 1}), ("DELETE", None)])
async def test_somebody_elses_order_does_not_exist(floor: Floor, method: str, body: object) -> None:
    """Another member gets 404, nothing is appended, and the order stays."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    before = await floor.commands()
    response = await floor.call(method, "/api/v1/orders/mine", "USR02", json=body)
    assert (response.status_code, await floor.commands()) == (404, before)
    assert [order.cl_ord_id for order in floor.blotter.open_orders("USR01")] == ["mine"]


async def test_fills_and_orders_are_ones_own(floor: Floor) -> None:
    """After a trade each side sees its own part only."""
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95", cl_ord_id="s")
    await floor.place("USR01", "buy 10 ALPHA 24.95", cl_ord_id="b")
    fills = {user: (await floor.call("GET", "/api/v1/fills", user)).json() for user in ("USR01", "CLIENT1", "USR02")}
    assert [fill["cl_ord_id"] for fill in fills["USR01"]] == ["b"]
    assert [fill["cl_ord_id"] for fill in fills["CLIENT1"]] == ["s"]
    assert fills["USR02"] == []
