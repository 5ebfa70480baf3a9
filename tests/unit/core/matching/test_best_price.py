"""The next best price is found in a few steps, however far away it is: no book looks at the empty prices between.

Steps are counted, not timed: how often a list of prices, or a word of the compiled book's bits, is looked at.
"""

from collections.abc import Callable
from math import log2
from types import FunctionType, SimpleNamespace
from typing import cast, overload

import numpy as np
import pytest
from unit.core.matching.resting import book_of, order

from stockex.core.matching.compiled import ladder
from stockex.core.matching.plain import PlainBook
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price

GAPS = (1, 40, 63, 64, 4_000, 5_000, 250_000)
LEVELS = 1 << 18


class CountedPrices(list[int]):
    """Prices that count how often one of them is looked at."""

    looks = 0

    @overload  # type: ignore[override]  # a slice is never asked for
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        """Look at a price."""
        self.looks += 1
        return super().__getitem__(index)


class CountedWords:
    """Words of bits that count how often one of them is looked at."""

    looks = 0

    def __init__(self, size: int) -> None:
        self.words = np.zeros(size, np.int64)

    def __getitem__(self, index: int) -> np.int64:
        """Look at a word."""
        self.looks += 1
        return cast(np.int64, self.words[index])

    def __setitem__(self, index: int, word: np.int64) -> None:
        """Write a word."""
        self.words[index] = word


def in_python(function: Callable[..., object]) -> Callable[[SimpleNamespace, int], int]:
    """Return a part of the kernel as Python, with Python's ways to count zeros in place of the machine's."""
    source = cast(FunctionType, getattr(function, "py_func", function))

    def trailing(word: int) -> int:
        bits = int(word) & (2**64 - 1)
        return (bits & -bits).bit_length() - 1

    def leading(word: int) -> int:
        return 64 - (int(word) & (2**64 - 1)).bit_length()

    found = FunctionType(source.__code__, {**source.__globals__, "trailing": trailing, "leading": leading})
    return cast(Callable[[SimpleNamespace, int], int], found)


def bits_of(*levels: int) -> SimpleNamespace:
    """Return the bits of a ladder on which these levels have orders."""
    tables = SimpleNamespace(
        bits=CountedWords(LEVELS >> 6), groups=CountedWords(LEVELS >> 12), heaps=CountedWords(1 + (LEVELS >> 18))
    )
    for level in levels:
        in_python(ladder.mark)(tables, level)
    return tables


def looks(tables: SimpleNamespace, find: Callable[[SimpleNamespace, int], int], level: int) -> tuple[int, int]:
    """Return what is found from a level on, and how many words were looked at for it."""
    before = sum(words.looks for words in vars(tables).values())
    found = find(tables, level)
    return found, sum(words.looks for words in vars(tables).values()) - before


@pytest.mark.parametrize("gap", GAPS)
def test_the_compiled_book_looks_at_five_words_at_most(gap: int) -> None:
    """Up and down, to a price beside the last one or a quarter of a million ticks away."""
    low, high = 100, 100 + gap
    tables = bits_of(low, high)
    for find, start, end in ((ladder.above, low, high), (ladder.below, high, low)):
        found, steps = looks(tables, in_python(find), start)
        assert found == end
        assert steps <= 5


def test_the_compiled_book_knows_in_three_words_that_nothing_is_left() -> None:
    """No price over the last, none under the first."""
    tables = bits_of(100)
    assert looks(tables, in_python(ladder.above), 100) == (0, 3)
    assert looks(tables, in_python(ladder.below), 100) == (0, 3)


def counted(book: PlainBook, side: Side) -> CountedPrices:
    """Let the prices of one side of a book be counted."""
    own = book.bids if side.is_buy else book.asks
    own.keys = CountedPrices(own.keys)
    return own.keys


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("gap", GAPS)
def test_the_plain_book_looks_at_one_price(side: Side, gap: int) -> None:
    """After the best has gone, the next is the last of a list of those prices at which somebody stands."""
    best = order(1, side, qty=5, at=1_000_000)
    book = book_of(best, order(2, side, qty=5, at=1_000_000 - side.sign * gap))
    prices = counted(book, side)
    book.remove(best)
    before = prices.looks
    first = book.first(side)
    assert first is not None
    assert first.order_id == 2
    assert prices.looks - before == 1


def test_a_crash_costs_steps_for_the_prices_it_meets_and_not_for_those_it_passes() -> None:
    """A thousand bids from 200 down to 100 euro are sold into: each takes a look, and a search among those left."""
    bids = [order(n, Side.BUY, qty=5, at=2_000_000 - 1_000 * n) for n in range(1_000)]
    book = book_of(*bids)
    prices = counted(book, Side.BUY)
    for bid in bids:
        first = book.first(Side.BUY, limit=Price(1_000_000))
        assert first is bid
        book.reduce(bid, 5)
    assert book.first(Side.BUY) is None
    assert prices.looks <= 1_000 * log2(1_024)
