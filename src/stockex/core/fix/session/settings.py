"""What is agreed with one counterparty."""

from collections.abc import Mapping
from typing import Final

import msgspec

from stockex.core.fix.session.throttle import Turns
from stockex.core.fix.times import SECOND

FIRST: Final = 1
"""The number with which a session begins."""


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one session.

    Attributes:
        sender: Our CompID: SenderCompID of what we send.
        target: Theirs.
        begin_string: The version, as it stands in BeginString.
        resets_on_logon: Numbers begin anew with every logon, asked for by 141=Y or not.
        heartbeat_s: HeartBtInt of our own Logon, as initiator.
        logon: What else our own Logon says, such as Username (553) and Password (554).
        heartbeats_s: The least and the greatest HeartBtInt that we take; 0 is no heartbeats.
        skew_s: How far SendingTime may be from our time.
        logon_wait_s: How long a connection may be without a logon.
        logout_wait_s: How long we wait for the answer to our Logout.
        gap_wait_s: After this time without progress we ask again for what is missing.
        digits: Decimals of the seconds in what we send: 3 or 6.
        piece: How many messages are sent again at once.
        turns: What the sessions of one process share, so that sending again leaves time for all else; None: nothing.
        kept: How many messages that came too early are kept at most.
    """

    sender: str
    target: str
    begin_string: str = "FIX.4.4"
    resets_on_logon: bool = False
    heartbeat_s: int = 30
    logon: Mapping[int, str] = {}
    heartbeats_s: tuple[int, int] = (0, 3600)
    skew_s: int = 120
    logon_wait_s: int = 10
    logout_wait_s: int = 2
    gap_wait_s: int = 30
    digits: int = 3
    piece: int = 100
    turns: Turns | None = None
    kept: int = 10_000

    @property
    def skew(self) -> int:
        """How far SendingTime may be from our time, in nanoseconds."""
        return self.skew_s * SECOND
