"""A copy of the process works on the state of one moment, and nobody waits for it."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from stockex.adapters.process import at_once, in_a_copy
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
