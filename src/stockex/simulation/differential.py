"""Two books, one truth: random commands on the wire, obeyed by the plain exchange and by the one on two books.

A seed's script is of one of ten sorts: one for each profile, in which one command in 25 may be anything; any commands
at all, under random settings; common commands only; and common ones of which one in ten may be anything.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from stockex.adapters.profiles import profile, profile_names
from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.snapshot import digest
from stockex.errors import WireError
from stockex.messages.codec import decode_command, encode
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.simulation.authors.any_command import SETUP, at_of, meant, script
from stockex.simulation.authors.common_command import common_script
from stockex.simulation.books import fast_exchange, open_exchange, open_fast_exchange
from stockex.vocabulary.units import Nanos

_SORTS: Final = 10
_GARBAGE: Final = (b"", b" \r", b"what?", b"[]", b'{"type":"new"}', b'{"type":"time","more":1}')


class Played(NamedTuple):
    """What became of a seed's script: how much ran where, and the first difference, or None.

    `differs` tells the command and what each book made of it; at the end of the script, the digests.
    """

    seed: int
    commands: int
    facts: int
    compiled: int
    moved: int
    differs: str | None


def played(seed: int, length: int) -> Played:
    """Play a script of so many lines on both books, in batches of any size; stop at the first difference."""
    dice = Dice(seed)
    is_open = seed // _SORTS % 3 == 0
    plain, fast = (open_exchange(), open_fast_exchange()) if is_open else (Exchange(), fast_exchange())
    commands = _commands(seed, length)
    done = facts = 0
    differs: str | None = None
    while done < length and differs is None:
        batch = commands[done : done + dice.choose((1, 1, 3, 20, 100, 500))]
        lines, expected = _obeyed(batch, plain, first=done, dice=dice)
        text = b"".join(line + b"\n" for line in lines)
        found = b"".join(fast.obey(fast.read(text, first=done), read=_read))
        facts += sum(map(len, expected))
        if found != b"".join(line + b"\n" for written in expected for line in written):
            differs = _difference(lines, expected, found=found.splitlines())
        done += len(batch)
    routes = fast.routes()
    if differs is None:
        ends = digest(plain), digest(fast.whole())
        differs = None if ends[0] == ends[1] else f"digests at the end: plain {ends[0]}, compiled {ends[1]}"
    compiled, moved = sum(route.compiled for route in routes), sum(route.moved for route in routes)
    return Played(seed, done, facts, compiled, moved, differs)


def _commands(seed: int, length: int) -> Sequence[AnyCommand]:
    """Return the script of a seed."""
    sort = seed % _SORTS
    names = profile_names()
    setup = list(SETUP)
    if sort < len(names):
        rules = profile(names[sort])
        setup = [replace(one, rules=rules) if isinstance(one, ListInstrument) else one for one in setup]
        wanted = common_script(seed, length, rare=25)
    elif sort == len(names):
        wanted = iter(script(seed, length))
    else:
        wanted = common_script(seed, length, rare=0 if sort == len(names) + 1 else 10)
    return [*setup, *wanted][:length]


def _obeyed(
    commands: Sequence[AnyCommand], plain: Exchange, *, first: int, dice: Dice
) -> tuple[list[bytes], list[list[bytes]]]:
    """Return the lines of commands, some of them spoilt, and for each the lines of what the plain exchange says."""
    lines: list[bytes] = []
    expected: list[list[bytes]] = []
    for offset, command in enumerate(commands, start=first):
        at = at_of(offset - (dice.integer(0, 9) if dice.integer(1, 20) == 1 else 0))
        is_timed = dice.integer(1, 3) > 1
        line = encode(replace(meant(command, plain), sent_at=at if is_timed and at >= 0 else None))
        if dice.integer(1, 100) == 1:
            line = dice.choose((*_GARBAGE, line[:-1], line + b"\r", line.replace(b",", b" , ")))
        lines.append(line)
        expected.append([encode(fact) for fact in _facts(line, plain, offset=offset)] if line.strip() else [])
    return lines, expected


def _facts(line: bytes, plain: Exchange, *, offset: int) -> Sequence[object]:
    command = _read(line)
    if isinstance(command, WireError):
        return plain.quarantine(command, offset=offset, at=plain.at)
    at = plain.at if command.sent_at is None else max(Nanos(0), command.sent_at)
    return plain.apply(command, offset=offset, at=at)


def _read(line: bytes) -> AnyCommand | WireError:
    try:
        return decode_command(line)
    except WireError as error:
        return error


def _difference(lines: Sequence[bytes], expected: Sequence[Sequence[bytes]], *, found: Sequence[bytes]) -> str:
    """Return the first command of a batch of which the two books say different things, and what they say."""
    place = 0
    for line, plain in zip(lines, expected, strict=True):
        compiled = found[place : place + len(plain)]
        if compiled != list(plain):
            said = "".join(
                f"\n  {book}: {text.decode()}"
                for book, texts in (("plain", plain), ("compiled", compiled))
                for text in texts
            )
            return f"{line.decode(errors='replace')}{said}"
        place += len(plain)
    return f"after {lines[-1].decode(errors='replace')}\n  compiled: {found[place].decode()}"
