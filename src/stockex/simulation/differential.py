"""Two books, one truth: random commands on the wire, obeyed by the plain exchange and by the one on two books.

`authors.scripts` says what a seed's script is like.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.snapshot import digest
from stockex.messages.codec import encode
from stockex.messages.orders import AnyCommand
from stockex.simulation.authors.any_command import meant
from stockex.simulation.authors.scripts import SORTS, line_of, script_of
from stockex.simulation.books import fast_exchange, open_exchange, open_fast_exchange
from stockex.simulation.ndjson import command_of, facts_of


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
    is_open = seed // SORTS % 3 == 0
    plain, fast = (open_exchange(), open_fast_exchange()) if is_open else (Exchange(), fast_exchange())
    commands = script_of(seed, length)
    done = facts = 0
    differs: str | None = None
    while done < length and differs is None:
        batch = commands[done : done + dice.choose((1, 1, 3, 20, 100, 500))]
        lines, expected = _obeyed(batch, plain, first=done, dice=dice)
        text = b"".join(line + b"\n" for line in lines)
        found = b"".join(fast.obey(fast.read(text, first=done), read=command_of))
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


def _obeyed(
    commands: Sequence[AnyCommand], plain: Exchange, *, first: int, dice: Dice
) -> tuple[list[bytes], list[list[bytes]]]:
    """Return the lines of commands, some of them spoilt, and for each the lines of what the plain exchange says."""
    lines: list[bytes] = []
    expected: list[list[bytes]] = []
    for offset, command in enumerate(commands, start=first):
        line = line_of(meant(command, plain), offset, dice=dice)
        lines.append(line)
        facts = facts_of(plain, command_of(line), number=offset) if line.strip() else ()
        expected.append([encode(fact) for fact in facts])
    return lines, expected


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
