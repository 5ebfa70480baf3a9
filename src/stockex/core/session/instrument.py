"""The phases of one instrument as a table, while the session is open.

PRE_OPEN -> OPENING_CALL -> CONTINUOUS <-> CALL, VOLATILITY_CALL
                            CONTINUOUS  -> CLOSING_CALL -> TRADING_AT_LAST or CLOSED
any of them but CLOSED -> HALTED -> where it was
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from stockex.vocabulary.enums import Phase, PhaseAction
from stockex.vocabulary.reasons import RejectReason

_P, _A, _R = Phase, PhaseAction, RejectReason
_ENDS: Final = {_A.UNCROSS: _P.CONTINUOUS, _A.CONTINUOUS: _P.CONTINUOUS}
_HALT: Final = {_A.HALT: _P.HALTED}
_DURING: Final = {_A.CALL: _P.CALL, _A.CLOSING_CALL: _P.CLOSING_CALL, **_ENDS, **_HALT}

STEPS: Final[Mapping[Phase, Mapping[PhaseAction, Phase]]] = MappingProxyType(
    {
        _P.PRE_OPEN: {_A.OPENING_CALL: _P.OPENING_CALL, _A.CALL: _P.CALL, _A.CONTINUOUS: _P.CONTINUOUS, **_HALT},
        _P.OPENING_CALL: {_A.OPENING_CALL: _P.OPENING_CALL, _A.CALL: _P.CALL, **_ENDS, **_HALT},
        _P.CALL: _DURING,
        _P.VOLATILITY_CALL: _DURING,
        _P.CLOSING_CALL: {**_DURING, _A.UNCROSS: _P.TRADING_AT_LAST},
        _P.CONTINUOUS: {
            _A.PRE_OPEN: _P.PRE_OPEN,
            _A.OPENING_CALL: _P.OPENING_CALL,
            _A.CALL: _P.CALL,
            _A.CLOSING_CALL: _P.CLOSING_CALL,
            _A.TRADING_AT_LAST: _P.TRADING_AT_LAST,
            _A.CONTINUOUS: _P.CONTINUOUS,
            **_HALT,
        },
        _P.TRADING_AT_LAST: _HALT,
        _P.CLOSED: {_A.TRADING_AT_LAST: _P.TRADING_AT_LAST},
        _P.HALTED: {_A.CALL: _P.CALL, _A.RESUME: _P.CONTINUOUS},
    }
)
"""Phase and action to the next phase. A resume leads back to where the halt found it. Source: SES-06, SES-07."""

_NO_ENTRY: Final = {_P.CLOSED: _R.MARKET_CLOSED, _P.HALTED: _R.INSTRUMENT_HALTED}


def reached_phase(phase: Phase, action: PhaseAction) -> Phase | RejectReason:
    """Return the phase that `action` leads an instrument to, or the reason why it may not be done now."""
    reached = STEPS[phase].get(action)
    if reached is not None:
        return reached
    if phase is Phase.HALTED:
        return _R.INSTRUMENT_HALTED
    return _R.NO_CALL if action is PhaseAction.UNCROSS else _R.WRONG_PHASE


def entry_refusal(phase: Phase) -> RejectReason | None:
    """Return why the instrument takes no new orders and replacements in `phase`, or None where it does."""
    return _NO_ENTRY.get(phase)
