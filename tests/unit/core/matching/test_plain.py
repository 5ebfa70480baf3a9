"""The plain book keeps price-time priority and its totals."""

from collections import Counter

import pytest
from unit.core.matching.resting import book_of, order

from stockex.core.matching.plain import PlainBook
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares


def level(price: int, qty: int, orders: int) -> Level:
    """Return a level of the book."""
    return Level(Price(price), Shares(qty), orders)


def ids(book: PlainBook, side: Side) -> list[int]:
    """Return the orders of a side in priority."""
    return [one.order_id for one in book.queue(side)]


@pytest.mark.parametrize("side", Side)
def test_an_empty_side_has_no_first(side: Side) -> None:
    """Nothing rests, nothing is first, nothing has changed."""
    book = PlainBook()
    assert book.first(side) is None
    assert ids(book, side) == []
    assert book.take_changes() == ((), ())


def test_bids_queue_from_the_highest_and_asks_from_the_lowest() -> None:
    """Whatever the order of arrival, the better price leads."""
    prices = (250, 300, 200)
    book = book_of(*(order(n, Side.BUY, qty=1, at=price) for n, price in enumerate(prices)))
    for n, price in enumerate(prices, start=10):
        book.add(order(n, Side.SELL, qty=1, at=1000 + price))
    assert ids(book, Side.BUY) == [1, 0, 2]
    assert ids(book, Side.SELL) == [12, 10, 11]


@pytest.mark.parametrize("side", Side)
def test_at_one_price_the_older_order_leads(side: Side) -> None:
    """Time decides where the price does not."""
    book = book_of(*(order(n, side, qty=5, at=250) for n in (3, 1, 2)))
    first = book.first(side)
    assert first is not None
    assert first.order_id == 3
    assert ids(book, side) == [3, 1, 2]


@pytest.mark.parametrize("side", Side)
def test_a_reduced_order_keeps_its_place(side: Side) -> None:
    """Less quantity changes the total and not the queue."""
    old, young = order(1, side, qty=10, at=250), order(2, side, qty=10, at=250)
    book = book_of(old, young)
    book.reduce(old, 4)
    assert ids(book, side) == [1, 2]
    assert book.level(side, Price(250)) == level(250, 16, 2)


@pytest.mark.parametrize("side", Side)
def test_an_order_reduced_to_nothing_leaves_with_its_price(side: Side) -> None:
    """The last order of a price takes the price with it."""
    best, other = order(1, side, qty=10, at=250), order(2, side, qty=10, at=250 - 50 * side.sign)
    book = book_of(best, other)
    book.reduce(best, 10)
    assert ids(book, side) == [2]
    assert book.level(side, Price(250)) == level(250, 0, 0)


@pytest.mark.parametrize("side", Side)
def test_a_removed_order_keeps_what_it_leaves(side: Side) -> None:
    """Taken out of the middle, it is whole, and the others are as they were."""
    orders = [order(n, side, qty=10 * n, at=250) for n in (1, 2, 3)]
    book = book_of(*orders)
    book.remove(orders[1])
    assert orders[1].leaves == 20
    assert ids(book, side) == [1, 3]
    assert book.level(side, Price(250)) == level(250, 40, 2)


def test_changes_are_the_touched_levels_best_first_and_told_once() -> None:
    """Each touched level has its total, an empty one zero; what was not touched is not told."""
    gone, stays = order(1, Side.BUY, qty=10, at=200), order(2, Side.BUY, qty=10, at=100)
    book = book_of(gone, stays, order(3, Side.BUY, qty=10, at=150))
    book.remove(gone)
    book.reduce(stays, 1)
    book.add(order(4, Side.SELL, qty=5, at=400))
    book.add(order(5, Side.SELL, qty=6, at=300))
    bids, asks = book.take_changes()
    assert bids == (level(200, 0, 0), level(100, 9, 1))
    assert asks == (level(300, 6, 1), level(400, 5, 1))
    assert book.take_changes() == ((), ())


def test_a_book_knows_whether_anything_in_it_needs_more_than_price_and_time() -> None:
    """A plain limit order does not, one without a limit does."""
    book = book_of(order(1, Side.BUY, qty=5, at=100))
    assert not book.has_specials()
    book.add(order(2, Side.SELL, qty=5))
    assert (book.has_specials(), book.has_specials(Side.BUY), book.has_specials(Side.SELL)) == (True, False, True)


@pytest.mark.parametrize("special", ["none", "iceberg", "hidden"])
def test_what_is_wanted_at_a_price_counts_all_that_is_open(special: str) -> None:
    """Of an auction's two sides: shown or not, but nothing at prices that emptied, and unpriced orders apart."""
    orders = [order(n, Side.BUY, qty=n, at=100 * (n % 3 + 1)) for n in range(1, 9)]
    if special == "iceberg":
        orders[0].display = orders[0].peak = 1
        orders[0].leaves = 40
    orders[1].hidden = special == "hidden"
    book = book_of(*orders)
    gone = order(20, Side.BUY, qty=5, at=150)
    book.add(gone)
    book.remove(gone)
    wanted: Counter[int] = Counter()
    for price, qty in book.wanted(Side.BUY):
        wanted[price] += qty
    assert wanted == {100: 3 + 6, 200: orders[0].leaves + 4 + 7, 300: 2 + 5 + 8}
    assert list(book.unpriced(Side.BUY)) == []
    unpriced = order(21, Side.BUY, qty=7)
    book.add(unpriced)
    assert list(book.unpriced(Side.BUY)) == [unpriced]
    assert sum(qty for _, qty in book.wanted(Side.BUY)) == wanted.total()


def test_places_are_given_out_one_by_one() -> None:
    """To an order that waits outside the book as well."""
    book = book_of(order(1, Side.BUY, qty=5, at=100))
    outside = order(2, Side.BUY, qty=5, at=100)
    book.give_place(outside)
    assert (outside.place, book.places) == (2, 2)


@pytest.mark.parametrize("side", Side)
def test_a_price_that_emptied_starts_anew(side: Side) -> None:
    """What stood at one price before is not at the next, though its queue is used again."""
    old, hidden = order(1, side, qty=10, at=250), order(2, side, qty=7, at=250)
    hidden.hidden = True
    book = book_of(old, hidden)
    book.remove(hidden)
    book.reduce(old, 10)
    assert ids(book, side) == []
    book.add(order(3, side, qty=4, at=260))
    assert ids(book, side) == [3]
    assert book.level(side, Price(260)) == level(260, 4, 1)
    assert book.level(side, Price(250)) == level(250, 0, 0)


def test_a_common_order_that_is_lowered_keeps_its_place() -> None:
    """The short way of those who know that more is left: order and level are lower, and nobody is told."""
    first = order(1, Side.BUY, qty=10, at=100)
    book = book_of(first, order(2, Side.BUY, qty=5, at=100))
    book.take_changes()
    book.bids.lower(first, 4)
    assert (first.leaves, ids(book, Side.BUY)) == (6, [1, 2])
    assert book.level(Side.BUY, Price(100)) == level(100, 11, 2)
    assert book.take_changes() == ((), ())


def test_a_common_order_stands_and_leaves_without_a_word() -> None:
    """The short way of those who tell for themselves which levels changed."""
    book, common = book_of(order(1, Side.SELL, qty=5, at=100)), order(2, Side.SELL, qty=7, at=100)
    book.take_changes()
    book.asks.stand(common, 7)
    assert (ids(book, Side.SELL), book.level(Side.SELL, Price(100))) == ([1, 2], level(100, 12, 2))
    book.asks.leave(common, 7)
    assert (ids(book, Side.SELL), book.level(Side.SELL, Price(100))) == ([1], level(100, 5, 1))
    assert book.take_changes() == ((), ())


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("is_hidden", [False, True])
def test_the_best_price_gone_the_next_is_the_best_at_which_somebody_stands(side: Side, *, is_hidden: bool) -> None:
    """Prices in between that emptied before are passed over, and are there when somebody comes back to them."""
    orders = [order(n, side, qty=5, at=1_000 - side.sign * n) for n in range(4)]
    orders[3].hidden = is_hidden
    book = book_of(*orders)
    for gone in (orders[2], orders[1], orders[0]):
        book.remove(gone)
    assert ids(book, side) == [3]
    assert book.first(side) is orders[3]
    book.add(orders[1])
    assert ids(book, side) == [1, 3]
    book.remove(orders[3])
    book.remove(orders[1])
    assert book.first(side) is None


@pytest.mark.parametrize("side", Side)
def test_prices_that_emptied_are_forgotten_in_time(side: Side) -> None:
    """However many prices are visited, a side keeps about twice as many as are in use, and the orders at those."""
    stays = [order(n, side, qty=5, at=1_000_000 + n) for n in range(100)]
    book = book_of(order(1_000, side, qty=5, at=1_000_000 + 5_000 * side.sign), *stays)
    own = book.bids if side.is_buy else book.asks
    for n in range(2_000, 6_000):
        passing = order(n, side, qty=5, at=1_000_000 - side.sign * n)
        book.add(passing)
        book.remove(passing)
        assert len(own.keys) == len(own.queues) <= 2 * 101 + 64
    best = -1 if side.is_buy else 1
    assert ids(book, side) == [1_000, *(one.order_id for one in stays[::best])]
    assert len(own.spare) + len(own.queues) <= 400
