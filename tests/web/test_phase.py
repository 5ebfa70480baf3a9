"""Calls and auctions: the operator's route, the market table and the stream."""

import json
from typing import Any

import pytest
from web.floor import SECOND, START, Floor, Reader

from stockex.messages.topics import Topic
from stockex.web.stream.hub import TICKER_BEATS


async def change(floor: Floor, to: str, **more: object) -> list[dict[str, Any]]:
    """Change the phase as the operator; return the tickers of the answer."""
    response = await floor.call("POST", "/api/v1/phase", "OPERATOR", json={"to": to, **more})
    assert response.status_code == 200
    tickers: list[dict[str, Any]] = response.json()
    return tickers


async def crossed_call(floor: Floor) -> None:
    """Begin a call in ALPHA with 10 bid at 24.97 and 4 offered at 24.95."""
    await change(floor, "call", symbol="ALPHA")
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95")
    await floor.place("USR01", "buy 10 ALPHA 24.97")


async def test_a_call_begins_in_one_instrument_or_in_all(floor: Floor) -> None:
    """The answer has the tickers that were meant, with their phase."""
    one = await change(floor, "call", symbol="ALPHA")
    every = await change(floor, "continuous")
    assert [(ticker["symbol"], ticker["phase"]) for ticker in one] == [("ALPHA", "CALL")]
    assert [(ticker["symbol"], ticker["phase"]) for ticker in every] == [
        ("ALPHA", "CONTINUOUS"),
        ("PEIR", "CONTINUOUS"),
    ]


async def test_a_call_shows_the_auction_that_would_be_held(floor: Floor) -> None:
    """Nothing trades, and everybody sees price, volume and surplus."""
    await crossed_call(floor)
    ticker = (await floor.call("GET", "/api/v1/market/ALPHA")).json()
    shown = (ticker["indicative_price"], ticker["indicative_volume"], ticker["indicative_surplus"])
    assert (shown, ticker["trades"]) == ((24.97, 4, 6), 0)


async def test_the_auction_trades_and_ends_the_call(floor: Floor) -> None:
    """The answer shows what was traded; the outlook is gone."""
    await crossed_call(floor)
    [ticker] = await change(floor, "uncross", symbol="ALPHA")
    assert (ticker["phase"], ticker["last"], ticker["volume"]) == ("CONTINUOUS", 24.97, 4)
    assert (ticker["indicative_price"], ticker["indicative_volume"], ticker["indicative_surplus"]) == (None, 0, 0)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "to"),
        ({"to": "closed"}, 422, "to"),
        ({"to": "call", "symbol": 1}, 422, "symbol"),
        ({"to": "call", "account": "USR01"}, 422, "account"),
        ({"to": "call", "nonsense": 1}, 422, "nonsense"),
        ({"to": "call", "symbol": "NOPE"}, 404, "symbol"),
        ({"to": "uncross"}, 409, "to"),
        ({"to": "call", "duration_s": 60, "random_s": 30, "seed": 1}, 422, "seed"),
        ({"to": "call", "seed": 1}, 422, "seed"),
        ({"to": "call", "duration_s": 0.5}, 422, "duration_s"),
        ({"to": "call", "random_s": 30}, 422, "duration_s"),
    ],
)
async def test_a_phase_that_cannot_be_names_its_field(floor: Floor, body: object, status: int, field: str) -> None:
    """A form that does not fit, an instrument that is not there, a call that does not run."""
    response = await floor.call("POST", "/api/v1/phase", "OPERATOR", json=body)
    assert (response.status_code, response.json()["error"]["field"]) == (status, field)


async def test_an_order_that_must_trade_at_once_conflicts_with_a_call(floor: Floor) -> None:
    """As any order does with a closed market."""
    await change(floor, "call")
    response = await floor.place("USR01", "buy 1 ALPHA 24.95", time_in_force="IOC")
    assert (response.status_code, response.json()["error"]["reason"]) == (409, "NOT_IN_CALL")


async def test_the_exchange_draws_the_random_end(floor: Floor) -> None:
    """The seed is its own each time, and only the earliest end is told."""
    for _ in range(2):
        [ticker] = await change(floor, "call", symbol="ALPHA", duration_s=60, random_s=30)
        assert ticker["phase_ends_at"] == START / SECOND + 60
    records = [json.loads(record.value) for record in floor.bus._topics[Topic.ORDERS]]
    seeds = {record["seed"] for record in records if record["type"] == "phase"}
    assert len(seeds) == 2


async def test_a_call_that_has_no_end_tells_none(floor: Floor) -> None:
    """A record ends it; so no seed is drawn."""
    [ticker] = await change(floor, "call", symbol="ALPHA")
    record = json.loads(floor.bus._topics[Topic.ORDERS][-1].value)
    assert (ticker["phase_ends_at"], record["seed"]) == (None, None)


async def snapshots(floor: Floor) -> None:
    """Let the stream send the tickers that are stale."""
    for _ in range(TICKER_BEATS):
        floor.site.front.hub.beat()


async def caught_up(floor: Floor) -> Reader:
    """Return a reader that has the two tickers of the start."""
    reader = await floor.read()
    await snapshots(floor)
    await reader.until("snapshot", 2)
    return reader


async def test_a_changed_phase_is_streamed(floor: Floor) -> None:
    """As a snapshot of the one instrument."""
    reader = await caught_up(floor)
    await change(floor, "call", symbol="PEIR")
    await snapshots(floor)
    tickers = (await reader.until("snapshot", 3))[2:]
    assert [(ticker["symbol"], ticker["phase"]) for ticker in tickers] == [("PEIR", "CALL")]


async def test_indicative_figures_are_streamed_conflated(floor: Floor) -> None:
    """Many changes between two beats make one snapshot, with the figures of now."""
    reader = await caught_up(floor)
    await crossed_call(floor)
    await floor.place("USR02", "buy 2 ALPHA 24.97")
    await snapshots(floor)
    tickers = (await reader.until("snapshot", 3))[2:]
    assert [(ticker["indicative_price"], ticker["indicative_surplus"]) for ticker in tickers] == [(24.97, 8)]


async def test_a_suspension_is_streamed_in_every_snapshot(floor: Floor) -> None:
    """It is the phase of every instrument."""
    reader = await caught_up(floor)
    await floor.call("POST", "/api/v1/session/suspend", "OPERATOR")
    await snapshots(floor)
    tickers = (await reader.until("snapshot", 4))[2:]
    assert [ticker["phase"] for ticker in tickers] == ["HALTED", "HALTED"]


async def test_the_route_is_described(floor: Floor) -> None:
    """Its body has the target and perhaps a symbol; its answer is a list of tickers."""
    route = (await floor.call("GET", "/openapi.json")).json()["paths"]["/api/v1/phase"]["post"]
    body = route["requestBody"]["content"]["application/json"]["schema"]
    answer = route["responses"]["200"]["content"]["application/json"]["schema"]
    assert (set(body["properties"]), body["required"]) == ({"to", "symbol", "duration_s", "random_s"}, ["to"])
    assert answer["items"]["$ref"].endswith("/Ticker")
