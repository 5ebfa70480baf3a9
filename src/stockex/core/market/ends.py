"""When a call ends by itself: after its duration, and a draw that nobody knows."""

from typing import Final

from stockex.core.market.calls import indication_of
from stockex.core.market.day import change
from stockex.core.market.listing import CallEnd, Listing
from stockex.core.market.volatility import SECOND, drawn_end, wider_range
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.session.instrument import STEPS
from stockex.core.timers import Kind, Timer, Timers
from stockex.messages.control import CallExtended
from stockex.messages.orders import ChangePhase
from stockex.vocabulary.enums import PhaseAction
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos

LONGEST_S: Final = 86_400
"""The longest duration and the widest draw: a day."""

_CALLS: Final = frozenset({PhaseAction.OPENING_CALL, PhaseAction.CALL, PhaseAction.CLOSING_CALL})


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
    return drawn_end(
        symbol, at=at, duration_s=command.duration_s, random_s=command.random_s or 0, seed=command.seed or 0
    )


def set_end(listing: Listing, end: CallEnd | None, *, timers: Timers) -> None:
    """Let the instrument's call end at this instant and at no other; None: by a record only."""
    symbol = listing.instrument.symbol
    if listing.ends is not None:
        timers.cancel(Timer(listing.ends.at, Kind.PHASE, symbol=symbol))
    listing.ends = end
    if end is not None:
        timers.set(Timer(end.at, Kind.PHASE, symbol=symbol))


def end_by_itself(listing: Listing, *, timers: Timers, scribe: Scribe) -> None:
    """Hold the auction of a call whose end has come (AUC-11), unless it would be too far away (LIM-11)."""
    set_end(listing, None, timers=timers)
    if not _extend(listing, timers=timers, scribe=scribe):
        change(listing, PhaseAction.UNCROSS, reached=STEPS[listing.phase][PhaseAction.UNCROSS], scribe=scribe)


def _extend(listing: Listing, *, timers: Timers, scribe: Scribe) -> bool:
    """Let a volatility call go on if its auction would be outside the wider range (LIM-11); say whether it does."""
    rules, cause, wide = listing.rules, listing.interruption, wider_range(listing)
    price = indication_of(listing)[0]
    if cause is None or wide is None or price is None or wide.has(price):
        return False
    listing.interruption = cause._replace(extensions=cause.extensions + 1)
    is_last = rules.max_extensions is not None and cause.extensions >= rules.max_extensions
    if rules.extension_s is not None and not is_last:
        at = Nanos(scribe.at + rules.extension_s * SECOND)
        set_end(listing, CallEnd(at, at), timers=timers)
    scribe.write(
        CallExtended,
        symbol=listing.instrument.symbol,
        extension=listing.interruption.extensions,
        low=wide.low,
        high=wide.high,
        price=price,
        ends_at=None if listing.ends is None else listing.ends.earliest,
    )
    return True
