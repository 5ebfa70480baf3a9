"""Many orders in one request."""

import httpx
import pytest
from web.floor import Floor

from stockex.errors import LogError

BUY = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "price": 24.9}


async def batch(floor: Floor, items: object, user: str = "USR01") -> httpx.Response:
    """Send a batch as `user`."""
    return await floor.call("POST", "/api/v1/orders/batch", user, json=items)


async def test_each_item_is_answered_as_its_own_request_would_be(floor: Floor) -> None:
    """A new order, one that trades, a change, a cancel: status, order and fills of each, in their order."""
    await floor.place("CLIENT1", "sell 5 ALPHA 24.95")
    items = [
        BUY | {"cl_ord_id": "a"},
        BUY | {"type": "new", "quantity": 2, "price": 24.95, "cl_ord_id": "b"},
        {"type": "replace", "orig_cl_ord_id": "a", "symbol": "ALPHA", "quantity": 7},
        {"type": "cancel", "orig_cl_ord_id": "a", "symbol": "ALPHA"},
    ]
    answers = (await batch(floor, items)).json()
    assert [answer["status"] for answer in answers] == [201, 201, 200, 200]
    assert [answer["order"]["status"] for answer in answers] == ["NEW", "FILLED", "CANCELLED", "CANCELLED"]
    assert [fill["quantity"] for fill in answers[1]["fills"]] == [2]
    assert answers[3]["order"]["quantity"] == 7


async def test_a_refused_item_leaves_the_others_be(floor: Floor) -> None:
    """A form that does not fit, an unknown type and a refusal of the engine each have their own answer."""
    items = [
        BUY | {"cl_ord_id": "a", "quantity": "many"},
        {"type": "wish"},
        {"type": 4},
        BUY | {"cl_ord_id": "b", "account": "USR02"},
        {"type": "cancel", "orig_cl_ord_id": "nothing", "symbol": "ALPHA"},
        BUY | {"cl_ord_id": "c", "price": 24.955},
        BUY | {"cl_ord_id": "d"},
    ]
    answers = (await batch(floor, items)).json()
    assert [answer["status"] for answer in answers] == [422, 422, 422, 422, 404, 422, 201]
    assert [answer["error"].get("field") for answer in answers[:4]] == ["quantity", "type", "type", "account"]
    assert [answer["error"]["reason"] for answer in answers[4:6]] == ["UNKNOWN_ORDER", "OFF_TICK"]


async def test_a_batch_stands_in_the_log_in_one_piece(floor: Floor) -> None:
    """The commands of a batch have offsets that follow each other, whatever others send meanwhile."""
    answers = (await batch(floor, [BUY] * 3)).json()
    ids = [answer["order"]["order_id"] for answer in answers]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert len({answer["order"]["cl_ord_id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("items", "status"), [({"symbol": "ALPHA"}, 400), ([1], 400), ([BUY] * 501, 422), ([BUY] * 2_000, 413), ([], 200)]
)
async def test_what_is_no_batch_does_nothing(floor: Floor, items: object, status: int) -> None:
    """An object, an item that is none, and too many are refused whole; nothing at all is nothing done."""
    before = await floor.commands()
    assert (await batch(floor, items)).status_code == status
    assert await floor.commands() == before


async def test_a_log_that_takes_nothing_refuses_the_batch_whole(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is full the answer is 503, and no item was done."""

    async def full(_entries: object) -> list[int]:
        raise LogError("no space")

    monkeypatch.setattr(floor.bus, "append", full)
    response = await batch(floor, [BUY])
    assert (response.status_code, response.json()["error"]["reason"]) == (503, "LOG_UNAVAILABLE")


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("OPERATOR", 403)])
async def test_only_those_who_trade_send_batches(floor: Floor, user: str | None, status: int) -> None:
    """Nobody and the operator are refused."""
    response = await floor.call("POST", "/api/v1/orders/batch", user, json=[BUY])
    assert response.status_code == status
