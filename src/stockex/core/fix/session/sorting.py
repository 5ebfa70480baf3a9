"""Which input a message is. The order of the checks is the order of precedence.

BeginString, MsgSeqNum, CompIDs, SendingTime; then what may come out of order (Logon, SequenceReset, Logout,
ResendRequest); then the number; then the dictionary; then the kind of message.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from stockex.core.fix.message import Message, Refused, head
from stockex.core.fix.reasons import SessionRejectReason as Reason
from stockex.core.fix.session.settings import FIRST, SessionSettings
from stockex.core.fix.session.table import EARLY, TRANSITIONS, Action, Input, State
from stockex.core.fix.times import nanos_of

ADMIN: Final = frozenset("0A12345")
"""Messages of the session, which are never sent again and never delivered."""

PLAIN_STEP: Final = (State.ACTIVE, (Action.COUNT, Action.DELIVER))
"""What the table says of the application's next message; `Session.arrived` does it without looking there."""

assert TRANSITIONS[State.ACTIVE, Input.APPLICATION] == PLAIN_STEP, "the short way is the table's"

_KINDS: Final = {"0": Input.HEARTBEAT, "1": Input.TEST_REQUEST, "3": Input.REJECT, "A": Input.LOGON}
_DIGITS: Final = 18

Judge = Callable[[Message], str]
"""Says what is wrong with a Logon of sound form, as with its password; "" when nothing is."""


def nothing_wrong(_: Message) -> str:
    """Take every Logon."""
    return ""


class Moment(msgspec.Struct, frozen=True):
    """What a message is sorted by.

    Attributes:
        expected: The number that comes next.
        next_out: The number of what we send next.
    """

    settings: SessionSettings
    state: State
    expected: int
    next_out: int
    at: int
    judge: Judge = nothing_wrong


class Sorted(msgspec.Struct, frozen=True):
    """An input, with the reason, tag and text of what is to be said about it."""

    given: Input
    reason: Reason | None = None
    tag: int | None = None
    text: str = ""


def number(message: Message | Refused) -> int:
    """Return MsgSeqNum, -1 without a readable one."""
    value = head(message, 34)
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _DIGITS else -1


def is_plain(message: Message | Refused, settings: SessionSettings, *, expected: int, at: int) -> bool:
    """Say whether this is what comes most to a live session: the application's next message, nothing strange about it.

    `sorted_as` says the same of it; a test holds it to that.
    """
    header = message.header
    stamped = header.get(52)
    return (
        isinstance(message, Message)
        and message.msg_type not in ADMIN
        and message.begin_string == settings.begin_string
        and header.get(34) == str(expected)
        and header.get(49) == settings.target
        and header.get(56) == settings.sender
        and 43 not in header  # noqa: PLR2004 (PossDupFlag)
        and isinstance(stamped, str)
        and abs(nanos_of(stamped) - at) <= settings.skew
    )


def sorted_as(message: Message | Refused, now: Moment) -> Sorted:
    """Return which input the message is."""
    return _by_header(message, now) or _by_kind(message, now)


def sorted_again(message: Message | Refused, now: Moment) -> Sorted:
    """Return which input a message is that was kept and whose turn has come: its header was checked before."""
    return _by_kind(message, now)


def _by_header(message: Message | Refused, now: Moment) -> Sorted | None:
    """Return what is wrong with the header. What is not there is told by the dictionary."""
    settings = now.settings
    if message.begin_string != settings.begin_string:
        return Sorted(Input.WRONG_VERSION, text="Incorrect BeginString")
    if number(message) < 0:
        return Sorted(Input.NO_NUMBER, text="Required tag missing: MsgSeqNum (34)")
    names = ((head(message, 49), settings.target), (head(message, 56), settings.sender))
    if any(found and found != agreed for found, agreed in names):
        return Sorted(Input.WRONG_COMP_ID, Reason.COMP_ID)
    is_stamped = not (isinstance(message, Refused) and message.tag == 52) and head(message, 52)  # noqa: PLR2004
    if is_stamped and not _is_near(head(message, 52), now):
        return Sorted(Input.WRONG_TIME, Reason.SENDING_TIME)
    return None


def _is_near(stamp: str, now: Moment) -> bool:
    try:
        return abs(nanos_of(stamp) - now.at) <= now.settings.skew
    except ValueError:
        return True  # a stamp that is no stamp is refused by the dictionary


def _by_kind(message: Message | Refused, now: Moment) -> Sorted:
    """Return which input a message of ours is, by its number and its kind."""
    if message.msg_type == "A" and (now.state in EARLY or isinstance(message, Message)):
        found = _logon(message, now)
        if found is not None:
            return found
    if isinstance(message, Message):
        if message.msg_type == "5":
            return Sorted(Input.LOGOUT)
        if message.msg_type == "4" and message.text(123) != "Y":
            return _reset(message, now)
        if message.msg_type == "2" and not (head(message, 43) == "Y" and number(message) < now.expected):
            return _resend(message, now)
    return _by_number(message, now)


def _logon(message: Message | Refused, now: Moment) -> Sorted | None:
    """Return which input a Logon is, before its number is looked at where it begins anew."""
    if isinstance(message, Refused):
        tag = f" ({message.tag})" if message.tag is not None else ""
        return Sorted(Input.LOGON_INVALID, text=f"Invalid Logon, reason {message.reason.value}{tag}")
    if fault := _logon_fault(message, now.settings) or now.judge(message):
        return Sorted(Input.LOGON_INVALID, text=fault)
    if now.state not in EARLY:
        return Sorted(Input.RESET) if message.text(141) == "Y" else None
    is_anew = message.text(141) == "Y" or (now.settings.resets_on_logon and now.state is State.LOGON_EXPECTED)
    expected = FIRST if is_anew else now.expected
    found = number(message)
    if found > expected:
        return Sorted(Input.LOGON_AHEAD)
    return Sorted(Input.LOGON) if found == expected else _behind(Input.LOGON_BEHIND, found, expected=expected)


def _logon_fault(message: Message, settings: SessionSettings) -> str:
    least, most = settings.heartbeats_s
    interval = message.text(108)
    if not (interval.isdigit() and least <= int(interval) <= most):
        return f"HeartBtInt must be from {least} to {most} seconds"
    if message.text(98) != "0":
        return "EncryptMethod must be 0"
    if message.text(141) == "Y" and number(message) != FIRST:
        return "MsgSeqNum must be 1 with ResetSeqNumFlag"
    return ""


def _reset(message: Message, now: Moment) -> Sorted:
    if int(message.text(36)) < now.expected:
        return Sorted(Input.RESET_BACKWARDS, Reason.VALUE_INCORRECT)
    return Sorted(Input.SEQUENCE_RESET)


def _resend(message: Message, now: Moment) -> Sorted:
    """A ResendRequest is answered whatever its number, so that two gaps cannot wait for each other."""
    begin, end = int(message.text(7)), int(message.text(16))
    if not FIRST <= begin < now.next_out:
        return Sorted(Input.RESEND_WRONG, Reason.VALUE_INCORRECT, 7)
    if end and end < begin:
        return Sorted(Input.RESEND_WRONG, Reason.VALUE_INCORRECT, 16)
    return Sorted(Input.RESEND_AHEAD if number(message) > now.expected else Input.RESEND_REQUEST)


def _by_number(message: Message | Refused, now: Moment) -> Sorted:
    found = number(message)
    is_repeated = head(message, 43) == "Y"
    if is_repeated and message.msg_type != "4":
        if not head(message, 122):
            return Sorted(Input.REFUSED, Reason.REQUIRED_TAG_MISSING, 122)
        if isinstance(message, Message) and nanos_of(head(message, 122)) > nanos_of(head(message, 52)):
            return Sorted(Input.MISDATED, Reason.SENDING_TIME)
    if found > now.expected:
        return Sorted(Input.AHEAD)
    if found < now.expected:
        return Sorted(Input.REPEATED) if is_repeated else _behind(Input.BEHIND, found, expected=now.expected)
    if isinstance(message, Refused):
        return Sorted(Input.REFUSED, message.reason, message.tag)
    if message.msg_type == "A":
        return Sorted(Input.LOGON, text="Already logged on")
    if message.msg_type == "4":
        return _filled(message, found)
    return Sorted(_KINDS.get(message.msg_type, Input.APPLICATION))


def _filled(message: Message, found: int) -> Sorted:
    """A gap fill must lead on: by its own number it takes the place of that message at least."""
    if int(message.text(36)) <= found:
        return Sorted(Input.RESET_BACKWARDS, Reason.VALUE_INCORRECT)
    return Sorted(Input.SEQUENCE_RESET)


def _behind(given: Input, found: int, *, expected: int) -> Sorted:
    return Sorted(given, text=f"MsgSeqNum too low, expecting {expected} but received {found}")
