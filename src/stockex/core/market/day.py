"""One instrument's way through the day: what each phase record does, and what a new day begins with."""

from collections.abc import Sequence

from stockex.core.market.calls import allocate, end_call, go_continuous, release_market_orders
from stockex.core.market.listing import Listing
from stockex.core.market.trading import begin_call, end_others, move
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.session.instrument import reached_phase
from stockex.vocabulary.enums import Phase, PhaseAction
from stockex.vocabulary.market_rules import Opening
from stockex.vocabulary.reasons import RejectReason


def planned(
    listings: Sequence[Listing], action: PhaseAction, *, is_for_all: bool
) -> list[tuple[Listing, Phase]] | Refusal:
    """Return which instruments the action leads where, or why none; for all, no halted one (SES-06)."""
    steps: list[tuple[Listing, Phase]] = []
    refusal: Refusal = RejectReason.NO_CALL, "no instrument is listed"
    for listing in reversed(listings):
        phase = listing.phase
        if is_for_all and phase is Phase.HALTED and action is not PhaseAction.RESUME:
            refusal = RejectReason.INSTRUMENT_HALTED, f"{action.value} in phase {phase.value}"
            continue
        reached = reached_phase(phase, action)
        if isinstance(reached, Phase):
            steps.append((listing, reached))
        else:
            text = f"phase {phase.value}"
            refusal = reached, text if reached is RejectReason.NO_CALL else f"{action.value} in {text}"
    return steps[::-1] or refusal


def change(listing: Listing, action: PhaseAction, *, reached: Phase, scribe: Scribe) -> None:
    """Bring the instrument to the phase that the action leads to (SES-06, SES-07, AUC-07)."""
    if action is PhaseAction.HALT:
        listing.resumes_to = listing.phase
        move(listing, Phase.HALTED, scribe=scribe)
    elif listing.phase is Phase.HALTED:
        back, listing.resumes_to = listing.resumes_to, None
        _begin(listing, reached if back is None or reached.is_call else back, scribe=scribe)
    elif listing.phase.gathers and not reached.gathers:
        is_over = reached is Phase.TRADING_AT_LAST and not listing.rules.trading_at_last
        end_call(listing, to=Phase.CLOSED if is_over else reached, scribe=scribe)
        if listing.phase is Phase.TRADING_AT_LAST:
            _trade_at_last(listing, scribe=scribe)
    else:
        _begin(listing, reached, scribe=scribe)
    end_others(listing, scribe=scribe)


def _begin(listing: Listing, phase: Phase, *, scribe: Scribe) -> None:
    """Enter a phase without an auction."""
    if phase.gathers:
        begin_call(listing, phase=phase, scribe=scribe)
    elif phase is Phase.CONTINUOUS:
        move(listing, phase, scribe=scribe)
        go_continuous(listing, scribe=scribe)
    else:
        if listing.close is None:
            listing.close = listing.close_now
        move(listing, phase, scribe=scribe)
        _trade_at_last(listing, scribe=scribe)


def _trade_at_last(listing: Listing, *, scribe: Scribe) -> None:
    """Trade what stands on both sides and accepts the closing price (AUC-10)."""
    assert listing.close is not None, "trading at last follows the closing price"
    allocate(listing, listing.close, scribe=scribe)
    release_market_orders(listing, scribe=scribe)


def open_day(listing: Listing, *, scribe: Scribe) -> None:
    """Begin the day as the market's rules say; a halt goes on, and ends there (SES-08)."""
    own = listing.phase if listing.resumes_to is None else listing.resumes_to
    if listing.rules.opening is Opening.PRE_OPEN:
        own = Phase.PRE_OPEN
    elif own is Phase.TRADING_AT_LAST or own is Phase.CLOSED:
        own = Phase.CONTINUOUS
    elif own is Phase.CLOSING_CALL:
        own = Phase.CALL
    if listing.phase is Phase.HALTED:
        listing.resumes_to = own
    elif own is not listing.phase or own is Phase.VOLATILITY_CALL:
        _begin(listing, own, scribe=scribe)
