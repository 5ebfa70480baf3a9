"""Matching: who trades, what may, what it costs."""

import pytest
from unit.core.matching.resting import book_of, order

from stockex.core.matching.continuous import can_fill, cost_to_fill, match, would_trade
from stockex.core.matching.scribe import Scribe
from stockex.messages.executions import Traded
from stockex.vocabulary.enums import SelfTrade, Side
from stockex.vocabulary.units import Nanos, Price

KEEPS_OWN_OUT = [mode for mode in SelfTrade if mode is not SelfTrade.ALLOW]


def scribe() -> Scribe:
    """Return a scribe for command 9 that tells nobody."""
    return Scribe(9, Nanos(0), note=lambda _fact: None)


def test_an_order_trades_until_its_limit() -> None:
    """Two prices are within the limit, the third is not."""
    asks = [order(n, Side.SELL, qty=10, at=100 * n, account="B") for n in (1, 2, 3)]
    incoming = order(9, Side.BUY, qty=40, at=200)
    notes = scribe()
    assert not match(book_of(*asks), incoming, limit=incoming.limit, scribe=notes)
    assert [(fact.price, fact.qty) for fact in notes.facts if isinstance(fact, Traded)] == [(100, 10), (200, 10)]
    assert (incoming.leaves, incoming.cum) == (20, 20)


def test_an_order_that_crosses_nothing_changes_nothing() -> None:
    """Below the best offer no fact is written."""
    notes = scribe()
    asks = book_of(order(1, Side.SELL, qty=10, at=101, account="B"))
    assert not match(asks, order(9, Side.BUY, qty=5, at=100), limit=Price(100), scribe=notes)
    assert notes.facts == []


def test_a_trade_id_is_the_place_of_its_fact() -> None:
    """Command 9, facts 0 and 2: the tape's record stands between."""
    asks = [order(n, Side.SELL, qty=10, at=100, account="B") for n in (1, 2)]
    notes = scribe()
    match(book_of(*asks), order(9, Side.BUY, qty=20, at=100), limit=Price(100), scribe=notes)
    assert [fact.trade_id for fact in notes.facts if isinstance(fact, Traded)] == ["9-0", "9-2"]


@pytest.mark.parametrize(
    ("qty", "limit", "fills"), [(20, 200, True), (21, 200, False), (11, 100, False), (20, None, True)]
)
def test_can_fill_counts_what_is_within_the_limit(qty: int, limit: int | None, *, fills: bool) -> None:
    """Ten shares stand at each of two prices."""
    book = book_of(*(order(n, Side.SELL, qty=10, at=100 * n, account="B") for n in (1, 2)))
    bound = None if limit is None else Price(limit)
    assert can_fill(book, order(9, Side.BUY, qty=qty, at=limit), limit=bound) is fills


@pytest.mark.parametrize("mode", SelfTrade)
def test_can_fill_with_an_own_order_in_the_way(mode: SelfTrade) -> None:
    """It counts where self-trades are allowed, is passed where it would be cancelled, and else ends the count."""
    book = book_of(order(1, Side.SELL, qty=10, at=100), order(2, Side.SELL, qty=10, at=100, account="B"))
    ten, twenty = order(9, Side.BUY, qty=10, at=100), order(10, Side.BUY, qty=20, at=100)
    ten.self_trade = twenty.self_trade = mode
    assert can_fill(book, ten, limit=ten.limit) is (mode in {SelfTrade.ALLOW, SelfTrade.CANCEL_OLDEST})
    assert can_fill(book, twenty, limit=twenty.limit) is (mode is SelfTrade.ALLOW)


def test_would_trade_at_the_opposite_price_and_not_beside_it() -> None:
    """The best offer is 100; an empty side trades with nobody."""
    book = book_of(order(1, Side.SELL, qty=10, at=100))
    buy, sell = order(8, Side.BUY, qty=1, at=1), order(9, Side.SELL, qty=1, at=1)
    assert would_trade(book, buy, limit=Price(100)) == 100
    assert would_trade(book, buy, limit=Price(99)) is None
    assert would_trade(book, sell, limit=Price(1)) is None


def test_cost_is_summed_over_prices_and_ends_with_the_book() -> None:
    """10 at 100 and 5 at 200 for fifteen; no more than the book holds for fifty."""
    book = book_of(*(order(n, Side.SELL, qty=10, at=100 * n, account="B") for n in (1, 2)))
    assert cost_to_fill(book, order(9, Side.BUY, qty=15)) == 2000
    assert cost_to_fill(book, order(9, Side.BUY, qty=50)) == 3000
    assert cost_to_fill(book, order(9, Side.BUY, qty=10)) == 1000


@pytest.mark.parametrize("mode", KEEPS_OWN_OUT)
def test_own_offers_cost_nothing(mode: SelfTrade) -> None:
    """Where the order goes on, the offer behind them counts; where it would end, nothing does."""
    book = book_of(order(1, Side.SELL, qty=10, at=100), order(2, Side.SELL, qty=10, at=200, account="B"))
    incoming = order(9, Side.BUY, qty=10)
    incoming.self_trade = mode
    assert cost_to_fill(book, incoming) == (2000 if mode is SelfTrade.CANCEL_OLDEST else 0)


def test_own_offers_cost_where_self_trades_are_allowed() -> None:
    """The account pays itself."""
    incoming = order(9, Side.BUY, qty=10)
    incoming.self_trade = SelfTrade.ALLOW
    assert cost_to_fill(book_of(order(1, Side.SELL, qty=10, at=100)), incoming) == 1000
