"""What the operator does to others: kill switches, cancelled orders, trades that are busted and corrected."""

from typing import Any

import pytest
from web.floor import START, Floor

from stockex.messages.codec import decode_record
from stockex.messages.orders import AnyCommand, BustTrade, CancelOrders, CorrectTrade, KillSwitch
from stockex.messages.topics import Topic
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares
from stockex.web.stream.hub import TICKER_BEATS

NOBODY = {"everybody": False, "accounts": []}


async def act(floor: Floor, path: str, *, status: int = 200, **fields: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Send a form to a route under /api/v1 as the operator; return the answer, which has this status."""
    response = await floor.call("POST", f"/api/v1/{path}", "OPERATOR", json=fields)
    assert response.status_code == status, response.text
    return response.json()


async def kill(floor: Floor, account: str | None = None, *, on: bool = True) -> Any:  # noqa: ANN401 (any JSON)
    """Turn a kill switch; return the answer."""
    fields: dict[str, Any] = {} if account is None else {"account": account}
    return await act(floor, "kill-switches", on=on, **fields)


async def traded(floor: Floor) -> str:
    """Let USR01 buy 4 ALPHA of CLIENT1 at 24.95; return the trade's id."""
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95", cl_ord_id="s")
    bought = await floor.place("USR01", "buy 4 ALPHA 24.95", cl_ord_id="b")
    return str(bought.json()["fills"][0]["trade_id"])


async def newest(floor: Floor) -> AnyCommand:
    """Return the newest command of the log."""
    [record] = await floor.bus.last(Topic.ORDERS)
    return decode_record(record)  # type: ignore[return-value]


async def test_a_killed_member_loses_its_orders_and_enters_none(floor: Floor) -> None:
    """The answer has the switches and the number; the member's next order is a conflict."""
    await floor.place("USR01", "buy 4 ALPHA 24.90", cl_ord_id="mine")
    assert await kill(floor, "USR01") == {"kills": {"everybody": False, "accounts": ["USR01"]}, "count": 1}
    order = (await floor.call("GET", "/api/v1/orders/mine", "USR01")).json()
    assert (order["status"], order["reason"]) == ("CANCELLED", "KILLED")
    refused = await floor.place("USR01", "buy 4 ALPHA 24.90")
    assert (refused.status_code, refused.json()["error"]["reason"]) == (409, "ACCOUNT_KILLED")
    assert (await floor.place("USR02", "buy 4 ALPHA 24.90")).status_code == 201


async def test_everybody_is_stopped_and_released(floor: Floor) -> None:
    """Without an account the switch is that for all; who was killed by name stays killed."""
    await kill(floor, "USR03")
    assert (await kill(floor))["kills"] == {"everybody": True, "accounts": ["USR03"]}
    assert (await floor.place("USR02", "buy 4 ALPHA 24.90")).status_code == 409
    assert (await kill(floor, on=False))["kills"] == {"everybody": False, "accounts": ["USR03"]}
    assert (await floor.call("GET", "/api/v1/kill-switches", "OPERATOR")).json()["accounts"] == ["USR03"]
    assert (await kill(floor, "USR03", on=False))["kills"] == NOBODY


async def test_a_switch_that_is_where_it_should_be_is_a_conflict(floor: Floor) -> None:
    """Two operators see who was first; an unknown account is not found."""
    await kill(floor, "USR01")
    again = await act(floor, "kill-switches", status=409, account="USR01", on=True)
    free = await act(floor, "kill-switches", status=409, account="USR02", on=False)
    unknown = await act(floor, "kill-switches", status=404, account="USR99", on=True)
    assert [answer["error"]["reason"] for answer in (again, free, unknown)] == [
        "ALREADY_KILLED",
        "NOT_KILLED",
        "UNKNOWN_ACCOUNT",
    ]


async def test_the_log_says_which_operator_it_was(floor: Floor) -> None:
    """And that it came by the web."""
    await kill(floor, "USR01")
    assert await newest(floor) == KillSwitch(account="USR01", on=True, by="OPERATOR", source="WEB", sent_at=START)


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("kill-switches", {}, "on"),
        ("kill-switches", {"on": True, "by": "ME"}, "by"),
        ("kill-switches", {"on": True, "acount": "USR01"}, "acount"),
        ("cancel-orders", {"side": "BOTH"}, "side"),
        ("cancel-orders", {"source": "FIX"}, "source"),
        ("trades/1-1/bust", {"trade_id": "2-1"}, "trade_id"),
        ("trades/1-1/bust", {"text": "a" * 201}, "text"),
        ("trades/1-1/correct", {"quantity": "3"}, "quantity"),
    ],
)
async def test_a_form_that_does_not_fit_names_the_field(
    floor: Floor, path: str, fields: dict[str, object], field: str
) -> None:
    """What is unknown, of the wrong type, too long or not the operator's to send; nothing is appended."""
    before = await floor.commands()
    answer = await act(floor, path, status=422, **fields)
    assert answer["error"]["field"] == field
    assert await floor.commands() == before


async def test_the_operator_cancels_for_others(floor: Floor) -> None:
    """By account, symbol and side, as far as given; the number is answered."""
    await floor.place("USR01", "buy 4 ALPHA 24.90")
    await floor.place("USR01", "buy 4 PEIR 3.10")
    await floor.place("USR02", "buy 4 ALPHA 24.90")
    await floor.place("CLIENT1", "sell 4 ALPHA 24.99")
    chosen: list[dict[str, str]] = [{"account": "USR01", "symbol": "PEIR"}, {"side": "SELL"}, {}, {}]
    answers = [await floor.call("POST", "/api/v1/cancel-orders", "OPERATOR", json=fields) for fields in chosen]
    counts = [answer.json()["count"] for answer in answers]
    assert counts == [1, 1, 2, 0]
    command = CancelOrders(by="OPERATOR", source="WEB", sent_at=START)
    assert await newest(floor) == command
    assert (await act(floor, "cancel-orders", status=404, symbol="NOPE"))["error"]["reason"] == "UNKNOWN_SYMBOL"


async def test_a_busted_trade_is_undone(floor: Floor) -> None:
    """Cash and shares are back, tape and fills say so, the day counts it no more; the price stays."""
    before = (await floor.call("GET", "/api/v1/portfolio", "USR01")).json()
    trade_id = await traded(floor)
    answer = await act(floor, f"trades/{trade_id}/bust", text="wrong price")
    assert (answer["status"], answer["quantity"], answer["price"], answer["count"]) == ("BUSTED", 4, 24.95, 0)
    after = (await floor.call("GET", "/api/v1/portfolio", "USR01")).json()
    assert after == before
    [trade] = (await floor.call("GET", "/api/v1/trades")).json()
    assert (trade["status"], trade["changed_by"], trade["note"]) == ("BUSTED", answer["changed_by"], "wrong price")
    for user in ("USR01", "CLIENT1"):
        [fill] = (await floor.call("GET", "/api/v1/fills", user)).json()
        assert (fill["status"], fill["note"], fill["quantity"]) == ("BUSTED", "wrong price", 4)
    ticker = (await floor.call("GET", "/api/v1/market/ALPHA")).json()
    assert (ticker["volume"], ticker["trades"], ticker["last"]) == (0, 0, 24.95)
    command = BustTrade(trade_id=trade_id, text="wrong price", by="OPERATOR", source="WEB", sent_at=START)
    assert await newest(floor) == command


async def test_a_corrected_trade_has_other_terms(floor: Floor) -> None:
    """The difference moves; tape and fills show what stands."""
    trade_id = await traded(floor)
    answer = await act(floor, f"trades/{trade_id}/correct", price=24.5, quantity=3)
    assert (answer["status"], answer["quantity"], answer["price"]) == ("CORRECTED", 3, 24.5)
    portfolio = (await floor.call("GET", "/api/v1/portfolio", "USR01")).json()
    assert (portfolio["capital"], portfolio["holdings"][0]["quantity"]) == (100_000 - 73.5, 3)
    assert portfolio["daily"]["total_securities"] == 3
    seeds = (await floor.call("GET", "/matcher/trades")).json()["trades"]
    assert [(trade["price"], trade["quantity"], trade["status"]) for trade in seeds] == [(24.5, 3, "CORRECTED")]
    member = (await floor.call("GET", "/api/v1/members/USR01")).json()
    assert [trade["status"] for trade in member["trades"]] == ["CORRECTED"]
    command = CorrectTrade(
        trade_id=trade_id, price=Price(245_000), qty=Shares(3), by="OPERATOR", source="WEB", sent_at=START
    )
    assert await newest(floor) == command


async def test_orders_that_nothing_covers_any_more_are_counted(floor: Floor) -> None:
    """The shares that were bought go back, and with them the sell order that they covered."""
    trade_id = await traded(floor)
    await floor.place("USR01", "sell 4 ALPHA 26.00", cl_ord_id="uncovered")
    assert (await act(floor, f"trades/{trade_id}/bust"))["count"] == 1
    order = (await floor.call("GET", "/api/v1/orders/uncovered", "USR01")).json()
    assert (order["status"], order["reason"], order["side"]) == ("CANCELLED", "UNCOVERED", Side.SELL.value)


async def test_what_cannot_be_undone_is_refused_with_its_reason(floor: Floor) -> None:
    """An unknown trade is not found, a second bust is a conflict, terms that are none are named."""
    trade_id = await traded(floor)
    faults = [
        await act(floor, "trades/9-9/bust", status=404),
        await act(floor, f"trades/{trade_id}/correct", status=422),
        await act(floor, f"trades/{trade_id}/correct", status=422, quantity=5),
        await act(floor, f"trades/{trade_id}/correct", status=422, price=24.955),
    ]
    await act(floor, f"trades/{trade_id}/bust")
    faults.append(await act(floor, f"trades/{trade_id}/bust", status=409))
    assert [fault["error"]["reason"] for fault in faults] == [
        "UNKNOWN_TRADE",
        "NOT_A_CORRECTION",
        "NOT_A_CORRECTION",
        "OFF_TICK",
        "TRADE_BUSTED",
    ]


@pytest.mark.parametrize("action", ["bust", "correct"])
async def test_only_the_operator_undoes_a_trade(floor: Floor, action: str) -> None:
    """Not even its owners; nothing is appended."""
    trade_id = await traded(floor)
    before = await floor.commands()
    path, body = f"/api/v1/trades/{trade_id}/{action}", {"quantity": 1} if action == "correct" else {}
    statuses = [(await floor.call("POST", path, user, json=body)).status_code for user in (None, "USR01", "CLIENT1")]
    assert statuses == [401, 403, 403]
    assert await floor.commands() == before


async def test_who_is_stopped_is_the_operators_to_know(floor: Floor) -> None:
    """Nobody and members may not ask."""
    users = (None, "USR01", "OPERATOR")
    statuses = [(await floor.call("GET", "/api/v1/kill-switches", user)).status_code for user in users]
    assert statuses == [401, 403, 200]


async def test_the_stream_tells_each_what_stops_him(floor: Floor) -> None:
    """The operator sees all switches; a member its own and the one for everybody; nobody the latter alone."""
    readers = {user: await floor.read(user) for user in ("OPERATOR", "USR01", "USR02", None)}
    assert [reader.named("init")[0]["kills"] for reader in readers.values()] == [NOBODY] * 4
    await kill(floor, "USR01")
    seen = {user: (await reader.until("kills"))[-1]["accounts"] for user, reader in readers.items()}
    assert seen == {"OPERATOR": ["USR01"], "USR01": ["USR01"], "USR02": [], None: []}
    await kill(floor)
    late = await floor.read("USR02")
    assert late.named("init")[0]["kills"] == {"everybody": True, "accounts": []}
    back = await floor.read("OPERATOR", last_id=readers["OPERATOR"].events[1].id)
    assert (await back.until("kills"))[-1] == {"everybody": True, "accounts": ["USR01"]}


async def test_the_stream_tells_which_trades_were_undone(floor: Floor) -> None:
    """Everybody hears of the trade, its owners of their fills; who comes back hears it once."""
    trade_id = await traded(floor)
    readers = {user: await floor.read(user) for user in ("USR01", "CLIENT1", "USR02", None)}
    start = readers["USR01"].events[-1].id
    await act(floor, f"trades/{trade_id}/correct", price=24.5, text="typing error")
    await act(floor, f"trades/{trade_id}/bust")
    for user, reader in readers.items():
        trades = await reader.until("trade_changed", 2)
        assert [(trade["trade_id"], trade["status"], trade["price"]) for trade in trades] == [
            (trade_id, "CORRECTED", 24.5),
            (trade_id, "BUSTED", 24.5),
        ]
        fills = [(fill["account"], fill["status"], fill["note"]) for fill in reader.named("fill_changed")]
        owns = [(user, "CORRECTED", "typing error"), (user, "BUSTED", "")]
        assert fills == (owns if user in {"USR01", "CLIENT1"} else [])
    again = await floor.read("USR01", last_id=start)
    assert [len(again.named(name)) for name in ("trade_changed", "fill_changed", "init")] == [2, 2, 0]
    assert (await floor.read()).named("init")[0]["trades"][0]["status"] == "BUSTED"


async def test_the_table_follows_a_bust(floor: Floor) -> None:
    """The next beat sends the day's figures without the trade."""
    trade_id = await traded(floor)
    reader = await floor.read()
    await act(floor, f"trades/{trade_id}/bust")
    for _ in range(TICKER_BEATS):
        floor.site.front.hub.beat()
    tickers = await reader.until("snapshot")
    assert [(ticker["symbol"], ticker["volume"]) for ticker in tickers] == [("ALPHA", 0), ("PEIR", 0)]
