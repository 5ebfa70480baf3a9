"""A start without a checkpoint: the views of a long log are read by another process while this one replays commands."""

from contextlib import closing
from pathlib import Path

import pytest
from scenarios.notation import command_of

from stockex import app, journal
from stockex.adapters.settings import Settings
from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.bus.past import PastBus
from stockex.core.exchange import Exchange
from stockex.errors import LogClosed
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.services.recorder import Recorder
from stockex.starting.views import Views
from stockex.vocabulary.units import Nanos

MICROSECOND = 1_000

LINES = (
    "list ALPHA tick 0.01 reference 25.00",
    "A deposit cash 5000.00 shares 100 in ALPHA",
    "B deposit cash 5000.00",
    "start",
    "A1 sell 60 @ 25.00",
    "B1 buy 20 @ 25.00",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a data directory whose log holds a few commands and their facts."""
    exchange = Exchange()
    with closing(LogFile.open(tmp_path / journal.LOG_FILE)) as log:
        for offset, line in enumerate(LINES):
            command, at = command_of(line), Nanos(offset * MICROSECOND)
            facts = exchange.apply(command, offset=offset, at=at)
            log.write([Call([entry_of(command), *map(entry_of, facts)], at)])
    return Settings(data=tmp_path)


def recorder(settings: Settings) -> tuple[Recorder, Views]:
    """Return what a start would feed, and the views."""
    views = Views.empty()
    bus = PastBus(settings.data / journal.LOG_FILE)
    return Recorder(bus, views.of(None), checkpoints=journal.checkpoints(settings)), views


async def test_another_process_reads_the_log_for_the_views(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards nothing is left to be read, and the views are those that reading gives."""
    monkeypatch.setattr(app, "_MANY", 5)
    reading, read = recorder(settings)
    await reading.serve()
    for file in (settings.data / journal.CHECKPOINTS).iterdir():
        file.unlink()
    helped, views = recorder(settings)
    assert await helped.restore() > 5
    await app.view(settings, helped)
    assert await helped.restore() == 0
    assert [view.dump() for view in views.of(None)] == [view.dump() for view in read.of(None)]
    assert views.market.ticker("ALPHA").trades == 1


async def test_a_short_log_is_read_here(settings: Settings) -> None:
    """A process more would take longer than the reading."""
    waiting, _ = recorder(settings)
    await app.view(settings, waiting)
    assert not (settings.data / journal.CHECKPOINTS).exists()


async def test_without_the_other_process_the_log_is_read_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails costs time, no more."""
    monkeypatch.setattr(app, "_MANY", 0)
    monkeypatch.setattr("sys.executable", "false")
    alone, views = recorder(settings)
    await app.view(settings, alone)
    await alone.serve()
    assert views.market.ticker("ALPHA").trades == 1


async def test_the_past_takes_nothing(settings: Settings) -> None:
    """It is open for reading only, and ends where the log ended."""
    past = PastBus(settings.data / journal.LOG_FILE)
    with pytest.raises(LogClosed, match="reading only"):
        await past.append([Entry(Topic.ORDERS, "", b"x")])
    assert list(await past.append([])) == []
    assert [record.offset async for batch in past.read({Topic.ORDERS: 4}) for record in batch] == [4, 5]
    assert await past.end(Topic.ORDERS) == 6
    assert [record.offset for record in await past.last(Topic.ORDERS, 2)] == [4, 5]
    await past.close()
