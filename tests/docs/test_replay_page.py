"""The page on replay and fork: its commands print what it says, on the day that it tells of."""

from pathlib import Path

import pytest
from docs.markdown import Block, blocks, transcript_faults
from recording import record_day
from tidy.tree import ROOT

RUNNABLE = [block for block in blocks((ROOT / "docs" / "replay.md").read_text()) if "runs" in block.marks.split()]


@pytest.mark.parametrize("block", RUNNABLE, ids=range(len(RUNNABLE)))
def test_the_examples_print_what_the_page_says(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command, in the root of the repository, on a log of the day."""
    monkeypatch.setenv("STOCKEX_DATA", str(record_day(tmp_path)))
    assert list(transcript_faults(block.text, directory=ROOT)) == []
