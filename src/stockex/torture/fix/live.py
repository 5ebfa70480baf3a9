"""Mutants on live sessions: the exchange goes on, answers, and keeps its numbers, also over a start on its log."""

import asyncio
import gc
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.bus.sqlite import SqliteBus
from stockex.core.fix.decode import Decoder
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Message, head
from stockex.core.fix.session.outputs import Numbers
from stockex.core.fix.times import stamp
from stockex.fix_client.initiator import dictionary
from stockex.torture.fix.codec import Fired, memory_mb
from stockex.torture.fix.mutants import mutant
from stockex.torture.fix.venue import venue

SESSIONS: Final = FixSessions(sessions=tuple(FixSession(target=f"FUZZ{each}", account="MDT") for each in range(8)))

TAIL: Final = 1_000
"""How many records the log keeps in memory: few, so that they are all there at half time, when memory is measured."""

ANEW: Final = 0.02
"""Of so many connections the numbers begin anew, as they do each day; what was sent before is forgotten then."""

_PATIENCE_S: Final = 30.0
"""How long an answer may take before the exchange counts as hung."""

_EXPECTED: Final = re.compile("expecting ([0-9]+)")
_LONGEST: Final = 60


class Wrong(Exception):
    """The exchange does what it must not."""


async def fire_at_sessions(messages: int, *, seed: int, tell: Callable[[int], None] = lambda _: None) -> Fired:
    """Let sessions of an exchange with a durable log take so many mutants; then start it anew on its log."""
    found = Fired()
    with TemporaryDirectory() as name:
        folder = Path(name)
        bus = await SqliteBus.open(folder / "log.db", clock=wall_clock, tail_records=TAIL)
        attackers = [
            _Attacker(each.target, Random(f"{seed}-{at}"), found=found)  # noqa: S311 (no secret)
            for at, each in enumerate(SESSIONS.sessions)
        ]
        async with venue(bus, folder / "one", sessions=SESSIONS) as place:
            half, left = 0.0, messages
            share = max(50, messages // len(attackers) // 20)
            while left > 0 and found.fault is None:
                count = min(share, -(-left // len(attackers)))
                await asyncio.gather(*(attacker.fire(place.port, count) for attacker in attackers))
                left -= count * len(attackers)
                if not half and left <= messages // 2:
                    gc.collect()
                    half = memory_mb()
                tell(messages - left)
            async with asyncio.timeout(_PATIENCE_S):
                while any(client.is_up or client.is_committing for client in place.clients.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                await place.all_told()  # a report has a number, whether anybody listens or not
            before = {name: client.session.numbers for name, client in place.clients.items()}
        found.grown_mb = memory_mb() - half
        async with venue(bus, folder / "two", sessions=SESSIONS) as place:
            after = {name: client.session.numbers for name, client in place.clients.items()}
            changed = sorted(name for name, client in place.clients.items() if not client.is_whole)
        await bus.close()
    if changed and found.fault is None:
        found.fault = f"seed {seed}: {changed} were sent other reports than the log gives"
    for name, numbers in before.items():
        if found.fault is None and not _goes_on(numbers, after[name]):
            found.fault = f"{name} of seed {seed}: {numbers}, but after a start on the log {after[name]}"
    return found


def _goes_on(before: Numbers, after: Numbers) -> bool:
    """Say whether a session has after a start the numbers that it had; a Logout of the end may be left out."""
    return after.expected == before.expected and before.next_out - 1 <= after.next_out <= before.next_out


class _Attacker:
    """One counterparty that sends mutants, over one connection after the other."""

    def __init__(self, name: str, dice: Random, *, found: Fired) -> None:
        self._name, self._dice, self._found = name, dice, found
        self._header = f"49={name}|56=FIX_SERVER|"
        self._decoder = Decoder(dictionary())
        self._number = 1
        self._heard = 0
        self._missing = 1

    async def fire(self, port: int, count: int) -> None:
        """Send so many mutants."""
        try:
            while count > 0:
                count -= await self._visit(port, min(count, self._dice.randrange(1, _LONGEST)))
        except Wrong as wrong:
            self._found.fault = self._found.fault or f"{self._name}: {wrong}"
        except TimeoutError:
            self._found.fault = self._found.fault or f"{self._name}: nothing came in {_PATIENCE_S:g} s"

    async def _visit(self, port: int, count: int) -> int:
        """Log on, send mutants, see that the session still answers; return how many were sent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self._found.counts["connections"] += 1
        self._framer, self._is_up, self._is_answered = Framer(), False, False
        try:
            is_anew = self._dice.random() < ANEW
            self._number = 1 if is_anew else self._number
            writer.write(self._sound("A", "98=0|108=60|" + "141=Y|" * is_anew))
            while not self._is_up:
                if not await self._hear(reader, writer):
                    return 0
            for sent in range(1, count + 1):
                writer.write(mutant(self._dice, self._header, number=self._number, now=stamp(wall_clock())))
                self._number += 1
                self._found.counts["mutants"] += 1
                if self._dice.random() < 0.05 and not await self._hear(reader, writer, patience_s=0.001):  # noqa: PLR2004
                    return sent
            if self._dice.random() < 0.9:  # noqa: PLR2004 (else the connection is cut)
                await self._listens(reader, writer)
        except ConnectionError:
            return 1
        else:
            return count
        finally:
            writer.transport.abort()

    async def _listens(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See that a TestRequest is answered, or the connection ended.

        What a mutant claims to be its length must have come first.
        """
        began = perf_counter()
        async with asyncio.timeout(_PATIENCE_S):
            while not self._is_answered:
                for more in range(_LONGEST):  # a mutant with a number of before may have filled a part of the gap
                    writer.write(self._filled(more))
                for _ in range(20):
                    writer.write(self._sound("1", "112=LISTENS|"))
                if not await self._hear(reader, writer, patience_s=0.01):
                    break
        self._found.slowest_ms = max(self._found.slowest_ms, (perf_counter() - began) * 1000)
        self._found.counts["listens"] += self._is_answered

    async def _hear(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, patience_s: float = _PATIENCE_S
    ) -> bool:
        """Take in what has come; say whether the connection goes on. Raises: TimeoutError, Wrong."""
        try:
            async with asyncio.timeout(patience_s):
                data = await reader.read(1 << 16)
        except TimeoutError:
            if patience_s < _PATIENCE_S:
                return True
            raise
        for frame in self._framer.feed(data):
            message = self._decoder.decode(frame) if isinstance(frame, Frame) else None
            if not isinstance(message, Message):
                raise Wrong(f"it sends {frame}")
            self._take(message, writer)
            if message.msg_type == "5":
                return False
        return bool(data)

    def _take(self, message: Message, writer: asyncio.StreamWriter) -> None:
        """Hold a message's number against those before; answer what a gap needs."""
        self._found.counts[f"heard_{message.msg_type}"] += 1
        number = int(head(message, 34))
        is_reset = message.msg_type == "A" and message.text(141) == "Y"
        if head(message, 43) != "Y":
            is_next = number == self._heard + 1 or (not self._is_up and number > self._heard)
            if not is_next and not is_reset:
                raise Wrong(f"number {number} after {self._heard}: {message}")
            self._heard = number
        match message.msg_type:
            case "A":
                self._is_up = True
                self._number = 2 if is_reset else self._number
            case "2":
                self._missing = int(message.text(7))
                writer.write(self._filled())
            case "5":
                expected = _EXPECTED.search(message.text(58))
                self._number = int(expected[1]) if expected else self._number + 1
            case "0":
                self._is_answered |= message.text(112) == "LISTENS"
            case _:
                pass

    def _filled(self, more: int = 0) -> bytes:
        """Return a gap fill from what was asked for last, or so many later, up to what comes next."""
        return self._sound("4", f"36={self._number}|123=Y|", number=self._missing + more, again=True)

    def _sound(self, msg_type: str, body: str, *, number: int | None = None, again: bool = False) -> bytes:
        now = stamp(wall_clock())
        dup = f"43=Y|122={now}|" if again else ""
        if number is None:
            number = self._number
            self._number += 1
        text = f"35={msg_type}|34={number}|{self._header}52={now}|{dup}{body}"
        return framed(text.replace("|", SOH))
