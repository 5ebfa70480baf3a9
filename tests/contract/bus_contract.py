"""The contract of a log, as claims that every backend inherits.

A backend's test class derives from `BusContract`, and from `DenseOffsets` too if its offsets have no gaps, and gives
the fixture `bus`. One whose records outlive the process derives from `durable_contract.DurableContract` as well.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

import pytest

from stockex.bus.interface import Bus
from stockex.errors import LogClosed, LogError
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

LIMIT_S = 10.0
"""How long a read may take before it counts as hanging; it is reached only by a failure."""

START = Nanos(1_700_000_000_000_000_000)


class HandClock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Nanos:
        """Return the time the test has set."""
        return self.now


def order(text: str) -> Entry:
    """Return an entry of the topic `orders` that holds `text`."""
    return Entry(Topic.ORDERS, "ALPHA", text.encode())


def trade(text: str) -> Entry:
    """Return an entry of the topic `trades` that holds `text`."""
    return Entry(Topic.TRADES, "ALPHA", text.encode())


def texts(records: Sequence[Record]) -> list[str]:
    """Return what the records hold."""
    return [record.value.decode() for record in records]


async def batches(bus: Bus, since: Mapping[Topic, int], count: int) -> list[Sequence[Record]]:
    """Read until at least `count` records came; return their batches."""
    taken: list[Sequence[Record]] = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in bus.read(since):
            taken.append(batch)
            if sum(map(len, taken)) >= count:
                break
    return taken


async def records(bus: Bus, since: Mapping[Topic, int], count: int) -> list[Record]:
    """Read until at least `count` records came; return them."""
    return [record for batch in await batches(bus, since, count) for record in batch]


class BusContract:
    """What every log keeps."""

    @pytest.fixture
    def clock(self) -> HandClock:
        """Return the clock of the log under test."""
        return HandClock()

    async def test_append_returns_an_offset_for_each_entry(self, bus: Bus) -> None:
        """The offsets come in the order of the entries, each counted in its own topic."""
        offsets = await bus.append([order("a"), trade("b"), order("c")])
        stored = {record.value: (record.topic, record.offset) for record in await records(bus, _ALL, 3)}
        assert [stored[b"a"], stored[b"b"], stored[b"c"]] == [
            (Topic.ORDERS, offsets[0]),
            (Topic.TRADES, offsets[1]),
            (Topic.ORDERS, offsets[2]),
        ]

    async def test_offsets_of_a_topic_increase(self, bus: Bus) -> None:
        """A later record has a higher offset, within one append and over several."""
        offsets = [*await bus.append([order("a"), order("b")]), *await bus.append([order("c")])]
        assert offsets == sorted(set(offsets))

    async def test_appending_nothing_returns_nothing(self, bus: Bus) -> None:
        """An empty append is harmless and leaves the log empty."""
        assert list(await bus.append([])) == []
        assert await bus.end(Topic.ORDERS) == 0

    async def test_a_record_is_what_was_appended(self, bus: Bus) -> None:
        """Topic, key and value come back unchanged, with the time of the log's clock."""
        (offset,) = await bus.append([Entry(Topic.TRADES, "ALPHA", b'{"qty":1}')])
        assert await records(bus, _ALL, 1) == [Record(Topic.TRADES, offset, START, "ALPHA", b'{"qty":1}')]

    @pytest.mark.parametrize("value", [b"", b"\x00\xff\n", b"x" * 2**20], ids=["empty", "any bytes", "1 MiB"])
    async def test_a_value_may_be_any_bytes(self, bus: Bus, value: bytes) -> None:
        """Empty, binary and large values come back as they are."""
        await bus.append([Entry(Topic.ORDERS, "ALPHA", value)])
        assert [record.value for record in await records(bus, _ALL, 1)] == [value]

    @pytest.mark.parametrize("key", ["", "ΑΛΦΑ", "a b'c\"%", "💶"])
    async def test_a_key_may_be_any_text(self, bus: Bus, key: str) -> None:
        """Keys come back as they are, in any script."""
        await bus.append([Entry(Topic.ORDERS, key, b"x")])
        assert [record.key for record in await records(bus, _ALL, 1)] == [key]

    async def test_one_append_comes_in_one_batch(self, bus: Bus) -> None:
        """What one call appended to several topics stays together and in its order."""
        await bus.append([order("a"), trade("b"), order("c"), trade("d")])
        (batch,) = await batches(bus, _ALL, 4)
        assert texts(batch) == ["a", "b", "c", "d"]

    async def test_a_very_large_append_comes_in_one_batch(self, bus: Bus) -> None:
        """No batch splits an append, however large."""
        await bus.append([order("before")])
        await bus.append([order(str(number)) for number in range(5_000)])
        sizes = [len(batch) for batch in await batches(bus, _ALL, 5_001)]
        assert sizes in ([5_001], [1, 5_000])

    async def test_many_megabytes_come_in_one_batch(self, bus: Bus) -> None:
        """An append of eight large values and an empty one is whole, like any other."""
        sizes = [2**20] * 4 + [0] + [2**20] * 4
        await bus.append([Entry(Topic.ORDERS, "ALPHA", b"x" * size) for size in sizes])
        (batch,) = await batches(bus, _ALL, 9)
        assert [len(record.value) for record in batch] == sizes

    @pytest.mark.parametrize("size", [1, 2_500])
    async def test_a_refused_append_leaves_nothing(self, bus: Bus, size: int) -> None:
        """A key that is no Unicode text fails its append, whole, however large; the next append is stored."""
        with pytest.raises(LogError, match="surrogates"):
            await bus.append([*([order("x")] * (size - 1)), Entry(Topic.TRADES, "\ud800", b"x")])
        await bus.append([trade("after"), order("after")])
        found = [await bus.last(topic, 5) for topic in (Topic.ORDERS, Topic.TRADES)]
        assert list(map(texts, found)) == [["after"], ["after"]]

    async def test_one_append_may_concern_every_topic(self, bus: Bus) -> None:
        """All topics in one call: it comes back in one batch, in its order, each record at its offset."""
        given = [Entry(topic, "ALPHA", f"{topic.value} {number}".encode()) for number in range(3) for topic in Topic]
        offsets = await bus.append(given)
        (batch,) = await batches(bus, dict.fromkeys(Topic, 0), len(given))
        assert [Entry(record.topic, record.key, record.value) for record in batch] == given
        assert [record.offset for record in batch] == list(offsets)

    async def test_topics_do_not_meet(self, bus: Bus) -> None:
        """What one topic is given shows in no other: neither in its records nor in its end."""
        for number, topic in enumerate(Topic):
            await bus.append([Entry(topic, "", topic.value.encode())] * (number + 1))
        for number, topic in enumerate(Topic):
            found = await records(bus, {topic: 0}, number + 1)
            assert {record.value.decode() for record in found} == {topic.value}
            assert found == list(await bus.last(topic, 99))
            assert await bus.end(topic) > found[-1].offset

    async def test_entries_of_one_append_carry_the_same_time(self, bus: Bus) -> None:
        """One append is one instant."""
        await bus.append([order("a"), trade("b")])
        assert [record.at for record in await records(bus, _ALL, 2)] == [START, START]

    async def test_reading_merges_topics_in_the_order_of_appending(self, bus: Bus) -> None:
        """Records of several topics come in one order, that of the appends."""
        for number in range(20):
            await bus.append([(order, trade)[number % 3 == 0](str(number))])
        assert texts(await records(bus, _ALL, 20)) == [str(number) for number in range(20)]

    async def test_reading_leaves_out_other_topics(self, bus: Bus) -> None:
        """A reader gets the topics it names and no others."""
        await bus.append([order("a"), trade("b"), order("c")])
        assert texts(await records(bus, {Topic.ORDERS: 0}, 2)) == ["a", "c"]

    async def test_reading_starts_at_the_offset_of_each_topic(self, bus: Bus) -> None:
        """A reader from the middle gets its first offset and what follows, topic by topic."""
        _, _, third, _, fifth = await bus.append([order("a"), trade("b"), order("c"), trade("d"), trade("e")])
        since = {Topic.ORDERS: third, Topic.TRADES: fifth}
        assert texts(await records(bus, since, 2)) == ["c", "e"]

    async def test_a_reader_from_the_end_gets_only_what_comes_later(self, bus: Bus) -> None:
        """Starting at `end` passes over everything there is."""
        await bus.append([order("old")])
        reading = asyncio.create_task(records(bus, {Topic.ORDERS: await bus.end(Topic.ORDERS)}, 1))
        await bus.append([order("new")])
        assert texts(await reading) == ["new"]

    async def test_a_waiting_reader_gets_what_is_appended(self, bus: Bus) -> None:
        """A reader that began on an empty topic is woken by the append."""
        reading = asyncio.create_task(records(bus, {Topic.ORDERS: 0}, 1))
        await bus.append([trade("lets the reader begin to wait")])
        await bus.append([order("a")])
        assert texts(await reading) == ["a"]

    async def test_many_readers_get_the_same(self, bus: Bus) -> None:
        """Each of many readers, early and late, gets all records in the same order."""
        early = [asyncio.create_task(records(bus, _ALL, 60)) for _ in range(10)]
        for number in range(30):
            await bus.append([order(str(number)), trade(str(number))])
        late = [asyncio.create_task(records(bus, _ALL, 60)) for _ in range(10)]
        first, *others = await asyncio.gather(*early, *late)
        assert all(other == first for other in others)

    async def test_a_reader_that_stops_reading_stops_nobody(self, bus: Bus) -> None:
        """Thousands of appends go through beside a reader that took one batch and then no more."""
        await bus.append([order("first")])
        idle = bus.read(_ALL)
        await anext(idle)
        await asyncio.gather(*(bus.append([order(str(number))]) for number in range(5_000)))
        assert len(await records(bus, _ALL, 5_001)) == 5_001

    async def test_a_reader_that_went_idle_misses_nothing(self, bus: Bus) -> None:
        """A reader goes on where it stood, however much came meanwhile."""
        await bus.append([order("first")])
        idle = bus.read(_ALL)
        taken = list(await anext(idle))
        await bus.append([order(str(number)) for number in range(100)])
        while len(taken) < 101:
            taken += await anext(idle)
        assert texts(taken) == ["first", *map(str, range(100))]

    async def test_a_reader_that_goes_leaves_the_others(self, bus: Bus) -> None:
        """Closing one reader in the middle, or cancelling one that waits, ends no other and no append."""
        await bus.append([order("a")])
        leaving = bus.read(_ALL)
        await anext(leaving)
        waiting = asyncio.create_task(records(bus, _ALL, 3))
        staying = asyncio.create_task(records(bus, _ALL, 2))
        await asyncio.sleep(0)
        assert isinstance(leaving, AsyncGenerator)
        await leaving.aclose()
        waiting.cancel()
        await bus.append([order("b")])
        assert texts(await staying) == ["a", "b"]
        assert texts(await records(bus, _ALL, 2)) == ["a", "b"]

    async def test_appends_of_many_tasks_stay_whole(self, bus: Bus) -> None:
        """A hundred tasks at once: every entry is there once, and each append's entries are neighbours."""
        calls = [[order(f"{task}"), trade(f"{task}"), order(f"{task}")] for task in range(100)]
        await asyncio.gather(*map(bus.append, calls))
        read = texts(await records(bus, _ALL, 300))
        assert sorted(read[::3], key=int) == [str(task) for task in range(100)]
        assert read[::3] == read[1::3] == read[2::3]

    async def test_appends_of_one_task_keep_their_order(self, bus: Bus) -> None:
        """Appends that are begun one after the other without waiting are stored in that order."""
        offsets = [one for (one,) in await asyncio.gather(*(bus.append([order("x")]) for _ in range(50)))]
        assert offsets == sorted(offsets)

    async def test_a_cancelled_append_does_not_hurt_others(self, bus: Bus) -> None:
        """The neighbours of a cancelled append are stored and answered."""
        tasks = [asyncio.ensure_future(bus.append([order(str(number))])) for number in range(3)]
        asyncio.get_running_loop().call_soon(tasks[1].cancel)  # runs once all three have begun
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[1], asyncio.CancelledError)
        assert {"0", "2"} <= set(texts(await records(bus, _ALL, 2)))

    async def test_a_cancelled_append_ends_when_it_is_settled(self, bus: Bus) -> None:
        """Once the cancelled task has ended, what it had begun to append is in the log or will never be."""
        task = asyncio.ensure_future(bus.append([order("cut off")]))
        asyncio.get_running_loop().call_soon(task.cancel)
        await asyncio.wait([task])
        end = await bus.end(Topic.ORDERS)
        await bus.append([trade("later")])
        assert await bus.end(Topic.ORDERS) == end

    async def test_the_end_is_above_every_record(self, bus: Bus) -> None:
        """`end` is 0 for an empty topic, and above the newest offset otherwise."""
        assert await bus.end(Topic.ORDERS) == 0
        offsets = await bus.append([order("a"), order("b"), trade("c")])
        assert await bus.end(Topic.ORDERS) > offsets[1]

    async def test_last_returns_the_newest_records_oldest_first(self, bus: Bus) -> None:
        """`last` returns as many as asked for, or as there are."""
        await bus.append([order("a"), trade("b"), order("c"), order("d")])
        found = [texts(await bus.last(Topic.ORDERS, count)) for count in (0, 1, 2, 10)]
        assert found == [[], ["d"], ["c", "d"], ["a", "c", "d"]]

    async def test_last_of_an_empty_topic_is_nothing(self, bus: Bus) -> None:
        """A topic without records has no last one."""
        assert list(await bus.last(Topic.LEDGER)) == []

    async def test_time_never_decreases(self, bus: Bus, clock: HandClock) -> None:
        """When the clock goes back, the log's time stands still until the clock has caught up."""
        for step in (0, -5_000_000, 3_000):
            clock.now = Nanos(START + step)
            await bus.append([order("x")])
        assert [record.at - START for record in await records(bus, _ALL, 3)] == [0, 0, 3_000]

    async def test_time_is_in_whole_microseconds(self, bus: Bus, clock: HandClock) -> None:
        """What the clock has below a microsecond is cut off, so that time survives the wire."""
        clock.now = Nanos(START + 1_999)
        await bus.append([order("x")])
        assert [record.at - START for record in await records(bus, _ALL, 1)] == [1_000]

    async def test_closing_ends_the_readers(self, bus: Bus) -> None:
        """A reader that waits for more ends without an error."""
        reading = asyncio.create_task(records(bus, _ALL, 2))
        await bus.append([order("a")])
        await bus.close()
        assert len(await reading) <= 1

    async def test_closing_finishes_what_was_appended(self, bus: Bus) -> None:
        """An append that was begun before closing is answered."""
        appending = [asyncio.ensure_future(bus.append([order("x")])) for _ in range(100)]
        await asyncio.gather(*appending, bus.close())
        assert [len(task.result()) for task in appending] == [1] * 100

    async def test_a_closed_log_refuses_everything(self, bus: Bus) -> None:
        """Append, read, end and last raise LogClosed after close."""
        await bus.close()
        for refused in (bus.append([order("a")]), bus.append([]), bus.end(Topic.ORDERS), bus.last(Topic.ORDERS)):
            with pytest.raises(LogClosed):
                await refused
        with pytest.raises(LogClosed):
            await anext(bus.read(_ALL))

    async def test_closing_twice_is_harmless(self, bus: Bus) -> None:
        """The second close returns, at once or together with the first."""
        await asyncio.gather(bus.close(), bus.close())
        await bus.close()


class DenseOffsets:
    """What the logs of our own keep beyond the contract."""

    async def test_offsets_of_each_topic_count_from_0(self, bus: Bus) -> None:
        """Offsets are 0, 1, 2, ... in each topic, without gaps."""
        assert list(await bus.append([order("a"), trade("b"), order("c")])) == [0, 0, 1]
        assert list(await bus.append([trade("d"), order("e")])) == [1, 2]
        assert (await bus.end(Topic.ORDERS), await bus.end(Topic.TRADES)) == (3, 2)


_ALL = {Topic.ORDERS: 0, Topic.TRADES: 0}
