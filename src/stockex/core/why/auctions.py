"""Why an auction price, held or indicative: the table behind it, and what each step of the ladder left.

And why a volatility call came, or goes on.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from stockex.core.market.calls import auction_of
from stockex.core.market.listing import Listing
from stockex.core.matching.auction import REASONS, Equilibrium, Row
from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, best_word, counted, percent_text, price_text, why_of
from stockex.messages.control import CallExtended, Interrupted, Uncrossed
from stockex.messages.market_data import Indicative
from stockex.messages.views import Why, WhyRow
from stockex.vocabulary.enums import Phase, RangeKind, Side
from stockex.vocabulary.market_rules import DEFAULT_RULES, AuctionPrices, LadderStep
from stockex.vocabulary.units import Price, euro_text

ROWS: Final = 41
"""At most so many rows are told of a table, those around the price."""

_ASKS_REFERENCE: Final = {LadderStep.NEAREST_REFERENCE, LadderStep.CLAMP_REFERENCE}


def auction_lines(listing: Listing) -> Iterator[Line]:
    """Yield why the auction that would be held now has its price, with the table behind it."""
    found = auction_of(listing)
    if found is None:
        bid, offer = (_best(listing, side) for side in Side)
        text = f"At no price a buyer meets a seller: {bid}, {offer}."
        yield Line(("AUC-02",), text)
        return
    counts_hidden = any(order.hidden_qty > 0 for side in Side for order in listing.book.queue(side))
    rows = tuple(_shown(row) for row in _near(found.table, found.price))
    yield Line(("AUC-02",), _ladder(found, listing), None, found.price, rows, counts_hidden)


def uncrossed(fact: Uncrossed, scene: Scene) -> Iterator[Line]:
    """Yield why the auction had its price."""
    listing = scene.listing(fact.symbol)
    if listing is not None:
        yield from auction_lines(listing)
    text = "The call is over." if fact.price is None else "All its trades are at this price, by price, then time."
    yield Line(("AUC-03",), text)
    if listing is not None and listing.ends is not None and fact.at >= listing.ends.at:
        rule = "LIM-10" if listing.phase is Phase.VOLATILITY_CALL else "AUC-11"
        yield Line((rule,), "It ended by itself: its time had come.")


def interrupted(fact: Interrupted, scene: Scene) -> Iterator[Line]:
    """Yield which trade did not happen, and which range it would have left."""
    listing = scene.listing(fact.symbol)
    rules = DEFAULT_RULES if listing is None else listing.rules
    is_static = fact.which is RangeKind.STATIC
    wide = percent_text(rules.static_range_bp if is_static else rules.dynamic_range_bp)
    origin = "the price of the last auction" if is_static else "the last price before the order"
    text = (
        f"The next trade in {fact.symbol} would be at {euro_text(fact.price)}, outside the {fact.which.value} range "
        f"{euro_text(fact.low)} to {euro_text(fact.high)}, {wide} around {euro_text(fact.reference)}, {origin} "
        "or else the reference price. It does not happen: a call finds the price."
    )
    yield Line(("LIM-08", "LIM-09"), text)


def extended(fact: CallExtended, scene: Scene) -> Iterator[Line]:
    """Yield why a volatility call goes on, and for how long."""
    listing = scene.listing(fact.symbol)
    rules = DEFAULT_RULES if listing is None else listing.rules
    if fact.ends_at is None:
        further = "No further extension is allowed: it ends by a record only."
    else:
        further = f"This is extension {fact.extension}, of {counted(rules.extension_s or 0, 'second')}."
    text = (
        f"The volatility call in {fact.symbol} would end at {euro_text(fact.price)}, outside the wider range "
        f"{euro_text(fact.low)} to {euro_text(fact.high)} ({percent_text(rules.extended_range_bp)}). {further}"
    )
    yield Line(("LIM-11",), text)


def indicative(fact: Indicative, scene: Scene) -> Iterator[Line]:
    """Yield why the auction that would be held now has its price."""
    text = f"If the call ended now, {fact.volume:,} would trade at {price_text(fact.price)}."
    yield Line(("AUC-04",), "If the call ended now, nothing would trade." if fact.price is None else text)
    listing = scene.listing(fact.symbol)
    if listing is not None:
        yield from auction_lines(listing)


def _best(listing: Listing, side: Side) -> str:
    best = listing.book.best_limit(side)
    return (
        f"no {best_word(side)} is shown" if best is None else f"the best {best_word(side)} shown is {euro_text(best)}"
    )


def auction_whys(listing: Listing, *, offset: int) -> tuple[Why, ...]:
    """Return why the auction that would be held now has its price; `offset` is that of the next command."""
    return tuple(why_of(line, offset=offset, index=0, about="indicative") for line in auction_lines(listing))


def without_hidden(why: Why) -> Why:
    """Return what everybody may see: where the table counts hidden quantity, only the row of the price is left."""
    if not why.counts_hidden:
        return why
    row = next(row for row in why.rows if row.price == why.price)
    text = (
        f"The price is {price_text(why.price)}: {row.volume:,} trade, surplus {_signed(row.surplus)}. Orders in the "
        "book hide quantity, so what the other prices would do is not told."
    )
    return replace(why, text=text, rows=(row,))


def _ladder(found: Equilibrium, listing: Listing) -> str:
    """Return the steps of the ladder in words, down to the price."""
    low, high = found.candidates
    has_ticks = listing.rules.auction_prices is AuctionPrices.EVERY_TICK
    only, some = (
        ("Only", "Something") if has_ticks else ("Only prices of orders count: only", "At prices of orders something")
    )
    if low == high:
        return f"{only} at {euro_text(low)} anything trades: {found.volume:,}, surplus {_signed(found.surplus)}."
    parts = [f"{some} trades from {_span(low, high)}"]
    for step, left_low, left_high in found.narrowed:
        parts.append(f"{step.value} leaves {_span(left_low, left_high)}")
    if found.narrowed[-1].low != found.narrowed[-1].high:
        parts.append("of these the lowest is taken")
    if found.decided_by in _ASKS_REFERENCE:
        parts.append(f"the reference price is {price_text(listing.reference)}")
    why = REASONS[found.decided_by]
    return (
        f"{'; '.join(parts)}. So {euro_text(found.price)} by {found.decided_by.value}, as {why}: "
        f"{found.volume:,} trade, surplus {_signed(found.surplus)}."
    )


def _signed(surplus: int) -> str:
    return f"{surplus:+,}" if surplus else "0"


def _span(low: Price, high: Price) -> str:
    return euro_text(low) if low == high else f"{euro_text(low)} to {euro_text(high)}"


def _shown(row: Row) -> WhyRow:
    return WhyRow(price=row.price, buy=row.buy, sell=row.sell, volume=row.volume, surplus=row.surplus)


def _near(table: Sequence[Row], price: Price) -> Sequence[Row]:
    """Return the rows around the price, lowest first."""
    at = next(place for place, row in enumerate(table) if row.price == price)
    first = max(0, min(at - ROWS // 2, len(table) - ROWS))
    return table[first : first + ROWS]
