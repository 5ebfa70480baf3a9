"""Why the engine refused a command, in the codes of FIX: OrdRejReason (103) and CxlRejReason (102).

Source: FIX 4.4, volume 6, tags 102 and 103.
"""

from collections.abc import Mapping
from typing import Final

from stockex.vocabulary.enums import CancelReason
from stockex.vocabulary.reasons import RULES, RejectReason

UNSUPPORTED: Final = 11
"""OrdRejReason: unsupported order characteristic."""

OTHER: Final = 99

INCORRECT_QUANTITY: Final = 13
UNKNOWN_ACCOUNT: Final = 15
DUPLICATE_ORDER: Final = 6

TOO_LATE: Final = 0
"""CxlRejReason: too late to cancel."""

UNKNOWN_ORDER: Final = 1
EXCHANGE_OPTION: Final = 2
DUPLICATE_ID: Final = 6

_EXCHANGE_CLOSED: Final = 2
EXCEEDS_LIMIT: Final = 3
_TOO_LATE_TO_ENTER: Final = 4

_R: Final = RejectReason
_ORDER_REASONS: Final[Mapping[RejectReason, int]] = {
    _R.UNKNOWN_ACCOUNT: UNKNOWN_ACCOUNT,
    _R.UNKNOWN_SYMBOL: 1,
    _R.ACCOUNT_KILLED: 0,
    _R.MARKET_CLOSED: _EXCHANGE_CLOSED,
    _R.MARKET_SUSPENDED: _EXCHANGE_CLOSED,
    _R.INSTRUMENT_HALTED: _EXCHANGE_CLOSED,
    _R.DUPLICATE_CL_ORD_ID: DUPLICATE_ORDER,
    **dict.fromkeys((_R.BAD_QUANTITY, _R.ODD_LOT), INCORRECT_QUANTITY),
    **dict.fromkeys(
        (
            _R.QUANTITY_TOO_LARGE,
            _R.ABOVE_MAX_QUANTITY,
            _R.ABOVE_MAX_VALUE,
            _R.INSUFFICIENT_CASH,
            _R.INSUFFICIENT_SHARES,
        ),
        EXCEEDS_LIMIT,
    ),
    **dict.fromkeys((_R.CLOSE_IS_PAST, _R.NEEDS_OPENING), _TOO_LATE_TO_ENTER),
    **dict.fromkeys(
        (
            _R.UNSUPPORTED_COMBINATION,
            _R.POST_ONLY_CONFLICT,
            _R.NEEDS_CALL,
            _R.NOT_IN_CALL,
            _R.PRICE_NOT_ALLOWED,
            _R.STOP_NOT_ALLOWED,
            _R.TRAIL_NOT_ALLOWED,
            _R.PEG_OFFSET_NOT_ALLOWED,
            _R.EXPIRY_NOT_ALLOWED,
        ),
        UNSUPPORTED,
    ),
    _R.OCO_NOT_FOUND: 5,
}

UNSOLICITED: Final[Mapping[CancelReason, int]] = {
    CancelReason.SELF_TRADE: 8,
    CancelReason.BY_OPERATOR: 8,
    CancelReason.KILLED: 8,
    CancelReason.UNCOVERED: 8,
    CancelReason.DISCONNECTED: 7,
}
"""ExecRestatementReason (378) of cancels that nobody asked for: 8 market option, 7 cancel on system failure."""


def ord_rej_reason(reason: RejectReason) -> int:
    """Return the OrdRejReason (103) of a refused order."""
    return _ORDER_REASONS.get(reason, OTHER)


def cxl_rej_reason(reason: RejectReason, *, has_ended: bool) -> int:
    """Return the CxlRejReason (102) of a refused cancel or replacement; `has_ended`: of an order that was."""
    if reason is RejectReason.UNKNOWN_ORDER:
        return TOO_LATE if has_ended else UNKNOWN_ORDER
    return DUPLICATE_ID if reason is RejectReason.DUPLICATE_CL_ORD_ID else EXCHANGE_OPTION


def text_of(reason: RejectReason, figures: str) -> str:
    """Return the words for Text (58): rule, sentence, and the figures that decided."""
    rule = RULES[reason]
    return f"{rule.number} {rule.sentence} {figures}".rstrip()
