"""Orders a second over FIX, from the client's bytes to the report of the engine: `python benchmarks/fix_orders.py`.

The exchange (engine and gateway) runs in a process of its own, on a log in memory or on a durable one; the load comes
from this process. Clients write frames made beforehand and count reports, so that their own work is small. Beside it,
in the same run, stands a QuickFIX acceptor that answers each order at once (`fix_peer.py`).
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.adapters.process import calm_garbage_collector
from stockex.bus.interface import Bus
from stockex.bus.memory import MemoryBus
from stockex.bus.sqlite import SqliteBus
from stockex.core.exchange import Exchange
from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.times import stamp
from stockex.core.genesis import genesis, opening
from stockex.messages.orders import AnyCommand
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.machine_code import have_machine_code
from stockex.services.fix.building import clients_of
from stockex.services.fix.service import FixGateway, Place
from stockex.services.matcher import Matcher
from stockex.services.opening import set_up
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Price, Shares

ALPHA = Instrument("ALPHA", "Alpha Bank", Price(100), Shares(1), Price(100_000))
REPORT = b"\x01150=0\x01"


def missing(_: Exchange, *, is_new: bool) -> list[AnyCommand]:
    """Return what a new log lacks."""
    return [*genesis([ALPHA], accounts=(), symbols=()), opening()] if is_new else []


async def serve(kind: str, sessions: int, *, folder: Path, book: LiveBook) -> None:
    """Run engine and gateway on a log in memory or on disk until killed; print the port."""
    bus: Bus = MemoryBus(wall_clock)
    if kind == "durable":
        bus = await SqliteBus.open(folder / "log.db", clock=wall_clock)
    if book is LiveBook.COMPILED:
        have_machine_code(lambda _: None)
    matcher = Matcher(bus, engine_on(book, Exchange()), checkpoints=Checkpoints(folder), every=10**9)
    names = FixSessions(sessions=tuple(FixSession(target=f"C{each}", account="MDT") for each in range(sessions)))
    clients = clients_of(names, verify=lambda *_: True, demo=True)
    say = lambda line: print(line.rpartition(":")[2], flush=True)  # noqa: E731
    gateway = FixGateway(bus, clients, place=Place("127.0.0.1", 0), clock=wall_clock, say=say)
    async with asyncio.TaskGroup() as group:
        group.create_task(matcher.serve())
        await set_up(bus, matcher, missing=missing)
        calm_garbage_collector()
        group.create_task(gateway.serve())


def spent(process: int) -> float:
    """Return the seconds of processor time that a process has taken, 0 where that is not told."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exchange(
    kind: str, sessions: int = 1, *, book: str = LiveBook.PLAIN.value
) -> contextlib.AbstractContextManager[tuple[int, int]]:
    """Run the exchange in a process of its own; give its port and its number."""
    return running(__file__, "--serve", kind, "--sessions", str(sessions), "--book", book, "--folder")


def quickfix() -> contextlib.AbstractContextManager[tuple[int, int]]:
    """Run a QuickFIX acceptor in a process of its own; give its port and its number."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return running(str(Path(__file__).with_name("fix_peer.py")), str(port))


@contextlib.contextmanager
def running(*words: str) -> Iterator[tuple[int, int]]:
    """Run a program, whose last word is a folder; give the port that it prints, and its number."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *words, folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (ourselves)
        output = process.stdout
        if output is None:
            raise SystemExit("no pipe")
        try:
            yield int(output.readline()), process.pid
        finally:
            process.kill()
            process.wait()
            output.close()


def frame(msg_type: str, number: int, *, body: str, name: str = "C0") -> bytes:
    """Return a message of a client, of now."""
    text = f"35={msg_type}|34={number}|49={name}|52={stamp(wall_clock())}|56=FIX_SERVER|{body}"
    return framed(text.replace("|", SOH))


def order(number: int, name: str = "C0") -> bytes:
    """Return an order of 14 fields that rests in the book, near others."""
    price = 90 - number % 80
    body = f"11={name}-{number}|21=1|38=100|40=2|44=9.{price}|54=1|55=ALPHA|59=0|60={stamp(wall_clock())}|"
    return frame("D", number, body=body, name=name)


def connected(port: int, name: str = "C0") -> socket.socket:
    """Return a connection that is logged on."""
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(frame("A", 1, body="98=0|108=300|", name=name))
    client.recv(65_536)
    return client


def flood(port: int, orders: int) -> float:
    """Send orders as fast as they are taken, with at most 2,000 on their way; return orders a second."""
    client = connected(port)
    frames = [order(number) for number in range(2, orders + 2)]
    began, sent, told, rest = time.perf_counter(), 0, 0, b""
    while told < orders:
        if sent < orders and sent - told < 2_000:
            client.sendall(b"".join(frames[sent : sent + 200]))
            sent = min(sent + 200, orders)
            continue
        data = client.recv(1 << 20)
        if not data:
            raise SystemExit("the gateway has ended the connection")
        told += (rest + data).count(REPORT)
        rest = data[-len(REPORT) + 1 :]
    took = time.perf_counter() - began
    client.close()
    return orders / took


def round_trips(port: int, orders: int) -> list[float]:
    """Send one order after the report of the one before; return the times from the order to its report."""
    client, times = connected(port), []
    for number in range(2, orders + 2):
        sent = order(number)
        began = time.perf_counter()
        client.sendall(sent)
        while REPORT not in client.recv(65_536):
            pass
        times.append(time.perf_counter() - began)
    client.close()
    return times


def flooded(what: str, place: tuple[int, int], *, orders: int) -> float:
    """Say how many orders a second a process takes, and the time of the processor for each; return the first."""
    port, process = place
    before = spent(process)
    rate = flood(port, orders)
    each = (spent(process) - before) / orders * 1e6
    print(f"{what}: {rate:,.0f} orders/s through one session, {each:.0f} us of processor each", flush=True)
    return rate


async def paced(port: int, sessions: int, *, rate: int, seconds: int) -> tuple[list[float], float]:
    """Let sessions send so many orders a second in all; return the times to the reports, and how late we were."""
    times: list[float] = []
    late = 0.0

    async def one(name: str, place: int) -> None:
        nonlocal late
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame("A", 1, body="98=0|108=300|", name=name))
        await reader.read(65_536)
        began, gap = time.perf_counter() + 1, sessions / rate
        due = [began + place / rate + each * gap for each in range(int(rate * seconds / sessions))]

        async def read() -> None:
            rest, told = b"", 0
            while told < len(due):
                data = await reader.read(1 << 20)
                count = (rest + data).count(REPORT)
                rest = data[-len(REPORT) + 1 :]
                now = time.perf_counter()
                times.extend(now - at for at in due[told : told + count])
                told += count

        reading = asyncio.create_task(read())
        number = 2
        while number < len(due) + 2:
            now = time.perf_counter()
            batch = b""
            while number < len(due) + 2 and due[number - 2] <= now:
                late = max(late, now - due[number - 2])
                batch += order(number, name)
                number += 1
            if batch:
                writer.write(batch)
            await asyncio.sleep(0.000_5)
        await reading
        writer.close()

    await asyncio.gather(*(one(f"C{place}", place) for place in range(sessions)))
    return times, late


def told(times: list[float]) -> str:
    """Return p50, p99 and p99.9 in milliseconds."""
    cuts = statistics.quantiles(times, n=1_000)
    return f"p50 {cuts[499] * 1e3:.2f} ms, p99 {cuts[989] * 1e3:.2f} ms, p99.9 {cuts[998] * 1e3:.2f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--serve", choices=("memory", "durable"))
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--book", choices=[each.value for each in LiveBook], default=LiveBook.PLAIN.value)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve(given.serve, given.sessions, folder=given.folder, book=LiveBook(given.book)))
        return
    with quickfix() as place:
        peer = flooded("QuickFIX's echo", place, orders=given.orders)
    with quickfix() as (port, _):
        print(f"QuickFIX's echo: one at a time, {told(round_trips(port, 2_000))}", flush=True)
    for kind in ("memory", "durable"):
        with exchange(kind, book=given.book) as place:
            rate = flooded(kind, place, orders=given.orders)
            print(f"{kind}: {rate / peer:.2f} of QuickFIX's echo", flush=True)
        with exchange(kind, book=given.book) as (port, _):
            print(f"{kind}: one at a time, {told(round_trips(port, 2_000))}", flush=True)
    with exchange("durable", book=given.book) as (port, _):
        times, late = uvloop.run(paced(port, 1, rate=10_000, seconds=5))
        print(f"durable: one session at 10,000/s, {told(times)} (sent up to {late * 1e3:.1f} ms late)", flush=True)
    with exchange("durable", 200, book=given.book) as (port, _):
        times, late = uvloop.run(paced(port, 200, rate=4_000, seconds=5))
        print(f"durable: 200 sessions at 20/s each, {told(times)} (sent up to {late * 1e3:.1f} ms late)", flush=True)


if __name__ == "__main__":
    main()
