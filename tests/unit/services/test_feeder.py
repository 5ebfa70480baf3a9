"""Claims about `stockex.services.feeder`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count, islice

import pytest
from unit.core.market_data.market_facts import (
    book,
    listed,
    phase_changed,
    resumed,
    rules_changed,
    started,
    stopped,
    suspended,
    trade,
)

from stockex.bus.memory import MemoryBus
from stockex.core.market_data.market import Market
from stockex.messages.codec import Message, decode_record, entry_of
from stockex.messages.envelope import Entry
from stockex.messages.market_data import Snapshot
from stockex.messages.orders import MassCancel, NewOrder
from stockex.messages.topics import Topic
from stockex.services.feeder import Feeder
from stockex.vocabulary.enums import Phase, Side
from stockex.vocabulary.tick_tables import TickRow
from stockex.vocabulary.units import Nanos, Price

WITHIN_S = 5.0
"""How long a test waits for what must come."""


class Scene:
    """A log, a market that knows two securities, and a feeder that ticks as fast as it can."""

    def __init__(self) -> None:
        micros: Iterator[int] = count(1)
        self.clock = lambda: Nanos(next(micros) * 1_000_000)
        self.bus = MemoryBus(self.clock)
        self.market = Market()
        for symbol in ("NBG", "EXAE"):
            self.market.apply(listed(symbol))

    def feeder(self, *, seed: int = 1) -> Feeder:
        """Return a new feeder of this market."""
        return Feeder(self.bus, self.market, clock=self.clock, seed=seed, tick_s=0.0)

    async def signal(self, *messages: Message) -> None:
        """Append signals, and let the market know them."""
        for message in messages:
            self.market.apply(message)
        await self.bus.append([entry_of(message) for message in messages])

    @asynccontextmanager
    async def served(self, feeder: Feeder) -> AsyncIterator[None]:
        """Let the feeder run inside the block, which begins when it has read what the log holds."""
        task = asyncio.create_task(feeder.serve())
        try:
            for _ in range(10):
                await asyncio.sleep(0)
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def sent(self, ticks: int, *, since: int = 0) -> list[Message]:
        """Return the commands of the first `ticks` ticks from the offset `since` of `orders` on."""
        messages: list[Message] = []
        async with asyncio.timeout(WITHIN_S):
            async for batch in self.bus.read({Topic.ORDERS: since}):
                messages += [decode_record(record) for record in batch]
                begins = [at for at, message in enumerate(messages) if isinstance(message, MassCancel)]
                if len(begins) > ticks:
                    return messages[: begins[ticks]]
        raise AssertionError("the log closed")

    async def rest(self) -> int:
        """Let everything run that can, until nothing is sent any more; return the end of `orders`."""
        quiet = before = 0
        async with asyncio.timeout(WITHIN_S):
            while quiet < 20:
                await asyncio.sleep(0)
                now = await self.bus.end(Topic.ORDERS)
                quiet, before = (quiet + 1 if now == before else 0), now
        return before


@pytest.fixture
def scene() -> Scene:
    """Return a scene of its own for each test."""
    return Scene()


def mids(messages: list[Message], symbol: str = "NBG") -> list[float]:
    """Return the mid of the maker's best quotes at each tick of a symbol."""
    quotes = [each for each in messages if isinstance(each, NewOrder) and each.account == "MDF" and each.limit]
    mine = [each for each in quotes if each.symbol == symbol]
    best = [each.limit or 0 for at, each in enumerate(mine) if at % 3 == 0]
    return [(bid + ask) / 2 for bid, ask in zip(best[::2], best[1::2], strict=True)]


async def test_nothing_is_quoted_before_the_session_starts(scene: Scene) -> None:
    """The seed's feeder traded at boot."""
    async with scene.served(scene.feeder()):
        assert await scene.rest() == 0


async def test_quotes_follow_the_start(scene: Scene) -> None:
    """Securities take turns."""
    async with scene.served(scene.feeder()):
        await scene.signal(started())
        sent = await scene.sent(4)
    assert [each.symbol for each in sent if isinstance(each, MassCancel)] == ["NBG", "EXAE", "NBG", "EXAE"]


@pytest.mark.parametrize("pause", [suspended(), stopped()])
async def test_quotes_rest_while_trading_does(scene: Scene, pause: Message) -> None:
    """After a suspension and after the end of the day nothing is sent."""
    async with scene.served(scene.feeder()):
        await scene.signal(started())
        await scene.sent(2)
        await scene.signal(pause)
        assert await scene.rest() == await scene.rest()


async def test_quotes_go_on_after_a_suspension(scene: Scene) -> None:
    """Where they stopped: numbers go on counting."""
    async with scene.served(scene.feeder()):
        await scene.signal(started(), suspended())
        end = await scene.rest()
        await scene.signal(resumed())
        assert len(await scene.sent(1, since=end)) >= 7


async def test_a_tick_is_one_append(scene: Scene) -> None:
    """Cancel, quotes and snapshot carry one time, so no book is seen between them."""
    await scene.feeder().tick("NBG")
    records = [*await scene.bus.last(Topic.ORDERS, 99), *await scene.bus.last(Topic.SNAPSHOTS, 99)]
    assert len({record.at for record in records}) == 1
    assert {record.key for record in records} == {"NBG"}


async def test_what_crosses_in_a_call_waits_for_its_auction(scene: Scene) -> None:
    """In the other security it trades at once or ends."""
    await scene.signal(started(), phase_changed(Phase.CALL))
    feeder = scene.feeder()
    for _ in range(50):
        await feeder.tick("NBG")
        await feeder.tick("EXAE")
    orders = [decode_record(record) for record in await scene.bus.last(Topic.ORDERS, 999)]
    crossing = {
        (each.symbol, each.tif.value) for each in orders if isinstance(each, NewOrder) and each.account == "MDT"
    }
    assert crossing == {("NBG", "GFA"), ("EXAE", "IOC")}


async def test_quotes_stay_inside_the_price_band(scene: Scene) -> None:
    """What the engine would refuse is not sent: here all bids, as the reference price is far above the market."""
    await scene.signal(started())
    feeder = scene.feeder()
    await feeder.tick("NBG")
    await scene.signal(rules_changed(price_band_bp=1))
    end = await scene.bus.end(Topic.ORDERS)
    await feeder.tick("NBG")
    records = await scene.bus.last(Topic.ORDERS, 999)
    assert [type(decode_record(record)).__name__ for record in records if record.offset >= end] == ["MassCancel"]


async def test_other_settings_are_quoted_from_the_next_tick_on(scene: Scene) -> None:
    """A walk that has begun goes on, on the new grid of five cents."""
    await scene.signal(started())
    feeder = scene.feeder()
    await feeder.tick("NBG")
    await scene.signal(rules_changed(tick_table=(TickRow(Price(0), Price(500)),)))
    end = await scene.bus.end(Topic.ORDERS)
    await feeder.tick("NBG")
    orders = [decode_record(record) for record in await scene.bus.last(Topic.ORDERS, 999) if record.offset >= end]
    assert {(each.limit or 0) % 500 for each in orders if isinstance(each, NewOrder)} == {0}


async def test_a_snapshot_shows_the_real_book(scene: Scene) -> None:
    """Not what the feeder is about to quote."""
    scene.market.apply(book("170000:5", "190000:7"))
    await scene.feeder().tick("NBG")
    snapshot = decode_record((await scene.bus.last(Topic.SNAPSHOTS))[0])
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.best_bid, snapshot.bid_size, snapshot.best_ask, snapshot.ask_size) == (170_000, 5, 190_000, 7)
    assert snapshot.indicators.sma_5 == 18.0


async def test_indicators_look_at_the_last_sixty_mids(scene: Scene) -> None:
    """An old price far away is forgotten: the slow average of sixty equal prices is that price."""
    feeder = scene.feeder()
    scene.market.apply(book("10000:5", "10200:7"))
    await feeder.tick("NBG")
    scene.market.apply(book("10000:0 170000:5", "10200:0 190000:7"))
    for _ in range(60):
        await feeder.tick("NBG")
    snapshot = decode_record((await scene.bus.last(Topic.SNAPSHOTS))[0])
    assert isinstance(snapshot, Snapshot)
    assert snapshot.indicators.ema_26 == 18.0


async def test_a_day_begins_at_its_reference(scene: Scene) -> None:
    """Closing prices carry over: the first quotes stand around the reference, whatever old orders rest in the book."""
    scene.market.apply(book("120000:5", "120200:7"))
    async with scene.served(scene.feeder()):
        await scene.signal(started(NBG=90_000))
        assert mids(await scene.sent(1))[0] == pytest.approx(90_000, rel=0.05)


async def test_each_day_begins_anew(scene: Scene) -> None:
    """Wherever the walk was, the next day starts from the new reference."""
    async with scene.served(scene.feeder()):
        await scene.signal(started(NBG=90_000))
        await scene.sent(3)
        await scene.signal(stopped())
        end = await scene.rest()
        await scene.signal(started(2, NBG=300_000))
        assert mids(await scene.sent(2, since=end))[0] == pytest.approx(300_000, rel=0.05)


async def test_a_feeder_that_comes_late_goes_on_from_the_market(scene: Scene) -> None:
    """After a restart in mid-session the price does not jump back to the reference."""
    await scene.signal(started(NBG=90_000))
    scene.market.apply(book("120000:5", "120200:7"))
    async with scene.served(scene.feeder()):
        assert mids(await scene.sent(2))[0] == pytest.approx(120_100, rel=0.05)


async def test_a_session_that_ended_before_is_not_quoted(scene: Scene) -> None:
    """History is read to its end before the first quote, however many batches that takes."""
    await scene.signal(started(), *[resumed()] * 2_500)
    await scene.signal(stopped())
    async with scene.served(scene.feeder()):
        assert await scene.rest() == 0


async def test_a_seed_gives_the_same_day_again() -> None:
    """Two feeders of one seed quote the same prices; another seed quotes others."""
    days = []
    for seed in (5, 5, 6):
        scene = Scene()
        async with scene.served(scene.feeder(seed=seed)):
            await scene.signal(started())
            days.append(mids(await scene.sent(20)))
    assert days[0] == days[1] != days[2]


async def test_a_day_nobody_has_traded_in_is_the_seeds_day() -> None:
    """Whether the feeder or the session starts first makes no difference."""
    early, late = Scene(), Scene()
    await late.signal(started())
    async with early.served(early.feeder()), late.served(late.feeder()):
        await early.signal(started())
        assert mids(await early.sent(20)) == mids(await late.sent(20))


async def test_a_day_that_was_traded_in_goes_on_with_new_dice(scene: Scene) -> None:
    """A restart does not repeat the morning."""
    await scene.signal(started())
    scene.market.apply(trade(5, price=180_500))
    days = []
    for _ in range(2):
        end = await scene.bus.end(Topic.ORDERS)
        async with scene.served(scene.feeder()):
            days.append(mids(await scene.sent(20, since=end)))
    assert days[0] != days[1]


async def test_two_runs_share_no_client_order_id(scene: Scene) -> None:
    """An id names the run that made it."""
    scene.market.apply(started())
    await scene.feeder().tick("NBG")
    await scene.feeder().tick("NBG")
    sent = [decode_record(record) for record in await scene.bus.last(Topic.ORDERS, 99)]
    ids = [each.cl_ord_id for each in sent if isinstance(each, NewOrder)]
    assert len(set(ids)) == len(ids) >= 12


async def test_a_market_without_securities_is_waited_for(scene: Scene) -> None:
    """They may be listed after the start."""
    scene.market = Market()
    async with scene.served(scene.feeder()):
        await scene.signal(started())
        assert await scene.rest() == 0
        await scene.signal(listed())
        assert len(await scene.sent(1)) >= 7


async def test_an_unreadable_signal_does_not_stop_the_quotes(scene: Scene) -> None:
    """It is passed over."""
    async with scene.served(scene.feeder()):
        await scene.bus.append([Entry(Topic.CONTROL, "", b"{")])
        await scene.signal(started())
        assert list(islice((each.side for each in await scene.sent(1) if isinstance(each, NewOrder)), 1)) == [Side.BUY]


async def test_serving_ends_with_the_log(scene: Scene) -> None:
    """A closed log has nothing more to follow."""
    serving = asyncio.create_task(scene.feeder().serve())
    await scene.rest()
    await scene.bus.close()
    async with asyncio.timeout(WITHIN_S):
        await serving
