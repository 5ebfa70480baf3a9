"""The stream of Server-Sent Events."""

import asyncio

import pytest
from web.floor import Floor, Reader, SseEvent

from stockex.web.auth import COOKIE
from stockex.web.stream import hub
from stockex.web.stream.client import EVENTS_WAITING
from stockex.web.stream.endpoint import SEND_LIMIT_S
from stockex.web.stream.events import Event, Position, Reel
from stockex.web.stream.hub import CLIENTS_ALLOWED, LEADERBOARD_BEATS, PORTFOLIO_BEATS, TICKER_BEATS

MISSED = {"trade", "order", "fill", "session"}


def replayable(reader: Reader) -> list[SseEvent]:
    """Return the events that must come exactly once."""
    return [event for event in reader.events if event.name in MISSED]


async def busy_minute(floor: Floor) -> None:
    """Trade, amend, cancel and suspend, so that every kind of event happens."""
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95", cl_ord_id="s1")
    await floor.place("USR01", "buy 4 ALPHA 24.95", cl_ord_id="b1")
    await floor.place("USR01", "buy 5 ALPHA 24.90", cl_ord_id="b2")
    await floor.call("PATCH", "/api/v1/orders/b2", "USR01", json={"quantity": 3})
    await floor.call("DELETE", "/api/v1/orders/b2", "USR01")
    await floor.call("POST", "/api/v1/session/suspend", "OPERATOR")
    await floor.call("POST", "/api/v1/session/resume", "OPERATOR")


async def test_a_stream_begins_with_the_whole_state(floor: Floor) -> None:
    """A reader gets `connected` and then `init`, with everything a page draws."""
    await floor.place("USR01", "buy 4 ALPHA 24.90", cl_ord_id="mine")
    reader = await floor.read("USR01", symbol="ALPHA")
    init = reader.named("init")[0]
    assert [event.name for event in reader.events] == ["connected", "init"]
    assert {"session", "instruments", "tickers", "trades", "book", "me", "orders", "fills"} < init.keys()
    assert (init["me"], init["book"]["bids"]) == ({"user": "USR01", "role": "member"}, [[24.9, 4, 1]])
    assert [order["cl_ord_id"] for order in init["orders"]] == ["mine"]
    assert (init["portfolio"]["member_id"], len(init["leaderboard"])) == ("USR01", 10)


async def test_nobody_gets_nothing_private(floor: Floor) -> None:
    """A reader who is not logged in gets no orders, no fills and no portfolio, and the first book."""
    await floor.place("USR01", "buy 4 ALPHA 24.90")
    init = (await floor.read()).named("init")[0]
    assert (init["orders"], init["fills"], init["portfolio"], init["book"]["symbol"]) == ([], [], None, "ALPHA")


async def test_the_stream_says_how_to_be_read(floor: Floor) -> None:
    """Its headers forbid storing and buffering, and it tells the browser when to come back."""
    reader = await floor.read()
    assert reader.headers["content-type"].startswith("text/event-stream")
    assert reader.headers["cache-control"] == "no-cache, no-transform"
    assert reader.raw.startswith(b"retry: 1000\n")


async def test_own_orders_and_fills_go_to_their_owner_only(floor: Floor) -> None:
    """Each side sees its own part; a third member and nobody see the public trade alone."""
    readers = {user: await floor.read(user) for user in ("USR01", "CLIENT1", "USR02", None)}
    await busy_minute(floor)
    for reader in readers.values():
        await reader.until("session", 2)
    owners = {
        user: {event["account"] for name in ("order", "fill") for event in reader.named(name)}
        for user, reader in readers.items()
    }
    assert owners == {"USR01": {"USR01"}, "CLIENT1": {"CLIENT1"}, "USR02": set(), None: set()}
    assert [len(reader.named("trade")) for reader in readers.values()] == [1] * 4


async def test_a_public_trade_names_nobody(floor: Floor) -> None:
    """Neither members nor client ids stand in what everybody gets, live or at the start."""
    reader = await floor.read()
    await busy_minute(floor)
    await reader.until("session", 2)
    late = await floor.read()
    trades = [*reader.named("trade"), *late.named("init")[0]["trades"]]
    assert len(trades) == 2
    assert all(not {"buy_id", "sell_id", "buy_member", "sell_member"} & trade.keys() for trade in trades)
    assert not [name for name in (b"USR01", b"CLIENT1") if name in b"".join(reader.raw.split(b"event: session")[1:])]


async def test_each_id_is_given_once_and_they_increase(floor: Floor) -> None:
    """Every replayable event has an id of its own, above those before it."""
    reader = await floor.read("USR01")
    await busy_minute(floor)
    await reader.until("session", 2)
    ids = [Position.read(event.id) for event in replayable(reader)]
    assert None not in ids
    assert ids == sorted(set(ids), key=lambda position: position or Position(0, 0))


async def test_a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice(floor: Floor) -> None:
    """Cut after any event, the rest comes once, by header or by query."""
    first = await floor.read("USR01")
    start = first.events[-1].id
    await busy_minute(floor)
    await first.until("session", 2)
    whole = replayable(first)
    for cut, last in enumerate([start, *(event.id for event in whole)]):
        reader = await (floor.read("USR01", last_id=last) if cut % 2 else floor.read("USR01", since=last))
        assert replayable(reader) == whole[cut:]
        assert reader.named("init") == []


async def test_what_happened_while_nobody_read_is_told_to_who_comes_back(floor: Floor) -> None:
    """Events are made when somebody asks for them: as many, in the same places, orders as they stand by then."""
    first = await floor.read("USR01")
    last = first.events[-1].id
    await first.leave()
    await busy_minute(floor)
    second = await floor.read("USR01", last_id=last)
    third = await floor.read("USR01", last_id=last)
    assert second.named("init") == []
    assert len(second.named("fill")) > 0
    assert len(second.named("session")) == 2
    assert replayable(third) == replayable(second)


async def test_what_nobody_read_for_too_long_is_forgotten(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes back then is told everything anew."""
    first = await floor.read("USR01")
    last = first.events[-1].id
    await first.leave()
    monkeypatch.setattr(hub, "EVENTS_KEPT", 3)
    await busy_minute(floor)
    second = await floor.read("USR01", last_id=last)
    assert [event.name for event in second.events][:3] == ["connected", "reset", "init"]


async def test_a_resumed_stream_goes_on_live(floor: Floor) -> None:
    """After the replay comes what happens next, once."""
    first = await floor.read("USR01")
    await busy_minute(floor)
    await first.until("session", 2)
    second = await floor.read("USR01", last_id=replayable(first)[2].id)
    await floor.place("USR01", "buy 1 ALPHA 24.90", cl_ord_id="later")
    for reader in (first, second):
        await reader.until("order", len(first.named("order")))
    assert replayable(second) == replayable(first)[3:]


async def test_a_resumed_stream_refreshes_the_market(floor: Floor) -> None:
    """After the replay every symbol's snapshot, the book asked for and the own portfolio come anew."""
    first = await floor.read("USR01")
    reader = await floor.read("USR01", last_id=first.events[-1].id, symbol="PEIR")
    assert [ticker["symbol"] for ticker in reader.named("snapshot")] == ["ALPHA", "PEIR"]
    assert [book["symbol"] for book in reader.named("book")] == ["PEIR"]
    assert (len(reader.named("portfolio")), len(reader.named("leaderboard"))) == (1, 1)


@pytest.mark.parametrize("last", ["0-0", "99999999-0", "nonsense", "1-", "-1", "1-999", "٣-٣", "9" * 50 + "-1"])
async def test_an_unknown_position_begins_anew(floor: Floor, last: str) -> None:
    """An id that is too old, of another log or no id at all is answered by `reset` and the whole state."""
    await busy_minute(floor)
    reader = await floor.read("USR01", since=last)
    assert [event.name for event in reader.events] == ["connected", "reset", "init"]


def test_a_position_that_was_forgotten_is_unknown() -> None:
    """The reel keeps its newest events only; what lies before them cannot be resumed."""
    reel = Reel(keep=3)
    for offset in range(5):
        reel.add(Event(Position(offset, 0), None, b""))
    missed = reel.since(Position(3, 0))
    assert (reel.since(Position(1, 0)), reel.since(Position(2, 1))) == (None, None)
    assert missed is not None
    assert [event.position.offset for event in missed] == [4]


async def test_books_are_conflated_to_the_newest(floor: Floor) -> None:
    """Many changes between two beats make one event with the state of now; without a change there is none."""
    reader = await floor.read(symbol="ALPHA")
    for price in ("24.90", "24.91", "24.92"):
        await floor.place("USR01", f"buy 1 ALPHA {price}")
    floor.site.front.hub.beat()
    [book] = await reader.until("book")
    floor.site.front.hub.beat()
    await floor.place("USR01", "buy 1 PEIR 18.00")
    floor.site.front.hub.beat()
    await reader.until("snapshot", 2)
    assert book["bids"][0][0] == 24.92
    assert len(reader.named("book")) == 1


async def test_snapshots_come_every_second_beat(floor: Floor) -> None:
    """A symbol that changed is sent once in two beats, to everybody."""
    readers = [await floor.read(), await floor.read("USR02", symbol="PEIR")]
    for _ in range(TICKER_BEATS):
        floor.site.front.hub.beat()
    await floor.place("USR01", "buy 1 ALPHA 24.90")
    for _ in range(2 * TICKER_BEATS):
        floor.site.front.hub.beat()
    for reader in readers:
        tickers = await reader.until("snapshot", 3)
        assert [(ticker["symbol"], ticker["best_bid"]) for ticker in tickers[2:]] == [("ALPHA", 24.9)]


async def test_a_portfolio_comes_when_it_has_changed(floor: Floor) -> None:
    """The owner gets it within a second; a second beat without a change sends nothing."""
    reader = await floor.read("USR01")
    await floor.place("USR01", "buy 1 ALPHA 24.90")
    for _ in range(3 * PORTFOLIO_BEATS):
        floor.site.front.hub.beat()
    await floor.place("USR01", "buy 1 ALPHA 24.80", cl_ord_id="last")
    await reader.until("order", 2)
    assert [view["reserved"] for view in reader.named("portfolio")] == [24.9]


async def test_the_leaderboard_comes_when_it_has_changed(floor: Floor) -> None:
    """It is sent at most every two seconds, and not again while it is the same."""
    reader = await floor.read()
    for _ in range(3 * LEADERBOARD_BEATS):
        floor.site.front.hub.beat()
    rows = await reader.until("leaderboard")
    assert [len(board) for board in rows] == [10]


async def test_logins_are_told_to_everybody(floor: Floor) -> None:
    """Who takes a member over is public, as in the seed."""
    reader = await floor.read()
    await floor.call("POST", "/api/v1/login", json={"user": "USR03", "password": "USR03"})
    assert await reader.until("member_login") == [{"member_id": "USR03"}]


@pytest.mark.parametrize(("action", "status"), [("suspend", "suspended"), ("end", "ended")])
async def test_the_session_is_told_in_the_seeds_words(floor: Floor, action: str, status: str) -> None:
    """A change of the session carries its state and the seed's word for it."""
    reader = await floor.read()
    await floor.call("POST", f"/api/v1/session/{action}", "OPERATOR")
    [session] = await reader.until("session")
    assert (session["status"], session["active"], session["suspended"]) == (status, action != "end", action != "end")


async def test_an_unknown_symbol_is_refused(floor: Floor) -> None:
    """The stream of a symbol that is not listed is a 404."""
    assert (await floor.read(symbol="NOPE")).status == 404


async def test_a_wrong_password_is_refused(floor: Floor) -> None:
    """The stream asks for the same credentials as everything else."""
    assert (await floor.read("MDF")).status == 401


async def test_a_reader_that_falls_behind_is_told_everything_anew(floor: Floor) -> None:
    """With more than 1,000 events waiting the queue is dropped; the reader gets `reset` and the state of now."""
    reader = await floor.read("USR01")
    reader.reads.clear()
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95")
    client = next(iter(floor.site.front.hub._clients))
    for _ in range(2 * EVENTS_WAITING):
        client.tell(b"event: trade\ndata: {}\n\n")
    waiting = len(client._events)
    reader.reads.set()
    await reader.until("init", 2)
    assert waiting == 0
    assert [event.name for event in reader.events if event.name != "trade"] == ["connected", "init", "reset", "init"]


async def test_a_reader_that_stands_still_is_cut(floor: Floor) -> None:
    """Who takes no bytes for the time limit is no longer served, and its task ends."""
    floor.site.stream.send_limit_s = SEND_LIMIT_S / 1_000
    reader = await floor.read()
    reader.reads.clear()
    await floor.call("POST", "/api/v1/login", json={"user": "USR03", "password": "USR03"})
    await reader.over()
    assert floor.site.front.hub.clients == 0


async def test_a_silent_stream_is_kept_alive(floor: Floor) -> None:
    """When nothing happens, a comment says that the connection lives."""
    floor.site.stream.ping_s = 0.001
    reader = await floor.read()
    async with asyncio.timeout(10), reader._grown:
        await reader._grown.wait_for(lambda: b": ping\n\n" in reader.raw)
    assert reader.events[-1].name == "init"


async def test_readers_that_leave_leave_nothing_behind(floor: Floor) -> None:
    """After 300 readers have come and gone, no task of theirs is left."""
    before = len(asyncio.all_tasks())
    for _ in range(300):
        await (await floor.read()).leave()
    assert (len(asyncio.all_tasks()), floor.site.front.hub.clients) == (before, 0)


async def test_one_reader_too_many_is_told_to_come_back(floor: Floor) -> None:
    """The 501st stream is a 503 that says when to try again."""
    readers = [await floor.read() for _ in range(CLIENTS_ALLOWED)]
    late = await floor.read()
    await readers[0].leave()
    again = await floor.read()
    assert (late.status, late.headers["retry-after"], again.status) == (503, "5", 200)


async def test_closing_says_goodbye(floor: Floor) -> None:
    """When the exchange stops, every stream ends with `bye`, and no new one is served."""
    reader = await floor.read()
    floor.site.close()
    await reader.over()
    assert (reader.events[-1].name, reader.is_over) == ("bye", True)
    assert (await floor.read()).status == 503


async def test_a_logout_ends_the_sessions_streams(floor: Floor) -> None:
    """A stream opened by a session does not outlive it; another session's goes on."""
    async with floor.client() as browser, floor.client() as other:
        for each in (browser, other):
            await each.post("/api/v1/login", json={"user": "USR01", "password": "USR01"})
        mine, others = [await floor.read(cookie=each.cookies[COOKIE]) for each in (browser, other)]
        await browser.post("/api/v1/logout")
        await mine.over()
    assert (mine.is_over, others.is_over) == (True, False)


async def test_a_stream_ends_with_its_session(floor: Floor) -> None:
    """When the cookie's time is over, so is the stream."""
    async with floor.client() as browser:
        await browser.post("/api/v1/login", json={"user": "USR01", "password": "USR01"})
        reader = await floor.read(cookie=browser.cookies[COOKIE])
    floor.clock.pass_s(12 * 3_600)
    for _ in range(PORTFOLIO_BEATS):
        floor.site.front.hub.beat()
    await reader.over()
    assert reader.events[-1].name == "bye"


async def test_the_seeds_stream_is_the_same(floor: Floor) -> None:
    """/ch/stream is another address of the one stream, and can only be read."""
    posted = await floor.call("POST", "/ch/stream")
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET")
