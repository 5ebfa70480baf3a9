"""What a log that outlives its process keeps, as claims that every such backend inherits.

A backend's test class derives from `DurableContract` and gives two fixtures. `open_again` opens the log that the test
is about, for the first time or anew, after closing what it had opened before. `writing` is the command line of a
process that appends to that log with `log_writer.write` until it is killed.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest
from contract.bus_contract import START, HandClock, order, records, texts, trade

from stockex.bus.interface import Bus
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

OpenAgain = Callable[[], Awaitable[Bus]]

KILLS = (1, 10, 100, 400, 30)
"""After how many acknowledged appends the writing process is killed, one process after the other."""

BOTH = {Topic.ORDERS: 0, Topic.TRADES: 0}


class DurableContract:
    """What every log keeps that is not in memory."""

    async def test_reopening_gives_the_same_records(self, open_again: OpenAgain) -> None:
        """What was appended is there after closing and opening again, with its offsets and times."""
        first = await open_again()
        await first.append([order("a"), trade("b"), order("c")])
        before = await records(first, BOTH, 3)
        assert await records(await open_again(), BOTH, 3) == before

    async def test_reopening_goes_on_counting(self, open_again: OpenAgain) -> None:
        """Offsets go on above those there are, and what came before the reopening is read before what comes after."""
        (before,) = await (await open_again()).append([order("a")])
        second = await open_again()
        (after,) = await second.append([order("b")])
        assert after > before
        assert texts(await records(second, {Topic.ORDERS: 0}, 2)) == ["a", "b"]

    async def test_reopening_keeps_the_end_and_the_last(self, open_again: OpenAgain) -> None:
        """Before anything new is appended a reopened log tells the same end and the same newest records."""
        first = await open_again()
        await first.append([order("a"), trade("b"), order("c")])
        before = [(await first.end(topic), await first.last(topic, 5)) for topic in Topic]
        second = await open_again()
        assert [(await second.end(topic), await second.last(topic, 5)) for topic in Topic] == before

    async def test_time_goes_on_from_the_newest_record(self, open_again: OpenAgain, clock: HandClock) -> None:
        """A clock that was set back while the log was closed does not turn its time back."""
        await (await open_again()).append([order("a")])
        clock.now = Nanos(START - 1_000_000)
        second = await open_again()
        await second.append([order("b")])
        assert [record.at for record in await second.last(Topic.ORDERS)] == [START]

    @pytest.mark.crash
    async def test_killing_the_writer_loses_nothing_acknowledged(
        self, open_again: OpenAgain, writing: Sequence[str]
    ) -> None:
        """Five times kill -9 amid appends: what was acknowledged is there once, at its offset; each append is whole."""
        acknowledged: dict[int, str] = {}
        for lines in KILLS:
            acknowledged |= _acknowledged_before_kill(writing, lines)
        found = await _all(await open_again())
        orders = {record.offset: record.value.decode() for record in found if record.topic is Topic.ORDERS}
        trades = [record.value.decode() for record in found if record.topic is Topic.TRADES]
        assert acknowledged.items() <= orders.items()
        assert list(orders.values())[::2] == list(orders.values())[1::2] == trades
        assert set(Counter(trades).values()) == {1}


async def _all(bus: Bus) -> list[Record]:
    """Return all that the log holds now, by appending a mark and reading up to it."""
    await bus.append([order("mark"), trade("mark"), order("mark")])
    found: list[Record] = []
    async for batch in bus.read(BOTH):
        found += batch
        if batch[-1].value == b"mark":
            break
    return found


def _acknowledged_before_kill(command: Sequence[str], lines: int) -> dict[int, str]:
    """Let a process append, kill it once it has told of `lines` appends; return all offsets it told of."""
    paths = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}) as process:  # noqa: S603
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    whole = [line.decode().split() for line in told if line.endswith(b"\n")]
    assert len(whole) >= lines
    return {int(offset): text for first, second, text in whole for offset in (first, second)}
