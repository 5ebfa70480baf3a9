"""Who may connect by FIX: sessions from a TOML file, or else the seed's two clients."""

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from stockex.errors import ConfigurationError
from stockex.messages.orders import Name
from stockex.vocabulary.accounts import CLIENTS
from stockex.vocabulary.enums import SelfTrade

Seconds = Annotated[int, Meta(ge=0, le=3600)]


Positive = Annotated[int, Meta(ge=1)]


class FixRate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many messages in any span of so many seconds."""

    most: Positive
    per_s: Annotated[int, Meta(ge=1, le=60)] = 1
    waits: bool = False


class FixSession(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One counterparty of the gateway.

    Attributes:
        target: Its CompID.
        account: Whose orders it enters; by default the account of that name.
        needs_password: Whether its Logon must bring the account and its password (553, 554); by default outside of
            demo mode.
        heartbeats_s: The least and the greatest HeartBtInt (108) that it may ask for.
        resets_on_logon: Whether numbers begin anew with each logon.
        rolls_daily: Whether numbers begin anew when a trading day ends; who is logged on then is logged out.
        cancel_on_disconnect: Whether all its orders end with its session, but those with ExecInst (18) H.
        rate: How many messages of the application may pass in how many seconds, and whether those that are too many
            wait for their turn (`waits`) or are refused; by default there is no bound.
        most_open: How many orders may be open or on their way; by default any number.
        most_quantity: The largest quantity of one order; by default the instrument's.
        self_trade: What its orders do when they meet each other; by default as the instrument's rules say.
        drop_copy: The accounts whose reports it is sent copies of, or "all". Such a session enters no orders.
    """

    target: Name
    account: Name | None = None
    needs_password: bool | None = None
    heartbeats_s: tuple[Seconds, Seconds] = (1, 300)
    resets_on_logon: bool = False
    rolls_daily: bool = False
    cancel_on_disconnect: bool = False
    rate: FixRate | None = None
    most_open: Positive | None = None
    most_quantity: Positive | None = None
    self_trade: SelfTrade | None = None
    drop_copy: tuple[Name, ...] | Literal["all"] | None = None


class FixSessions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of them, and our own CompID."""

    sender: Name = "FIX_SERVER"
    sessions: Annotated[tuple[FixSession, ...], Meta(min_length=1)] = field(name="session")


SCREENS: Final = tuple(f"UI-{number}" for number in range(1, 9))
"""Sessions for those who come by the FIX screen, so that each has one of its own."""

DEFAULT: Final = FixSessions(
    sessions=(
        *(FixSession(target=name) for name in CLIENTS),
        *(FixSession(target=name, account=CLIENTS[at % len(CLIENTS)]) for at, name in enumerate(SCREENS)),
    )
)
"""The seed's: FIX_SERVER with CLIENT1 and CLIENT2, each with an account of its own, which the screens' share."""


def fix_sessions(path: Path | None) -> FixSessions:
    """Return the sessions of a file, or the default ones.

    Raises:
        ConfigurationError: it cannot be read, or holds a value that cannot be used; the value is named.
    """
    if path is None:
        return DEFAULT
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=FixSessions)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    names = [session.target for session in found.sessions]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{path}: two sessions with {name}")
    return found
