"""The wire of a session under rules: what becomes of each message that leaves, and whether one that came is heard."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from stockex.core.dice import Dice
from stockex.core.fix.framing import SOH, framed
from stockex.core.fix.powers.choosing import Chooser, values_of
from stockex.core.fix.powers.rules import (
    BadChecksum,
    BadLength,
    Delay,
    Drop,
    Logout,
    Repeat,
    Resend,
    Rule,
    Shred,
    Skip,
    Stale,
    Swallow,
)
from stockex.core.fix.times import SECOND, nanos_of, stamp

_MS: Final = SECOND // 1_000
_TERMS: Final = 12
_STEPS: Final = 1_000


class Write(Struct, frozen=True):
    """Bytes leave at an instant, not before; never before what was to leave earlier."""

    data: bytes
    at: int


class Cut(Struct, frozen=True):
    """The connection ends at an instant, behind what was to leave earlier."""

    at: int


class Omit(Struct, frozen=True):
    """The session leaves out so many numbers from now on."""

    count: int


class Demand(Struct, frozen=True):
    """The session asks for everything again from a number on."""

    begin: int


class Part(Struct, frozen=True):
    """The session logs out."""

    text: str


Effect = Write | Cut | Omit | Demand | Part
"""What the shell does, in order."""


class Wire:
    """One connection's wire. Effects are a function of the rules, the frames and their times."""

    def __init__(self, chooser: Callable[[], Chooser | None]) -> None:
        """Ask `chooser` for the rules of now at each message."""
        self._chooser = chooser
        self._last = 0
        self._is_cut = False

    def sent(self, frame: bytes, at: int) -> list[Effect]:
        """Return what becomes of a frame that the session sends at `at`."""
        if self._is_cut:
            return []
        text = frame.decode("latin-1")
        rules = self._rules("out", text)
        return list(self._effects(text, rules, at=at)) if rules else [self._write(frame, at)]

    def heard(self, frame: str, at: int) -> tuple[bool, list[Effect]]:
        """Say whether the session hears a message, given from MsgType on, and return what happens besides."""
        rules = self._rules("in", SOH + frame)
        effects: list[Effect] = []
        for rule, _ in rules:
            match rule.act:
                case Drop():
                    effects.append(self._cut(at))
                case _:
                    effects += _session_acts(rule)
        return not any(isinstance(rule.act, Swallow) for rule, _ in rules), effects

    def _rules(self, way: str, text: str) -> list[tuple[Rule, Dice]]:
        chooser = self._chooser()
        return [] if chooser is None else list(chooser.chosen(way, _type_of(text), values=values_of(text)))

    def _effects(self, text: str, rules: list[tuple[Rule, Dice]], *, at: int) -> Iterator[Effect]:
        acts = [rule.act for rule, _ in rules]
        if any(isinstance(act, Drop) and act.is_before for act in acts):
            yield self._cut(at)
            return
        for rule, dice in rules:
            if isinstance(rule.act, Delay):
                at += _delay(rule.act, dice)
        if not any(isinstance(act, Swallow) for act in acts):
            yield from self._writes(_spoilt(text, rules), rules, at=at)
        for rule, _ in rules:
            yield from _session_acts(rule)
        if any(isinstance(act, Drop) for act in acts):
            yield self._cut(at)

    def _writes(self, data: bytes, rules: list[tuple[Rule, Dice]], *, at: int) -> Iterator[Write]:
        times = 1 + sum(rule.act.times for rule, _ in rules if isinstance(rule.act, Repeat))
        shred = next((rule.act for rule, _ in rules if isinstance(rule.act, Shred)), None)
        for _ in range(times):
            if shred is None:
                yield self._write(data, at)
                continue
            for start in range(0, len(data), shred.size):
                yield self._write(data[start : start + shred.size], at)
                at += shred.pause_ms * _MS

    def _write(self, data: bytes, at: int) -> Write:
        self._last = max(self._last, at)
        return Write(data, self._last)

    def _cut(self, at: int) -> Cut:
        self._is_cut = True
        self._last = max(self._last, at)
        return Cut(self._last)


def _session_acts(rule: Rule) -> Iterator[Effect]:
    match rule.act:
        case Skip(count=count):
            yield Omit(count)
        case Resend(begin=begin):
            yield Demand(begin)
        case Logout(text=text):
            yield Part(text)
        case _:
            pass


def _spoilt(text: str, rules: list[tuple[Rule, Dice]]) -> bytes:
    """Return the frame with all that the rules make wrong in it."""
    data = text.encode("latin-1")
    for rule, _ in rules:
        match rule.act:
            case Stale(seconds=seconds):
                data = _dated(data.decode("latin-1"), seconds)
            case BadLength():
                begin, length, rest = data.split(b"\x01", 2)
                data = b"%b\x019=%d\x01%b" % (begin, int(length[2:]) + 1, rest)
            case _:
                pass
    if any(isinstance(rule.act, BadChecksum) for rule, _ in rules):
        data = b"%b%03d\x01" % (data[:-4], (int(data[-4:-1]) + 1) % 256)
    return data


def _dated(text: str, seconds: int) -> bytes:
    """Return a frame whose SendingTime lies back by so many seconds."""
    begin, _, rest = text.split(SOH, 2)
    fields = rest.split(SOH)[:-2]
    for at, field in enumerate(fields):
        if field.startswith("52="):
            digits = len(field.partition(".")[2])
            fields[at] = f"52={stamp(nanos_of(field[3:]) - seconds * SECOND, digits=digits)}"
            break
    return framed(SOH.join(fields) + SOH, begin_string=begin[2:])


def _delay(act: Delay, dice: Dice) -> int:
    """Return how long a message waits, in nanoseconds."""
    if act.kind == "normal":
        drawn = sum(dice.integer(0, _STEPS) for _ in range(_TERMS)) - _TERMS * _STEPS // 2
        return max(0, act.ms * _MS + act.spread_ms * _MS * drawn // _STEPS)
    is_spike = act.kind == "spikes" and dice.integer(1, 100) <= act.chance
    return (act.ms + act.spread_ms * is_spike) * _MS


def _type_of(text: str) -> str:
    at = text.index(f"{SOH}35=") + 4
    return text[at : text.index(SOH, at)]
