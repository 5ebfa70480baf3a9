"""The page of the profiles names every setting, every value and every choice."""

import pytest
from tidy.tree import ROOT

from stockex.adapters.profiles import profile, profile_names, values_of
from stockex.vocabulary.market_rules import MarketRules

PAGE = (ROOT / "docs" / "reference" / "profiles.md").read_text(encoding="utf-8")
SETTINGS, CHOICES = PAGE.split("## Choices")
NAMES = MarketRules.__struct_fields__


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented_with_its_values(name: str) -> None:
    """One line each, in the words that a profile writes."""
    assert f"| `{name}` | {', '.join(values_of(name))} |" in SETTINGS


@pytest.mark.parametrize("name", profile_names())
def test_every_choice_of_a_profile_is_shown(name: str) -> None:
    """The column of the profile holds what its file says."""
    head, _, *rows = (line.strip("| ").split(" | ") for line in CHOICES.strip().splitlines())
    column = head.index(f"`{name}`")
    shown = {row[0].strip("`"): row[column] for row in rows}
    assert shown["iceberg"] == profile(name).iceberg.value
    assert shown["auction_ladder"] == ", ".join(profile(name).auction_ladder)
    assert list(shown) == list(NAMES)
