"""The phases as a table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from stockex.vocabulary.enums import Phase, SessionAction
from stockex.vocabulary.reasons import RejectReason

_P, _A, _R = Phase, SessionAction, RejectReason

TRANSITIONS: Final[Mapping[tuple[Phase, SessionAction], Phase]] = MappingProxyType(
    {
        (_P.CLOSED, _A.START): _P.CONTINUOUS,
        (_P.CONTINUOUS, _A.SUSPEND): _P.HALTED,
        (_P.CONTINUOUS, _A.END): _P.CLOSED,
        (_P.HALTED, _A.RESUME): _P.CONTINUOUS,
        (_P.HALTED, _A.END): _P.CLOSED,
    }
)
"""(phase, action) to the next phase. Source: docs/rules/session.md, SES-03."""

_REFUSALS: Final[Mapping[tuple[Phase, SessionAction], RejectReason]] = MappingProxyType(
    {
        (_P.CLOSED, _A.END): _R.SESSION_NOT_OPEN,
        (_P.CLOSED, _A.SUSPEND): _R.SESSION_NOT_OPEN,
        (_P.CLOSED, _A.RESUME): _R.SESSION_NOT_OPEN,
        (_P.CONTINUOUS, _A.START): _R.SESSION_ALREADY_OPEN,
        (_P.CONTINUOUS, _A.RESUME): _R.NOT_SUSPENDED,
        (_P.HALTED, _A.START): _R.SESSION_ALREADY_OPEN,
        (_P.HALTED, _A.SUSPEND): _R.ALREADY_SUSPENDED,
    }
)

_NO_ORDERS: Final = {_P.CLOSED: _R.MARKET_CLOSED, _P.HALTED: _R.MARKET_SUSPENDED}


def next_phase(phase: Phase, action: SessionAction) -> Phase | RejectReason:
    """Return the phase that `action` leads to, or the reason why it may not be done now."""
    reached = TRANSITIONS.get((phase, action))
    return _REFUSALS[phase, action] if reached is None else reached


def order_refusal(phase: Phase) -> RejectReason | None:
    """Return why new orders and replacements are refused in `phase`, or None while trading is open."""
    return _NO_ORDERS.get(phase)
