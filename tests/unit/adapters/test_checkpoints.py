"""Checkpoints are whole or absent."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from stockex.adapters.checkpoints import Checkpoints
from stockex.errors import StockExError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that does not exist yet."""
    return tmp_path / "state" / "checkpoints"


@pytest.mark.parametrize("data", [b"", b"state", b"a\nb\x00\xff", b"x" * 2**20])
def test_what_was_saved_is_loaded(folder: Path, data: bytes) -> None:
    """Any bytes come back, in this process or a later one."""
    Checkpoints(folder).save("recorder", data)
    assert Checkpoints(folder).load("recorder") == data


def test_a_name_never_saved_loads_nothing(folder: Path) -> None:
    """Absence is no fault and is not warned about."""
    with capture_logs() as logs:
        assert Checkpoints(folder).load("recorder") is None
    assert logs == []


def test_saving_again_replaces(folder: Path) -> None:
    """The newest one counts, and nothing else stays in the folder."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    checkpoints.save("recorder", b"new")
    assert checkpoints.load("recorder") == b"new"
    assert [file.name for file in folder.iterdir()] == ["recorder"]


def test_names_do_not_meet(folder: Path) -> None:
    """Each name has its own checkpoint."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"r")
    checkpoints.save("matcher", b"m")
    assert (checkpoints.load("recorder"), checkpoints.load("matcher")) == (b"r", b"m")


@pytest.mark.parametrize("cut", [0, 10, 80, 95])
def test_a_cut_checkpoint_is_passed_over_aloud(folder: Path, cut: int) -> None:
    """A file that ends early loads nothing, and a warning names it."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"some state")
    (folder / "recorder").write_bytes((folder / "recorder").read_bytes()[:cut])
    with capture_logs() as logs:
        assert checkpoints.load("recorder") is None
    assert [log["event"] for log in logs] == ["checkpoint damaged"]


def test_a_changed_checkpoint_is_passed_over(folder: Path) -> None:
    """One changed byte is noticed."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"cash 100")
    (folder / "recorder").write_bytes((folder / "recorder").read_bytes().replace(b"cash 100", b"cash 900"))
    assert checkpoints.load("recorder") is None


def test_an_unreadable_checkpoint_is_passed_over_aloud(folder: Path) -> None:
    """What is no file loads nothing, and a warning names it."""
    (folder / "recorder").mkdir(parents=True)
    with capture_logs() as logs:
        assert Checkpoints(folder).load("recorder") is None
    assert [log["event"] for log in logs] == ["checkpoint unreadable"]


def test_a_draft_left_by_a_crash_does_not_count(folder: Path) -> None:
    """A crash while saving leaves the old checkpoint in force."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    (folder / "recorder.tmp").write_bytes(b"half of the n")
    assert checkpoints.load("recorder") == b"old"


def test_a_failed_save_says_so_and_keeps_the_old(folder: Path) -> None:
    """When the new one cannot be written the error is ours and the old one stays."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    (folder / "recorder.tmp").mkdir()
    with pytest.raises(StockExError, match="cannot save the checkpoint"):
        checkpoints.save("recorder", b"new")
    assert checkpoints.load("recorder") == b"old"
