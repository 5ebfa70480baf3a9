"""When a call ends by itself: after its duration, and a draw that nobody knows."""

from typing import Final

from stockex.core.dice import Dice, number_of
from stockex.core.market.day import change
from stockex.core.market.listing import CallEnd, Listing
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.session.instrument import STEPS
from stockex.core.timers import Kind, Timer, Timers
from stockex.messages.orders import ChangePhase
from stockex.vocabulary.enums import PhaseAction
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos

LONGEST_S: Final = 86_400
"""The longest duration and the widest draw: a day."""

_CALLS: Final = frozenset({PhaseAction.OPENING_CALL, PhaseAction.CALL, PhaseAction.CLOSING_CALL})
_SECOND: Final = 1_000_000_000
_MICROS: Final = 1_000_000


def duration_refusal(command: ChangePhase) -> Refusal | None:
    """Return why a call cannot end as the command says (AUC-11), or None."""
    duration, random = command.duration_s, command.random_s
    if duration is None and random is None:
        return None
    text = f"duration {duration} s, random {random} s"
    if command.to not in _CALLS:
        return RejectReason.BAD_DURATION, f"{text} of {command.to.value}"
    if duration is None or not 0 < duration <= LONGEST_S or not 0 <= (random or 0) <= LONGEST_S:
        return RejectReason.BAD_DURATION, f"{text}, at most {LONGEST_S} s each"
    return (RejectReason.BAD_DURATION, f"{text}, no seed") if random and command.seed is None else None


def end_of(command: ChangePhase, symbol: str, *, at: Nanos) -> CallEnd | None:
    """Return when a call that begins at `at` ends: each instrument has a draw of its own (AUC-11)."""
    if command.duration_s is None:
        return None
    earliest = at + command.duration_s * _SECOND
    span = (command.random_s or 0) * _MICROS
    drawn = Dice(command.seed or 0, number_of(symbol)).integer(0, span)
    return CallEnd(Nanos(earliest), Nanos(earliest + drawn * 1_000))


def set_end(listing: Listing, end: CallEnd | None, *, timers: Timers) -> None:
    """Let the instrument's call end at this instant and at no other; None: by a record only."""
    symbol = listing.instrument.symbol
    if listing.ends is not None:
        timers.cancel(Timer(listing.ends.at, Kind.PHASE, symbol=symbol))
    listing.ends = end
    if end is not None:
        timers.set(Timer(end.at, Kind.PHASE, symbol=symbol))


def end_by_itself(listing: Listing, *, timers: Timers, scribe: Scribe) -> None:
    """Hold the auction of a call whose end has come (AUC-11)."""
    set_end(listing, None, timers=timers)
    change(listing, PhaseAction.UNCROSS, reached=STEPS[listing.phase][PhaseAction.UNCROSS], scribe=scribe)
