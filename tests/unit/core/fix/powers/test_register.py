"""Rules by session."""

from unit.core.fix.powers.test_choosing import SWALLOW, script

from stockex.core.fix.powers.choosing import values_of
from stockex.core.fix.powers.register import EVERY, Powers
from stockex.core.fix.powers.rules import Script

ONCE = script({"act": SWALLOW, "times": 1})


def test_a_session_has_its_own_rules_or_everybodys() -> None:
    """Those of a file until others are set; without any there is nothing to ask."""
    powers = Powers({"A": ONCE, EVERY: script({"act": {"do": "drop"}})})
    assert powers.script("A") == ONCE
    assert powers.script("B").rules[0].act.__struct_config__.tag == "drop"
    powers.set("B", Script())
    assert powers.chooser("B") is None
    assert Powers().chooser("A") is None
    assert Powers().script("A") == Script()


def test_counts_go_on_until_rules_are_set_anew() -> None:
    """A rule that is used up stays so over connections."""
    powers = Powers({"A": ONCE})
    for _ in range(2):
        chooser = powers.chooser("A")
        assert chooser is not None
        list(chooser.chosen("out", "8", values=values_of("")))
    assert powers.met("A") == (1,)
    powers.set("A", ONCE)
    assert powers.met("A") == (0,)
    assert powers.met("B") == ()
