"""What an initiator tells its listeners."""

import msgspec

from stockex.core.fix.message import Message, Refused


class Said(msgspec.Struct, frozen=True):
    """We sent this."""

    at: int
    data: bytes


class Heard(msgspec.Struct, frozen=True):
    """They sent this. The session has not looked at it yet: it may be out of turn, or against the dictionary."""

    at: int
    data: bytes
    message: Message | Refused


class Noise(msgspec.Struct, frozen=True):
    """They sent bytes that are no message."""

    at: int
    data: bytes
    why: str


class Delivered(msgspec.Struct, frozen=True):
    """A message for the application: each comes once, and in its turn."""

    at: int
    message: Message


class Up(msgspec.Struct, frozen=True):
    """The session is up."""

    at: int
    is_anew: bool
    """Its numbers began anew."""


class Down(msgspec.Struct, frozen=True):
    """The connection is gone, and why as far as we know."""

    at: int
    why: str


class Renumbered(msgspec.Struct, frozen=True):
    """The next number that is expected, and the next one to be sent."""

    at: int
    expected: int
    next_out: int


Happening = Said | Heard | Noise | Delivered | Up | Down | Renumbered
"""Anything that a listener is told."""
