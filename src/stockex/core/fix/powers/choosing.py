"""Which rules meet a message: by their conditions, their counts and their dice."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from stockex.core.dice import Dice, number_of
from stockex.core.fix.framing import SOH
from stockex.core.fix.powers.rules import DESK, TRADES, Act, Rule, Script

_EXEMPT: Final = frozenset("A5")
"""Logon and Logout: a rule must name them, so that a careless rule does not lock a client out."""

Values = Callable[[int], str]
"""Gives a message's value of a tag, "" without it."""


class Chooser:
    """Asks the rules of a script about one message after the other."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._seen = [0] * len(script.rules)
        self._met = [0] * len(script.rules)
        self._dice = [Dice(script.seed, at, number_of(rule.name)) for at, rule in enumerate(script.rules)]

    @property
    def met(self) -> tuple[int, ...]:
        """How often each rule was met."""
        return tuple(self._met)

    def chosen(
        self, way: str, msg_type: str, *, values: Values, acts: tuple[type[Act], ...] = ()
    ) -> Iterator[tuple[Rule, Dice]]:
        """Yield the rules that meet a message, each with its dice, in their order; count it for all of them.

        `acts` says whose turn it is: rules about orders and trades are asked apart from those about the wire.
        """
        for at, rule in enumerate(self.script.rules):
            if not isinstance(rule.act, acts) if acts else isinstance(rule.act, (*DESK, *TRADES)):
                continue
            is_meant = msg_type in rule.types if rule.types else msg_type not in _EXEMPT
            if rule.way != way or not is_meant or self._is_used_up(at):
                continue
            if all(values(tag) == value for tag, value in rule.where.items()) and self._is_turn(at):
                self._met[at] += 1
                yield rule, self._dice[at]

    def _is_used_up(self, at: int) -> bool:
        times = self.script.rules[at].times
        return times is not None and self._met[at] >= times

    def _is_turn(self, at: int) -> bool:
        """Count a message that a rule means; say whether it is one that the rule meets."""
        rule = self.script.rules[at]
        self._seen[at] += 1
        place = self._seen[at] - rule.after
        if place < 1 or place % rule.every:
            return False
        return rule.chance == 100 or self._dice[at].integer(1, 100) <= rule.chance  # noqa: PLR2004


def values_of(frame: str) -> Values:
    """Return how to find values in a frame of text; of a tag that stands twice, the first."""
    found: Mapping[str, str] = dict(reversed(re.findall(f"(?:^|{SOH})([0-9]+)=([^{SOH}]*)(?={SOH})", frame)))
    return lambda tag: found.get(str(tag), "")
