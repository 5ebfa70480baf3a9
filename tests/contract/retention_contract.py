"""What every log keeps when it lets go of old records, as claims that every backend inherits beside `BusContract`."""

import asyncio
from collections.abc import Sequence

import pytest
from contract.bus_contract import LIMIT_S, batches, order, records, texts, trade
from contract.durable_contract import OpenAgain

from stockex.bus.interface import CutBus
from stockex.errors import LogCut
from stockex.messages.topics import Topic


async def filled(bus: CutBus, count: int = 10) -> Sequence[int]:
    """Append so many orders, each with a trade; return the offsets of the orders."""
    return [(await bus.append([order(f"o{number}"), trade(f"t{number}")]))[0] for number in range(count)]


class RetentionContract:
    """A topic may be cut from its beginning on."""

    async def test_a_topic_is_kept_from_its_cut_on(self, bus: CutBus) -> None:
        """What is above comes as before, at its offsets, and the end stays where it is."""
        offsets, end = await filled(bus), await bus.end(Topic.ORDERS)
        assert await bus.cut(Topic.ORDERS, offsets[4]) == await bus.first(Topic.ORDERS) == offsets[4]
        found = await records(bus, {Topic.ORDERS: offsets[4]}, 6)
        assert [(record.offset, record.value) for record in found] == [
            (offset, f"o{number}".encode()) for number, offset in enumerate(offsets) if number >= 4
        ]
        assert list(await bus.last(Topic.ORDERS, 99)) == found
        assert await bus.end(Topic.ORDERS) == end

    async def test_other_topics_are_not_cut(self, bus: CutBus) -> None:
        """What was appended together stays where its own topic is kept."""
        offsets = await filled(bus)
        await bus.cut(Topic.ORDERS, offsets[9])
        assert await bus.first(Topic.TRADES) == 0
        found = texts(await records(bus, {Topic.TRADES: 0, Topic.ORDERS: offsets[9]}, 11))
        assert found == [*(f"t{number}" for number in range(9)), "o9", "t9"]

    async def test_a_reader_behind_the_cut_is_told(self, bus: CutBus) -> None:
        """It gets no silent gap, but the topic and the first offset to ask for."""
        offsets = await filled(bus)
        await bus.cut(Topic.ORDERS, offsets[3])
        with pytest.raises(LogCut, match="keeps orders from offset") as told:
            await batches(bus, {Topic.TRADES: 0, Topic.ORDERS: offsets[2]}, 1)
        assert (told.value.topic, told.value.first) == (Topic.ORDERS, offsets[3])

    async def test_a_reader_that_is_overtaken_has_no_gap(self, bus: CutBus) -> None:
        """It gets on with what had been fetched for it, or is told; nothing is left out in silence."""
        await filled(bus, 3)
        slow = bus.read({Topic.ORDERS: 0})
        seen = texts(await anext(slow))
        offsets = await filled(bus, 50)
        await bus.cut(Topic.ORDERS, offsets[40])
        try:
            async with asyncio.timeout(LIMIT_S):
                while len(seen) < 53:
                    seen += texts(await anext(slow))
        except LogCut:
            pass
        assert seen == [*["o0", "o1", "o2"], *(f"o{number}" for number in range(50))][: len(seen)]

    async def test_the_newest_record_is_never_cut(self, bus: CutBus) -> None:
        """It tells where the topic goes on; appending does, and is read."""
        offsets = await filled(bus)
        assert await bus.cut(Topic.ORDERS, offsets[-1] + 1_000) == offsets[-1]
        assert texts(await bus.last(Topic.ORDERS, 5)) == ["o9"]
        (after,) = await bus.append([order("after")])
        assert after > offsets[-1]
        assert texts(await records(bus, {Topic.ORDERS: offsets[-1]}, 2)) == ["o9", "after"]

    async def test_cutting_again_or_nothing_is_harmless(self, bus: CutBus) -> None:
        """A lower offset gives nothing back; an empty topic has nothing to cut."""
        offsets = await filled(bus)
        await bus.cut(Topic.ORDERS, offsets[5])
        assert await bus.cut(Topic.ORDERS, offsets[2]) == offsets[5]
        assert await bus.cut(Topic.LEDGER, 99) == await bus.first(Topic.LEDGER) == 0
        assert texts(await records(bus, {Topic.ORDERS: offsets[5]}, 5)) == ["o5", "o6", "o7", "o8", "o9"]

    async def test_appends_go_on_while_much_is_cut(self, bus: CutBus) -> None:
        """Thousands of records go, those that come meanwhile are all there."""
        offsets = await bus.append([order(str(number)) for number in range(12_000)])
        cutting = asyncio.create_task(bus.cut(Topic.ORDERS, offsets[11_990]))
        await asyncio.gather(*(bus.append([order("meanwhile")]) for _ in range(100)))
        assert await cutting == offsets[11_990]
        assert len(await records(bus, {Topic.ORDERS: offsets[11_990]}, 110)) == 110


class DurableRetention:
    """The same for logs that outlive their process; `open_again` is that of `DurableContract`."""

    async def test_a_cut_stays_after_reopening(self, open_again: OpenAgain) -> None:
        """The first offset, the end and what is kept are as before, and the log goes on."""
        log = await open_again()
        assert isinstance(log, CutBus)
        offsets = await filled(log)
        await log.cut(Topic.ORDERS, offsets[7])
        end = await log.end(Topic.ORDERS)
        log = await open_again()
        assert isinstance(log, CutBus)
        assert (await log.first(Topic.ORDERS), await log.end(Topic.ORDERS)) == (offsets[7], end)
        await log.append([order("after")])
        assert texts(await records(log, {Topic.ORDERS: offsets[7]}, 4)) == ["o7", "o8", "o9", "after"]
        with pytest.raises(LogCut):
            await batches(log, {Topic.ORDERS: 0}, 1)
