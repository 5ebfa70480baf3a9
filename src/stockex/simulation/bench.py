"""`stockex bench live`: from REST to the durable acknowledgement, on a fresh exchange in a process of its own."""

import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from stockex.errors import StockExError

_HOST: Final = "127.0.0.1"
_ACCOUNT: Final = "CLIENT1"
_START_S: Final = 30.0
_CREATED: Final = 201


@dataclass(frozen=True)
class BenchPlan:
    """How many orders to send, over how many connections at a time; each waits for its answer before the next."""

    orders: int
    clients: int


def run_bench(plan: BenchPlan) -> dict[str, object]:
    """Send the orders and return the figures: orders per second, and milliseconds to the acknowledgement.

    An order is acknowledged once its facts are on disk. The feeder and the members trade meanwhile.

    Raises:
        StockExError: the exchange did not start, or refused an order.
    """
    with TemporaryDirectory(prefix="stockex-bench-") as data, _exchange(data) as port:
        return asyncio.run(_measure(plan, port))


async def _measure(plan: BenchPlan, port: int) -> dict[str, object]:
    await asyncio.wait_for(_ready(port), _START_S)
    shares = [plan.orders // plan.clients + (number < plan.orders % plan.clients) for number in range(plan.clients)]
    began = perf_counter()
    taken = await asyncio.gather(*(_send(port, number, count=count) for number, count in enumerate(shares)))
    elapsed = perf_counter() - began
    waits = sorted(wait * 1_000 for waits in taken for wait in waits)
    cuts = statistics.quantiles(waits, n=1_000, method="inclusive")
    return {
        "orders": plan.orders,
        "clients": plan.clients,
        "orders_per_second": round(plan.orders / elapsed),
        "p50_ms": round(cuts[499], 2),
        "p99_ms": round(cuts[989], 2),
        "p99.9_ms": round(cuts[998], 2),
        "max_ms": round(waits[-1], 2),
        "cpus": os.cpu_count() or 1,
        "machine": f"{platform.machine()} {platform.system()}, Python {platform.python_version()}",
    }


async def _send(port: int, client: int, *, count: int) -> list[float]:
    """Place `count` resting orders one after the other; return how many seconds each took."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    waits = []
    for number in range(count):
        order = {"symbol": "EUROB", "side": "BUY", "quantity": 1, "price": 3.0, "cl_ord_id": f"B{client}-{number}"}
        began = perf_counter()
        status, body = await _post(reader, writer, path="/api/v1/orders", body=order)
        waits.append(perf_counter() - began)
        if status != _CREATED:
            raise StockExError(f"order refused with status {status}: {body.decode(errors='replace')[:200]}")
    writer.close()
    return waits


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, path: str, body: dict[str, object]
) -> tuple[int, bytes]:
    content = json.dumps(body).encode()
    token = b64encode(f"{_ACCOUNT}:{_ACCOUNT}".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {_HOST}\r\nAuthorization: Basic {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content)
    return await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:"))
    return int(lines[0].split()[1]), await reader.readexactly(length)


async def _ready(port: int) -> None:
    """Wait until the exchange says that it is ready."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(_HOST, port)
            writer.write(f"GET /readyz HTTP/1.1\r\nHost: {_HOST}\r\n\r\n".encode())
            status, _ = await _answer(reader)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        if status == 200:  # noqa: PLR2004 (HTTP's OK)
            return
        await asyncio.sleep(0.05)


@contextmanager
def _exchange(data: str) -> Iterator[int]:
    """Run a fresh exchange on a free port until the block ends."""
    with closing(socket.socket()) as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STOCKEX_")}
    environment["STOCKEX_KAFKA_PREFIX"] = f"bench-{os.getpid()}-"  # topics of its own, should the log be on Kafka
    command = [sys.executable, "-m", "stockex", "up", "--port", str(port), "--data", data]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603 (our own)
        try:
            yield port
        finally:
            process.terminate()
