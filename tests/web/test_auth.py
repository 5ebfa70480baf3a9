"""Who may do what: logins, sessions, roles and forged requests."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from web.floor import HOST, Floor

from stockex.messages.codec import decode_record
from stockex.messages.control import MemberLogin, MemberLogout
from stockex.messages.topics import Topic
from stockex.vocabulary.enums import Phase
from stockex.web.auth import COOKIE, FAILURES_ALLOWED, SESSION_S, Sessions

ORDER = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "price": 24.9}

UNSAFE: list[tuple[str, str, object, dict[str | None, int]]] = [
    ("POST", "/api/v1/orders", ORDER, {None: 401, "USR01": 201, "USR02": 201, "OPERATOR": 403}),
    ("PATCH", "/api/v1/orders/mine", {"quantity": 2}, {None: 401, "USR01": 200, "USR02": 404, "OPERATOR": 403}),
    ("DELETE", "/api/v1/orders/mine", None, {None: 401, "USR01": 200, "USR02": 404, "OPERATOR": 403}),
    ("DELETE", "/api/v1/orders", None, {None: 401, "USR01": 200, "USR02": 200, "OPERATOR": 403}),
    ("POST", "/order/cancel", {"orig_cl_ord_id": "mine"}, {None: 401, "USR01": 200, "USR02": 404, "OPERATOR": 403}),
    (
        "POST",
        "/order/amend",
        {"orig_cl_ord_id": "mine", "quantity": 2},
        {None: 401, "USR01": 200, "USR02": 404, "OPERATOR": 403},
    ),
    ("POST", "/ch/order", ORDER, {None: 401, "USR01": 200, "USR02": 200, "OPERATOR": 403}),
    ("POST", "/api/v1/session/suspend", None, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/api/v1/session/end", None, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/api/v1/phase", {"to": "call"}, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/api/v1/kill-switches", {"on": True}, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/api/v1/cancel-orders", {}, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/session/suspend", None, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
    ("POST", "/session/end", None, {None: 401, "USR01": 403, "CLIENT1": 403, "OPERATOR": 200}),
]
"""Every route that changes something, and what each kind of person gets. `mine` is an order of USR01."""

PRIVATE = ["/api/v1/orders", "/api/v1/orders/mine", "/api/v1/fills", "/api/v1/portfolio", "/ch/api/portfolio"]

MATRIX = [(method, path, body, user, status) for method, path, body, who in UNSAFE for user, status in who.items()]


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@asynccontextmanager
async def logged_in(floor: Floor, user: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser with the user's cookie."""
    async with floor.client() as client:
        response = await client.post("/api/v1/login", json={"user": user, "password": user})
        assert response.status_code == 200
        yield client


async def control(floor: Floor) -> list[object]:
    """Return the logins and logouts that the log holds."""
    messages = [decode_record(record) for record in await floor.bus.last(Topic.CONTROL, 100)]
    return [message for message in messages if isinstance(message, MemberLogin | MemberLogout)]


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: f"{case[0]} {case[1]} {case[3]}")
async def test_each_person_may_do_just_this(floor: Floor, case: tuple[str, str, object, str | None, int]) -> None:
    """The status is the one of the matrix; whoever is refused has appended nothing."""
    method, path, body, user, status = case
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    before = await floor.commands()
    response = await floor.call(method, path, user, json=body)
    assert response.status_code == status
    assert (await floor.commands() > before) == (status < 400)


@pytest.mark.parametrize("path", [*PRIVATE, "/api/v1/settlements"])
async def test_what_is_private_asks_for_a_login(floor: Floor, path: str) -> None:
    """Nobody sees nobody's orders, fills and money."""
    assert (await floor.call("GET", path)).status_code == 401


async def test_a_cookie_says_who_asks(floor: Floor) -> None:
    """After a login the cookie names the user and cannot be read by scripts or sent by other sites."""
    async with logged_in(floor, "USR01") as browser:
        me = (await browser.get("/api/v1/me")).json()
        again = await browser.post("/api/v1/login", json={"user": "USR01", "password": "USR01"})
    assert me == {"user": "USR01", "role": "member", "demo": True}
    flags = again.headers["set-cookie"].lower()
    assert all(flag in flags for flag in ("httponly", "samesite=lax", "max-age=43200"))


async def test_nobody_is_null(floor: Floor) -> None:
    """Without a login `me` says so, and is no error."""
    assert (await floor.call("GET", "/api/v1/me")).json() == {"user": None, "role": None, "demo": True}


async def test_a_session_ends_after_twelve_hours(floor: Floor) -> None:
    """The cookie is dead when its time is over, whatever the browser thinks."""
    async with logged_in(floor, "USR01") as browser:
        floor.clock.pass_s(12 * 3_600 - 1)
        before = (await browser.get("/api/v1/me")).json()["user"]
        floor.clock.pass_s(1)
        after = (await browser.get("/api/v1/me")).json()["user"]
    assert (before, after) == ("USR01", None)


async def test_a_logged_out_cookie_is_dead(floor: Floor) -> None:
    """A copy of the cookie is worth nothing after the logout."""
    async with logged_in(floor, "USR01") as browser:
        cookie = browser.cookies[COOKIE]
        await browser.post("/api/v1/logout")
    response = await floor.call("GET", "/api/v1/me", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert response.json()["user"] is None


@pytest.mark.parametrize("cookie", ["", "USR01", "e30.x", "WyJPUEVSQVRPUiIsIngiLDld.forged", "ü" * 3])
async def test_a_forged_cookie_is_nobody(floor: Floor, cookie: str) -> None:
    """What the exchange has not signed counts for nothing."""
    response = await floor.call("GET", "/api/v1/me", headers={"Cookie": f"{COOKIE}={cookie}".encode()})
    assert response.json()["user"] is None


async def test_a_members_login_and_logout_stand_in_the_log(floor: Floor) -> None:
    """A person takes the member over and gives it back; both are signals."""
    async with logged_in(floor, "USR01") as browser:
        await browser.post("/api/v1/logout")
    assert await control(floor) == [MemberLogin(member="USR01"), MemberLogout(member="USR01")]


async def test_clients_and_operator_take_no_member_over(floor: Floor) -> None:
    """Only members have a strategy that rests."""
    for user in ("CLIENT1", "OPERATOR"):
        async with logged_in(floor, user) as browser:
            await browser.post("/api/v1/logout")
    assert await control(floor) == []


@pytest.mark.parametrize("user", ["MDF", "MDT", "USR11", "usr01", "", "A" * 300])
async def test_who_has_no_door_cannot_log_in(floor: Floor, user: str) -> None:
    """The feeder's accounts and unknown names are refused, whatever the password."""
    response = await floor.call("GET", "/api/v1/orders", headers=basic(user, user))
    assert response.status_code == 401


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic VVNSMDE=", "Bearer x", "Basic /////w==", ""])
async def test_a_broken_authorization_is_401(floor: Floor, header: str) -> None:
    """A header that is not HTTP Basic is refused, and the answer says what is wanted."""
    response = await floor.call("GET", "/api/v1/orders", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")


async def test_guessing_is_stopped_after_ten_wrong_passwords(floor: Floor) -> None:
    """The eleventh try within a minute is a 429 that says when to come back; even the right password must wait."""
    body = {"user": "USR01", "password": "wrong"}
    wrong = [(await floor.call("POST", "/api/v1/login", json=body)).status_code for _ in range(FAILURES_ALLOWED)]
    floor.clock.pass_s(20)
    right = await floor.call("POST", "/api/v1/login", json={"user": "USR01", "password": "USR01"})
    assert wrong == [401] * FAILURES_ALLOWED
    assert (right.status_code, right.headers["retry-after"]) == (429, "40")


async def test_after_a_minute_one_may_try_again(floor: Floor) -> None:
    """The limit forgets; and it never held for another user."""
    for _ in range(FAILURES_ALLOWED):
        await floor.call("GET", "/api/v1/orders", headers=basic("USR01", "wrong"))
    other = await floor.call("GET", "/api/v1/orders", "USR02")
    stopped = await floor.call("GET", "/api/v1/orders", "USR01")
    floor.clock.pass_s(60)
    free = await floor.call("GET", "/api/v1/orders", "USR01")
    assert [answer.status_code for answer in (other, stopped, free)] == [200, 429, 200]


async def test_known_basic_credentials_are_not_checked_again(floor: Floor) -> None:
    """A program that has authenticated is let in though somebody else guesses its password meanwhile."""
    assert (await floor.call("GET", "/api/v1/orders", "USR01")).status_code == 200
    for _ in range(FAILURES_ALLOWED):
        await floor.call("GET", "/api/v1/orders", headers=basic("USR01", "wrong"))
    assert (await floor.call("GET", "/api/v1/orders", "USR01")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": f"http://{HOST}"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": f"http://{HOST}"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": f"http://{HOST}.evil.test"}, 403),
        ({"Origin": f"http://{HOST}:81"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_a_forged_request_is_refused(floor: Floor, headers: dict[str, str], status: int) -> None:
    """A browser may act from our own pages only; a program that names no origin acts for itself."""
    before = await floor.commands()
    response = await floor.call("POST", "/api/v1/orders", "USR01", json=ORDER, headers=headers)
    assert response.status_code == status
    assert (await floor.commands() > before) == (status == 201)


async def test_reading_from_elsewhere_is_no_forgery(floor: Floor) -> None:
    """A link from another site may open a page."""
    response = await floor.call("GET", "/api/v1/market", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200


async def test_the_operator_controls_the_session(floor: Floor) -> None:
    """Suspend, resume, end and start each answer with the state reached; a step that is not open is a 409."""
    seen = []
    for action in ("suspend", "resume", "end", "end", "start", "start"):
        response = await floor.call("POST", f"/api/v1/session/{action}", "OPERATOR")
        seen.append(response.json().get("phase") or response.json()["error"]["reason"])
    assert seen == ["HALTED", "CONTINUOUS", "CLOSED", "SESSION_NOT_OPEN", "CONTINUOUS", "SESSION_ALREADY_OPEN"]
    assert floor.market.session().phase is Phase.CONTINUOUS


async def leave_two_orders(browser: httpx.AsyncClient) -> None:
    """Place one order that ends with the session, and one that does not."""
    for cl_ord_id, ends in (("ends", True), ("stays", False)):
        order = {**ORDER, "cl_ord_id": cl_ord_id, "cancel_on_disconnect": ends}
        assert (await browser.post("/api/v1/orders", json=order)).status_code == 201


async def left_open(floor: Floor) -> list[str]:
    """Return the ids of USR01's open orders, once all that was appended before has been obeyed."""
    await floor.place("USR02", "buy 1 PEIR 1.00")
    orders = (await floor.call("GET", "/api/v1/orders?open=true", "USR01")).json()
    return [order["cl_ord_id"] for order in orders]


async def test_CTL_06_a_logout_ends_the_orders_that_ask_for_it(floor: Floor) -> None:
    """The others stay."""
    async with logged_in(floor, "USR01") as browser:
        await leave_two_orders(browser)
        await browser.post("/api/v1/logout")
    assert await left_open(floor) == ["stays"]
    order = (await floor.call("GET", "/api/v1/orders/ends", "USR01")).json()
    assert (order["status"], order["reason"]) == ("CANCELLED", "DISCONNECTED")


async def test_CTL_06_a_session_that_runs_out_is_lost_when_it_was_the_last(floor: Floor) -> None:
    """While the person has another one nothing ends; then the orders do, and a member's strategy trades again."""
    front = floor.site.front
    async with logged_in(floor, "USR01") as browser, logged_in(floor, "USR02"):
        await leave_two_orders(browser)
        floor.clock.pass_s(SESSION_S - 1)
        async with logged_in(floor, "USR01"):
            floor.clock.pass_s(1)
            await front.look()
            assert await left_open(floor) == ["stays", "ends"]
            assert MemberLogout(member="USR02") in await control(floor)
        floor.clock.pass_s(SESSION_S)
        await front.look()
    assert await left_open(floor) == ["stays"]
    await front.look()
    assert (await control(floor))[-1] == MemberLogout(member="USR01")


async def test_a_session_of_before_a_restart_counts_when_it_is_seen(floor: Floor) -> None:
    """The new process knows the cookie by its signature, and when it is over."""
    sessions = floor.site.front.doorkeeper.sessions
    _, cookie = sessions.begin("USR01")
    again = Sessions(floor.site.front.parts.credentials.secret, floor.clock)
    floor.clock.pass_s(SESSION_S)
    assert again.run_out() == []
    floor.clock.pass_s(-1)
    assert again.read(cookie) is not None
    floor.clock.pass_s(1)
    assert again.run_out() == ["USR01"]


async def test_a_log_that_takes_nothing_does_not_end_the_looking(floor: Floor) -> None:
    """There is nobody to tell, and no trading to protect from."""
    async with logged_in(floor, "USR01"):
        floor.clock.pass_s(SESSION_S)
        await floor.bus.close()
        await floor.site.front.look()
    assert floor.site.front.doorkeeper.sessions.run_out() == []


async def test_a_program_need_not_log_out(floor: Floor) -> None:
    """With HTTP Basic, or as nobody, a logout changes nothing and is no error."""
    answers = [await floor.call("POST", "/api/v1/logout", user) for user in (None, "USR01")]
    assert [answer.json() for answer in answers] == [{"user": None, "role": None}] * 2
    assert await control(floor) == []
