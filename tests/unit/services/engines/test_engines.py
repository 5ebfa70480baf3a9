"""Engines on either book, and the one that goes over: the same entries and states, whoever obeys."""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from properties.exchange_commands import SETUP

from stockex.core.exchange import Exchange
from stockex.core.matching.compiled.kernel import run
from stockex.core.matching.compiled.machine.code import IS_PLAIN, folder_of
from stockex.errors import ConfigurationError
from stockex.messages.codec import encode
from stockex.messages.envelope import Entry, Record
from stockex.messages.orders import AnyCommand
from stockex.messages.topics import Topic
from stockex.services.engines import changing, machine_code
from stockex.services.engines.changing import ChangingEngine
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.interface import MatchingEngine
from stockex.services.engines.plain import PlainEngine
from stockex.simulation.authors.common_command import common_script
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos

FEW = 40
WITHIN_S = 5.0


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Return a journal of common commands, of which few are many."""
    monkeypatch.setattr(changing, "COMMANDS_BEFORE", FEW)
    monkeypatch.setattr(changing, "MANY", 100)
    commands: list[AnyCommand] = [*SETUP, *common_script(3, 300, rare=30)]
    return [Record(Topic.ORDERS, offset, Nanos(offset), "", encode(command)) for offset, command in enumerate(commands)]


def obeyed(engine: MatchingEngine, records: Sequence[Record]) -> list[Sequence[Entry]]:
    """Return what each record causes, obeyed in batches."""
    return [each for start in range(0, len(records), 10) for each in engine.entries(records[start : start + 10])]


async def nothing_to_do() -> None:
    """Be ready at once."""


@pytest.mark.parametrize("book", LiveBook)
def test_a_state_is_gone_on_from_by_an_engine_of_any_book(records: list[Record], book: LiveBook) -> None:
    """Stopped in the middle on one book and gone on with on another, all ends as if nothing had happened."""
    whole = PlainEngine()
    expected, half = obeyed(whole, records), len(records) // 2
    for other in LiveBook:
        first = engine_on(other, Exchange())
        told = obeyed(first, records[:half])
        second = engine_on(book, PlainEngine().anew(first.dump()).exchange)
        assert told + obeyed(second, records[half:]) == expected
        assert (second.dump(), second.next_offset) == (whole.dump(), whole.next_offset)
        assert first.anew(second.dump()).dump() == whole.dump()


async def test_an_exchange_with_much_to_do_goes_over_to_the_compiled_book(records: list[Record]) -> None:
    """Between two batches, once it is ready; before that no command is kept waiting."""
    engine, plain = ChangingEngine(Exchange(), ready=nothing_to_do), PlainEngine()
    serving = asyncio.create_task(engine.serve())
    half = len(records) // 2
    assert obeyed(engine, records[:half]) == obeyed(plain, records[:half])
    assert not any(route.is_lent for route in engine.routes())
    async with asyncio.timeout(WITHIN_S):
        await serving
    assert obeyed(engine, records[half:]) == obeyed(plain, records[half:])
    assert sum(route.compiled for route in engine.routes()) > FEW
    assert engine.dump() == plain.dump()


async def test_a_long_log_is_read_on_the_compiled_book_from_its_beginning(records: list[Record]) -> None:
    """It is waited for, though nothing is known of the settings yet; before a short log it is not."""
    for commands, is_waited_for in ((changing.MANY, True), (changing.MANY - 1, False)):
        engine, plain = ChangingEngine(Exchange(), ready=nothing_to_do), PlainEngine()
        serving = asyncio.create_task(engine.serve())
        await engine.before(commands)
        assert obeyed(engine, records) == obeyed(plain, records)
        assert any(route.compiled for route in engine.routes()) is is_waited_for
        serving.cancel()


async def test_a_start_waits_no_longer_than_the_plain_book_would_take(records: list[Record]) -> None:
    """Making the machine code may take longer; then it begins on the plain one."""

    async def for_ever() -> None:
        await asyncio.Event().wait()

    engine = ChangingEngine(Exchange(), ready=for_ever)
    serving = asyncio.create_task(engine.serve())
    async with asyncio.timeout(changing.MANY * changing.SECONDS_PER_COMMAND + WITHIN_S):
        await engine.before(changing.MANY)
    obeyed(engine, records)
    assert {route.is_lent for route in engine.routes()} == {False}
    serving.cancel()


async def test_an_exchange_with_little_to_do_needs_no_compiled_book(records: list[Record]) -> None:
    """Nothing is made ready before there is much to do."""
    engine = ChangingEngine(Exchange(), ready=nothing_to_do)
    serving = asyncio.create_task(engine.serve())
    obeyed(engine, records[: FEW - 10])
    await asyncio.sleep(0)
    assert not serving.done()
    serving.cancel()
    assert {route.why for route in engine.routes()} == {"fewer than 40 commands were obeyed, or no settings are common"}


async def test_where_the_compiled_book_cannot_be_had_trading_goes_on(records: list[Record]) -> None:
    """On the plain one, and the routes say why."""

    async def no_folder() -> None:
        raise ConfigurationError("no folder to keep it")

    engine, plain = ChangingEngine(Exchange(), ready=no_folder), PlainEngine()
    serving = asyncio.create_task(engine.serve())
    half = len(records) // 2
    told = obeyed(engine, records[:half])
    async with asyncio.timeout(WITHIN_S):
        await serving
    assert told + obeyed(engine, records[half:]) == obeyed(plain, records)
    assert {(route.is_lent, route.why) for route in engine.routes()} == {(False, "no folder to keep it")}


async def test_a_machine_that_starts_no_process_keeps_trading_on_the_plain_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The code cannot be made then, which is a reason to stay, and none to end the exchange."""
    monkeypatch.setattr(machine_code, "_is_loaded", lambda: False)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ConfigurationError, match="no process can make the machine code"):
        await machine_code.machine_code_ready()


@pytest.mark.skipif(IS_PLAIN, reason="plain Python is not compiled")
@pytest.mark.parametrize("another_has_made_it", [False, True])
def test_of_several_processes_one_makes_the_machine_code(
    monkeypatch: pytest.MonkeyPatch, *, another_has_made_it: bool
) -> None:
    """While it does the others wait, and load afterwards what was made."""
    folder, loaded, made = str(folder_of(run)), iter([False, another_has_made_it]), list[bool]()

    def making(*, by_several: bool) -> None:
        made.append(by_several)
        with pytest.raises(BlockingIOError):
            begin_beside(folder)

    monkeypatch.setattr(machine_code, "_is_loaded", lambda: next(loaded))
    monkeypatch.setattr(machine_code, "_make", making)
    assert machine_code.have_machine_code(lambda _: None)
    assert made == [True] * (not another_has_made_it)
    begin_beside(folder)


def begin_beside(folder: str) -> None:
    """Do not wait for another process that makes the code. Raises: BlockingIOError: there is one."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("part", ["numba", "numpy"])
def test_an_extra_that_cannot_be_loaded_is_told_as_one_that_is_missing(part: str, tmp_path: Path) -> None:
    """Numba names the NumPy that it wants and says no more; a library of the system may be missing under either."""
    (tmp_path / f"{part}.py").write_text("raise ImportError('needs another version')")
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from stockex.errors import ConfigurationError
from stockex.services.engines.machine_code import two_books
try:
    two_books()
except ConfigurationError as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)  # noqa: S603 (ours)
    assert found.stdout.decode() == "book compiled: needs another version; install the extra `fast`: stockex[fast]\n"


@pytest.mark.parametrize(("book", "said"), [("auto", "PlainEngine"), ("compiled", "install the extra `fast`")])
def test_without_the_extra_auto_is_plain_and_compiled_is_refused(book: str, said: str) -> None:
    """One line says what to install."""
    script = f"""
import importlib.util, sys
sys.modules["numba"] = None
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numba" else find(name, package)
from stockex.core.exchange import Exchange
from stockex.errors import ConfigurationError
from stockex.services.engines.choosing import engine_on
from stockex.vocabulary.services import LiveBook
try:
    print(type(engine_on(LiveBook("{book}"), Exchange())).__name__)
except ConfigurationError as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)  # noqa: S603 (ours)
    assert said in found.stdout.decode()
