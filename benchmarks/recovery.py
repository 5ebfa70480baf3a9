"""Measure a start: how long until the engine and the views stand where the log ends, with a checkpoint and without.

    python benchmarks/recovery.py [--records 1000000] [--tail 20000] [--json]

The log is that of a market-like flow, commands and their facts; it is kept under .cache/. `--tail` says how many of its
records the checkpoints have not seen: about as many as a running exchange adds between two of them. Each start is a
process of its own; `cpu` is its processor time, without that of the process which reads the views beside it. Beside
each stands a ratio to what Python's sqlite3 alone takes to fetch the same rows. STOCKEX_BOOK says on which book.
"""

import argparse
import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

from flows.catalogue import CACHE, flow
from plain import LISTING, command_of

from stockex import app, journal
from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.process import calm_garbage_collector
from stockex.adapters.settings import Settings
from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.bus.interface import Bus
from stockex.bus.sqlite import SqliteBus
from stockex.core.exchange import Exchange
from stockex.messages.codec import entry_of
from stockex.messages.orders import AnyCommand, ChangeSession, Deposit
from stockex.messages.topics import Topic
from stockex.services.engines.changing import ChangingEngine
from stockex.services.engines.choosing import engine_on
from stockex.services.matcher import Matcher, recovered
from stockex.services.recorder import Recorder
from stockex.starting.views import Views
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.units import Cash, Nanos, Shares

_AT_ONCE: Final = 20
"""So many commands come with one append, and so do their facts."""

_START: Final = 1_700_000_000_000_000_000
_GAP: Final = 1_000_000


def main() -> None:
    """Measure, and print a table or JSON."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--records", type=int, default=1_000_000)
    given.add_argument("--tail", type=int, default=20_000)
    given.add_argument("--json", action="store_true")
    given.add_argument("--start", type=Path, help=argparse.SUPPRESS)
    asked = given.parse_args()
    if asked.start is not None:
        print(json.dumps(asyncio.run(started(asked.start))))
        return
    with TemporaryDirectory() as folder:
        found = measured(Path(folder), made(asked.records, tail=asked.tail))
    if asked.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"{name:<22}" + "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()))


def measured(folder: Path, whole: Path) -> dict[str, dict[str, float]]:
    """Return the figures of both starts."""
    with closing(sqlite3.connect(whole / journal.LOG_FILE)) as db:
        begin = perf_counter()
        rows = len(db.execute("SELECT * FROM records ORDER BY seq").fetchall())
        fetched = perf_counter() - begin
    found = {"rows alone": {"seconds": fetched, "records": float(rows)}}
    for name, keeps in (("with a checkpoint", True), ("without", False)):
        data = folder / name
        shutil.copytree(whole, data)
        if not keeps:
            shutil.rmtree(data / journal.CHECKPOINTS)
        command = [sys.executable, __file__, "--start", str(data)]
        done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own command line)
        figures = json.loads(done.stdout.splitlines()[-1])
        found[name] = figures | {"ratio": figures["seconds"] / fetched}
        shutil.rmtree(data)
    return found


async def started(data: Path) -> dict[str, float]:
    """Start the engine and the views as `stockex up` does; return when each was ready."""
    calm_garbage_collector()
    begin = perf_counter()
    bus = await SqliteBus.open(data / journal.LOG_FILE, clock=lambda: Nanos(_START * 2))
    matcher, recorder = await _parts(bus, data)
    loaded = perf_counter() - begin
    viewing = asyncio.create_task(app.view(Settings(data=data), recorder))
    tasks: list[asyncio.Task[None]] = []
    if isinstance(matcher.engine, ChangingEngine):
        tasks.append(asyncio.create_task(matcher.engine.serve()))
        await matcher.engine.before(await bus.end(Topic.ORDERS) - matcher.engine.next_offset)
    tasks.append(asyncio.create_task(matcher.serve()))
    await matcher.reached(await bus.end(Topic.ORDERS) - 1)
    engine = perf_counter() - begin
    await viewing
    tasks.append(asyncio.create_task(recorder.serve()))
    await recorder.caught_up()
    ready, cpu = perf_counter() - begin, process_time()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await bus.close()
    return {"seconds": ready, "loaded": loaded, "engine": engine, "cpu": cpu}


async def _parts(bus: Bus, data: Path) -> tuple[Matcher, Recorder]:
    checkpoints = Checkpoints(data / journal.CHECKPOINTS)
    exchange = recovered(checkpoints, end=await bus.end(Topic.ORDERS))
    return Matcher(bus, engine_on(Settings(data=data).book, exchange), checkpoints=checkpoints), Recorder(
        bus, Views.empty().of(None), checkpoints=checkpoints
    )


def made(records: int, *, tail: int) -> Path:
    """Return the folder of a log of so many records with checkpoints that have not seen the last `tail` ones."""
    folder = CACHE.parent / "recovery" / f"{records}-{tail}"
    if not folder.exists():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        calls = _calls(records)
        _write(draft / journal.LOG_FILE, calls, records=records - tail)
        asyncio.run(_save(draft))
        _write(draft / journal.LOG_FILE, calls, records=records)
        draft.rename(folder)
    return folder


def _write(path: Path, calls: Iterator[Call], *, records: int) -> None:
    with closing(LogFile.open(path)) as log:
        while log.size < records:
            log.write(list(islice(calls, 50)))


async def _save(folder: Path) -> None:
    """Let the exchange save its checkpoints where the log ends."""
    bus = await SqliteBus.open(folder / journal.LOG_FILE, clock=lambda: Nanos(_START * 2))
    matcher, recorder = await _parts(bus, folder)
    serving = asyncio.gather(matcher.serve(), recorder.serve())
    await matcher.reached(await bus.end(Topic.ORDERS) - 1)
    await recorder.caught_up()
    await matcher.save()
    await bus.close()
    await serving


def _calls(records: int) -> Iterator[Call]:
    """Yield what is appended together: some commands, then their facts, which bear the time of the commands."""
    exchange, offset = Exchange(), 0
    commands = _commands(records)
    while some := list(islice(commands, _AT_ONCE)):
        at = Nanos(_START + offset * _GAP)
        yield Call([entry_of(command) for command in some], at)
        facts = []
        for command in some:
            facts += exchange.apply(command, offset=offset, at=at)
            offset += 1
        yield Call([entry_of(fact) for fact in facts], at)


def _commands(records: int) -> Iterator[AnyCommand]:
    drawn = flow("C", records // 2)
    yield LISTING
    for account in sorted(set(drawn.commands["account"].tolist())):
        yield Deposit(account=f"A{account}", cash=Cash(10**12), symbol=LISTING.symbol, qty=Shares(10**7))
    yield ChangeSession(action=SessionAction.START, account="OPERATOR")
    yield from map(command_of, drawn.commands)


if __name__ == "__main__":
    main()
