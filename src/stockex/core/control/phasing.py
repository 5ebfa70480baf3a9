"""Phase records, and the ends of calls while trading is suspended."""

from stockex.core.desk import Desk
from stockex.core.market.day import change, planned
from stockex.core.market.ends import duration_refusal, end_of, set_end
from stockex.core.market.telling import tell_changes
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.session.phases import order_refusal
from stockex.messages.orders import ChangePhase


def change_phase(command: ChangePhase, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Change the phase of one instrument, or of all that it leads on, or say why not (AUC-07, SES-06, SES-07)."""
    refusal = desk.unknown(None, command.symbol)
    if refusal is not None:
        return refusal
    closed = order_refusal(desk.phase)
    if closed is not None:
        return closed, f"phase {desk.phase.value}"
    chosen = [listing for symbol, listing in desk.listings.items() if command.symbol in {None, symbol}]
    steps = planned(chosen, command.to, is_for_all=command.symbol is None)
    if isinstance(steps, tuple):
        return steps
    refusal = duration_refusal(command)
    if refusal is not None:
        return refusal
    for listing, reached in steps:
        set_end(listing, end_of(command, listing.instrument.symbol, at=scribe.at), timers=desk.timers)
        change(listing, command.to, reached=reached, scribe=scribe)
        tell_changes(listing, scribe)
    return None


def hold_ends(desk: Desk) -> None:
    """Let no call end by itself while trading is suspended (AUC-11)."""
    for listing in desk.listings.values():
        end = listing.ends
        set_end(listing, None, timers=desk.timers)
        listing.ends = end


def resume_ends(desk: Desk, scribe: Scribe) -> None:
    """End the calls whose end came meanwhile, and let the others end by themselves again (AUC-11)."""
    for listing in desk.listings.values():
        set_end(listing, listing.ends, timers=desk.timers)
    desk.pass_time(scribe)
