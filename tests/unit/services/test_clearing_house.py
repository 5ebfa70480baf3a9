"""The clearing house settles each day exactly once, whenever it is killed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from unit.core.clearing.clearing_facts import deposited, listed, started, stopped, trade

from stockex.bus.memory import MemoryBus
from stockex.bus.tail import BATCH
from stockex.errors import LogError
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message, decode_record, entry_of
from stockex.messages.control import MemberLogin
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.services.clearing_house import ClearingHouse
from stockex.vocabulary.accounts import MEMBERS
from stockex.vocabulary.units import Nanos

COMMANDS = [Entry(Topic.ORDERS, "", b"")] * 100
"""What the facts may be about."""

OPENING: tuple[Message, ...] = (
    listed(0, reference=1_000),
    deposited(1, "USR01", cash=100_000),
    deposited(2, "MDF", cash=1_000_000, symbol="NBG", qty=500),
)
DAY_ONE = (started(3, 1, NBG=1_000), trade(4, "USR01<MDF", qty=30, price=1_000), stopped(5, 1, NBG=1_100))
DAY_TWO = (started(6, 2, NBG=1_100), trade(7, "MDF<USR01", qty=5, price=1_300), stopped(8, 2, NBG=1_200))


class FullBus(MemoryBus):
    """A log that can run out of room."""

    is_full = False

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append, or raise LogError while the log is full."""
        if self.is_full:
            raise LogError("no room")
        return await super().append(entries)


@pytest.fixture
async def bus() -> MemoryBus:
    """A log that holds the opening."""
    log = MemoryBus(lambda: Nanos(1_000_000_000))
    await log.append(COMMANDS)
    await log.cut(Topic.ORDERS, len(COMMANDS) - 1)
    await append(log, *OPENING)
    return log


async def append(bus: MemoryBus, *messages: Message) -> None:
    """Append messages one by one."""
    for message in messages:
        await bus.append([entry_of(message)])


@asynccontextmanager
async def serving(bus: MemoryBus, house: ClearingHouse | None = None) -> AsyncIterator[None]:
    """Run a clearing house, a new one unless it is given, and kill it at the end."""
    task = asyncio.create_task((house or ClearingHouse(bus)).serve())
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def settled_until(bus: MemoryBus, day: int) -> list[DaySettled]:
    """Wait for the settlement of `day`, and return all settlements that are in the log then."""
    async with asyncio.timeout(10):
        async for batch in bus.read({Topic.LEDGER: 0}):
            if any(isinstance(fact, DaySettled) and fact.day == day for fact in map(decode_record, batch)):
                break
    records = await bus.last(Topic.LEDGER, 1_000)
    return [fact for fact in map(decode_record, records) if isinstance(fact, DaySettled)]


async def test_a_day_is_settled_when_it_stops(bus: MemoryBus) -> None:
    """Ten facts, with the day's last trade in them."""
    async with serving(bus):
        await append(bus, *DAY_ONE)
        facts = await settled_until(bus, 1)
    assert tuple(fact.account for fact in facts) == MEMBERS
    assert (facts[0].closing_capital, facts[0].traded) == (103_000, 30)


async def test_a_settled_day_is_not_settled_again_after_a_restart(bus: MemoryBus) -> None:
    """The new clearing house reads in the log that it was done."""
    async with serving(bus):
        await append(bus, *DAY_ONE)
        await settled_until(bus, 1)
    async with serving(bus):
        await append(bus, *DAY_TWO)
        facts = await settled_until(bus, 2)
    assert [fact.day for fact in facts] == [1] * 10 + [2] * 10


async def test_a_settlement_is_found_far_behind_its_stop(bus: MemoryBus) -> None:
    """After a restart the house waits until it has read all that the log held, be it many batches."""
    await append(bus, *DAY_ONE)
    async with serving(bus):
        settled = await settled_until(bus, 1)
    late = MemoryBus(lambda: Nanos(1))
    await late.append(COMMANDS)
    await late.cut(Topic.ORDERS, len(COMMANDS) - 1)
    await append(late, *OPENING, *DAY_ONE)
    await late.append([entry_of(MemberLogin(member="USR01"))] * BATCH)
    await append(late, *settled, *DAY_TWO)
    async with serving(late):
        facts = await settled_until(late, 2)
    assert [fact.day for fact in facts] == [1] * 10 + [2] * 10


async def test_a_day_that_stopped_while_nobody_served_is_settled_at_the_next_start(bus: MemoryBus) -> None:
    """Each day with its own figures, though the next one has traded since."""
    await append(bus, *DAY_ONE, *DAY_TWO)
    async with serving(bus):
        facts = await settled_until(bus, 2)
    assert [fact.day for fact in facts] == [1] * 10 + [2] * 10
    assert (facts[0].traded, facts[0].closing_capital) == (30, 103_000)
    assert (facts[10].opening_capital, facts[10].closing_capital) == (103_000, 106_500)


async def test_a_record_that_cannot_be_read_is_passed_over(bus: MemoryBus) -> None:
    """One bad record costs no day its settlement."""
    async with serving(bus):
        await bus.append([Entry(Topic.TRADES, "NBG", b'{"type":"trade"')])
        await append(bus, *DAY_ONE)
        facts = await settled_until(bus, 1)
    assert len(facts) == 10


async def test_serving_again_after_a_fault_begins_afresh() -> None:
    """A settlement that could not be appended is appended when a supervisor calls `serve` again."""
    bus = FullBus(lambda: Nanos(1))
    await bus.append(COMMANDS)
    await bus.cut(Topic.ORDERS, len(COMMANDS) - 1)
    await append(bus, *OPENING, *DAY_ONE)
    house = ClearingHouse(bus)
    bus.is_full = True
    with pytest.raises(LogError):
        await house.serve()
    bus.is_full = False
    async with serving(bus, house):
        facts = await settled_until(bus, 1)
    assert (len(facts), facts[0].traded, facts[0].opening_capital) == (10, 30, 100_000)
