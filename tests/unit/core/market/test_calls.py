"""Claims about the auction that is told of during a call: it is the one that would be held."""

from random import Random

import pytest
from auctions import ALL, Book
from auctions import book as drawn_book
from msgspec import structs
from unit.core.market.playing import played
from unit.core.matching.resting import book_of, order

from stockex.core.market.calls import NOTHING, auction_of, indication_of
from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.vocabulary.enums import Side
from stockex.vocabulary.market_rules import AuctionPrices
from stockex.vocabulary.tick_tables import TickRow
from stockex.vocabulary.units import Price

ROUNDS = 3


def resting(drawn: Book, dice: Random) -> list[Order]:
    """Return the orders of a drawn book; some are hidden, icebergs or, without a price, capped."""
    found: list[Order] = []
    for side, wanted in ((Side.BUY, drawn.bids), (Side.SELL, drawn.asks)):
        for limit, qty in wanted:
            one = order(len(found) + 1, side, qty=qty, at=limit)
            kind = dice.randrange(4)
            one.hidden = limit is not None and kind == 0
            if limit is not None and kind == 1:
                one.display = one.peak = 1
            if limit is None and side is Side.BUY and kind == 0:
                one.cap = Price(dice.randint(1, 20))
            found.append(one)
    return found


def listing_of(drawn: Book) -> Listing:
    """Return an instrument in which the orders of a drawn book rest, under its rules."""
    table = tuple(TickRow(Price(start), Price(tick)) for start, tick in drawn.table)
    prices = AuctionPrices.EVERY_TICK if drawn.has_ticks else AuctionPrices.ORDER_PRICES
    plain = played().desk.listings["ALPHA"]
    rules = structs.replace(plain.rules, auction_ladder=tuple(drawn.ladder), auction_prices=prices, tick_table=table)
    instrument = plain.instrument._replace(tick=Price(drawn.tick))
    listing = Listing(instrument, book_of(*resting(drawn, Random(repr(drawn)))), rules=rules)
    listing.reference = None if drawn.reference is None else Price(drawn.reference)
    return listing


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_what_is_told_is_the_auction_that_would_be_held(turn: int) -> None:
    """Whatever crosses or not, priced or not, hidden or not, by each ladder."""
    told = 0
    for number in range(turn * ALL, (turn + 1) * ALL):
        listing = listing_of(drawn_book(number))
        held = auction_of(listing)
        assert indication_of(listing) == ((held.price, held.volume, held.surplus) if held else NOTHING), number
        told += held is not None
    assert ALL // 4 < told < ALL
