"""The phases of one instrument, as a table."""

import pytest

from stockex.core.session.instrument import STEPS, entry_refusal, reached_phase
from stockex.vocabulary.enums import Phase, PhaseAction
from stockex.vocabulary.reasons import RejectReason


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("action", PhaseAction)
def test_every_action_has_an_answer_in_every_phase(phase: Phase, action: PhaseAction) -> None:
    """It leads where the table says, or is refused with the reason of the phase."""
    reached = reached_phase(phase, action)
    if action in STEPS[phase]:
        assert reached is STEPS[phase][action]
    elif phase is Phase.HALTED:
        assert reached is RejectReason.INSTRUMENT_HALTED
    else:
        expected = RejectReason.NO_CALL if action is PhaseAction.UNCROSS else RejectReason.WRONG_PHASE
        assert reached is expected


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_can_be_left(phase: Phase) -> None:
    """No phase is a trap."""
    assert set(STEPS[phase].values()) - {phase}


def test_every_call_ends_with_an_auction() -> None:
    """What gathers for an auction can be uncrossed, and nothing else can."""
    assert {phase for phase in Phase if PhaseAction.UNCROSS in STEPS[phase]} == {p for p in Phase if p.is_call}


def test_orders_are_taken_in_every_phase_but_two() -> None:
    """A closed and a halted instrument say why not."""
    refusals = {phase: entry_refusal(phase) for phase in Phase if entry_refusal(phase) is not None}
    assert refusals == {
        Phase.CLOSED: RejectReason.MARKET_CLOSED,
        Phase.HALTED: RejectReason.INSTRUMENT_HALTED,
    }
