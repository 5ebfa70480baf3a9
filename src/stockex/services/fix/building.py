"""Builds the clients of the gateway from what was set."""

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.core.fix.copies.watcher import Watcher
from stockex.core.fix.message import Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.entry import Party
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.sorting import Judge, nothing_wrong
from stockex.core.fix.session.throttle import Rate, Turns
from stockex.errors import ConfigurationError
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import SOURCE

PIECE: Final = 32
PIECE_EVERY: Final = 2_000_000
"""How many messages are sent again at once, and how often by all sessions together, in nanoseconds.

So sending again takes a quarter of the time, and what others are told waits for half a millisecond.
"""

Verify = Callable[[str, str], bool]
"""Says whether a password opens an account."""


def clients_of(sessions: FixSessions, *, verify: Verify, demo: bool, powers: Powers | None = None) -> list[Client]:
    """Return a client for each session; in demo mode a Logon needs no password unless the session says so.

    `powers` are the rules of a test venue.
    """
    owners: dict[int, Desk] = {}
    found, turns = [], Turns(PIECE_EVERY)
    for each in sessions.sessions:
        account = each.account or each.target
        party = Party(
            account,
            f"{SOURCE}{each.target}",
            ends_when_down=each.cancel_on_disconnect,
            self_trade=each.self_trade,
            most_open=each.most_open,
            most_quantity=each.most_quantity,
        )
        needs = not demo if each.needs_password is None else each.needs_password
        judge = _judge(account, verify) if needs else nothing_wrong
        rate = None if each.rate is None else Rate(each.rate.most, each.rate.per_s, each.rate.waits)
        settings, desk = _settings(each, sessions.sender, turns=turns), _desk(each, party, owners=owners)
        client = Client(settings, desk, judge=judge, rate=rate, rolls_daily=each.rolls_daily)
        client.powers = powers
        found.append(client)
    return found


def _desk(session: FixSession, party: Party, *, owners: dict[int, Desk]) -> Desk:
    if session.drop_copy is None:
        return Desk(party, owners)
    return Watcher(party, None if session.drop_copy == "all" else frozenset(session.drop_copy))


def tls_of(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return what TLS needs, None without a certificate. Raises: ConfigurationError: a file cannot be used."""
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise ConfigurationError(f"STOCKEX_FIX_CERTIFICATE {certificate}, STOCKEX_FIX_KEY: {error}") from error
    return context


def _settings(session: FixSession, sender: str, *, turns: Turns) -> SessionSettings:
    return SessionSettings(
        sender=sender,
        target=session.target,
        resets_on_logon=session.resets_on_logon,
        heartbeats_s=session.heartbeats_s,
        piece=PIECE,
        turns=turns,
    )


def _judge(account: str, verify: Verify) -> Judge:
    """Return what asks a Logon for the account and its password. A password that was right is not checked again."""
    right: set[bytes] = set()

    def fault(logon: Message) -> str:
        user, password = logon.text(553), logon.text(554)
        mark = hashlib.sha256(password.encode("latin-1")).digest()
        if user == account and (mark in right or verify(account, password)):
            right.add(mark)
            return ""
        return "Username (553) or Password (554) is wrong"

    return fault
