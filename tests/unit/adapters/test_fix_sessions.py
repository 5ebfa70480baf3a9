"""The sessions of the FIX gateway, from a file or by default."""

from pathlib import Path

import pytest

from stockex.adapters.fix_sessions import FixSession, FixSessions, fix_sessions
from stockex.errors import ConfigurationError
from stockex.vocabulary.enums import SelfTrade


def written(folder: Path, text: str) -> Path:
    """Return a file with this text."""
    path = folder / "sessions.toml"
    path.write_text(text)
    return path


def test_without_a_file_there_are_the_two_clients_and_the_sessions_of_the_screen() -> None:
    """With the CompIDs of the original, and one for each of eight visitors of /fix/."""
    found = fix_sessions(None)
    assert found.sender == "FIX_SERVER"
    assert [session.target for session in found.sessions] == [
        "CLIENT1",
        "CLIENT2",
        *(f"UI-{number}" for number in range(1, 9)),
    ]


def test_a_file_says_all_that_can_be_set(tmp_path: Path) -> None:
    """What it leaves out has its default."""
    text = """
        sender = "VENUE"
        [[session]]
        target = "DESK1"
        account = "USR01"
        needs_password = true
        heartbeats_s = [5, 60]
        cancel_on_disconnect = true
        self_trade = "CANCEL_OLDEST"
        [[session]]
        target = "DESK2"
        drop_copy = ["USR01", "USR02"]
        [[session]]
        target = "FIRM"
        drop_copy = "all"
    """
    one = FixSession(
        target="DESK1",
        account="USR01",
        needs_password=True,
        heartbeats_s=(5, 60),
        cancel_on_disconnect=True,
        self_trade=SelfTrade.CANCEL_OLDEST,
    )
    two = FixSession(target="DESK2", drop_copy=("USR01", "USR02"))
    expected = FixSessions(sender="VENUE", sessions=(one, two, FixSession(target="FIRM", drop_copy="all")))
    assert fix_sessions(written(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sender = 'A'", "session"),
        ("[[session]]\ntarget = 'A B'", "target"),
        ("[[session]]\ntarget = 'A'\nfavours = true", "favours"),
        ("[[session]]\ntarget = 'A'\n[[session]]\ntarget = 'A'", "two sessions with A"),
        ("[[session]]\ntarget = 'A'\ndrop_copy = 'some'", "drop_copy"),
        ("[[session", "sessions.toml"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    """The start is refused with one line."""
    with pytest.raises(ConfigurationError, match=told):
        fix_sessions(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A typing mistake does not mean the default."""
    with pytest.raises(ConfigurationError, match="nowhere"):
        fix_sessions(tmp_path / "nowhere.toml")
