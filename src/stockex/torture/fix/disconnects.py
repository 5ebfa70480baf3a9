"""Sessions that are cut: their flagged orders end, all of them and no others, and how soon."""

import asyncio
from pathlib import Path
from typing import Final

from msgspec import Struct

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.bus.interface import Bus
from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.times import stamp
from stockex.messages.codec import decode_record
from stockex.messages.executions import Cancelled, Expired
from stockex.messages.topics import Topic
from stockex.torture.fix.venue import venue

ORDERS: Final = 10
"""How many orders each session enters; every second one is flagged (18=Q)."""

_PATIENCE_S: Final = 30.0
_REPORT: Final = b"\x01150=0\x01"


class Dropped(Struct, frozen=True):
    """What became of orders whose sessions were cut.

    Attributes:
        flagged: How many orders were to end.
        gone: How many of these ended.
        others_gone: Orders that ended and should not have.
        times_ms: For each session how long after the cut the log had the end of its last order.
    """

    flagged: int
    gone: int
    others_gone: int
    times_ms: list[float]


async def cut_off(bus: Bus, folder: Path, *, sessions: int) -> Dropped:
    """Let so many sessions enter orders, cut one after the other, and read in the log what became of these."""
    names = [f"CUT{number}" for number in range(sessions)]
    flagged = {f"{name}-{number}" for name in names for number in range(0, ORDERS, 2)}
    own_sessions = FixSessions(sessions=tuple(FixSession(target=name, account="MDT") for name in names))
    async with venue(bus, folder, sessions=own_sessions) as place:
        since = await bus.end(Topic.EXECUTIONS)
        writers = [await _entered(place.port, name) for name in names]
        ends: dict[str, int] = {}
        ended = asyncio.Condition()
        hearing = asyncio.create_task(_hear(bus, since, ends=ends, ended=ended))
        times_ms = []
        for name, writer in zip(names, writers, strict=True):
            own = {each for each in flagged if each.startswith(f"{name}-")}
            began = wall_clock()
            writer.transport.abort()
            async with asyncio.timeout(_PATIENCE_S), ended:
                await ended.wait_for(lambda own=own: own <= ends.keys())  # type: ignore[misc]
            times_ms.append((max(ends[each] for each in own) - began) / 1e6)
        hearing.cancel()
    return Dropped(
        flagged=len(flagged),
        gone=len(flagged & ends.keys()),
        others_gone=len(ends.keys() - flagged),
        times_ms=times_ms,
    )


async def _hear(bus: Bus, since: int, *, ends: dict[str, int], ended: asyncio.Condition) -> None:
    """Note when each order ended, in whatever way."""
    async for batch in bus.read({Topic.EXECUTIONS: since}):
        for record in batch:
            fact = decode_record(record)
            if isinstance(fact, Cancelled | Expired):
                ends[fact.cl_ord_id] = record.at
        async with ended:
            ended.notify_all()


async def _entered(port: int, name: str) -> asyncio.StreamWriter:
    """Log a session on and let it enter its orders; return its connection once all have been taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_message(name, "A", number=1, body="98=0|108=300|"))
    now = stamp(wall_clock())
    for number in range(ORDERS):
        flag = "" if number % 2 else "18=Q|"
        body = f"11={name}-{number}|{flag}38=1|40=2|44=9.{90 - number}|54=1|55=ALPHA|59=1|60={now}|"
        writer.write(_message(name, "D", number=number + 2, body=body))
    told, rest = 0, b""
    async with asyncio.timeout(_PATIENCE_S):
        while told < ORDERS:
            data = rest + await reader.read(1 << 16)
            told += data.count(_REPORT)
            rest = data[-len(_REPORT) + 1 :]
    return writer


def _message(name: str, msg_type: str, *, number: int, body: str) -> bytes:
    text = f"35={msg_type}|34={number}|49={name}|52={stamp(wall_clock())}|56=FIX_SERVER|{body}"
    return framed(text.replace("|", SOH))
