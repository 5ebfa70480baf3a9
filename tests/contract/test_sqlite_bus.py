"""The log in a SQLite file keeps the contract, survives its process, and refuses what it cannot do."""

import asyncio
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from contract import log_writer
from contract.bus_contract import BusContract, DenseOffsets, HandClock, batches, order, records, texts, trade
from contract.durable_contract import DurableContract, OpenAgain
from contract.retention_contract import DurableRetention, RetentionContract

from stockex.bus.embedded.reading import batch_from
from stockex.bus.interface import Bus
from stockex.bus.sqlite import SqliteBus, stored
from stockex.bus.tail import BATCH
from stockex.errors import LogDamaged, LogError, LogLocked
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic

BOTH = {Topic.ORDERS: 0, Topic.TRADES: 0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the log shall be, in a folder that does not exist yet."""
    return tmp_path / "a folder?" / "log.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[SqliteBus]:
    """Return an empty log."""
    bus = await SqliteBus.open(path, clock=HandClock())
    yield bus
    await bus.close()


class TestSqliteBus(BusContract, DenseOffsets, RetentionContract):
    """A log in a file, with readers that keep up."""

    @pytest.fixture
    async def bus(self, path: Path, clock: HandClock) -> AsyncIterator[Bus]:
        """Return an empty log."""
        bus = await SqliteBus.open(path, clock=clock)
        yield bus
        await bus.close()


class TestSqliteBusWithoutTail(BusContract, DenseOffsets, RetentionContract):
    """A log in a file that keeps nothing in memory, so that every read comes from the file."""

    @pytest.fixture
    async def bus(self, path: Path, clock: HandClock) -> AsyncIterator[Bus]:
        """Return an empty log."""
        bus = await SqliteBus.open(path, clock=clock, tail_records=0)
        yield bus
        await bus.close()


class TestSqliteFile(DurableContract, DurableRetention):
    """The file of a log, opened again and again."""

    @pytest.fixture
    def clock(self) -> HandClock:
        """Return the clock of the log under test."""
        return HandClock()

    @pytest.fixture
    async def open_again(self, path: Path, clock: HandClock) -> AsyncIterator[OpenAgain]:
        """Return what opens the file anew."""
        opened: list[SqliteBus] = []

        async def open_again() -> SqliteBus:
            for bus in opened:
                await bus.close()
            opened.append(await SqliteBus.open(path, clock=clock))
            return opened[-1]

        yield open_again
        for bus in opened:
            await bus.close()

    @pytest.fixture
    def writing(self, path: Path) -> list[str]:
        """Return the command line of a writer."""
        return [sys.executable, str(log_writer.__file__), str(path)]


async def test_a_reader_passes_from_the_file_to_the_tail(path: Path) -> None:
    """A reader that starts on old records and stays for new ones gets each once, in order."""
    old = await SqliteBus.open(path, clock=HandClock())
    await asyncio.gather(*(old.append([order(str(number)), trade("x")]) for number in range(3_000)))
    await old.close()
    bus = await SqliteBus.open(path, clock=HandClock(), tail_records=100)
    reading = asyncio.create_task(records(bus, {Topic.ORDERS: 0}, 4_000))
    for number in range(3_000, 4_000):
        await bus.append([order(str(number)), trade("x")])
    assert texts(await reading) == [str(number) for number in range(4_000)]
    await bus.close()


async def test_the_tail_is_bounded(path: Path) -> None:
    """However much is appended, no more than the bound stays in memory."""
    bus = await SqliteBus.open(path, clock=HandClock(), tail_records=100)
    await asyncio.gather(*(bus.append([order("x")] * 7) for _ in range(300)))
    assert 0 < len(bus._tail) <= 100
    await bus.close()


async def test_the_tail_is_bounded_in_bytes(log: SqliteBus) -> None:
    """Large values leave the memory early, and are read from the file."""
    large = Entry(Topic.ORDERS, "", b"x" * 2**20)
    for _ in range(5):
        await log.append([large] * 10)
    assert len(log._tail) == 30
    assert len(await records(log, {Topic.ORDERS: 0}, 50)) == 50


async def test_batches_from_the_file_are_bounded(path: Path) -> None:
    """A reader far behind gets bounded batches, by number and by bytes."""
    bus = await SqliteBus.open(path, clock=HandClock(), tail_records=0)
    await asyncio.gather(*(bus.append([order("x")] * 3) for _ in range(1_000)))
    await asyncio.gather(*(bus.append([Entry(Topic.TRADES, "", b"x" * 2**20)]) for _ in range(10)))
    sizes = [len(batch) for batch in await batches(bus, BOTH, 3_010)]
    assert sizes == [BATCH + 1, 3_000 - BATCH - 1 + 8, 2]
    await bus.close()


@pytest.mark.parametrize("others", [3, 400])
async def test_rare_and_common_topics_are_read_alike(path: Path, others: int) -> None:
    """Few records among many come by the index, many as they stand: either way all of them, in order."""
    bus = await SqliteBus.open(path, clock=HandClock(), tail_records=0)
    for number in range(40):
        await bus.append([*[order(f"o{number}")] * (others // 40 + 1), trade(f"t{number}")])
    found = texts(await records(bus, {Topic.TRADES: 5}, 35))
    both = texts(await records(bus, {Topic.TRADES: 38, Topic.ORDERS: await bus.end(Topic.ORDERS) - 1}, 3))
    await bus.close()
    assert (found, both) == ([f"t{number}" for number in range(5, 40)], ["t38", "o39", "t39"])


async def test_a_reading_ends_where_it_is_told_to(log: SqliteBus, path: Path) -> None:
    """Another process that reads up to some offsets gets nothing above them, whatever was appended since."""
    for number in range(5):
        await log.append([order(f"o{number}"), trade(f"t{number}")])
    found = batch_from(path, BOTH, ends={Topic.ORDERS: 3, Topic.TRADES: 2})
    assert texts(found) == ["o0", "t0", "o1", "t1", "o2"]


async def test_a_second_writer_is_refused(log: SqliteBus, path: Path) -> None:
    """While a log is open no other open may write it, and the first one goes on."""
    with pytest.raises(LogLocked, match="another process writes"):
        await SqliteBus.open(path, clock=HandClock())
    assert list(await log.append([order("a")])) == [0]


async def test_closing_lets_the_next_writer_in(path: Path) -> None:
    """The lock is gone when close returns."""
    first = await SqliteBus.open(path, clock=HandClock())
    await first.close()
    second = await SqliteBus.open(path, clock=HandClock())
    await second.close()


async def test_closing_moves_everything_into_the_one_file(log: SqliteBus, path: Path) -> None:
    """After closing no write-ahead log is left beside the file, so that it may be copied alone."""
    await log.append([order("a")])
    await log.close()
    assert {file.name for file in path.parent.iterdir()} == {"log.db", "log.db.lock"}


def _foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE cats (name TEXT)")
    db.close()


def _future_log(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.executescript("PRAGMA application_id = 0x53744558; PRAGMA user_version = 99; CREATE TABLE records (x)")
    db.close()


def _text(path: Path) -> None:
    path.write_text("a shopping list, long enough to be no header of any database\n" * 20)


@pytest.mark.parametrize(
    ("make", "says"),
    [(_text, "not a database"), (_foreign_database, "no StockEx log"), (_future_log, "of version 99")],
)
async def test_what_is_no_log_is_refused(tmp_path: Path, make: object, says: str) -> None:
    """A file of another kind or version is refused with the reason, and left as it is."""
    path = tmp_path / "thing"
    assert callable(make)
    make(path)
    before = path.read_bytes()
    with pytest.raises(LogDamaged, match=says):
        await SqliteBus.open(path, clock=HandClock())
    assert path.read_bytes() == before


async def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    """A log where a folder stands, or under a file, is an error of ours, not of sqlite3 or the system."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "log.db"):
        with pytest.raises(LogError, match="cannot"):
            await SqliteBus.open(path, clock=HandClock())


async def test_a_failed_commit_stores_nothing_and_tells_everybody(log: SqliteBus) -> None:
    """When the disk is full each append of the group raises LogError, and nothing of them is in the log."""
    await log.append([order("before")])
    log._file._db.execute("PRAGMA max_page_count = 20")
    calls = [[order("small"), Entry(Topic.TRADES, "", b"x" * 2**20)] for _ in range(3)]
    answers = await asyncio.gather(*map(log.append, calls), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LogError] * 3
    log._file._db.execute("PRAGMA max_page_count = 100000")
    await log.append([order("after")])
    assert texts(await records(log, BOTH, 2)) == ["before", "after"]


async def test_appends_succeed_again_once_there_is_space(log: SqliteBus) -> None:
    """After a failed commit, in one statement or in several, offsets go on as if it had not been tried."""
    await log.append([order("before")])
    log._file._db.execute("PRAGMA max_page_count = 20")
    for size in (900, 5_000):
        with pytest.raises(LogError, match="full"):
            await log.append([order("x" * 1_000)] * size)
    log._file._db.execute("PRAGMA max_page_count = 100000")
    assert list(await log.append([order("after")])) == [1]


async def test_a_writer_that_dies_of_a_bug_leaves_nobody_waiting(
    log: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug is shown as any thread's, the append fails, and the readers end."""
    shown: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda death: shown.append(death.exc_type))
    reading = asyncio.create_task(records(log, BOTH, 9))
    with pytest.raises(LogError, match="stopped"):
        await log.append([Entry("no topic", "", b"x")])  # type: ignore[arg-type]
    for writer in [thread for thread in threading.enumerate() if thread.name.startswith("log ")]:
        await asyncio.to_thread(writer.join)  # it shows its bug after it has told the event loop
    assert (await reading, shown) == ([], [KeyError])


async def test_stored_reads_a_log_that_is_being_written(log: SqliteBus, path: Path) -> None:
    """Another reader sees what is durable, from an offset on, and ends there."""
    await log.append([order(str(number)) for number in range(BATCH + 500)])
    assert texts(list(stored(path, Topic.ORDERS, since=10))) == [str(number) for number in range(10, BATCH + 500)]


async def test_stored_reads_a_log_that_is_closed(log: SqliteBus, path: Path) -> None:
    """A log at rest is read without a writer, and may be written again afterwards."""
    await log.append([order("a"), trade("b")])
    await log.close()
    assert texts(list(stored(path, Topic.TRADES))) == ["b"]
    again = await SqliteBus.open(path, clock=HandClock())
    assert await again.end(Topic.TRADES) == 1
    await again.close()


def test_stored_refuses_what_is_no_log(tmp_path: Path) -> None:
    """A missing file is an error, a foreign one is damaged; neither is created nor changed."""
    _foreign_database(tmp_path / "cats.db")
    with pytest.raises(LogError, match="unable to open"):
        list(stored(tmp_path / "none.db", Topic.ORDERS))
    with pytest.raises(LogDamaged, match="no StockEx log"):
        list(stored(tmp_path / "cats.db", Topic.ORDERS))
    assert not (tmp_path / "none.db").exists()
