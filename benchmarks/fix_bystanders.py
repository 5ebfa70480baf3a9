"""What others do to a session's round trip: resend storms, mass status, slow readers, half-open peers.

`python benchmarks/fix_bystanders.py`. The exchange, the attackers and the session that is measured have a process each;
the last sends one order after the report of the one before.
"""

import argparse
import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from fix_orders import REPORT, exchange, frame, order, round_trips, told

ATTACKERS = 5
MISSED = 5_000
"""How many reports each storming session asks for, again and again."""

SILENT = 100
"""How many connections say nothing at all."""


async def opened(port: int, name: str, *, heartbeat: int = 300) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection that has logged on with new numbers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame("A", 1, body=f"98=0|108={heartbeat}|141=Y|", name=name))
    await reader.read(1 << 16)
    return reader, writer


async def storm(port: int, name: str) -> None:
    """Ask for all reports again every 10 ms, and read them."""
    await beg(port, name, msg_type="2", body="7=1|16=0|")


async def status(port: int, name: str) -> None:
    """Ask for the state of all orders every 10 ms, and read it."""
    await beg(port, name, msg_type="AF", body="584=S|585=7|")


async def beg(port: int, name: str, *, msg_type: str, body: str) -> None:
    """Enter orders, then ask for much, again and again, and read it."""
    reader, writer = await opened(port, name)
    writer.writelines(order(number, name) for number in range(2, MISSED + 2))
    reports, rest = 0, b""
    while reports < MISSED:
        data = rest + await reader.read(1 << 20)
        reports += data.count(REPORT)
        rest = data[-len(REPORT) + 1 :]

    async def read() -> None:
        while await reader.read(1 << 20):
            pass

    reading = asyncio.create_task(read())
    number = MISSED + 2
    print("ready", flush=True)
    while not reading.done():
        writer.write(frame(msg_type, number, body=body, name=name))
        number += 1
        await asyncio.sleep(0.01)


async def slow(port: int, name: str) -> None:
    """Send 200 orders a second and read nothing; come back when cut."""
    print("ready", flush=True)
    while True:
        _, writer = await opened(port, name)
        number = 2
        with contextlib.suppress(ConnectionError):
            while not writer.transport.is_closing():
                writer.write(order(number, name))
                number += 1
                await asyncio.sleep(0.005)


async def silent(port: int, name: str) -> None:
    """Log on with a heartbeat of a second, and never say anything again; come back when cut."""
    print("ready", flush=True)
    while True:
        reader, _ = await opened(port, name, heartbeat=1)
        while await reader.read(1 << 16):
            pass


async def unknown(port: int) -> None:
    """Connect and say nothing; come back when cut."""
    while True:
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        while await reader.read(1 << 16):
            pass


ATTACKS = {"storm": storm, "status": status, "slow": slow, "silent": silent}


async def attack(kind: str, port: int) -> None:
    """Attack until killed."""
    others = [unknown(port) for _ in range(SILENT)] if kind == "silent" else []
    await asyncio.gather(*(ATTACKS[kind](port, f"C{place}") for place in range(1, ATTACKERS + 1)), *others)


@contextlib.contextmanager
def attacked(kind: str, port: int) -> Iterator[None]:
    """Let attackers run in a process of their own."""
    command = [sys.executable, __file__, "--attack", kind, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (ourselves)
    if process.stdout is None:
        raise SystemExit("no pipe")
    try:
        for _ in range(ATTACKERS):
            process.stdout.readline()
        time.sleep(1)
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--log", choices=("memory", "durable"), default="memory")
    parser.add_argument("--attack", choices=tuple(ATTACKS))
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.attack:
        asyncio.run(attack(given.attack, given.port))
        return
    for kind in ("", *ATTACKS):
        with (
            exchange(given.log, ATTACKERS + 1) as (port, _),
            attacked(kind, port) if kind else contextlib.nullcontext(),
        ):
            print(f"{kind or 'alone':<8} {told(round_trips(port, given.orders))}", flush=True)


if __name__ == "__main__":
    main()
