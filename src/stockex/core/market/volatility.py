"""Volatility interruptions: a trade too far from the last price, or the last auction's, makes way for a call.

24.25 ------ last price 25.00 ------ 25.75     a buyer trades up to 25.75; the offer at 26.00 interrupts trading
                  |
VOLATILITY_CALL ..... interruption_s ..... + draw ──> auction, if its price is inside the wider range
                                                 └──> extension_s more, and again; then the operator decides
"""

from collections.abc import Sequence
from typing import Final

from stockex.core.dice import Dice, number_of
from stockex.core.market.listing import CallEnd, Interruption, Listing
from stockex.core.matching.scribe import Scribe
from stockex.messages.control import Interrupted
from stockex.vocabulary.ranges import Corridor, Range, around
from stockex.vocabulary.units import Nanos, Price

SECOND: Final = 1_000_000_000
"""In nanoseconds."""

_MICROS: Final = 1_000_000


def drawn_end(symbol: str, *, at: Nanos, duration_s: int, random_s: int, seed: int) -> CallEnd:
    """Return when a call that begins at `at` ends: after its duration and a draw of whole microseconds (AUC-11).

    The draw comes from the seed and the symbol alone, so that a replay draws the same.
    """
    earliest = at + duration_s * SECOND
    drawn = Dice(seed, number_of(symbol)).integer(0, random_s * _MICROS)
    return CallEnd(Nanos(earliest), Nanos(earliest + drawn * 1_000))


def interruption_end(listing: Listing, scribe: Scribe) -> CallEnd | None:
    """Return when a volatility call that begins now ends; None: by a record only (LIM-10)."""
    rules = listing.rules
    if rules.interruption_s is None:
        return None
    random_s = rules.interruption_random_s or 0
    symbol = listing.instrument.symbol
    return drawn_end(symbol, at=scribe.at, duration_s=rules.interruption_s, random_s=random_s, seed=scribe.offset)


def tell_interrupted(listing: Listing, price: Price, *, ranges: Sequence[Corridor], scribe: Scribe) -> None:
    """Say which range the next trade would have left, and remember what its prices are measured against (LIM-09).

    Args: ranges: Those before the incoming order, of which at least one has not the price.
    """
    left = [corridor for corridor in ranges if not corridor.range.has(price)]
    listing.interruption = Interruption(left[0].centre)
    scribe.write(
        Interrupted,
        symbol=listing.instrument.symbol,
        which=left[0].which,
        reference=left[0].centre,
        low=left[0].range.low,
        high=left[0].range.high,
        price=price,
    )


def wider_range(listing: Listing) -> Range | None:
    """Return where the auction that ends the volatility call may be without an extension; None: anywhere (LIM-11)."""
    bp, cause = listing.rules.extended_range_bp, listing.interruption
    return None if bp is None or cause is None else around(cause.centre, bp)
