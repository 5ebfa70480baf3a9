"""The simulated disk under the real checkpoints."""

from pathlib import Path

import pytest

from stockex.adapters.checkpoints import Checkpoints
from stockex.core.dice import Dice
from stockex.errors import StockExError
from stockex.simulation.world.disk import Disk, DiskFiles


def test_what_is_torn_is_never_taken_for_sound() -> None:
    """One file of two is damaged, in every way there is: the other one is loaded, and whole."""
    found = set()
    for seed in range(60):
        disk = Disk()
        checkpoints = Checkpoints(Path("engine"), files=DiskFiles(disk))
        for data in (b"the first", b"the second"):
            checkpoints.save("state", data)
        before = dict(disk.files)
        assert disk.tear(Dice(seed))
        assert disk.files != before
        found.add(checkpoints.load("state", bytes))
    assert found == {b"the first", b"the second"}


def test_an_empty_disk_has_nothing_to_tear() -> None:
    """And says so."""
    assert not Disk().tear(Dice(1))


def test_a_full_disk_refuses_and_keeps_what_it_has() -> None:
    """The checkpoint before is loaded."""
    disk = Disk()
    checkpoints = Checkpoints(Path("engine"), files=DiskFiles(disk))
    checkpoints.save("state", b"kept")
    disk.is_full = True
    with pytest.raises(StockExError, match="no space"):
        checkpoints.save("state", b"refused")
    assert checkpoints.load("state", bytes) == b"kept"


def test_who_was_killed_changes_nothing_any_more() -> None:
    """Its last words reach no disk; its successor sees what was there before."""
    disk = Disk()
    files = DiskFiles(disk)
    Checkpoints(Path("engine"), files=files).save("state", b"alive")
    files.is_cut_off = True
    Checkpoints(Path("engine"), files=files).save("state", b"dead")
    assert Checkpoints(Path("engine"), files=DiskFiles(disk)).load("state", bytes) == b"alive"
