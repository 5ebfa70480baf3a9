"""FIX under fire: a few mutated messages, of which `stockex fuzz-fix` fires as many as one likes, and cut sessions."""

import json
from pathlib import Path

from typer.testing import CliRunner

from stockex.adapters.clock import wall_clock
from stockex.bus.memory import MemoryBus
from stockex.cli import commands
from stockex.torture.fix.codec import fire_at_codec
from stockex.torture.fix.disconnects import cut_off
from stockex.torture.fix.live import fire_at_sessions


def test_the_codec_makes_something_of_every_mutant() -> None:
    """A message, a refusal or a skip; some of each, and the same by the same seed."""
    one, again = fire_at_codec(3_000, seed=7), fire_at_codec(3_000, seed=7)
    assert one.fault is None
    assert one.counts == again.counts
    assert min(one.counts[kind] for kind in ("messages", "skipped", "refused_6", "refused_1")) > 50


async def test_live_sessions_answer_and_keep_their_numbers() -> None:
    """Over one connection after the other, and over a start on the log."""
    found = await fire_at_sessions(800, seed=7)
    assert found.fault is None
    assert found.counts["listens"] > 0
    assert found.counts["heard_3"] > 10


def test_the_command_tells_what_came_out() -> None:
    """A line of figures for each part."""
    told = CliRunner().invoke(commands, ["fuzz-fix", "--messages", "100", "--live", "0", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["mutants"] == 100


async def test_when_sessions_are_cut_their_flagged_orders_end_and_no_others(tmp_path: Path) -> None:
    """200 sessions, one after the other, each with five orders that end with it and five that do not."""
    found = await cut_off(MemoryBus(wall_clock), tmp_path, sessions=200)
    assert (found.flagged, found.gone, found.others_gone) == (1_000, 1_000, 0)
