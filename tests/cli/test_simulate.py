"""`stockex simulate` counts what happened, and a failing seed names the one command that repeats it."""

import json
from functools import partial

import pytest
from simulation.planted import PLANTED
from typer.testing import CliRunner

from stockex.cli import commands
from stockex.commands import simulate
from stockex.simulation.world.run import lived


def test_worlds_are_counted() -> None:
    """Two worlds, with what failed in them and what was looked at, as text and as JSON."""
    words = ["simulate", "--seeds", "2", "--first", "30", "--steps", "12"]
    shown = CliRunner().invoke(commands, words)
    told = json.loads(CliRunner().invoke(commands, [*words, "--json"]).stdout)
    assert shown.exit_code == 0
    assert f"facts                {told['facts']:,}" in shown.stdout
    assert (told["worlds"], told["violation"], told["repeat_by"]) == (2, None, None)
    assert told["last_digest"] == lived(31, 12).digest


def test_a_failing_seed_is_repeated_by_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run stops there, and the command printed finds the same violation."""
    monkeypatch.setattr(simulate, "lived", partial(lived, kit=PLANTED["a trade not cleared"]))
    failed = CliRunner().invoke(commands, ["simulate", "--seeds", "100", "--json"])
    told = json.loads(failed.stdout)
    assert failed.exit_code == 1
    program, *words = told["repeat_by"].split()
    again = json.loads(CliRunner().invoke(commands, [*words, "--json"]).stdout)
    assert program == "stockex"
    assert (again["violation"], again["last_digest"]) == (told["violation"], told["last_digest"])
    assert (told["worlds"] > 1, again["worlds"]) == (True, 1)
