"""`python -m stockex.torture.kills.load PORT RATE SEED MOST`: accounts that trade at a rate, in a process of their own.

On standard input "go" lets them trade and "stop" ends it; to "stop" one line of JSON answers, a `Round`. To "wait" it
answers after how many seconds the exchange took something again. Requests are due at times that follow from the rate
alone, however slowly the exchange answers (no coordinated omission).
"""

import asyncio
import contextlib
import sys
from base64 import b64encode
from random import Random
from time import monotonic
from typing import Final

import msgspec
import uvloop
from msgspec import Struct

from stockex.torture.kills.service import HOST
from stockex.torture.kills.trader import Item, Told, Trader
from stockex.vocabulary.accounts import CLIENTS, MEMBERS

ACCOUNTS: Final = (*CLIENTS, *MEMBERS)

LATEST_S: Final = 20.0
"""An answer that takes longer is none."""

_STEP_S: Final = 0.005
_QUEUED: Final = 2_000
"""So many items may wait for a connection that is free; what would be due beyond them is left out, and counted."""

_OVER: Final = -1.0
"""Stands in the queue once the round is over."""

_OK: Final = 200
_BUSY: Final = 503


class Round(Struct):
    """What became of one life of the exchange. `waits` are seconds from when a request was due to its answer."""

    told: list[Told]
    waits: list[float]
    items: int
    seconds: float
    left_out: int


class Load:
    """The accounts, each with a connection, at one exchange."""

    def __init__(self, port: int, *, rate: float, seed: int, most: int) -> None:
        """Trade at so many items a second, at most so many of them in a request."""
        self._port = port
        self._rate = rate
        self._traders = [Trader(account, Random(f"{seed} {account}"), most=most) for account in ACCOUNTS]  # noqa: S311
        self._begin()

    def _begin(self) -> None:
        self._round = Round([], [], 0, 0.0, 0)
        self._due: asyncio.Queue[float] = asyncio.Queue()
        self._answered = asyncio.Event()

    async def trade(self, stop: asyncio.Event) -> Round:
        """Trade until `stop` is set or the exchange dies; return what was told."""
        self._begin()
        began = monotonic()
        traders = [asyncio.create_task(self._serve(trader, stop)) for trader in self._traders]
        await self._pace(stop)
        await asyncio.wait(traders, timeout=LATEST_S)
        for task in traders:
            task.cancel()
        await asyncio.gather(*traders, return_exceptions=True)
        self._round.seconds = monotonic() - began
        self._round.told = [trader.tell() for trader in self._traders]
        return self._round

    async def resumed(self) -> float:
        """Wait until the exchange takes something; return after how many seconds, `LATEST_S` if it did not by then."""
        self._answered.clear()
        began = monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), LATEST_S)
        return min(monotonic() - began, LATEST_S)

    async def _pace(self, stop: asyncio.Event) -> None:
        """Let items become due at the rate, whatever happens."""
        began, count = monotonic(), 0
        while not stop.is_set():
            await asyncio.sleep(_STEP_S)
            now = monotonic()
            while (due := began + count / self._rate) <= now:
                count += 1
                if self._due.qsize() < _QUEUED:
                    self._due.put_nowait(due)
                else:
                    self._round.left_out += 1
        while not self._due.empty():
            self._due.get_nowait()
        for _ in self._traders:
            self._due.put_nowait(_OVER)

    async def _serve(self, trader: Trader, stop: asyncio.Event) -> None:
        """Send what is due by one connection after the other, until the end."""
        while not stop.is_set():
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                streams = await asyncio.open_connection(HOST, self._port)
                with contextlib.closing(streams[1]):
                    while not stop.is_set():
                        await self._send(trader, streams)
            await asyncio.sleep(_STEP_S)

    async def _send(self, trader: Trader, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Send one request and hear its answer. Raises: OSError, IncompleteReadError: there is none."""
        items = trader.items()
        due = await self._due_for(items)
        if due == _OVER:
            trader.put_back(items)
            return
        try:
            streams[1].write(_http(trader.account, items))
            status, body = await _answer(streams[0])
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            trader.miss(items)
            raise
        if status == _OK:
            trader.hear(items, body)
            self._answered.set()
        else:
            assert status == _BUSY, body
            trader.refuse(items)
        self._round.waits.append(monotonic() - due)
        self._round.items += len(items)

    async def _due_for(self, items: list[Item]) -> float:
        """Wait until all these items are due; return when the last of them was, or `_OVER`."""
        due = 0.0
        for _ in items:
            if (due := await self._due.get()) == _OVER:
                break
        return due


def _http(account: str, items: list[Item]) -> bytes:
    body = msgspec.json.encode(items)
    token = b64encode(f"{account}:{account}".encode()).decode()
    head = f"POST /api/v1/orders/batch HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def _obey(load: Load) -> None:
    """Obey standard input until it ends."""
    loop = asyncio.get_running_loop()
    words = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    stop = asyncio.Event()
    trading: asyncio.Task[Round] | None = None
    while word := await words.readline():
        if word == b"go\n":
            stop = asyncio.Event()
            trading = asyncio.create_task(load.trade(stop))
        elif word == b"wait\n":
            _tell(await load.resumed())
        else:
            stop.set()
            assert trading is not None, "nobody stops before anybody goes"
            _tell(await trading)


def _tell(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    port, rate, seed, most = sys.argv[1:]
    uvloop.run(_obey(Load(int(port), rate=float(rate), seed=int(seed), most=int(most))))
