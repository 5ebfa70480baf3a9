"""A full disk: people are refused, the engine waits, and everything goes on by itself when there is space."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from contract.bus_contract import BusContract, HandClock, order, records, texts, trade
from structlog.testing import capture_logs

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Bus
from stockex.bus.memory import MemoryBus
from stockex.bus.patient import PatientBus
from stockex.bus.sqlite import SqliteBus, stored
from stockex.core.genesis import genesis
from stockex.errors import LogClosed, LogError
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.services.engines.plain import PlainEngine
from stockex.services.matcher import Matcher

PLENTY = 100_000
LARGE = Entry(Topic.SNAPSHOTS, "", b"x" * 2**20)


class TestPatientBus(BusContract):
    """A patient log is a log."""

    @pytest.fixture
    def bus(self, clock: HandClock) -> Bus:
        """Return one in memory."""
        return PatientBus(MemoryBus(clock))

    async def test_a_refused_append_leaves_nothing(self, bus: Bus) -> None:  # type: ignore[override]
        """It is made again and again; whoever gives up leaves nothing."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await bus.append([order("x"), Entry(Topic.TRADES, "\ud800", b"x")])
        assert await bus.end(Topic.ORDERS) == 0


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    """Return an empty log in a file."""
    bus = await SqliteBus.open(tmp_path / "log.db", clock=HandClock())
    yield bus
    await bus.close()


def space(log: SqliteBus, pages: int) -> None:
    """Let the file have so many pages and no more."""
    connection: sqlite3.Connection = log._file._db
    connection.execute(f"PRAGMA max_page_count = {pages}")


async def test_an_append_waits_for_space(log: SqliteBus, tmp_path: Path) -> None:
    """It is neither lost nor doubled, both moments are told, and others are refused meanwhile."""
    space(log, 20)
    with capture_logs() as told:
        waiting = asyncio.create_task(PatientBus(log, pause_s=0).append([order("a"), LARGE]))
        for _ in range(3):
            with pytest.raises(LogError, match="full"):
                await log.append([trade("refused"), LARGE])
        assert not waiting.done()
        space(log, PLENTY)
        assert list(await waiting) == [0, 0]
    assert [line["event"] for line in told] == ["log_takes_nothing", "log_takes_again"]
    assert [texts(list(stored(tmp_path / "log.db", topic))) for topic in (Topic.ORDERS, Topic.TRADES)] == [["a"], []]


async def test_closing_ends_the_waiting(log: SqliteBus) -> None:
    """A log that is closed will never have space."""
    space(log, 20)
    waiting = asyncio.create_task(PatientBus(log, pause_s=0).append([LARGE]))
    with pytest.raises(LogError):
        await log.append([LARGE])
    await log.close()
    with pytest.raises(LogClosed):
        await waiting


async def test_the_engine_publishes_its_facts_once_there_is_space(log: SqliteBus, tmp_path: Path) -> None:
    """Commands that were taken before the disk was full have their facts afterwards, each once."""
    commands = genesis([], accounts=[], symbols=[])
    await log.append([entry_of(command) for command in commands])
    space(log, 1)
    matcher = Matcher(PatientBus(log, pause_s=0), PlainEngine(), checkpoints=Checkpoints(tmp_path))
    serving = asyncio.create_task(matcher.serve())
    with pytest.raises(LogError, match="full"):
        await log.append([LARGE])
    assert await log.end(Topic.LEDGER) == 0
    space(log, PLENTY)
    await matcher.reached(len(commands) - 1)
    assert len(await records(log, {Topic.LEDGER: 0}, len(commands))) == len(commands)
    await log.close()
    await serving


async def test_a_checkpoint_that_cannot_be_saved_stops_no_trading(log: SqliteBus, tmp_path: Path) -> None:
    """The engine says so and goes on; the next start reads more of the log."""
    (tmp_path / "no folder").touch()
    matcher = Matcher(log, PlainEngine(), checkpoints=Checkpoints(tmp_path / "no folder"))
    with capture_logs() as told:
        await matcher.save()
    assert [line["event"] for line in told] == ["checkpoint_not_saved"]
