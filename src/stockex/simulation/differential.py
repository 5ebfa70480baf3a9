"""Two books, one truth: random commands on the wire, obeyed by the plain exchange and by the one on two books.

`authors.scripts` says what a seed's script is like.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.snapshot import digest
from stockex.errors import WireError
from stockex.messages.codec import Fact, encode
from stockex.messages.orders import AnyCommand
from stockex.simulation.authors.any_command import meant
from stockex.simulation.authors.coverage import Seen
from stockex.simulation.authors.scripts import SORTS, line_of, script_of, sort_of
from stockex.simulation.books import fast_exchange, open_exchange, open_fast_exchange
from stockex.simulation.ndjson import command_of, facts_of


class Played(NamedTuple):
    """What became of a seed's script: how much ran where, what came up, and the first difference, or None.

    `differs` tells the command and what each book made of it, or the digests.
    """

    seed: int
    commands: int
    facts: int
    compiled: int
    moved: int
    seen: Seen
    differs: str | None


def played(seed: int, length: int) -> Played:
    """Play a script of so many lines on both books, in batches of any size; stop at the first difference."""
    books = _Books(Dice(seed), is_open=seed // SORTS % 3 == 0)
    commands = script_of(seed, length)
    done = facts = 0
    differs: str | None = None
    while done < length and differs is None:
        batch = commands[done : done + books.dice.choose((1, 1, 3, 20, 100, 500))]
        more, differs = books.obey(batch, first=done)
        facts += more
        done += len(batch)
        if differs is None and (done == length or books.dice.integer(1, 10) == 1):
            differs = books.states_differ()
    routes = books.fast.routes()
    compiled, moved = sum(route.compiled for route in routes), sum(route.moved for route in routes)
    return Played(seed, done, facts, compiled, moved, books.seen, differs)


def summary(found: Sequence[Played]) -> dict[str, object]:
    """Return the figures of scripts: how much was compared, how much ran on the compiled book, and what came up."""
    seen = Seen()
    ran, compiled = Counter[str](), Counter[str]()
    for each in found:
        seen.add(each.seen)
        ran[sort_of(each.seed)] += each.commands
        compiled[sort_of(each.seed)] += each.compiled
    last = found[-1]
    return {
        "scripts": len(found),
        "commands": ran.total(),
        "facts": sum(each.facts for each in found),
        "on_compiled": compiled.total(),
        "share_on_compiled": f"{compiled.total() / ran.total():.1%}",
        "compiled_by_script": {sort: f"{compiled[sort]:,} of {count:,}" for sort, count in ran.items()},
        "share_by_script": {sort: f"{compiled[sort] / count:.1%}" for sort, count in ran.items()},
        "orders_moved": sum(each.moved for each in found),
        **{f"{what}_seen": counts for what, counts in seen.table().items()},
        "first_difference": None if last.differs is None else f"seed {last.seed}: {last.differs}",
    }


class _Books:
    """Two exchanges that are given the same lines."""

    def __init__(self, dice: Dice, *, is_open: bool) -> None:
        self.dice = dice
        self.seen = Seen()
        self._plain, self.fast = (open_exchange(), open_fast_exchange()) if is_open else (Exchange(), fast_exchange())

    def obey(self, commands: Sequence[AnyCommand], *, first: int) -> tuple[int, str | None]:
        """Give both a batch, some lines of it spoilt; return how many facts came of it, and the first difference."""
        lines: list[bytes] = []
        expected: list[list[bytes]] = []
        for offset, command in enumerate(commands, start=first):
            lines.append(line_of(meant(command, self._plain), offset, dice=self.dice))
            expected.append([encode(fact) for fact in self._facts(lines[-1], offset)])
        text = b"".join(line + b"\n" for line in lines)
        found = b"".join(self.fast.obey(self.fast.read(text, first=first), read=command_of))
        if found == b"".join(line + b"\n" for written in expected for line in written):
            return sum(map(len, expected)), None
        return 0, _difference(lines, expected, found=found.splitlines())

    def states_differ(self) -> str | None:
        """Return the digests of the two, if they are not the same."""
        plain, compiled = digest(self._plain), digest(self.fast.whole())
        return None if plain == compiled else f"digests: plain {plain}, compiled {compiled}"

    def _facts(self, line: bytes, offset: int) -> Sequence[Fact]:
        """Return what the plain exchange says to a line; a blank one is none."""
        if not line.strip():
            return ()
        command = command_of(line)
        facts = facts_of(self._plain, command, number=offset)
        self.seen.take(None if isinstance(command, WireError) else command, facts)
        return facts


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
