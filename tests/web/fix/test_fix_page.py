"""The FIX page: a session for each visitor, what it sends, what it shows, and what nobody may do with it."""

import json

import pytest
from web.fix.screen import facts, shown, until

from stockex.core.fix.powers.register import Powers
from stockex.web.fix.floor import COOKIE, DESKS, IDLE_S
from stockex.web.fix.stream import READERS

ORDER = {"symbol": "ALPHA", "side": "BUY", "quantity": 10, "price": 20.5}


async def test_a_visitor_connects_sends_and_reads() -> None:
    """The page is told the session, each message with its fields, and the order; a second page gets it all."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        assert (await visitor.connects()).json()["state"] == "up"
        sent = await visitor.sends(kind="new", orders=[{**ORDER, "cl_ord_id": "A"}])
        assert (sent.status_code, sent.json()) == (202, {"number": 2})
        entry = await until(page, "entry", way="in", msg_type="D")
        assert (entry["name"], entry["text"]) == ("NewOrderSingle", "buy 10 ALPHA limit @ 20.50 day · A")
        assert [54, "Side", "1", "buy", 0] in entry["lines"]
        assert (await until(page, "order", key="A"))["terms"]["44"] == "20.50"
        again = await visitor.opens()
        [everything] = again.named("everything")
        assert everything["session"]["state"] == "up"
        assert [entry["msg_type"] for entry in everything["entries"] if entry["way"] == "out"] == ["A", "D"]
        assert [order["key"] for order in everything["orders"]] == ["A"]
        assert (await visitor.post("disconnect")).json()["state"] == "down"
        assert await until(page, "entry", way="note", text="Disconnected: logged out")


async def test_two_visitors_do_not_share_a_session() -> None:
    """A CompID in use is refused with the free one; what one sends the other does not see."""
    async with shown() as screen:
        one, other = screen.visitor(), screen.visitor()
        first, second = await one.opens(), await other.opens()
        assert (await one.connects("CLIENT1")).status_code == 200
        refused = await other.connects("CLIENT1")
        assert refused.status_code == 409
        assert refused.json()["error"]["message"] == "CLIENT1 is in use by another visitor. Take CLIENT2."
        assert (await until(second, "session", taken=["CLIENT1"]))["state"] == "idle"
        assert (await other.connects("CLIENT2")).status_code == 200
        await one.sends(kind="new", orders=[ORDER])
        await until(first, "entry", way="in", msg_type="D")
        assert facts(second, "entry", msg_type="D") == []


async def test_a_new_visitor_is_offered_a_compid_that_is_free() -> None:
    """The form begins with it; when all are used, with the first one."""
    async with shown() as screen:
        offered = []
        for _ in range(3):
            visitor = screen.visitor()
            page = await visitor.opens()
            offered.append(page.named("everything")[0]["session"]["sender"])
    assert offered == ["CLIENT1", "CLIENT2", "CLIENT1"]


async def test_numbers_go_on_unless_they_are_reset() -> None:
    """Without 141 the second logon goes on; a number too low is refused in the venue's own words."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects(resets=False)
        await visitor.post("disconnect")
        assert (await visitor.connects(resets=False)).json()["next_out"] == 4
        await visitor.post("disconnect")
        assert (await visitor.post("numbers", expected=1, next_out=1)).json()["next_out"] == 1
        refused = await visitor.connects(resets=False)
        assert refused.status_code == 409
        assert refused.json()["error"]["message"] == "No logon: MsgSeqNum too low, expecting 5 but received 1."
        assert (await until(page, "session", state="down"))["why"]
        assert (await visitor.connects(resets=True)).status_code == 200


async def test_requests_about_an_order() -> None:
    """Cancel, replace and status name it by what the blotter has; the preview shows them without using an id."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        await visitor.sends(kind="new", orders=[{**ORDER, "cl_ord_id": "A"}])
        for ask, wanted in (
            ({"kind": "replace", "key": "A", "terms": {"38": "7", "44": "21"}}, {41: "A", 38: "7", 44: "21", 40: "2"}),
            ({"kind": "cancel", "key": "A"}, {41: "A", 38: "10", 54: "1", 55: "ALPHA"}),
            ({"kind": "status", "key": "A"}, {11: "A", 55: "ALPHA", 54: "1"}),
            ({"kind": "mass_cancel", "symbol": "ALPHA", "side": "BUY"}, {530: "1", 55: "ALPHA", 54: "1"}),
            ({"kind": "mass_cancel"}, {530: "7"}),
            ({"kind": "status"}, {585: "7"}),
        ):
            preview = (await visitor.post("preview", **ask)).json()
            told = {tag: value for tag, _, value, _, _ in preview["lines"]}
            assert wanted.items() <= told.items()
            assert (await visitor.sends(**ask)).status_code == 202
            assert await until(page, "entry", way="out", msg_type=told[35])
        assert (await until(page, "order", key="A", pending="cancel"))["cl_ord_id"] == "A"


async def test_a_pair_goes_out_as_a_list() -> None:
    """Two orders in one message."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        stop = {"symbol": "ALPHA", "side": "BUY", "quantity": 10, "ord_type": "STOP", "stop_price": 30.0}
        await visitor.sends(kind="new", orders=[stop, ORDER])
        entry = await until(page, "entry", way="out", msg_type="E")
        assert [line[2] for line in entry["lines"] if line[0] == 40] == ["3", "2"]


async def test_messages_by_hand_go_out_as_they_stand() -> None:
    """Extra tags, a message of the session, a typed body, and bytes of one's own: what is wrong is marked."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        await visitor.sends(kind="new", orders=[ORDER], extra="58=hello|528=P")
        assert "58=hello" in (await until(page, "entry", way="out", msg_type="D"))["raw"]
        await visitor.sends(kind="session", msg_type="1", text="112=ping")
        assert (await until(page, "entry", way="in", msg_type="0"))["text"] == "ping"
        await visitor.sends(kind="raw", msg_type="D", text="54=7|55=A|54=7")
        typed = await until(page, "entry", way="out", msg_type="D", number="4")
        assert "56=VENUE\x0154=7\x0155=A\x0154=7\x0110=" in typed["raw"]
        assert "of number 4" in (await until(page, "entry", way="in", msg_type="3"))["text"]
        answer = await visitor.sends(kind="raw", text="8=FIX.4.4|9=5|35=0|10=000|", is_whole=True)
        assert answer.json() == {"number": None}
        assert (await until(page, "entry", way="out", msg_type="0"))["raw"].endswith("10=000\x01")


async def test_the_line_breaks_when_it_is_told_to() -> None:
    """Without a Logout; the page says who did it."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        assert (await visitor.post("drop")).json()["why"] == "dropped by us"
        assert facts(page, "entry", msg_type="5") == []


async def test_the_log_is_a_file_and_can_be_cleared() -> None:
    """One frame a line with bars, or JSON; cleared, all pages begin anew."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        text = (await visitor.client.get("/fix/api/log")).text
        assert "out 8=FIX.4.4|9=" in text
        assert "note Logged on, numbers begin anew" in text
        told = json.loads((await visitor.client.get("/fix/api/log?form=json")).text)
        assert {"A"} == {entry["msg_type"] for entry in told} - {""}
        assert (await visitor.client.delete("/fix/api/log")).status_code == 200
        assert (await page.until("everything", 2))[1]["entries"] == []


@pytest.mark.parametrize(
    ("ask", "status", "field"),
    [
        ({"kind": "new", "orders": [{"symbol": "ALPHA"}]}, 422, "side"),
        ({"kind": "new", "orders": [{**ORDER, "account": "USR01"}]}, 422, "account"),
        ({"kind": "new", "orders": [ORDER], "extra": "no field"}, 422, "extra"),
        ({"kind": "cancel", "key": "?"}, 404, "key"),
        ({"kind": "raw", "text": "58=x"}, 422, "msg_type"),
        ({"kind": "raw", "msg_type": "D", "text": "58=\u20ac"}, 422, "text"),
        ({"kind": "session", "msg_type": "D"}, 422, "msg_type"),
        ({"kind": "what"}, 422, "kind"),
    ],
)
async def test_an_ask_that_makes_no_message_is_refused(ask: dict[str, object], status: int, field: str) -> None:
    """With the field at fault; the session stays up."""
    async with shown() as screen:
        visitor = screen.visitor()
        await visitor.opens()
        await visitor.connects()
        answer = await visitor.sends(**ask)
        assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


async def test_what_the_market_refuses_can_be_sent() -> None:
    """A quantity below zero is for the venue to refuse."""
    async with shown() as screen:
        visitor = screen.visitor()
        await visitor.opens()
        await visitor.connects()
        assert (await visitor.sends(kind="new", orders=[{**ORDER, "quantity": -5}])).status_code == 202


async def test_nothing_is_sent_before_the_logon() -> None:
    """The answer says what to do."""
    async with shown() as screen:
        visitor = screen.visitor()
        await visitor.opens()
        answer = await visitor.sends(kind="new", orders=[ORDER])
        assert (answer.status_code, answer.json()["error"]["message"]) == (409, "Not logged on: connect first.")


async def test_the_page_reaches_only_venues_that_are_allowed() -> None:
    """Its own, in any spelling of this machine, and those that are set."""
    async with shown(allowed=["venue.test:9"]) as screen:
        visitor = screen.visitor()
        await visitor.opens()
        refused = await visitor.connects(host="127.0.0.1", port=22)
        assert (refused.status_code, refused.json()["error"]["field"]) == (403, "host")
        assert (await visitor.connects(host="10.0.0.1")).status_code == 403
        assert (await visitor.connects(host="venue.test", port=9)).status_code == 502
        assert (await visitor.connects(host="LOCALHOST")).status_code == 200
        assert (await visitor.connects()).status_code == 409


@pytest.mark.parametrize(
    "form", [{"port": 0}, {"heartbeat_s": 3601}, {"sender": ""}, {"username": "a\x01b"}, {"target": "\u20ac"}]
)
async def test_a_form_that_no_logon_can_carry_is_refused(form: dict[str, object]) -> None:
    """With a sentence, before anything is opened."""
    async with shown() as screen:
        visitor = screen.visitor()
        await visitor.opens()
        assert (await visitor.connects(**form)).status_code == 422  # type: ignore[arg-type]


async def test_who_closes_the_page_is_logged_out_after_a_while() -> None:
    """The session goes on without a page for ten minutes; then the CompID is free."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        await page.leave()
        await screen.site.floor.look()
        assert screen.site.floor.taken(screen.site.floor._fresh()) == ("CLIENT1",)
        screen.clock.pass_s(IDLE_S + 1)
        await screen.site.floor.look()
        assert screen.site.floor.taken(screen.site.floor._fresh()) == ()


async def test_a_visitor_costs_bounded_memory() -> None:
    """Without a cookie there is no desk; pages of one visitor, and visitors, have a bound."""
    async with shown() as screen:
        stranger = screen.visitor()
        assert (await stranger.post("disconnect")).status_code == 401
        visitor = screen.visitor()
        for _ in range(READERS):
            await visitor.opens()
        assert (await visitor.opens()).status == 429
        for number in range(DESKS - 1):
            stranger.client.cookies.set(COOKIE, f"{number:032d}")
            assert (await stranger.post("disconnect")).status_code == 200
        stranger.client.cookies.set(COOKIE, "x" * 32)
        assert (await stranger.post("disconnect")).status_code == 503


async def test_when_the_site_stops_pages_are_told_and_sessions_end() -> None:
    """A last event, and a Logout at the venue."""
    async with shown() as screen:
        visitor = screen.visitor()
        page = await visitor.opens()
        await visitor.connects()
        desk = next(iter(screen.site.floor._desks.values()))
        screen.site.close()
        await page.over()
        assert page.named("bye") == [{}]
        assert desk.is_connected
    assert desk.view().why == "logged out"


async def test_the_page_sets_a_cookie_that_scripts_cannot_read() -> None:
    """And keeps the one that a visitor has."""
    async with shown() as screen:
        visitor = screen.visitor()
        first = await visitor.client.get("/fix")
        assert (first.status_code, first.headers["location"]) == (308, "/fix/")
        page = await visitor.client.get("/fix/")
        assert "httponly" in page.headers["set-cookie"].lower()
        assert "samesite=strict" in page.headers["set-cookie"].lower()
        before = visitor.client.cookies[COOKIE]
        await visitor.client.get("/fix/")
        assert visitor.client.cookies[COOKIE] == before
        assert (await visitor.client.post("/fix/stream")).status_code == 405


async def test_a_visitor_sets_the_rules_of_its_own_session() -> None:
    """Logged on at the exchange's own gateway; a rule that makes no sense is refused with its field."""
    powers = Powers()
    async with shown(powers=powers) as screen:
        visitor = screen.visitor()
        await visitor.opens()
        assert (await visitor.client.get("/fix/api/rules")).status_code == 409
        await visitor.connects("CLIENT2")
        rules = [{"act": {"do": "skip", "count": 2}, "types": ["8"], "times": 1}]
        answer = await visitor.client.put("/fix/api/rules", json={"rules": rules, "seed": 3})
        assert answer.json()["met"] == [0]
        assert powers.script("CLIENT2").seed == 3
        assert powers.chooser("CLIENT1") is None
        told = (await visitor.client.get("/fix/api/rules")).json()
        assert told["script"]["rules"][0]["act"] == {"do": "skip", "count": 2}
        refused = await visitor.client.put("/fix/api/rules", json={"rules": [{"act": {"do": "sing"}}]})
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "rules[0].act.do")


async def test_rules_of_a_gateway_elsewhere_are_not_set_here() -> None:
    """The answer says where."""
    async with shown() as screen:
        visitor = screen.visitor()
        await visitor.opens()
        answer = await visitor.client.get("/fix/api/rules")
        assert answer.status_code == 404
        assert "STOCKEX_FIX_RULES" in answer.json()["error"]["message"]
