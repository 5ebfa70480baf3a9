"""Who may log in: passwords, and the secret that signs sessions.

In demo mode a password is the user's own name. Otherwise every user gets a random password at the first start, shown
once by `app` and kept only as an argon2id hash.
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stockex.errors import ConfigurationError
from stockex.vocabulary.accounts import ACCOUNTS, Role

PEOPLE: Final[Mapping[str, Role]] = MappingProxyType(
    {account.name: account.role for account in ACCOUNTS if account.role is not Role.MARKET_MAKER}
)
"""Everybody who may log in, with their role. The feeder's accounts have no door."""

_KEY_FILE: Final = "session.key"
_HASHES_FILE: Final = "passwords.json"
_SECRET_BYTES: Final = 32
_PASSWORD_BYTES: Final = 12

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Source: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB, two passes, one lane."""


class Credentials:
    """The passwords of a running exchange.

    Attributes:
        secret: Signs session cookies; the same after a restart.
        generated: User to new password, for those who got one at this start. Nobody can read them later.
    """

    def __init__(self, *, secret: bytes, hashes: Mapping[str, str] | None, generated: Mapping[str, str]) -> None:
        """Check against `hashes`, user to argon2id hash, or in demo mode (None) against the user's name."""
        self.secret = secret
        self.generated = generated
        self._hashes = hashes
        self._decoy = _hasher.hash("nobody") if hashes is not None else ""

    @classmethod
    def open(cls, directory: Path, *, demo: bool) -> Self:
        """Return the credentials kept in `directory`, making and saving what is missing there.

        Raises:
            ConfigurationError: a file there cannot be read or written, or is damaged; it is named.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with _alone(directory):
                secret = _session_secret(directory / _KEY_FILE)
                if demo:
                    return cls(secret=secret, hashes=None, generated={})
                hashes, generated = _passwords(directory / _HASHES_FILE)
        except OSError as error:
            raise ConfigurationError(f"cannot keep credentials in {directory}: {error}") from error
        return cls(secret=secret, hashes=hashes, generated=generated)

    def verify(self, user: str, password: str) -> bool:
        """Say whether `password` opens `user`.

        An unknown user costs as much time as a wrong password. Takes some 20 ms of a core outside demo mode.
        """
        is_known = user in PEOPLE
        if self._hashes is None:
            return hmac.compare_digest(password.encode(), user.encode()) and is_known
        try:
            _hasher.verify(self._hashes.get(user, self._decoy), password)
        except (VerificationError, InvalidHashError):
            return False
        return is_known


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other processes that share the directory from making the same files at the same time."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _session_secret(path: Path) -> bytes:
    if not path.exists():
        _write_private(path, secrets.token_bytes(_SECRET_BYTES))
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise ConfigurationError(f"{path} is damaged; delete it to log everybody out and begin anew")
    return secret


def _passwords(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return user to hash, and user to new password for those who had none."""
    hashes: dict[str, str] = {}
    if path.exists():
        try:
            hashes = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        except msgspec.MsgspecError as error:
            raise ConfigurationError(f"{path} is damaged; delete it to give everybody a new password") from error
    generated = {user: secrets.token_urlsafe(_PASSWORD_BYTES) for user in PEOPLE if user not in hashes}
    if generated:
        hashes |= {user: _hasher.hash(password) for user, password in generated.items()}
        _write_private(path, msgspec.json.encode(hashes))
    return hashes, generated


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
