"""`stockex match --profile`: the rules of instruments whose record names none."""

import json

import pytest
from typer.testing import CliRunner

from stockex.adapters.profiles import profile
from stockex.cli import commands
from stockex.errors import ConfigurationError
from stockex.simulation.ndjson import matched

PLAIN = b'{"type":"instrument","symbol":"A","tick":0.01,"reference":25}'
NAMED = b'{"type":"instrument","symbol":"B","tick":0.01,"reference":25,"rules":{}}'


def icebergs(lines: list[bytes], name: str) -> list[str]:
    """Return the iceberg style of each instrument that is listed under a profile."""
    facts = [json.loads(written) for written in matched(lines, rules=profile(name))]
    return [fact["rules"]["iceberg"] for fact in facts]


def test_the_profile_holds_where_the_record_names_no_rules() -> None:
    """An instrument that names rules, if only the defaults, keeps them."""
    assert icebergs([PLAIN, NAMED], "tsx") == ["displayed_then_hidden", "replenish_to_back"]


def test_the_command_takes_a_profile() -> None:
    """Its rules stand in the fact."""
    found = CliRunner().invoke(commands, ["match", "--profile", "crypto"], input=PLAIN)
    assert json.loads(found.output)["rules"]["self_trade"] == "DECREMENT_AND_CANCEL"


def test_a_profile_that_is_none_stops_the_command() -> None:
    """Before anything is read."""
    found = CliRunner().invoke(commands, ["match", "--profile", "moon"], input=PLAIN)
    with pytest.raises(ConfigurationError, match="profile 'moon'"):
        raise found.exception or AssertionError
