"""The script of a seed, of one of ten sorts, and its lines on the wire, some of them spoilt.

A sort for each profile, every second time at prices near each other, which its ranges hold, and in which one command in
25 may be anything; any commands at all, under random settings; common commands only; and common ones of which one in
ten may be anything.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from stockex.adapters.profiles import profile, profile_names
from stockex.core.dice import Dice
from stockex.messages.codec import encode
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.simulation.authors.any_command import SETUP, at_of, script
from stockex.simulation.authors.common_command import common_script

SORTS: Final = 10
"""Seeds that follow each other write as many sorts of scripts."""

_OTHERS: Final = ("anything", "common", "mixed")
_GARBAGE: Final = (b"", b" \r", b"what?", b"[]", b'{"type":"new"}', b'{"type":"time","more":1}')


def sort_of(seed: int) -> str:
    """Return the sort of a seed's script: the profile's name, or `anything`, `common` or `mixed`."""
    return (*profile_names(), *_OTHERS)[seed % SORTS]


def script_of(seed: int, length: int) -> Sequence[AnyCommand]:
    """Return the first `length` commands of a seed's script, from the first listing on."""
    sort = sort_of(seed)
    setup = list(SETUP)
    wanted: Iterator[AnyCommand]
    if sort == "anything":
        wanted = iter(script(seed, length))
    elif sort in _OTHERS:
        wanted = common_script(seed, length, rare=0 if sort == "common" else 10)
    else:
        rules = profile(sort)
        setup = [replace(one, rules=rules) if isinstance(one, ListInstrument) else one for one in setup]
        wanted = common_script(seed, length, rare=25, is_near=seed // SORTS % 2 > 0)
    return [*setup, *wanted][:length]


def line_of(command: AnyCommand, offset: int, *, dice: Dice) -> bytes:
    """Return the command as a line at its time or without one; the time may step back, one line in 100 is spoilt."""
    at = at_of(offset - (dice.integer(0, 9) if dice.integer(1, 20) == 1 else 0))
    is_timed = dice.integer(1, 3) > 1
    line = encode(replace(command, sent_at=at if is_timed and at >= 0 else None))
    if dice.integer(1, 100) == 1:
        return dice.choose((*_GARBAGE, line[:-1], line + b"\r", line.replace(b",", b" , ")))
    return line
