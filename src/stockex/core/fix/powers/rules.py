"""Rules: which messages of a session, how often, and what is done then. One schema for file, REST and screen."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Few = Annotated[int, Meta(ge=1, le=1_000)]
Percent = Annotated[int, Meta(ge=1, le=100)]
Millis = Annotated[int, Meta(ge=0, le=600_000)]
Line = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f]*$(?!\n)")]
Letters = Annotated[str, Meta(min_length=1, max_length=4, pattern=r"^[!-~]+$(?!\n)")]


class Act(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="do"):
    """What is done about a message."""


class Swallow(Act, frozen=True, tag="swallow"):
    """The message is lost: one of ours never leaves, one of theirs never came."""


class Repeat(Act, frozen=True, kw_only=True, tag="repeat"):
    """The message leaves again as it was, under the same number and without PossDup."""

    times: Few = 1


class Skip(Act, frozen=True, kw_only=True, tag="skip"):
    """Numbers are left out after the message, so that the next one comes too high."""

    count: Few = 1


class BadChecksum(Act, frozen=True, tag="bad_checksum"):
    """The message leaves with a CheckSum (10) that is wrong."""


class BadLength(Act, frozen=True, tag="bad_length"):
    """The message leaves with a BodyLength (9) that is one too long."""


class Stale(Act, frozen=True, kw_only=True, tag="stale"):
    """The message leaves with a SendingTime (52) that lies back."""

    seconds: Annotated[int, Meta(ge=-86_400, le=86_400)] = 300


class Shred(Act, frozen=True, kw_only=True, tag="shred"):
    """The message leaves in pieces of so many bytes, a moment between them."""

    size: Few = 8
    pause_ms: Millis = 5


class Drop(Act, frozen=True, kw_only=True, tag="drop"):
    """The connection ends without a Logout: before the message leaves, or behind it."""

    is_before: bool = False


class Resend(Act, frozen=True, kw_only=True, tag="resend"):
    """The counterparty is asked to send everything again from a number on."""

    begin: Count = 1


class Logout(Act, frozen=True, kw_only=True, tag="logout"):
    """The session is ended by a Logout with a reason."""

    text: Line = "end of session"


class Delay(Act, frozen=True, kw_only=True, tag="delay"):
    """The message waits; what follows waits behind it.

    Attributes:
        kind: All the same `ms`; normal around `ms` with a deviation of `spread_ms`; or `ms`, and now and then
            `spread_ms` more.
        chance: How often there is a spike, in percent.
    """

    kind: Literal["fixed", "normal", "spikes"] = "fixed"
    ms: Millis = 50
    spread_ms: Millis = 0
    chance: Percent = 5


class Reject(Act, frozen=True, kw_only=True, tag="reject"):
    """An order, a cancel or a replacement is refused, and never reaches the engine.

    Attributes:
        reason: OrdRejReason (103) or CxlRejReason (102).
    """

    reason: Annotated[int, Meta(ge=0, le=99)] = 99
    text: Line = "refused by a rule of this test venue"


class Fill(Act, frozen=True, kw_only=True, tag="fill"):
    """An order with a limit is met by orders of the venue's own account at that limit: so much of it, in so many parts.

    They are orders like others: who stands before in the book trades first.
    """

    percent: Percent = 50
    parts: Annotated[int, Meta(ge=1, le=20)] = 1


class Race(Act, frozen=True, kw_only=True, tag="race"):
    """A cancel or a replacement is told to be pending, and the order is met at its limit before it is obeyed.

    Attributes:
        percent: How much of what is open: with 100 the request comes too late.
    """

    percent: Percent = 100


class Bust(Act, frozen=True, kw_only=True, tag="bust"):
    """A trade is busted when its report (150=F) has left."""

    text: Line = "busted by a rule of this test venue"


AnyAct = (
    Swallow
    | Repeat
    | Skip
    | BadChecksum
    | BadLength
    | Stale
    | Shred
    | Drop
    | Resend
    | Logout
    | Delay
    | Reject
    | Fill
    | Race
    | Bust
)


DESK = (Reject, Fill, Race)
"""Acts that concern orders and requests, asked when one has come."""

TRADES = (Bust,)
"""Acts that concern trades, asked when one is reported. All others are asked on the wire."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule. It applies to messages of these types, with these values, that go this way.

    Attributes:
        way: "out" for what the venue sends, "in" for what it gets.
        types: MsgTypes; none means every one but Logon and Logout.
        where: Values by tag, of header or body.
        after: So many such messages pass before the first one that counts.
        every: Of those that count, each `every`th is met.
        chance: And of these, so many in a hundred.
        times: After so many, the rule is used up; without it, never.
    """

    act: AnyAct
    name: Line = ""
    way: Literal["out", "in"] = "out"
    types: tuple[Letters, ...] = ()
    where: Mapping[int, Line] = {}
    after: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    every: Count = 1
    chance: Percent = 100
    times: Count | None = None


class Script(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules of one session, in the order in which they are asked, and the seed of their dice."""

    rules: Annotated[tuple[Rule, ...], Meta(max_length=100)] = ()
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 7
