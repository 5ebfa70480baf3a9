"""A disk that fails: nothing acknowledged is lost, nothing refused is kept, and trading goes on by itself."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contract.bus_contract import HandClock, order, records, texts, trade

from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.bus.patient import PatientBus
from stockex.bus.sqlite import SqliteBus, stored
from stockex.errors import LogDamaged, LogError, StockExError
from stockex.messages.topics import Topic
from stockex.torture.boundaries import walked
from stockex.torture.disk import Disk, Trouble, disk
from stockex.vocabulary.units import Nanos

BOTH = {Topic.ORDERS: 0, Topic.TRADES: 0}


@pytest.fixture
def troubled() -> Iterator[Disk]:
    """Return the disk of this process; without one the test is skipped aloud."""
    try:
        with disk() as found:
            yield found
    except StockExError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("troubled")
def test_trouble_at_any_boundary_loses_nothing_and_keeps_nothing_refused() -> None:
    """Every seventh boundary of a day, each trouble; `stockex torture --boundaries` does all of them."""
    walk = walked(seed=1, step=7)
    assert (walk.failures, set(walk.trials)) == ([], set(Trouble))


async def test_a_failing_disk_refuses_and_goes_on_by_itself(tmp_path: Path, troubled: Disk) -> None:
    """While every sync fails all are refused; the engine waits with its facts, which are there once afterwards."""
    log = await SqliteBus.open(tmp_path / "log.db", clock=HandClock())
    await log.append([order("before")])
    troubled.expect(Trouble.LASTING)
    waiting = asyncio.create_task(PatientBus(log, pause_s=0).append([trade("fact")]))
    for _ in range(3):
        with pytest.raises(LogError, match=r"disk I/O error|unable to open"):
            await log.append([order("refused")])
    assert not waiting.done()
    troubled.heal()
    await waiting
    await log.append([order("after")])
    assert texts(await records(log, BOTH, 3)) == ["before", "fact", "after"]
    await log.close()
    assert texts(list(stored(tmp_path / "log.db", Topic.ORDERS))) == ["before", "after"]


def _failed(path: Path, troubled: Disk) -> LogFile:
    """Return a log of three records whose next sync failed, and that could not be opened anew yet."""
    log = LogFile.open(path)
    log.write([Call([order("a"), order("b"), order("c")], Nanos(1))])
    troubled.expect(Trouble.LASTING)
    with pytest.raises(LogError):
        log.write([Call([order("refused")], Nanos(2))])
    troubled.heal()
    return log


def test_what_is_gone_after_a_failed_sync_is_told(tmp_path: Path, troubled: Disk) -> None:
    """When the disk has not kept what it had acknowledged, nothing is appended any more."""
    path = tmp_path / "log.db"
    log = _failed(path, troubled)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM records WHERE seq >= 2")
    for _ in range(2):
        with pytest.raises(LogDamaged, match="ends after 2 records, but 3 were acknowledged"):
            log.write([Call([order("more")], Nanos(3))])
    log.close()


def test_a_log_that_closes_in_doubt_keeps_nothing_refused(tmp_path: Path, troubled: Disk) -> None:
    """The failed group, which may stand in the write-ahead log, is taken out before."""
    path = tmp_path / "log.db"
    _failed(path, troubled).close()
    assert texts(list(stored(path, Topic.ORDERS))) == ["a", "b", "c"]


def test_a_creation_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    """What it left is no log yet."""
    path = tmp_path / "log.db"
    for name in ("log.db", "log.db.draft", "log.db.draft-journal"):
        (tmp_path / name).touch()
    LogFile.open(path).close()
    assert {file.name for file in tmp_path.iterdir()} == {"log.db", "log.db.lock"}


def test_a_sqlite_that_hides_its_functions_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torture says why it cannot be done here."""
    monkeypatch.setattr("_sqlite3.__file__", "/nowhere")
    with pytest.raises(StockExError, match="nobody in between"), disk():
        pass
