"""The phases of the day, as a table."""

import pytest

from stockex.core.session.phases import TRANSITIONS, next_phase, order_refusal
from stockex.vocabulary.enums import Phase, SessionAction
from stockex.vocabulary.reasons import RULES, RejectReason

SESSION = (Phase.CLOSED, Phase.CONTINUOUS, Phase.HALTED)
"""The phases of the session; all others are those of an instrument."""

PAIRS = [(phase, action) for phase in SESSION for action in SessionAction]


@pytest.mark.parametrize(("phase", "action"), PAIRS)
def test_every_action_has_an_answer_in_every_phase(phase: Phase, action: SessionAction) -> None:
    """It leads where the table says, or is refused by the session's rule."""
    reached = next_phase(phase, action)
    if isinstance(reached, RejectReason):
        assert (phase, action) not in TRANSITIONS
        assert RULES[reached].number == "SES-03"
    else:
        assert reached is TRANSITIONS[phase, action]


@pytest.mark.parametrize("phase", SESSION)
def test_every_phase_can_be_left(phase: Phase) -> None:
    """No phase is a trap."""
    assert {reached for (origin, _), reached in TRANSITIONS.items() if origin is phase} - {phase}


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        (Phase.CLOSED, RejectReason.MARKET_CLOSED),
        (Phase.HALTED, RejectReason.MARKET_SUSPENDED),
        (Phase.CONTINUOUS, None),
    ],
)
def test_orders_are_taken_while_trading_is_open(phase: Phase, reason: RejectReason | None) -> None:
    """Closed and halted markets say why not."""
    assert order_refusal(phase) is reason
