"""The auction price is the one that a walk over every candidate finds, and nobody is worse off than his limit."""

from collections.abc import Callable

import pytest
from auctions import ALL, Book, Search, book, both, differences, equilibrium_of, kinds, searched

from stockex.vocabulary.market_rules import LadderStep

ROUNDS = 40
"""How often each ladder comes; `benchmarks/auctions.py` draws more."""


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_price_is_that_of_a_walk_over_every_candidate(turn: int) -> None:
    """Each ladder in each order, with every tick as a candidate and with prices of orders only, on random books."""
    assert list(differences(range(turn * ALL, (turn + 1) * ALL))) == []


def faulty(fault: Callable[[Book], Book]) -> Search:
    """Return a search that changes a book before it looks at it."""
    return lambda drawn: searched(fault(drawn))


def test_the_walk_notices_faults_in_a_search() -> None:
    """A search that forgets market orders, the reference or a step, or errs by one, is found out within one round."""
    faults: tuple[Callable[[Book], Book], ...] = (
        lambda drawn: drawn._replace(bids=[(limit, qty) for limit, qty in drawn.bids if limit is not None]),
        lambda drawn: drawn._replace(reference=None),
        lambda drawn: drawn._replace(ladder=drawn.ladder[:-1] or drawn.ladder),
        lambda drawn: drawn._replace(ladder=drawn.ladder[::-1]),
        lambda drawn: drawn._replace(asks=[(limit, qty + (limit is None)) for limit, qty in drawn.asks]),
        lambda drawn: drawn._replace(has_ticks=not drawn.has_ticks),
        lambda drawn: drawn._replace(table=()),
    )
    for fault in faults:
        assert any(differences(range(ALL), search=faulty(fault)))


def test_the_books_are_of_all_kinds() -> None:
    """Each kind of book and each step that decides is common among those drawn."""
    found = kinds(range(2 * ALL))
    assert set(found) == {
        *(f"decided by {step.value}" for step in LadderStep),
        *("nothing trades", "with market orders", "with market orders only"),
        *("prices of orders only", "priced where no order stands"),
    }
    assert min(found.values()) > ALL // 20


def test_a_price_lies_within_the_limits_or_is_the_reference() -> None:
    """Only the reference price may lie outside all limits, where unpriced orders accept it."""
    for number in range(ROUNDS * ALL):
        drawn = book(number)
        price = searched(drawn)
        if price is not None and price.price != drawn.reference:
            assert drawn.limits[0] <= price.price <= drawn.limits[-1], f"book {number}"


def test_the_table_holds_every_limit_and_the_price() -> None:
    """Each row says what is bought and sold there."""
    for number in range(ROUNDS * ALL // 4):
        drawn = book(number)
        found = equilibrium_of(drawn)
        if found is not None:
            assert [row.price for row in found.table] == sorted({*drawn.limits, found.price}), f"book {number}"
            assert all((row.buy, row.sell) == both(drawn, row.price) for row in found.table), f"book {number}"
