"""What the random authors write: every setting with all its values, every field of every command."""

from collections.abc import Callable
from enum import Enum
from typing import Final, get_args

import msgspec
import pytest

from stockex.core.dice import Dice
from stockex.core.fast.common import IDLE_SETTINGS, KNOWN_SETTINGS
from stockex.messages.orders import AnyCommand
from stockex.simulation.authors.any_command import SETUP, script
from stockex.simulation.authors.any_rules import possible_rules, rules
from stockex.simulation.authors.common_command import common_rules
from stockex.vocabulary.market_rules import LadderStep, MarketRules

_SETTINGS: Final = {field.name: field.type for field in msgspec.structs.fields(MarketRules)}
_FOR_PEOPLE: Final = {"source", "sent_at", "by", "text", "name"}
"""Fields that change nothing but what is told; `line_of` adds the time."""


def _parts(value: object) -> set[object]:
    """Return what a setting's value counts as: itself, each step of a ladder, or whether there is a table or amount."""
    if isinstance(value, bool | Enum):
        return {value}
    if isinstance(value, tuple) and value and isinstance(value[0], LadderStep):
        return set(value)
    return {value not in {None, ()}}


def _values(setting: str) -> set[object]:
    """Return all that a setting can count as, by its type."""
    kind = _SETTINGS[setting]
    if setting == "auction_ladder":
        return set(LadderStep)
    return set(kind) if isinstance(kind, type) and issubclass(kind, Enum) else {False, True}


@pytest.mark.parametrize("setting", _SETTINGS)
@pytest.mark.parametrize("author", [rules, possible_rules, common_rules])
def test_an_author_draws_every_value_of_a_setting(author: Callable[[Dice], MarketRules], setting: str) -> None:
    """A setting that is new one day is drawn too, or this test fails; `common_rules` draws those it may."""
    drawn: set[object] = set().union(*(_parts(getattr(rule, setting)) for rule in _drawn(author)))
    if author is common_rules and setting not in KNOWN_SETTINGS | IDLE_SETTINGS:
        assert drawn == _parts(getattr(MarketRules(), setting))
    else:
        assert drawn >= _values(setting)


def _drawn(author: Callable[[Dice], MarketRules]) -> list[MarketRules]:
    dice = Dice(1)
    return [author(dice) for _ in range(200)]


def test_the_author_uses_every_field_of_every_command() -> None:
    """A field that is new one day is drawn too, or this test fails."""
    used: set[tuple[str, str]] = set()
    for command in (*SETUP, *(command for seed in range(8) for command in script(seed, 1_000))):
        kind = type(command)
        for field in msgspec.structs.fields(kind):
            if getattr(command, field.name) != field.default:
                used.add((kind.__name__, field.name))
    expected = {
        (kind.__name__, field.name)
        for kind in get_args(AnyCommand)
        for field in msgspec.structs.fields(kind)
        if field.name not in _FOR_PEOPLE
    }
    assert expected - used == set()
