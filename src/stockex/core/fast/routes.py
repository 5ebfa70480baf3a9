"""Which commands run on which book, and why: said openly."""

from typing import Final, NamedTuple

COMMANDS_PER_LOOK: Final = 256
"""So many commands come between two looks at an instrument that something keeps on the plain book."""


class Route(NamedTuple):
    """One instrument: whether it is lent to the compiled book, or why not, and how much ran where.

    `moved` counts the orders that were carried from one book to the other.
    """

    symbol: str
    is_lent: bool
    why: str
    compiled: int
    plain: int
    moved: int

    @property
    def line(self) -> str:
        """One line for people."""
        where = "compiled" if self.is_lent else "plain"
        ran = f"{self.compiled:,} commands on compiled, {self.plain:,} on plain, {self.moved:,} orders moved"
        return f"{self.symbol}: {where} now, {self.why}; {ran}"


class Stay:
    """An instrument's stay on the plain book: how long it has been there, and how long it must be.

    After a move as many commands come as orders were moved, so that moving costs each command as much as one order.
    Where something keeps it there it is looked at now and then, and once a command has changed more than orders.
    """

    __slots__ = ("commands", "is_lent", "look_at", "moved", "since", "wanted", "why")

    def __init__(self) -> None:
        self.is_lent = False
        self.commands = 0
        self.moved = 0
        self.since = 0
        self.wanted = 0
        self.look_at = 0
        self.why = "listed just now"

    @property
    def is_over(self) -> bool:
        """Whether the instrument may be looked at again."""
        return not self.is_lent and self.since >= self.wanted and self.commands >= self.look_at

    def begin(self, orders: int, *, why: str) -> None:
        """Stay for as many commands as there are orders."""
        self.since, self.wanted, self.why = 0, orders, why
        self.is_lent = False

    def wait(self, why: str) -> None:
        """Stay, for something keeps the instrument on the plain book."""
        self.look_at, self.why = self.commands + COMMANDS_PER_LOOK, why

    def pass_one(self) -> None:
        """Take note of a command on the plain book."""
        self.commands += 1
        self.since += 1
