"""The rule-based strategy."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockex.core.members.rules import Quote, Wish, decide
from stockex.messages.views import Daily, Holding, Portfolio
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Price, Shares

QUOTES = {"NBG": Quote(Price(180_500), Price(180_600)), "AEG": Quote(Price(39_450), Price(39_500))}


class Luck:
    """Chance that was written down: the numbers to draw, and after them the lowest possible."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = list(numbers)

    def integer(self, low: int, high: int) -> int:
        """Draw the next number, which must lie within the bounds asked for."""
        number = self._numbers.pop(0) if self._numbers else low
        assert low <= number <= high
        return number


class Drawn:
    """Chance that hypothesis decides."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def integer(self, low: int, high: int) -> int:
        """Draw a number within the bounds."""
        return self._data.draw(st.integers(low, high))


def portfolio(
    *, cash: int = 0, reserved: int = 0, traded: int = 0, held: Mapping[str, tuple[int, int]] | None = None
) -> Portfolio:
    """Return a member's portfolio. `held`: symbol to quantity and reserved quantity, all worth 10,000 units a share."""
    rows = tuple(
        Holding(
            symbol=symbol,
            qty=Shares(qty),
            reserved=Shares(kept),
            average_cost=Price(10_000),
            current_price=Price(10_000),
            value=Cash(10_000 * qty),
            unrealised=Cash(0),
        )
        for symbol, (qty, kept) in (held or {}).items()
    )
    worth = sum(row.value for row in rows)
    return Portfolio(
        account="USR01",
        capital=Cash(cash),
        reserved=Cash(reserved),
        available=Cash(cash - reserved),
        holdings=rows,
        holdings_value=Cash(worth),
        total_value=Cash(cash + worth),
        pnl=Cash(0),
        realised=Cash(0),
        daily=Daily(buy_count=0, sell_count=0, total_securities=Shares(traded)),
        obligation=Shares(20),
        obligation_met=traded >= 20,
    )


def test_a_member_without_holdings_buys_at_the_ask() -> None:
    """The first symbol it can pay, the quantity drawn, and the words for it."""
    choice = decide(portfolio(cash=1_000_000_000), QUOTES, chance=Luck(0, 40))
    assert choice.wish == Wish(Side.BUY, "AEG", Shares(40), Price(39_500))
    assert choice.text == "no holdings: buy; 40 AEG at the ask 3.95"


@pytest.mark.parametrize(
    ("held", "draw", "side"),
    [
        (19, 80, Side.BUY),
        (19, 81, Side.SELL),
        (20, 50, Side.BUY),
        (20, 51, Side.SELL),
        (60, 50, Side.BUY),
        (60, 51, Side.SELL),
        (61, 30, Side.BUY),
        (61, 31, Side.SELL),
    ],
)
def test_few_holdings_lean_to_buying_and_many_to_selling(held: int, draw: int, side: Side) -> None:
    """Below 20 % of net worth it buys with 80 %, above 60 % with 30 %, else with 50 %."""
    member = portfolio(cash=10_000 * (1_000 - 10 * held), held={"NBG": (10 * held, 0)})
    choice = decide(member, QUOTES, chance=Luck(draw))
    assert choice.wish is not None
    assert choice.wish.side is side
    assert choice.text.startswith(f"holdings are {held} % of net worth: {side.lower()}; ")


def test_a_sale_is_made_at_the_bid() -> None:
    """At most half of the holding is drawn."""
    choice = decide(portfolio(held={"NBG": (60, 0)}), QUOTES, chance=Luck(100, 0, 30))
    assert choice.wish == Wish(Side.SELL, "NBG", Shares(30), Price(180_500))


def test_a_purchase_is_cut_to_what_the_cash_pays() -> None:
    """Eleven shares are affordable, so a hundred become eleven."""
    choice = decide(portfolio(cash=11 * 39_500 + 1), QUOTES, chance=Luck(0, 100))
    assert choice.wish == Wish(Side.BUY, "AEG", Shares(11), Price(39_500))


@pytest.mark.parametrize(("cash", "reserved"), [(10 * 39_500 - 1, 0), (1_000_000, 1_000_000 - 39_500)])
def test_a_member_holds_when_it_cannot_pay_ten_shares(cash: int, reserved: int) -> None:
    """Cash that open orders reserve does not count."""
    choice = decide(portfolio(cash=cash, reserved=reserved), QUOTES, chance=Luck())
    assert choice.wish is None
    assert choice.text.endswith("buys 10 shares at no ask: hold")


def test_a_small_holding_is_sold_whole() -> None:
    """Four shares are fewer than the least quantity, and all there is."""
    choice = decide(portfolio(held={"NBG": (4, 0)}), QUOTES, chance=Luck(100))
    assert choice.wish == Wish(Side.SELL, "NBG", Shares(4), Price(180_500))


def test_shares_that_open_orders_reserve_are_not_sold_again() -> None:
    """Of sixty with fifty-five reserved, five are left to sell."""
    choice = decide(portfolio(held={"NBG": (60, 55)}), QUOTES, chance=Luck(100))
    assert choice.wish == Wish(Side.SELL, "NBG", Shares(5), Price(180_500))


@pytest.mark.parametrize(
    ("held", "quotes"),
    [((60, 60), QUOTES), ((60, 0), {"NBG": Quote(None, Price(180_600))}), ((60, 0), {})],
)
def test_a_member_holds_when_it_can_sell_nothing(held: tuple[int, int], quotes: dict[str, Quote]) -> None:
    """All is reserved, nobody bids, or the market is not there yet."""
    choice = decide(portfolio(held={"NBG": held}), quotes, chance=Luck(100))
    assert choice.wish is None
    assert choice.text == "holdings are 100 % of net worth: sell; no free shares have a bid: hold"


def test_a_book_without_offers_is_not_bought() -> None:
    """The only affordable symbol has no ask."""
    choice = decide(portfolio(cash=1_000_000_000), {"NBG": Quote(Price(1), None)}, chance=Luck())
    assert choice.wish is None


@pytest.mark.parametrize(("draw", "acts"), [(30, True), (31, False)])
def test_a_member_that_met_its_obligation_acts_with_thirty_percent(draw: int, *, acts: bool) -> None:
    """Else it rests, and says so."""
    choice = decide(portfolio(cash=1_000_000_000, traded=25), QUOTES, chance=Luck(draw))
    assert (choice.wish is not None) is acts
    assert acts or choice.text == "obligation met with 25 shares: rest this round"


def test_a_quantity_is_in_whole_lots() -> None:
    """Forty-three in lots of five are forty; seven, where the lot is 25, are 25."""
    rich = portfolio(cash=1_000_000_000)
    fives = decide(rich, {"NBG": Quote(None, Price(100), Shares(5))}, chance=Luck(0, 43))
    large = decide(rich, {"NBG": Quote(None, Price(100), Shares(25))}, chance=Luck(0, 17))
    assert fives.wish is not None
    assert large.wish is not None
    assert (fives.wish.qty, large.wish.qty) == (40, 25)


@given(
    cash=st.integers(0, 10**8),
    held=st.dictionaries(st.sampled_from(["AEG", "NBG"]), st.tuples(st.integers(1, 500), st.integers(0, 500))),
    data=st.data(),
)
def test_a_wish_is_always_covered_and_of_a_fair_size(
    cash: int, held: dict[str, tuple[int, int]], data: st.DataObject
) -> None:
    """It has the cash or the shares, asks for ten to a hundred, and sells at most half of what is free, or ten."""
    wish = decide(portfolio(cash=cash, held=held), QUOTES, chance=Drawn(data)).wish
    if wish is None:
        return
    owned, kept = held.get(wish.symbol, (0, 0))
    free = cash // wish.limit if wish.side is Side.BUY else owned - kept
    most = 100 if wish.side is Side.BUY else max(10, free // 2)
    assert min(10, free) <= wish.qty <= min(100, free, most)
