"""Passwords, and the secret that signs sessions."""

import stat
from pathlib import Path

import pytest

from stockex.adapters.credentials import PEOPLE, Credentials
from stockex.errors import ConfigurationError
from stockex.vocabulary.accounts import CLIENTS, FLOW, MARKET_MAKER, MEMBERS, OPERATOR


def test_members_clients_and_the_operator_have_a_door() -> None:
    """The feeder's accounts have none."""
    assert set(PEOPLE) == {*MEMBERS, *CLIENTS, OPERATOR}


@pytest.mark.parametrize("user", ["USR01", "CLIENT2", "OPERATOR"])
def test_in_a_demonstration_the_password_is_the_name(tmp_path: Path, user: str) -> None:
    """Just the name, and nothing else."""
    credentials = Credentials.open(tmp_path, demo=True)
    assert [credentials.verify(user, password) for password in (user, "", user.lower(), "wrong")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("user", [MARKET_MAKER, FLOW, "USR11", ""])
def test_in_a_demonstration_others_stay_outside(tmp_path: Path, user: str) -> None:
    """An account without a door has no password either."""
    assert not Credentials.open(tmp_path, demo=True).verify(user, user)


def test_everybody_gets_a_password_of_their_own(tmp_path: Path) -> None:
    """The first start makes one for each; it opens that user and no other."""
    credentials = Credentials.open(tmp_path, demo=False)
    passwords = credentials.generated
    assert passwords.keys() == PEOPLE.keys()
    assert len(set(passwords.values())) == len(PEOPLE)
    assert credentials.verify("USR01", passwords["USR01"])
    assert not credentials.verify("USR02", passwords["USR01"])


def test_the_demonstrations_passwords_do_not_open_the_real_one(tmp_path: Path) -> None:
    """Neither a user's name nor an unknown user gets in."""
    credentials = Credentials.open(tmp_path, demo=False)
    assert not any(credentials.verify(user, user) for user in ("USR01", "OPERATOR", "USR11", MARKET_MAKER))


def test_passwords_and_sessions_survive_a_restart(tmp_path: Path) -> None:
    """The second start makes nothing new, and nobody can read the passwords again."""
    first = Credentials.open(tmp_path, demo=False)
    second = Credentials.open(tmp_path, demo=False)
    assert (second.generated, second.secret) == ({}, first.secret)
    assert second.verify("OPERATOR", first.generated["OPERATOR"])


def test_only_the_owner_can_read_the_files_and_they_hold_no_password(tmp_path: Path) -> None:
    """Mode 600, argon2id hashes, and no draft left behind."""
    generated = Credentials.open(tmp_path / "new", demo=False).generated
    files = sorted((tmp_path / "new").iterdir())
    text = (tmp_path / "new" / "passwords.json").read_text()
    assert [file.name for file in files] == ["passwords.json", "session.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert text.count("$argon2id$") == len(PEOPLE)
    assert not any(password in text for password in generated.values())


def test_two_exchanges_have_two_secrets(tmp_path: Path) -> None:
    """A session of one means nothing to the other."""
    secrets = {Credentials.open(tmp_path / name, demo=True).secret for name in "ab"}
    assert {len(secret) for secret in secrets} == {32}
    assert len(secrets) == 2


@pytest.mark.parametrize(("name", "damage"), [("session.key", b"short"), ("passwords.json", b"{")])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: bytes) -> None:
    """The start ends with a sentence that says which file, and what to do."""
    Credentials.open(tmp_path, demo=False)
    (tmp_path / name).write_bytes(damage)
    with pytest.raises(ConfigurationError, match=f"{name} is damaged; delete it"):
        Credentials.open(tmp_path, demo=False)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the folder's place is said, and no traceback."""
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot keep credentials in"):
        Credentials.open(tmp_path / "data", demo=True)
