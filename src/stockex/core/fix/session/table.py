"""The session as a table: in which state what leads where, and what is done about it.

Source: FIX 4.4, volume 2; FIX Trading Community, "FIX session layer test cases", scenarios 1 to 21.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import groupby
from typing import Final


class Named(Enum):
    """Members of a table. Each is itself and no other, which hashes five times quicker than by its name."""

    __hash__ = object.__hash__


class State(Named):
    """Where a session is. What is missing from the counterparty is no state: it may be so in any."""

    DISCONNECTED = "disconnected"
    LOGON_EXPECTED = "logon expected"
    LOGON_SENT = "logon sent"
    ACTIVE = "active"
    TEST_PENDING = "test pending"
    LOGOUT_SENT = "logout sent"


class Input(Named):
    """What happened. Messages are sorted by `sorting`."""

    CONNECT = "they connect"
    DIAL = "we connect"
    HANG_UP = "the connection is gone"
    LEAVE = "we are to log out"
    GARBLED = "garbled bytes"
    WRONG_VERSION = "another BeginString"
    NO_NUMBER = "no MsgSeqNum"
    WRONG_COMP_ID = "another CompID"
    WRONG_TIME = "SendingTime is off"
    LOGON = "Logon"
    LOGON_AHEAD = "Logon too high"
    LOGON_BEHIND = "Logon too low"
    LOGON_INVALID = "Logon that cannot be taken"
    RESET = "Logon with 141=Y"
    HEARTBEAT = "Heartbeat"
    TEST_REQUEST = "TestRequest"
    RESEND_REQUEST = "ResendRequest"
    RESEND_AHEAD = "ResendRequest too high"
    RESEND_WRONG = "ResendRequest for what never was"
    REJECT = "Reject"
    SEQUENCE_RESET = "SequenceReset"
    RESET_BACKWARDS = "SequenceReset backwards"
    LOGOUT = "Logout"
    APPLICATION = "application message"
    REFUSED = "message against the dictionary"
    AHEAD = "number too high"
    BEHIND = "number too low"
    REPEATED = "earlier number with PossDup"
    MISDATED = "PossDup whose OrigSendingTime is after SendingTime"
    QUIET_OUT = "nothing sent for a heartbeat"
    QUIET_IN = "nothing received for 1.2 heartbeats"
    DEAF = "nothing received for 2.4 heartbeats"
    LOGON_LATE = "no logon in time"
    LOGOUT_LATE = "no logout in time"
    GAP_STALE = "what is missing does not come"


class Action(Named):
    """What is done, in the order of the table."""

    BEGIN = "begin numbers anew where agreed"
    RESET_NUMBERS = "begin numbers anew"
    SEND_LOGON = "send Logon"
    ANSWER_LOGON = "answer Logon"
    TELL_LOGON = "the session is up"
    SEND_HEARTBEAT = "send Heartbeat"
    ANSWER_TEST = "answer with Heartbeat"
    SEND_TEST = "send TestRequest"
    ASK_RESEND = "ask for what is missing"
    ASK_AGAIN = "ask again"
    RESEND = "send again"
    REFUSE = "send Reject"
    SEND_LOGOUT = "send Logout"
    COUNT = "count"
    SKIP = "go on at NewSeqNo"
    KEEP = "keep for later"
    DELIVER = "deliver"
    TELL_LOGOUT = "the session is no longer up"
    CUT = "disconnect"


S, IN, DO = State, Input, Action
"""The table reads better with short names."""

LIVE: Final = (S.ACTIVE, S.TEST_PENDING)
EARLY: Final = (S.LOGON_EXPECTED, S.LOGON_SENT)
_UP: Final = (*LIVE, S.LOGOUT_SENT)
_MESSAGES: Final = tuple(Input)[tuple(Input).index(IN.GARBLED) : tuple(Input).index(IN.QUIET_OUT)]

_Row = tuple[tuple[State, ...], tuple[Input, ...], State | None, tuple[Action, ...]]
"""States, inputs, the next state (None: it stays), actions. A later row takes precedence over an earlier one."""

_ROWS: Final[tuple[_Row, ...]] = (
    ((S.DISCONNECTED,), (IN.CONNECT,), S.LOGON_EXPECTED, ()),
    ((S.DISCONNECTED,), (IN.DIAL,), S.LOGON_SENT, (DO.BEGIN, DO.SEND_LOGON)),
    (EARLY, (IN.HANG_UP,), S.DISCONNECTED, ()),
    (_UP, (IN.HANG_UP,), S.DISCONNECTED, (DO.TELL_LOGOUT,)),
    (EARLY, _MESSAGES, S.DISCONNECTED, (DO.CUT,)),
    (EARLY, (IN.LOGON_LATE, IN.LEAVE), S.DISCONNECTED, (DO.CUT,)),
    (EARLY, (IN.LOGON_BEHIND, IN.LOGON_INVALID), S.DISCONNECTED, (DO.SEND_LOGOUT, DO.CUT)),
    ((S.LOGON_EXPECTED,), (IN.LOGON,), S.ACTIVE, (DO.BEGIN, DO.ANSWER_LOGON, DO.COUNT, DO.TELL_LOGON)),
    ((S.LOGON_EXPECTED,), (IN.LOGON_AHEAD,), S.ACTIVE, (DO.BEGIN, DO.ANSWER_LOGON, DO.TELL_LOGON, DO.ASK_RESEND)),
    ((S.LOGON_SENT,), (IN.LOGON,), S.ACTIVE, (DO.BEGIN, DO.COUNT, DO.TELL_LOGON)),
    ((S.LOGON_SENT,), (IN.LOGON_AHEAD,), S.ACTIVE, (DO.BEGIN, DO.TELL_LOGON, DO.ASK_RESEND)),
    ((S.LOGON_SENT,), (IN.LOGOUT,), S.DISCONNECTED, (DO.COUNT, DO.CUT)),
    (LIVE, (IN.GARBLED,), None, ()),
    (LIVE, (IN.HEARTBEAT, IN.REJECT), S.ACTIVE, (DO.COUNT,)),
    (LIVE, (IN.TEST_REQUEST,), S.ACTIVE, (DO.ANSWER_TEST, DO.COUNT)),
    (LIVE, (IN.RESEND_REQUEST,), S.ACTIVE, (DO.COUNT, DO.RESEND)),
    (LIVE, (IN.RESEND_AHEAD,), S.ACTIVE, (DO.RESEND, DO.KEEP, DO.ASK_RESEND)),
    (LIVE, (IN.RESEND_WRONG, IN.REFUSED), S.ACTIVE, (DO.REFUSE, DO.COUNT)),
    (LIVE, (IN.SEQUENCE_RESET,), S.ACTIVE, (DO.SKIP,)),
    (LIVE, (IN.RESET_BACKWARDS,), S.ACTIVE, (DO.REFUSE,)),
    (LIVE, (IN.APPLICATION,), S.ACTIVE, (DO.COUNT, DO.DELIVER)),
    (LIVE, (IN.AHEAD,), S.ACTIVE, (DO.KEEP, DO.ASK_RESEND)),
    (LIVE, (IN.REPEATED,), S.ACTIVE, ()),
    (LIVE, (IN.RESET,), S.ACTIVE, (DO.RESET_NUMBERS, DO.ANSWER_LOGON, DO.COUNT)),
    (LIVE, (IN.LOGOUT,), S.DISCONNECTED, (DO.SEND_LOGOUT, DO.COUNT, DO.TELL_LOGOUT, DO.CUT)),
    (LIVE, (IN.BEHIND, IN.NO_NUMBER), S.DISCONNECTED, (DO.SEND_LOGOUT, DO.TELL_LOGOUT, DO.CUT)),
    (LIVE, (IN.WRONG_COMP_ID, IN.WRONG_TIME), S.LOGOUT_SENT, (DO.REFUSE, DO.COUNT, DO.SEND_LOGOUT)),
    (LIVE, (IN.MISDATED,), S.LOGOUT_SENT, (DO.REFUSE, DO.COUNT, DO.SEND_LOGOUT)),
    (LIVE, (IN.LOGON, IN.LOGON_INVALID), S.LOGOUT_SENT, (DO.COUNT, DO.SEND_LOGOUT)),
    (LIVE, (IN.WRONG_VERSION, IN.LEAVE), S.LOGOUT_SENT, (DO.SEND_LOGOUT,)),
    ((S.ACTIVE,), (IN.QUIET_OUT,), S.ACTIVE, (DO.SEND_HEARTBEAT,)),
    ((S.ACTIVE,), (IN.QUIET_IN,), S.TEST_PENDING, (DO.SEND_TEST,)),
    (
        (S.TEST_PENDING,),
        (IN.DEAF,),
        S.DISCONNECTED,
        (
            DO.TELL_LOGOUT,
            DO.CUT,
        ),
    ),
    (LIVE, (IN.GAP_STALE,), None, (DO.ASK_AGAIN,)),
    ((S.LOGOUT_SENT,), _MESSAGES, None, ()),
    ((S.LOGOUT_SENT,), (IN.HEARTBEAT, IN.TEST_REQUEST, IN.REJECT, IN.REFUSED), None, (DO.COUNT,)),
    ((S.LOGOUT_SENT,), (IN.RESEND_REQUEST, IN.RESEND_AHEAD), None, (DO.COUNT, DO.RESEND)),
    ((S.LOGOUT_SENT,), (IN.SEQUENCE_RESET,), None, (DO.SKIP,)),
    ((S.LOGOUT_SENT,), (IN.APPLICATION,), None, (DO.COUNT, DO.DELIVER)),
    ((S.LOGOUT_SENT,), (IN.LOGOUT,), S.DISCONNECTED, (DO.COUNT, DO.TELL_LOGOUT, DO.CUT)),
    (
        (S.LOGOUT_SENT,),
        (IN.LOGOUT_LATE,),
        S.DISCONNECTED,
        (
            DO.TELL_LOGOUT,
            DO.CUT,
        ),
    ),
)

TRANSITIONS: Final[Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]]] = {
    (state, given): (state if following is None else following, actions)
    for states, inputs, following, actions in _ROWS
    for state in states
    for given in inputs
}
"""The whole table. What is not in it cannot happen: our own bug."""


def diagram() -> str:
    """Return the table as a Mermaid state diagram, transitions between the same two states drawn as one arrow."""
    return "\n".join(["stateDiagram-v2", *_arrows()])


def page() -> str:
    """Return the table as rows of Markdown, what is done alike in one row."""
    rows = ["| State | Input | Actions | Next |", "| --- | --- | --- | --- |"]
    for state in State:
        alike: dict[tuple[State, tuple[Action, ...]], list[str]] = {}
        for (given_state, given), found in TRANSITIONS.items():
            if given_state is state:
                alike.setdefault(found, []).append(given.value)
        for (following, actions), inputs in alike.items():
            does = ", ".join(action.value for action in actions) or "-"
            rows.append(f"| {state.value} | {'; '.join(inputs)} | {does} | {following.value} |")
    return "\n".join(rows)


def _arrows() -> Iterator[str]:
    """Yield the arrows between different states."""
    yield f"    [*] --> {S.DISCONNECTED.name}"
    arrows = sorted(
        (state.name, following.name, given.value)
        for (state, given), (following, _) in TRANSITIONS.items()
        if state is not following
    )
    for (state, following), inputs in groupby(arrows, key=lambda arrow: arrow[:2]):
        names = [given for _, _, given in inputs]
        label = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004
        yield f"    {state} --> {following}: {label}"
