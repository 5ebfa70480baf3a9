"""Bodies that are no forms, on every route that takes one."""

import json

import pytest
from web.floor import Floor

GOOD = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "price": 24.9}
HUGE = "9" * 400

ROUTES = [
    ("POST", "/api/v1/orders"),
    ("PATCH", "/api/v1/orders/mine"),
    ("POST", "/ch/order"),
    ("POST", "/order/amend"),
    ("POST", "/order/cancel"),
    ("POST", "/api/v1/login"),
]
"""Every route that takes a JSON body."""

BROKEN = {
    "nothing": b"",
    "no JSON": b"side=BUY",
    "cut short": b'{"symbol": "ALPHA"',
    "an array": b"[]",
    "null": b"null",
    "text": b'"ALPHA"',
    "not a number": b'{"quantity": NaN}',
    "infinity": b'{"price": Infinity}',
    "leading zero": b'{"quantity": 01}',
    "two objects": b"{}{}",
    "not UTF-8": b'{"symbol": "\xff"}',
    "not UTF-8 in a name": b'{"\xff": 1}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a surrogate": b'{"symbol": "\\ud800"}',
    "half a surrogate as a name twice": b'{"a": {"\\ud800": 1, "\\ud800": 2}}',
    "deep arrays": b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"a":' * 8_000 + b"1" + b"}" * 8_000,
    "a name twice": b'{"symbol": "ALPHA", "symbol": "PEIR"}',
    "a nested name twice": b'{"a": {"b": 1, "b": 2}}',
}

WRONG: dict[str, list[object]] = {
    "quantity": [0, -1, 1.5, "1", True, [], {}, 10**8 + 1, 2**53 + 1, 2**63, 2**64, -(2**64), 10**30],
    "price": [0, -1, 24.95555, "24.95", False, [], 10**7, 1e300, -1e300, 10**30],
    "symbol": ["", 1, None, "A B", "A" * 65, "Ä", "\x00"],
    "side": ["", "buy", 1, None],
    "ord_type": ["PEG", 1],
    "stop_price": [0, -1, 24.95555, "24.95", False, [], 10**7, 1e300, -1e300, 10**30],
    "display_quantity": [0, -1, 1.5, "1", True, [], 10**8 + 1, 2**53 + 1, 2**64, -(2**64), 10**30],
    "min_visible": [0, -1, "1", 10**8 + 1, 2**64],
    "min_qty": [0, -1, 1.5, "1", True, [], 10**8 + 1, 2**64],
    "trail": [0, -1, 0.00001, "0.5", False, [], 10**7, 1e300],
    "peg_offset": ["0.5", False, [], 0.00001, 10**7, -(10**7), 1e300],
    "expire_at": ["tomorrow", True, [], 1e300, -1e300, 0.0000001],
    "oco": ["", 1, "a b", "a" * 65],
    "cancel_on_disconnect": ["yes", 1],
    "min_exec": [0, -1, "1", 10**8 + 1, 2**64],
    "hidden": ["yes", 1],
    "cancel_below_min": ["yes", 1],
    "time_in_force": ["GTX", 1],
    "post_only": ["yes", 1],
    "self_trade": ["NEVER", 0],
    "cl_ord_id": ["", 1, "a b", "a" * 65, "ü", "\n"],
    "account": ["USR02", 1],
    "type": ["new", "deposit"],
    "source": ["MDF"],
    "timestamp": [1.0],
    "nonsense": [1],
}
"""Values of each field that no order may have."""


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_form_is_refused(floor: Floor, method: str, path: str, name: str) -> None:
    """A body that is no JSON object of known fields is a 400 or 422, and nothing is appended."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    before = await floor.commands()
    response = await floor.call(method, path, "USR01", content=BROKEN[name])
    assert response.status_code in {400, 422}
    assert response.json()["error"]["message"]
    assert await floor.commands() == before


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
async def test_a_wrong_value_is_refused_with_its_field(floor: Floor, field: str, value: object) -> None:
    """Each field of an order that is wrong is a 422 that names it, and nothing is appended."""
    before = await floor.commands()
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=GOOD | {field: value})
    assert (response.status_code, response.json()["error"]["field"]) == (422, field)
    assert await floor.commands() == before


@pytest.mark.parametrize("field", ["quantity", "price", "stop_price", "display_quantity"])
@pytest.mark.parametrize("number", [HUGE, "-" + HUGE, "1e400", "-1e400", "1e99999999", "0." + "1" * 5_000])
async def test_a_number_beyond_all_bounds_is_refused_with_its_field(floor: Floor, field: str, number: str) -> None:
    """Numbers that no machine word holds are a 422 that names the field."""
    body = json.dumps(GOOD | {field: "?"}).replace('"?"', number)
    response = await floor.call("POST", "/api/v1/orders", "USR01", content=body)
    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


async def test_no_depth_of_nesting_is_a_fault_of_ours(floor: Floor) -> None:
    """Around the depth at which parsers give up, every body is still a 400 or 422."""
    async with floor.client("USR01") as client:
        for depth in range(850, 1_010):
            body = json.dumps(GOOD | {"price": "?"}).replace('"?"', "[" * depth + "]" * depth)
            response = await client.post("/api/v1/orders", content=body)
            assert response.status_code in {400, 422}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": 1, "password": "x"}, "user"),
        ({"user": "USR01"}, "password"),
        ({"user": "USR01", "password": ""}, "password"),
        ({"user": "USR01", "password": "x" * 257}, "password"),
        ({"user": "USR01", "password": "USR01", "role": "operator"}, "role"),
    ],
)
async def test_a_login_that_is_no_login_names_its_field(floor: Floor, body: object, field: str) -> None:
    """User and password are texts of sensible length, and nothing else is asked."""
    response = await floor.call("POST", "/api/v1/login", json=body)
    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize("field", ["symbol", "side", "quantity"])
async def test_a_field_left_out_is_named(floor: Floor, field: str) -> None:
    """An order without one of its needed fields is a 422 that names it."""
    body = {name: value for name, value in GOOD.items() if name != field}
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=body)
    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize(("path", "body"), [("/order/cancel", {}), ("/order/amend", {"quantity": 1})])
async def test_the_order_to_change_must_be_named(floor: Floor, path: str, body: object) -> None:
    """The seed's routes ask for `orig_cl_ord_id`."""
    response = await floor.call("POST", path, "USR01", json=body)
    assert (response.status_code, response.json()["error"]["field"]) == (422, "orig_cl_ord_id")


async def test_what_the_address_says_a_body_may_not_say_again(floor: Floor) -> None:
    """PATCH of one order cannot be turned into one of another symbol by its body."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    response = await floor.call("PATCH", "/api/v1/orders/mine", "USR01", json={"quantity": 1, "symbol": "PEIR"})
    assert (response.status_code, response.json()["error"]["field"]) == (422, "symbol")


async def test_a_rule_broken_at_the_door_has_its_number(floor: Floor) -> None:
    """The form already names the rule that a quantity or price breaks."""
    quantity = await floor.call("POST", "/api/v1/orders", "USR01", json=GOOD | {"quantity": 0})
    price = await floor.call("POST", "/api/v1/orders", "USR01", json=GOOD | {"price": 0})
    assert [answer.json()["error"]["rule"] for answer in (quantity, price)] == ["VAL-04", "VAL-06"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_body_beyond_64_kib_is_not_read(floor: Floor, method: str, path: str) -> None:
    """One byte more than the limit is a 413."""
    response = await floor.call(method, path, "USR01", content=b"{}".ljust(64 * 1024 + 1))
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/trades?limit=0", "limit"),
        ("/api/v1/trades?limit=x", "limit"),
        ("/api/v1/orders?limit=99999999999999999999", "limit"),
        ("/api/v1/orders?open=maybe", "open"),
        ("/api/v1/book/ALPHA?levels=-1", "levels"),
        ("/api/v1/candles/ALPHA?period=1y", "period"),
        ("/history/ALPHA?period=", "period"),
        ("/matcher/trades?offset=-1", "offset"),
    ],
)
async def test_a_wrong_query_names_its_parameter(floor: Floor, path: str, field: str) -> None:
    """A query out of range is a 422 in the same shape as every other error."""
    response = await floor.call("GET", path, "USR01")
    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


async def test_what_does_not_exist_is_404_in_the_same_shape(floor: Floor) -> None:
    """An unknown address and a wrong method are answered as every other error."""
    unknown = await floor.call("GET", "/api/v1/nothing")
    wrong = await floor.call("DELETE", "/api/v1/market")
    assert [(answer.status_code, bool(answer.json()["error"]["message"])) for answer in (unknown, wrong)] == [
        (404, True),
        (405, True),
    ]
