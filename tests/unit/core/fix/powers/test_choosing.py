"""Which messages a rule meets."""

from typing import Any

import msgspec
import pytest

from stockex.core.fix.framing import SOH
from stockex.core.fix.powers.choosing import Chooser, values_of
from stockex.core.fix.powers.rules import Script

SWALLOW = {"do": "swallow"}


def script(*rules: dict[str, Any], seed: int = 7) -> Script:
    """Return a script as a file would have it."""
    return msgspec.json.decode(msgspec.json.encode({"rules": rules, "seed": seed}), type=Script)


def met(*rules: dict[str, Any], count: int = 10, seed: int = 7, msg_type: str = "8", frame: str = "") -> list[int]:
    """Return which of `count` equal messages a rule meets, counted from 1."""
    chooser = Chooser(script(*rules, seed=seed))
    values = values_of(frame.replace("|", SOH))
    return [number for number in range(1, count + 1) if list(chooser.chosen("out", msg_type, values=values))]


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"after": 8}, [9, 10]),
        ({"every": 4}, [4, 8]),
        ({"after": 1, "every": 4}, [5, 9]),
        ({"times": 2}, [1, 2]),
        ({"after": 2, "every": 3, "times": 2}, [5, 8]),
        ({"way": "in"}, []),
        ({"types": ["9", "8"]}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"types": ["9"]}, []),
        ({"where": {"55": "ALPHA"}, "times": 1}, [1]),
        ({"where": {"55": "ALPHA", "54": "2"}}, []),
        ({"where": {"58": ""}, "times": 1}, [1]),
    ],
)
def test_a_rule_meets_the_messages_that_it_means(rule: dict[str, Any], numbers: list[int]) -> None:
    """After some, every so many, at most so many; of a way, of types, with values."""
    assert met({"act": SWALLOW, **rule}, frame="35=8|55=ALPHA|54=1|55=BETA|") == numbers


def test_logon_and_logout_must_be_named() -> None:
    """A rule for everything lets a client in and out."""
    assert met({"act": SWALLOW}, msg_type="A") == []
    assert met({"act": SWALLOW}, msg_type="5") == []
    assert met({"act": SWALLOW, "types": ["A"], "times": 1}, msg_type="A") == [1]


def test_chance_is_decided_by_the_seed() -> None:
    """The same seed meets the same messages, another one others, and about as many as it should."""
    rule = {"act": SWALLOW, "chance": 30}
    first = met(rule, count=1_000)
    assert first == met(rule, count=1_000)
    assert first != met(rule, count=1_000, seed=8)
    assert 250 < len(first) < 350


def test_a_rule_has_dice_of_its_own() -> None:
    """Another rule beside it does not change what it meets."""
    rule = {"act": SWALLOW, "chance": 30, "name": "a"}
    alone = met(rule, count=200)
    chooser = Chooser(script(rule, {"act": SWALLOW, "chance": 50, "name": "b"}))
    beside = [
        number
        for number in range(1, 201)
        if "a" in [found.name for found, _ in chooser.chosen("out", "8", values=values_of(""))]
    ]
    assert beside == alone
    assert chooser.met[0] == len(alone)


@pytest.mark.parametrize(
    "rule",
    [
        {"act": {"do": "what"}},
        {"act": {"do": "delay", "ms": -1}},
        {"act": {"do": "delay", "kind": "odd"}},
        {"act": SWALLOW, "chance": 0},
        {"act": SWALLOW, "every": 0},
        {"act": SWALLOW, "types": [""]},
        {"act": SWALLOW, "name": "a\nb"},
        {"act": SWALLOW, "more": 1},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    """With the field at fault."""
    with pytest.raises(msgspec.ValidationError):
        script(rule)
