"""Mutants on the codec: each is a message, is refused with its reason, or is skipped; none takes long."""

import gc
import resource
from collections import Counter
from collections.abc import Callable
from random import Random
from time import perf_counter
from typing import Final

from msgspec import Struct, field

from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import MAX_BODY, Frame, Framer, Garbled, framed
from stockex.core.fix.message import Message, Refused
from stockex.fix_client.initiator import dictionary
from stockex.torture.fix.mutants import mutant

_NOW: Final = "20261125-10:00:00"
_SOUND: Final = framed("35=0|34=1|49=CLIENT|52=20261125-10:00:00|56=STOCKEX|112=SOUND|".replace("|", "\x01"))
_AGAIN: Final = 16
"""Every so manieth message is written and read again."""

_LISTENS: Final = 10_000
"""After so many mutants a sound message must be understood."""


class Fired(Struct):
    """What became of mutants.

    Attributes:
        counts: Messages, refusals by reason, what was skipped.
        slowest_ms: The longest that one mutant took.
        grown_mb: How much memory the process has taken more in the second half.
        fault: The first thing that must not be, None.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    grown_mb: float = 0.0
    fault: str | None = None


def memory_mb() -> float:
    """Return the most memory that the process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fire_at_codec(messages: int, *, seed: int, tell: Callable[[int], None] = lambda _: None) -> Fired:
    """Let the codec read so many mutants, in pieces of any size; `tell` is told how many were read."""
    dice, found, trial = Random(seed), Fired(), _Trial(dictionary())  # noqa: S311 (no secret)
    half = 0.0
    for number in range(messages):
        data = mutant(dice, "49=CLIENT|56=STOCKEX|", number=number % 1000 + 2, now=_NOW)
        cut = dice.randrange(len(data) + 1) if dice.random() < 0.2 else len(data)  # noqa: PLR2004 (one in five)
        began = perf_counter()
        fault = trial.read(data[:cut], found.counts) or trial.read(data[cut:], found.counts)
        found.slowest_ms = max(found.slowest_ms, (perf_counter() - began) * 1000)
        if number % _LISTENS == 0 and not fault:
            fault = "" if trial.listens() else "a sound message is not understood"
            tell(number)
        if number == messages // 2:
            gc.collect()
            half = memory_mb()
        if fault:
            found.fault = f"mutant {number} of seed {seed}: {fault}: {data!r}"
            break
    found.grown_mb = memory_mb() - half
    found.counts["mutants"] = number + 1
    return found


class _Trial:
    """The codec, and what it must hold to."""

    def __init__(self, standard: Dictionary) -> None:
        self._framer, self._decoder, self._check = Framer(), Decoder(standard), Decoder(standard)
        self._count = 0

    def read(self, data: bytes, counts: Counter[str]) -> str:
        """Read bytes; return what must not be, "" if nothing."""
        for found in self._framer.feed(data):
            if isinstance(found, Garbled):
                counts["skipped"] += 1
                continue
            message = self._decoder.decode(found)
            if isinstance(message, Refused):
                counts[f"refused_{message.reason.value}"] += 1
                continue
            counts["messages"] += 1
            self._count += 1
            if self._count % _AGAIN == 0 and (fault := self._again(message)):
                return fault
        return ""

    def _again(self, message: Message) -> str:
        """Write a message and read it again."""
        (frame,) = Framer().feed(encoded(message))
        again = self._check.decode(frame) if isinstance(frame, Frame) else frame
        same = isinstance(again, Message) and (again.header, again.body) == (message.header, message.body)
        return "" if same else f"read again it is {again}"

    def listens(self) -> bool:
        """Say whether a sound message is understood, once what a mutant claims to be its length has come."""
        for _ in range(2 * MAX_BODY // len(_SOUND)):
            for found in self._framer.feed(_SOUND):
                if isinstance(found, Frame) and isinstance(self._decoder.decode(found), Message):
                    return True
        return False
