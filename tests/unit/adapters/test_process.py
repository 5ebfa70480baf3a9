"""A copy of the process works on the state of one moment, and nobody waits for it."""

import asyncio
import errno
import os
import signal
import socket
from pathlib import Path

import pytest

from stockex import journal
from stockex.adapters import process
from stockex.adapters.process import at_once, in_a_copy
from stockex.adapters.settings import Settings
from stockex.errors import StockExError


@pytest.mark.parametrize("aside", [at_once, in_a_copy])
async def test_the_bytes_are_those_of_the_state_at_the_call(aside: object) -> None:
    """What happens to the state afterwards is not in them."""
    assert callable(aside)
    state = [b"before"]
    making = aside(lambda: b"".join(state))
    state.append(b"after")
    assert await making == b"before"


async def test_much_comes_whole() -> None:
    """More than a pipe holds, and nothing at all."""
    much = bytes(range(256)) * 2**16
    assert await in_a_copy(lambda: much) == much
    assert await in_a_copy(lambda: b"") == b""


async def test_a_copy_that_fails_or_is_killed_says_so() -> None:
    """Its process goes on, and no half of a state is taken for one."""

    def killed() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    def broken() -> bytes:
        raise ZeroDivisionError

    for make in (killed, broken):
        with pytest.raises(StockExError, match="the copy of the process ended with status"):
            await in_a_copy(make)


async def test_a_copy_holds_no_connection_and_no_lock_of_its_process() -> None:
    """So a peer sees the end of a process that dies while its copy still works, and the next one can open the log."""
    here, there = socket.socketpair()
    with here, there:
        held = await in_a_copy(lambda: b" ".join(each.name.encode() for each in Path("/proc/self/fd").iterdir()))
        assert f"{here.fileno()}".encode() not in held.split()


async def test_the_process_goes_on_while_the_copy_works() -> None:
    """The copy here works until its process has closed a file."""
    file, parent = os.memfd_create("open"), os.getpid()

    def patient() -> bytes:
        while Path(f"/proc/{parent}/fd/{file}").is_symlink():
            pass
        return b"let go"

    making = asyncio.ensure_future(in_a_copy(patient))
    await asyncio.sleep(0)
    assert not making.done()
    os.close(file)
    assert await making == b"let go"


async def test_without_a_descriptor_the_state_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many connections may have them that a matcher would end, which only wanted to save work."""

    def none_left(_name: str) -> int:
        raise OSError(errno.EMFILE, "no descriptors left")

    monkeypatch.setattr(os, "memfd_create", none_left)
    assert await in_a_copy(lambda: b"state") == b"state"


async def test_where_children_end_unheard_no_state_is_believed() -> None:
    """Whoever starts us may let us ignore SIGCHLD: then nobody learns whether the copy is whole."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(StockExError, match="nobody knows"):
            await in_a_copy(lambda: b"state")
    finally:
        signal.signal(signal.SIGCHLD, before)


async def test_a_copy_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It might wait for a lock of a thread that it has not; who stops the exchange would wait for it."""
    monkeypatch.setattr(process, "_LONGEST_S", 1)

    def waiting() -> bytes:
        while True:
            signal.pause()

    with pytest.raises(StockExError, match="ended with status"):
        await in_a_copy(waiting)


def test_a_copy_writes_the_checkpoints_of_an_exchange(tmp_path: Path) -> None:
    """What is saved while people trade holds up nobody."""
    assert journal.checkpoints(Settings(data=tmp_path)).aside is in_a_copy
