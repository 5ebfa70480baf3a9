"""The analyst on a log: when it speaks, what it covers, and where that is seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web.floor import Floor

from stockex.messages.codec import decode_record
from stockex.messages.market_data import Insight
from stockex.messages.topics import Topic
from stockex.services.analyst.analyst import FIRST, GAP, SETTLE, Analyst
from stockex.services.analyst.newest import Newest
from stockex.vocabulary.enums import InsightCause
from stockex.web.parts import Batch

INTERVAL_S = 120.0
S = 1_000_000_000


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """Return a running exchange."""
    async with Floor(tmp_path).running() as floor:
        yield floor


async def analyst_on(floor: Floor) -> Analyst:
    """Return an analyst that has begun; its steps are the test's."""
    analyst = Analyst(floor.bus, floor.market, floor.house, clock=floor.clock, interval_s=INTERVAL_S)
    floor.recorder.listen(analyst.hear)
    await analyst.begin()
    return analyst


async def trade(floor: Floor, price: str = "24.95") -> None:
    """Let ten ALPHA change hands."""
    assert (await floor.place("CLIENT1", f"sell 10 ALPHA {price}")).status_code == 201
    assert (await floor.place("USR01", f"buy 10 ALPHA {price}")).json()["fills"]


async def insights(floor: Floor) -> list[Insight]:
    """Return all insights of the log."""
    records = await floor.bus.last(Topic.AI_INSIGHTS, 100)
    return [message for message in map(decode_record, records) if isinstance(message, Insight)]


async def test_it_speaks_every_so_often_while_there_is_trading(floor: Floor) -> None:
    """Soon after its start, then once an interval; never of a market in which nothing trades."""
    analyst = await analyst_on(floor)
    await trade(floor)
    for pause_s, count in ((0, 0), (FIRST / S, 1), (INTERVAL_S, 1)):
        floor.clock.pass_s(pause_s)
        await analyst.step()
        assert len(await insights(floor)) == count
    await trade(floor)
    await analyst.step()
    first, second = await insights(floor)
    assert (first.cause, first.source, first.note) == (InsightCause.INTERVAL, "rules", "")
    assert first.text == " ".join(each.text for each in first.statements)
    assert first.last < second.first


async def test_an_event_is_told_at_once(floor: Floor) -> None:
    """A second after the suspension, however long the interval; the next event waits a little."""
    analyst = await analyst_on(floor)
    floor.clock.pass_s(GAP / S)
    await floor.call("POST", "/api/v1/session/suspend", "OPERATOR")
    await analyst.step()
    assert await insights(floor) == []
    floor.clock.pass_s(SETTLE / S)
    await analyst.step()
    await floor.call("POST", "/api/v1/session/resume", "OPERATOR")
    floor.clock.pass_s(SETTLE / S)
    await analyst.step()
    [halt] = await insights(floor)
    assert (halt.cause, halt.text) == (InsightCause.HALT, "The operator has suspended trading.")
    floor.clock.pass_s(GAP / S)
    await analyst.step()
    assert (await insights(floor))[1].cause is InsightCause.RESUMED


async def test_what_was_told_is_not_told_again_by_a_successor(floor: Floor) -> None:
    """It goes on behind what the newest insight covers, even if it hears that once more."""
    first = await analyst_on(floor)
    heard: list[Batch] = []
    floor.recorder.listen(heard.append)
    floor.clock.pass_s(GAP / S)
    await floor.call("POST", "/api/v1/session/suspend", "OPERATOR")
    floor.clock.pass_s(SETTLE / S)
    await first.step()
    second = await analyst_on(floor)
    for batch in heard:
        second.hear(batch)
    floor.clock.pass_s(INTERVAL_S)
    await second.step()
    assert len(await insights(floor)) == 1


async def test_rest_and_stream_show_what_it_said(floor: Floor) -> None:
    """Who comes gets the newest ones, who is there each as it comes; a follower that begins late knows them too."""
    analyst, early = await analyst_on(floor), await floor.read()
    await trade(floor)
    floor.clock.pass_s(FIRST / S)
    await analyst.step()
    [live] = await early.until("ai_insight")
    assert (await floor.call("GET", "/api/v1/insights")).json() == [live]
    assert (await floor.read()).named("ai_insights_init") == [[live]]
    assert live["statements"][0]["figures"][0].keys() == {"name", "value", "unit"}
    late = Newest(floor.bus)
    late._take(await floor.bus.last(Topic.AI_INSIGHTS))
    assert [each.text for each in late.newest(10)] == [live["text"]]
