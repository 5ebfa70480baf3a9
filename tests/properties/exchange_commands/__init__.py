"""Random commands for the exchange, sensible and hostile, and what becomes of them.

Hypothesis draws a seed and a length; the seed's dice write the script. A failure shrinks to the shortest script, and
unlike lists of independent draws the orders of a script meet, and replacements and cancels find an order.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from stockex.core.exchange import Exchange
from stockex.messages.codec import Fact
from stockex.messages.orders import AnyCommand
from stockex.simulation.authors.any_command import SETUP, at_of, meant, script
from stockex.simulation.authors.any_rules import TICK, possible_rules, rules

__all__ = ["SETUP", "TICK", "at_of", "meant", "possible_rules", "rules", "script"]

thorough: Final[Callable[[Callable[..., None]], Callable[..., None]]] = settings(
    max_examples=200, derandomize=True, deadline=None, database=None
)
"""The same examples in every run, on every machine."""


class Step(NamedTuple):
    """One command with its facts, and the exchange after it."""

    command: AnyCommand
    facts: list[Fact]
    exchange: Exchange


commands: Final[st.SearchStrategy[list[AnyCommand]]] = st.builds(script, st.integers(0, 2**32 - 1), st.integers(1, 200))
"""Any commands at all."""


def replay(exchange: Exchange, wanted: Sequence[AnyCommand], *, since: int = 0) -> Iterator[Step]:
    """Give the exchange each command in turn, the first with offset `since`."""
    for offset, written in enumerate(wanted, start=since):
        command = meant(written, exchange)
        yield Step(command, exchange.apply(command, offset=offset, at=at_of(offset)), exchange)


def live(wanted: Sequence[AnyCommand]) -> Iterator[Step]:
    """Set a new exchange up, then give it each command in turn."""
    return replay(Exchange(), [*SETUP, *wanted])
