"""Call auctions: orders gather without trading, then trade at one price."""

from collections.abc import Collection, Iterable, Iterator

from stockex.core.market.listing import Indication, Listing, by_place
from stockex.core.market.trading import execute, move, settle, trade_crossed
from stockex.core.matching.auction import Equilibrium, Interest, equilibrium
from stockex.core.matching.continuous import become_limit, cancel, expire, refresh, rest, take
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.messages.control import Uncrossed
from stockex.vocabulary.enums import CancelReason, OrdType, Phase, Side, TimeInForce
from stockex.vocabulary.market_rules import AuctionPrices, MarketRemainder, MtlAfterUncross
from stockex.vocabulary.units import Price, Shares

NOTHING: Indication = (None, Shares(0), 0)
"""No auction price."""


def auction_of(listing: Listing) -> Equilibrium | None:
    """Return what the auction would do now (AUC-02).

    A cap bounds its order only where the price would be above it (RSK-06): it draws no price.
    """
    bounded: set[int] = set()
    while True:
        bids, asks = (_wanted(listing, side, bounded=bounded) for side in Side)
        found = _between(bids, asks, listing=listing)
        if found is None:
            return None
        over = {
            order.order_id
            for order in listing.book.unpriced(Side.BUY)
            if order.cap is not None and order.cap < found.price
        }
        if over <= bounded:
            return found
        bounded |= over


def _wanted(listing: Listing, side: Side, *, bounded: Collection[int]) -> Iterator[Interest]:
    """Yield what one side wants; of the unpriced orders, those whose ids are `bounded` at most at their cap."""
    for order in listing.book.unpriced(side):
        yield order.cap if order.order_id in bounded else None, Shares(order.leaves)
    yield from listing.book.wanted(side)


def _between(bids: Iterable[Interest], asks: Iterable[Interest], *, listing: Listing) -> Equilibrium | None:
    """Return what an auction between these two sides would do by the rules of an instrument."""
    ladder, has_ticks = listing.rules.auction_ladder, listing.rules.auction_prices is AuctionPrices.EVERY_TICK
    grid = listing.grid if has_ticks else None
    return equilibrium(bids, asks, ladder=ladder, grid=grid, reference=listing.reference)


def indication_of(listing: Listing) -> Indication:
    """Return price, volume and surplus of the auction that would be held now.

    Where all orders have a price, those that cross nobody draw no price.

    Cost: O(1) while nothing crosses; else of `equilibrium` in the prices that cross, or in all of them.
    """
    book = listing.book
    bid, ask = book.first(Side.BUY), book.first(Side.SELL)
    if bid is None or ask is None:
        return NOTHING
    if bid.limit is None or ask.limit is None:
        found = auction_of(listing)
    elif bid.limit < ask.limit:
        return NOTHING
    else:
        bids, asks = book.wanted(Side.BUY, limit=ask.limit), book.wanted(Side.SELL, limit=bid.limit)
        found = _between(bids, asks, listing=listing)
    return NOTHING if found is None else (found.price, found.volume, found.surplus)


def end_call(listing: Listing, *, to: Phase, scribe: Scribe) -> None:
    """End a call with an auction, then go on as `to` says (AUC-03 to AUC-06, AUC-09)."""
    price, volume, surplus = indication_of(listing)
    symbol = listing.instrument.symbol
    scribe.write(Uncrossed, symbol=symbol, price=price, volume=volume, surplus=surplus)
    before = {order.order_id: order.cum for side in Side for order in listing.book.queue(side)}
    if price is not None:
        allocate(listing, price, scribe=scribe)
        listing.auction_price = price
    for order in _resting(listing):
        if order.tif.is_for_auction:
            listing.book.remove(order)
            if order.tif is TimeInForce.AT_CLOSE:
                expire(order, scribe=scribe)
            else:
                cancel(order, CancelReason.CALL_ENDED, scribe=scribe)
    if price is not None:
        has_traded = {order.order_id for order in _resting(listing) if order.cum > before[order.order_id]}
        _price_market_to_limit(listing, price, has_traded=has_traded, scribe=scribe)
    if to is not Phase.CONTINUOUS:
        listing.close = listing.close_now
        listing.path.clear()
    move(listing, to, scribe=scribe)
    if to is Phase.CONTINUOUS:
        go_continuous(listing, scribe=scribe)


def go_continuous(listing: Listing, *, scribe: Scribe) -> None:
    """Let the market come to rest after orders have gathered (AUC-06)."""
    listing.close = None
    release_market_orders(listing, scribe=scribe)
    trade_crossed(listing, scribe=scribe)  # A ladder of its own kind may leave a cross.
    settle(listing, scribe=scribe)


def release_market_orders(listing: Listing, *, scribe: Scribe) -> None:
    """Let market orders that may not rest without a price go on as incoming orders, oldest first (AUC-06)."""
    if listing.rules.market_remainder is not MarketRemainder.RESTS_UNPRICED:
        for order in _resting(listing):
            # One that came in before may have traded with this one, ended it, or interrupted trading.
            is_left = order.leaves > 0 and not listing.phase.gathers
            if order.limit is None and order.ord_type is OrdType.MARKET and is_left:
                listing.book.remove(order)
                execute(order, listing, scribe=scribe)


def allocate(listing: Listing, price: Price, *, scribe: Scribe) -> None:
    """Trade at the auction price, by price, then time; unpriced orders first (AUC-03)."""
    book = listing.book
    bids, asks = ([order for order in book.queue(side) if side.accepts(_bound(order), price)] for side in Side)
    last: tuple[Order, ...] = ()
    buyers, sellers = iter(bids), iter(asks)
    buy, sell = next(buyers, None), next(sellers, None)
    while buy is not None and sell is not None:
        qty = min(buy.leaves, sell.leaves)
        older, younger = (buy, sell) if buy.place < sell.place else (sell, buy)
        take(book, buy, qty=qty)
        take(book, sell, qty=qty)
        scribe.traded(younger, older, qty=qty, price=price)
        last = (buy, sell)
        buy = buy if buy.leaves > 0 else next(buyers, None)
        sell = sell if sell.leaves > 0 else next(sellers, None)
    for order in last:  # All others that traded have nothing left.
        refresh(book, order, style=listing.rules.iceberg, scribe=scribe)


def _price_market_to_limit(listing: Listing, price: Price, *, has_traded: set[int], scribe: Scribe) -> None:
    """Make limit orders at the auction price of the market-to-limit orders that are left (AUC-05)."""
    untraded_stay = listing.rules.mtl_after_uncross is MtlAfterUncross.UNTRADED_STAY
    for order in _resting(listing):
        is_unpriced = order.ord_type is OrdType.MARKET_TO_LIMIT and order.limit is None
        if is_unpriced and not (untraded_stay and order.order_id not in has_traded):
            listing.book.remove(order)
            become_limit(order, price if order.cap is None else min(price, order.cap), scribe=scribe)
            rest(listing.book, order, scribe=scribe)


def _resting(listing: Listing) -> list[Order]:
    return sorted((order for side in Side for order in listing.book.queue(side)), key=by_place)


def _bound(order: Order) -> Price | None:
    return order.cap if order.limit is None else order.limit
