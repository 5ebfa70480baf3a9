"""What the analyst says follows from facts: each number is a figure, and each sentence names its commands."""

import random
import re

from unit.core.analyst.scenes import Day
from unit.core.market_data.market_facts import book, interrupted, phase_changed, stopped, uncrossed

from stockex.messages.market_data import Statement
from stockex.vocabulary.enums import Phase

NAMES = re.compile(r"\b[A-Z][A-Z0-9]{2,}\b")
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")


def numbers_in(statement: Statement) -> set[str]:
    """Return the numbers that a sentence prints, in the spelling of figures."""
    bare = NAMES.sub("", statement.text)
    return {number.replace(",", "").lstrip("+") for number in NUMBER.findall(bare)}


def test_a_move_is_told_with_its_figures_and_commands() -> None:
    """From the price before the window to the last one, in percent, with the trades that did it."""
    day = Day()
    day.trades("NBG", 180_600, 182_000, 183_000, first=40)
    said = day.said()[0]
    assert said.text == "NBG gained most: +1.39% to 18.30 in 3 trades."
    assert [(each.name, each.value, each.unit) for each in said.figures] == [
        ("change", "1.39", "%"),
        ("last", "18.30", "EUR"),
        ("trades", "3", "trades"),
    ]
    assert (said.symbol, said.first, said.last) == ("NBG", 40, 42)


def test_gains_and_losses_count_from_the_last_insight() -> None:
    """What was told once is not told again as a move."""
    day = Day()
    day.trades("NBG", 183_000)
    day.trades("PEIR", 199_000)
    assert day.texts()[:2] == [
        "NBG gained most: +1.39% to 18.30 in 1 trade.",
        "PEIR lost most: -0.50% to 19.90 in 1 trade.",
    ]
    day.trades("NBG", 182_000, first=20)
    assert day.texts()[0] == "NBG lost most: -0.55% to 18.20 in 1 trade."


def test_turnover_says_where_it_was() -> None:
    """Summed over all securities, with the share of the largest."""
    day = Day()
    day.trades("NBG", 180_500, qty=300)
    day.trades("PEIR", 200_000, qty=100)
    assert "EUR 7,415.00 changed hands in 2 trades, 73.03% of it in NBG." in day.texts()


def test_the_last_price_is_set_against_the_days_mean() -> None:
    """After five trades, and only when it stands apart."""
    day = Day()
    day.trades("NBG", 180_500, 180_500, 180_500, 180_500, 182_500)
    assert "NBG stands 0.88% above the day's mean price of 18.09." in day.texts()


def test_spread_and_depth_are_told_when_they_have_changed_by_half() -> None:
    """Against the picture at the last insight."""
    day = Day()
    day.happens(book("180000:100", "181000:100"))
    day.said()
    day.happens(book("", "181000:0 183000:100"))
    day.trades("NBG", 180_500)
    assert "The spread of NBG widened from 27.7 bp to 137.6 bp." in day.texts()
    day.happens(book("180500:900", ""))
    assert "The book of NBG is deeper: 1,100 shares on its best levels after 300." in day.texts()


def test_trading_that_leans_to_one_side_is_told() -> None:
    """All five trades had a buyer as the incoming side."""
    day = Day()
    day.trades("NBG", *([180_500] * 5), qty=20)
    assert "Buyers took 100.00% of the 100 shares of NBG." in day.texts()


def test_what_happened_comes_first() -> None:
    """A halt, the volatility call and its auction, each by the command that caused it."""
    day = Day()
    day.trades("NBG", 183_000, first=4)
    day.happens(interrupted())
    assert day.texts()[0].startswith("NBG: a trade at 18.50 would have left the range from ")
    day.happens(uncrossed(184_000, 1_200))
    assert day.texts()[0] == "The auction in NBG traded 1,200 at 18.40."
    day.happens(phase_changed(Phase.HALTED))
    halted = day.said()[0]
    assert halted.text == "NBG is halted at 18.30, +1.39% against the close before."
    assert (halted.first, halted.last) == (5, 5)


def test_the_end_of_a_day_is_about_the_day() -> None:
    """However much was told before, the last insight has the whole day's moves and turnover."""
    day = Day()
    day.trades("NBG", 181_000, 182_000, qty=10)
    day.said()
    day.trades("NBG", 183_000, qty=10, first=20)
    day.happens(stopped())
    assert day.texts()[:3] == [
        "Trading of day 1 is over.",
        "NBG gained most: +1.39% to 18.30 in 3 trades.",
        "EUR 546.00 changed hands in 3 trades, 100.00% of it in NBG.",
    ]


def test_a_quiet_window_says_so() -> None:
    """One sentence, without a figure."""
    assert Day().texts() == ["Nothing has traded."]


def test_every_number_is_a_figure() -> None:
    """Whatever happens: a number that a sentence prints is the value of one of its figures."""
    dice = random.Random(7)
    day, command = Day(), 10
    for _ in range(150):
        for _ in range(dice.randrange(12)):
            command += 1
            price = dice.randrange(170_000, 210_000)
            day.trades(dice.choice(("NBG", "PEIR")), price, first=command, qty=dice.choice((1, 30, 4_000, 90_000)))
            bid = dice.randrange(170_000, 200_000)
            day.happens(
                book(f"{bid}:{dice.randrange(5_000)}", f"{bid + dice.randrange(1, 9_000)}:{dice.randrange(9_000)}")
            )
        for statement in day.said():
            assert numbers_in(statement) <= {figure.value for figure in statement.figures}, statement
            assert 0 <= statement.first <= statement.last <= command or not day.window.spans
