"""Checkpoints are whole or absent."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from stockex.adapters.checkpoints import Checkpoints, own
from stockex.errors import CheckpointUnfit, StockExError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that does not exist yet."""
    return tmp_path / "state" / "checkpoints"


@pytest.mark.parametrize("data", [b"", b"state", b"a\nb\x00\xff", b"x" * 2**20])
def test_what_was_saved_is_loaded(folder: Path, data: bytes) -> None:
    """Any bytes come back, in this process or a later one."""
    Checkpoints(folder).save("recorder", data)
    assert Checkpoints(folder).load("recorder", bytes) == data


def test_a_name_never_saved_loads_nothing(folder: Path) -> None:
    """Absence is no fault and is not warned about."""
    with capture_logs() as logs:
        assert Checkpoints(folder).load("recorder", bytes) is None
    assert logs == []


def test_saving_again_replaces(folder: Path) -> None:
    """The newest one counts, the one before it stays, and nothing else does."""
    checkpoints = Checkpoints(folder)
    for data in (b"oldest", b"old", b"new"):
        checkpoints.save("recorder", data)
    assert checkpoints.load("recorder", bytes) == b"new"
    assert {file.name for file in folder.iterdir()} == {"recorder", "recorder.old"}
    (folder / "recorder").unlink()
    assert checkpoints.load("recorder", bytes) == b"old"


def test_names_do_not_meet(folder: Path) -> None:
    """Each name has its own checkpoint."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"r")
    checkpoints.save("matcher", b"m")
    assert (checkpoints.load("recorder", bytes), checkpoints.load("matcher", bytes)) == (b"r", b"m")


def test_an_unreadable_checkpoint_is_passed_over_aloud(folder: Path) -> None:
    """What is no file loads nothing, and a warning names it."""
    (folder / "recorder").mkdir(parents=True)
    with capture_logs() as logs:
        assert Checkpoints(folder).load("recorder", bytes) is None
    assert [log["event"] for log in logs] == ["checkpoint_skipped"]


def test_a_draft_left_by_a_crash_does_not_count(folder: Path) -> None:
    """A crash while saving leaves the old checkpoint in force."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    (folder / "recorder.tmp").write_bytes(b"half of the n")
    assert checkpoints.load("recorder", bytes) == b"old"


def test_a_failed_save_says_so_and_keeps_the_old(folder: Path) -> None:
    """When the new one cannot be written the error is ours and the old one stays."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    (folder / "recorder.tmp").mkdir()
    with pytest.raises(StockExError, match="cannot save the checkpoint"):
        checkpoints.save("recorder", b"new")
    assert checkpoints.load("recorder", bytes) == b"old"


def _damaged(folder: Path) -> Iterator[bytes]:
    """Yield every damage of the newest file: each byte changed in three ways, and the file cut before each byte."""
    sound = (folder / "recorder").read_bytes()
    for place, byte in enumerate(sound):
        for flip in (0x01, 0x80, 0xFF):
            yield sound[:place] + bytes([byte ^ flip]) + sound[place + 1 :]
        yield sound[:place]
    yield sound + b"\n"


def test_every_changed_byte_and_every_cut_is_noticed(folder: Path) -> None:
    """Whatever one byte becomes, and wherever the file ends, the one before is loaded and the damage told once."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"older")
    checkpoints.save("recorder", b'{"cash": 100}\n\x00')
    for number, damage in enumerate(_damaged(folder)):
        (folder / "recorder").write_bytes(damage)
        with capture_logs() as logs:
            assert checkpoints.load("recorder", bytes) == b"older", f"damage {number}"
        assert [(log["event"], log["path"]) for log in logs] == [("checkpoint_skipped", str(folder / "recorder"))]


def test_two_damaged_ones_load_nothing(folder: Path) -> None:
    """Each is told, and the log is left."""
    checkpoints = Checkpoints(folder)
    for data in (b"older", b"newer"):
        checkpoints.save("recorder", data)
    for name in ("recorder", "recorder.old"):
        (folder / name).write_bytes(b"stockex-checkpoint")
    with capture_logs() as logs:
        assert checkpoints.load("recorder", bytes) is None
    assert [log["event"] for log in logs] == ["checkpoint_skipped"] * 2


def test_another_version_is_passed_over_by_name(folder: Path) -> None:
    """A later or earlier layout is told as such, and the older file counts if it is of this one."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"of two", version=2)
    checkpoints.save("recorder", b"of three", version=3)
    with capture_logs() as logs:
        assert checkpoints.load("recorder", bytes, version=2) == b"of two"
    assert [log["reason"] for log in logs] == ["it is of version 3, not 2"]


def test_what_its_reader_refuses_is_passed_over(folder: Path) -> None:
    """A sound file that does not fit gives way to the one before it."""

    def fitting(data: bytes) -> bytes:
        if data == b"ahead of the log":
            raise CheckpointUnfit("it is of another log")
        return data

    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"fits")
    checkpoints.save("recorder", b"ahead of the log")
    with capture_logs() as logs:
        assert checkpoints.load("recorder", fitting) == b"fits"
    assert [log["reason"] for log in logs] == ["it is of another log"]


def test_a_crash_between_the_renamings_leaves_the_older_one(folder: Path) -> None:
    """The newest has moved aside, its successor has not moved in: no fault, no line."""
    checkpoints = Checkpoints(folder)
    checkpoints.save("recorder", b"old")
    (folder / "recorder").rename(folder / "recorder.old")
    with capture_logs() as logs:
        assert checkpoints.load("recorder", bytes) == b"old"
    assert logs == []


def test_of_several_processes_each_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """The second one takes the next; each begins with the newest that there is, of a neighbour or of one before."""
    first = own(tmp_path / "matcher")
    first.save("engine", b"first")
    second = own(tmp_path / "matcher")
    assert second.load("engine", bytes) == b"first"
    second.save("engine", b"second")
    _dated(tmp_path / "matcher" / "engine", hours_ago=1)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["matcher", "matcher-2"]
    first.close()
    third = own(tmp_path / "matcher")
    assert third.load("engine", bytes) == b"second"
    _dated(tmp_path / "matcher-2" / "engine", hours_ago=2)
    assert third.load("engine", bytes) == b"first"
    second.close()
    third.close()


def _dated(path: Path, *, hours_ago: int) -> None:
    """Let a file have been written so long ago: two saved at once may have the same time."""
    then = path.stat().st_mtime - 3_600 * hours_ago
    os.utime(path, (then, then))
