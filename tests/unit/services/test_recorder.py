"""Claims about `stockex.services.recorder`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from unit.core.market_data.market_facts import listed, started, trade
from unit.core.market_data.order_facts import accepted

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.memory import MemoryBus
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.recorder import CHECKPOINT, VERSION, Recorder
from stockex.services.trust.projections import Projection, Saved
from stockex.services.trust.sieve import Seen
from stockex.vocabulary.units import Nanos

WITHIN_S = 5.0
"""How long a test waits for what must come."""

COMMANDS = 10
"""So many commands stand in the log before the first fact."""

DAY: list[Message] = [listed(), started(), trade(1, price=180_500), accepted(2), trade(3, price=180_600)]


class Scene:
    """A log with one day in it, a folder for checkpoints, and what a start of the recorder builds."""

    def __init__(self, folder: Path) -> None:
        self.bus = MemoryBus(lambda: Nanos(0))
        self.checkpoints = Checkpoints(folder)
        self.renew()

    def renew(self) -> None:
        """Begin with new projections, as a new process does."""
        self.market, self.bars, self.blotter = Market(), Bars(), Blotter()
        self.heard: list[Message] = []
        self.recorder = Recorder(self.bus, [self.market, self.bars, self.blotter], checkpoints=self.checkpoints)
        self.recorder.listen(lambda batch: self.heard.extend(message for _, message in batch))

    async def append(self, *messages: Message) -> None:
        """Append messages to their topics in one batch, after the commands that they may be about."""
        await self.begin()
        await self.bus.append([entry_of(message) for message in messages])

    async def begin(self) -> None:
        """Let there have been commands, of which the log does not keep the times any more."""
        if await self.bus.end(Topic.ORDERS) == 0:
            await self.bus.append([Entry(Topic.ORDERS, "", b"")] * COMMANDS)
            await self.bus.cut(Topic.ORDERS, COMMANDS - 1)

    @asynccontextmanager
    async def served(self, *, is_empty: bool = False) -> AsyncIterator[None]:
        """Let the recorder catch up, then go on inside the block, then stop it."""
        if not is_empty:
            await self.begin()
        task = asyncio.create_task(self.recorder.serve())
        try:
            async with asyncio.timeout(WITHIN_S):
                await self.recorder.caught_up()
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def rest(self) -> None:
        """Let everything run that can."""
        for _ in range(20):
            await asyncio.sleep(0)

    def dumps(self) -> list[bytes]:
        """Return the whole state of all projections."""
        made: list[Projection] = [self.market, self.bars, self.blotter]
        return [each.dump() for each in made]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Return a scene of its own for each test."""
    return Scene(tmp_path)


async def test_the_projections_hold_what_the_log_holds(scene: Scene) -> None:
    """Once caught up, each has been fed its topics."""
    await scene.append(*DAY)
    async with scene.served():
        assert len(scene.market.tape("NBG", 9)) == 2
        assert scene.blotter.order("A", "o2") is not None


async def test_an_empty_log_is_caught_up_at_once(scene: Scene) -> None:
    """Nothing to apply is nothing to wait for."""
    async with scene.served():
        assert scene.market.instruments == {}


async def test_new_records_are_followed(scene: Scene) -> None:
    """Catching up is not the end."""
    async with scene.served():
        await scene.append(*DAY)
        await scene.rest()
        assert scene.market.ticker("NBG").trades == 2


async def test_listeners_hear_each_message_after_it_was_applied(scene: Scene) -> None:
    """In the order of the log, with their records."""
    seen: list[tuple[Topic, int]] = []

    def listener(batch: Sequence[tuple[Record, Message]]) -> None:
        seen.extend((record.topic, scene.market.ticker("NBG").trades) for record, _ in batch)

    scene.recorder.listen(listener)
    await scene.append(listed(), trade(1, price=1))
    async with scene.served():
        assert seen == [(Topic.CONTROL, 1), (Topic.TRADES, 1)]


async def test_an_unreadable_record_is_passed_over(scene: Scene) -> None:
    """It stops nothing and is told to nobody."""
    await scene.append(listed())
    await scene.bus.append([Entry(Topic.TRADES, "NBG", b"{"), entry_of(trade(1, price=1))])
    async with scene.served():
        assert scene.heard == [listed(), trade(1, price=1)]
        assert scene.recorder.passed_over == {Topic.TRADES: {"not_json": 1}}


async def test_a_forged_fact_is_passed_over_after_a_restart_too(scene: Scene) -> None:
    """What was told before stays known, and so does what was counted."""
    await scene.append(*DAY)
    async with scene.served():
        await scene.append(trade(3, price=1))
    scene.renew()
    async with scene.served():
        await scene.append(trade(3, price=1), trade(COMMANDS, price=1))
        await scene.rest()
        assert len(scene.market.tape("NBG", 9)) == 2
        assert scene.recorder.passed_over == {Topic.TRADES: {"told_before": 2, "no_such_command": 1}}


async def test_a_stop_saves_a_checkpoint_from_which_the_next_start_goes_on(scene: Scene) -> None:
    """The new projections hold the old state, and only what is new is read."""
    await scene.append(*DAY)
    async with scene.served():
        before = scene.dumps()
    scene.renew()
    async with scene.served():
        assert (scene.dumps(), scene.heard) == (before, [])
        await scene.append(trade(8, price=180_900))
        await scene.rest()
        assert scene.market.ticker("NBG").trades == 3


async def test_serving_again_goes_on_where_it_stopped(scene: Scene) -> None:
    """A recorder that is started once more applies nothing twice."""
    await scene.append(*DAY)
    async with scene.served():
        pass
    async with scene.served():
        assert len(scene.heard) == len(DAY)


async def test_what_others_hold_already_takes_the_checkpoint_over(scene: Scene) -> None:
    """A service that was given the market before serving began sees the restored one."""
    await scene.append(*DAY)
    async with scene.served():
        pass
    scene.renew()
    held = scene.market
    async with scene.served():
        assert held.ticker("NBG").trades == 2


async def test_a_close_of_the_log_saves_too(scene: Scene) -> None:
    """Serving ends and nothing is read twice."""
    await scene.append(*DAY)
    serving = asyncio.create_task(scene.recorder.serve())
    await scene.recorder.caught_up()
    await scene.bus.close()
    async with asyncio.timeout(WITHIN_S):
        await serving
    assert scene.checkpoints.load(CHECKPOINT, bytes, version=VERSION) is not None


async def test_a_start_that_read_much_saves_at_once(scene: Scene) -> None:
    """Who dies soon after it need not read all of that once more, though no interval is over."""
    await scene.append(*DAY)
    views: list[Projection] = [scene.market, scene.bars, scene.blotter]
    scene.recorder = Recorder(scene.bus, views, checkpoints=scene.checkpoints, every=10 * len(DAY))
    async with scene.served(), asyncio.timeout(WITHIN_S):
        while scene.checkpoints.load(CHECKPOINT, bytes, version=VERSION) is None:
            await scene.rest()


async def test_checkpoints_are_saved_on_the_way(scene: Scene) -> None:
    """After so many records, without a stop."""
    views: list[Projection] = [scene.market, scene.bars, scene.blotter]
    scene.recorder = Recorder(scene.bus, views, checkpoints=scene.checkpoints, every=5)
    async with scene.served():
        await scene.append(*DAY)
        async with asyncio.timeout(WITHIN_S):
            while scene.checkpoints.load(CHECKPOINT, bytes, version=VERSION) is None:
                await scene.rest()


async def test_covered_is_what_both_kept_checkpoints_lie_beyond(scene: Scene) -> None:
    """Should the newest one be damaged, the one before must do: no record is spared that it needs."""
    found = []
    await scene.append(listed())
    for number in range(3):
        async with scene.served():
            await scene.append(trade(number, price=1))
            await scene.rest()
        found.append(scene.recorder.covered.get(Topic.TRADES, 0))
    assert found == [0, 1, 2]


async def test_without_news_no_checkpoint_is_written(scene: Scene) -> None:
    """An idle stop costs nothing."""
    async with scene.served(is_empty=True):
        pass
    assert scene.checkpoints.load(CHECKPOINT, bytes, version=VERSION) is None


@pytest.mark.parametrize("data", [b"", b"\x80", b"nonsense"])
async def test_a_checkpoint_of_another_shape_is_rebuilt(scene: Scene, data: bytes) -> None:
    """A checkpoint only saves work."""
    scene.checkpoints.save(CHECKPOINT, data)
    await scene.append(*DAY)
    async with scene.served():
        assert scene.market.ticker("NBG").trades == 2


async def test_a_checkpoint_without_one_projection_fills_none(scene: Scene) -> None:
    """All of them show one moment, so a new one makes all of them start over."""
    await scene.append(*DAY)
    alone = Recorder(scene.bus, [Market()], checkpoints=scene.checkpoints)
    scene.recorder = alone
    async with scene.served():
        pass
    scene.renew()
    async with scene.served():
        assert len(scene.heard) == len(DAY)


async def test_a_checkpoint_of_other_topics_is_rebuilt(scene: Scene) -> None:
    """A projection that follows a topic more than it did has missed what stands there."""
    states = dict(zip(("Market", "Bars", "Blotter"), scene.dumps(), strict=True))
    scene.checkpoints.save(
        CHECKPOINT, msgspec.msgpack.encode(Saved({Topic.TRADES: 1}, states, Seen())), version=VERSION
    )
    await scene.append(*DAY)
    async with scene.served():
        assert len(scene.heard) == len(DAY)


async def test_a_checkpoint_of_another_log_is_rebuilt(scene: Scene, tmp_path: Path) -> None:
    """One that has seen more than the log holds does not belong to it."""
    await scene.append(*DAY)
    async with scene.served():
        pass
    other = Scene(tmp_path)
    await other.append(listed("EXAE"))
    async with other.served():
        assert list(other.market.instruments) == ["EXAE"]


async def test_a_disk_that_refuses_does_not_stop_the_recorder(tmp_path: Path) -> None:
    """The checkpoint is lost, the service is not."""
    blocked = tmp_path / "file"
    blocked.touch()
    scene = Scene(blocked)
    await scene.append(*DAY)
    async with scene.served():
        assert scene.market.ticker("NBG").trades == 2


async def test_a_bug_in_a_listener_ends_the_service_and_saves_nothing(scene: Scene) -> None:
    """A state that nobody vouches for is not kept."""

    def broken(_: object) -> None:
        raise ZeroDivisionError

    scene.recorder.listen(broken)
    await scene.append(*DAY)
    with pytest.raises(ZeroDivisionError):
        await scene.recorder.serve()
    assert scene.checkpoints.load(CHECKPOINT, bytes, version=VERSION) is None
