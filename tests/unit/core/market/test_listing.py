"""Claims about `stockex.core.market.listing` that the scenarios do not show."""

from unit.core.market.playing import played

from stockex.core.snapshot import dump, load
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Price


def path(*prices: int, phase: Phase = Phase.CONTINUOUS) -> list[Price]:
    """Return what a stop has still to see of these last prices, in cents."""
    listing = played("A1 buy 10 stop 99.00").desk.listings["ALPHA"]
    listing.phase = phase
    for price in prices:
        listing.traded_at(Price(price * 100))
    return listing.path


def test_stops_see_each_turn_of_the_last_price_once() -> None:
    """The same price again is nothing new; one that comes back is."""
    assert path(2_500, 2_500) == [250_000]
    assert path(2_600, 2_500, 2_500, 2_600) == [260_000, 250_000, 260_000]


def test_nothing_is_kept_for_stops_that_are_not_there() -> None:
    """Without a stop the path stays empty, and so it does in trading at last."""
    listing = played().desk.listings["ALPHA"]
    listing.traded_at(Price(250_000))
    assert (listing.last, listing.path) == (250_000, [])
    assert path(2_500, phase=Phase.TRADING_AT_LAST) == []


def test_a_peg_that_is_taken_out_is_none_any_more() -> None:
    """Whether it stands in the book or waits."""
    listing = played("B1 buy 5 @ 24.00", "P1 buy 5 peg", "P2 sell 5 peg").desk.listings["ALPHA"]
    for order in list(listing.pegs.values()):
        listing.take_out(order)
    assert (listing.pegs, [order.cl_ord_id for order in listing.orders()]) == ({}, ["B1"])


def test_orders_of_a_snapshot_are_put_back_where_they_were() -> None:
    """In the book, for a price, for one to follow, for the close, and tied to another."""
    exchange = played(
        "A1 buy 5 @ 24.00",
        "A2 buy 5 stop 26.00 oco A1",
        "P1 buy 5 peg",
        "P2 sell 5 peg",
        "C1 sell 5 @ 26.00 AT_CLOSE",
    )
    listing = load(dump(exchange)).desk.listings["ALPHA"]
    assert [order.cl_ord_id for order in listing.orders()] == ["A1", "P1", "A2", "P2", "C1"]
    found = (listing.stops, listing.pegs, listing.closers, listing.pairs)
    assert [[order.cl_ord_id for order in orders.values()] for orders in found] == [
        ["A2"],
        ["P1", "P2"],
        ["C1"],
        ["A1", "A2"],
    ]
