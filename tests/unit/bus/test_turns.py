"""A busy event loop gives way to the threads of the log."""

import asyncio
import time

import pytest

from stockex.bus.turns import Turns


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[float]:
    """Return the naps of the loop's thread, in seconds; none is slept."""
    taken: asyncio.Queue[float] = asyncio.Queue()
    monkeypatch.setattr(time, "sleep", taken.put_nowait)
    return taken


async def test_the_loop_naps_while_somebody_waits(naps: asyncio.Queue[float]) -> None:
    """As long as one waits, the loop's thread lets go of the interpreter lock again and again, far under 1 ms each."""
    with Turns():
        async with asyncio.timeout(30):
            assert max([await naps.get() for _ in range(3)]) < 0.001


async def test_the_loop_works_on_when_nobody_waits(naps: asyncio.Queue[float]) -> None:
    """Once the last one has gone no nap is taken and none is planned."""
    turns = Turns()
    with turns, turns:
        pass
    turns._give_way()
    assert (naps.qsize(), turns._next) == (0, None)
