"""Claims about `stockex.core.market_data.market`: phases, auctions, and prices set by hand."""

import pytest
from msgspec.structs import replace
from unit.core.market_data.market_facts import (
    SECOND,
    book,
    extended,
    indicative,
    interrupted,
    last_changed,
    listed,
    phase_changed,
    reference_changed,
    resumed,
    rules_changed,
    started,
    stopped,
    suspended,
    trade,
    uncrossed,
)

from stockex.core.market_data.market import Market
from stockex.messages.codec import Message
from stockex.messages.views import Ticker
from stockex.vocabulary.enums import Phase, RangeKind
from stockex.vocabulary.tick_tables import TickRow
from stockex.vocabulary.units import Nanos, Price

CALL = phase_changed(Phase.CALL)
CONTINUOUS = phase_changed(Phase.CONTINUOUS)


def ticker(*messages: Message) -> Ticker:
    """Return the line of NBG, listed at 18.05, after `messages`."""
    made = Market()
    for message in (listed(), *messages):
        made.apply(message)
    return made.ticker("NBG")


def figures(line: Ticker) -> tuple[int | None, int, int]:
    """Return price, volume and surplus of the auction that would be held now."""
    return line.indicative_price, line.indicative_volume, line.indicative_surplus


@pytest.mark.parametrize(
    ("messages", "phase"),
    [
        ([], Phase.CLOSED),
        ([started()], Phase.CONTINUOUS),
        ([started(), CALL], Phase.CALL),
        ([started(), CALL, CONTINUOUS], Phase.CONTINUOUS),
        ([started(), CALL, suspended()], Phase.HALTED),
        ([started(), CALL, suspended(), resumed()], Phase.CALL),
        ([started(), CALL, stopped()], Phase.CLOSED),
        ([started(), CALL, stopped(), started(2)], Phase.CALL),
        ([started(), phase_changed(Phase.CALL, symbol="NOPE")], Phase.CONTINUOUS),
    ],
)
def test_the_phase_is_the_sessions_until_that_is_open(messages: list[Message], phase: Phase) -> None:
    """In an open session it is the instrument's own, which outlasts a suspension and a day."""
    assert ticker(*messages).phase is phase


def test_a_call_shows_the_auction_that_would_be_held_now() -> None:
    """The newest word counts; a surplus below zero is one of sellers."""
    line = ticker(started(), CALL, indicative(180_500, 10, 5), indicative(180_600, 20, -3))
    assert (figures(line), line.at) == ((180_600, 20, -3), Nanos(6 * SECOND))


def test_a_call_in_which_nothing_would_trade_shows_no_price() -> None:
    """As the engine says."""
    assert figures(ticker(started(), CALL, indicative(180_500, 10), indicative(None))) == (None, 0, 0)


@pytest.mark.parametrize("end", [CONTINUOUS, uncrossed(180_500, 10)])
def test_the_indicative_figures_end_with_the_call(end: Message) -> None:
    """What was an outlook is now a trade, or nothing."""
    assert figures(ticker(started(), CALL, indicative(180_500, 10, 5), end)) == (None, 0, 0)


def test_a_call_that_is_called_again_goes_on() -> None:
    """The engine tells its figures only when they change."""
    assert figures(ticker(started(), CALL, indicative(180_500, 10, 5), CALL)) == (180_500, 10, 5)


def test_a_last_price_set_by_hand_is_no_trade() -> None:
    """It is the last price and moves the change, and neither volume, high nor low."""
    line = ticker(started(), trade(1, price=180_500, qty=7), last_changed(180_700))
    assert (line.last, line.change, line.high, line.volume, line.trades) == (180_700, 200, 180_500, 7, 1)


def test_a_last_price_set_before_the_day_is_there_when_it_starts() -> None:
    """And not on the day after."""
    messages: list[Message] = [last_changed(180_700), started()]
    assert ticker(*messages).last == 180_700
    assert ticker(*messages, stopped(), started(2)).last is None


def test_a_reference_set_by_hand_is_what_the_change_is_against() -> None:
    """One that is taken away leaves the table with the one it had."""
    line = ticker(started(), trade(1, price=180_500), reference_changed(180_000), reference_changed(None))
    assert (line.reference, line.change) == (180_000, 500)


def test_a_call_comes_back_from_the_dump() -> None:
    """Phase and figures are part of the state."""
    made = Market()
    for message in (listed(), started(), CALL, indicative(180_500, 10, 5)):
        made.apply(message)
    assert Market.load(made.dump()).tickers() == made.tickers()


def test_other_settings_are_those_of_the_instrument() -> None:
    """Of the named one, as long as it is listed."""
    made = Market()
    table = (TickRow(Price(0), Price(500)),)
    for message in (listed(), listed("EXAE"), rules_changed(tick_table=table), rules_changed(symbol="NOPE")):
        made.apply(message)
    assert [each.rules.tick_table for each in made.instruments.values()] == [table, ()]
    assert made.instruments["NBG"].name == "NBG plc"


def test_a_range_is_shown_while_orders_trade_continuously() -> None:
    """One percent around the last price; in a call, or when the session is closed, there is none."""
    messages: list[Message] = [rules_changed(dynamic_range_bp=100), started(), trade(1, price=180_500)]
    assert [(line.range_low, line.range_high) for line in (ticker(*messages), ticker(*messages, CALL))] == [
        (178_695, 182_305),
        (None, None),
    ]
    assert ticker(*messages, stopped()).range_low is None


VOLATILITY_CALL = phase_changed(Phase.VOLATILITY_CALL)


def test_a_volatility_call_says_what_began_it() -> None:
    """The range that a trade would have left, and how often the call was extended; a halt forgets nothing."""
    cause = ticker(started(), interrupted(), VOLATILITY_CALL).interruption
    assert cause is not None
    assert (cause.which, cause.reference, cause.low, cause.high) == (RangeKind.DYNAMIC, 180_500, 178_695, 182_305)
    assert (cause.price, cause.extensions) == (185_000, 0)
    after = ticker(started(), interrupted(), VOLATILITY_CALL, extended(30), phase_changed(Phase.HALTED)).interruption
    assert after == replace(cause, extensions=1)


@pytest.mark.parametrize("phase", [Phase.CONTINUOUS, Phase.CALL, Phase.CLOSING_CALL])
def test_what_began_a_volatility_call_is_over_with_it(phase: Phase) -> None:
    """And one that the operator began has none, extended or not."""
    assert ticker(started(), interrupted(), VOLATILITY_CALL, phase_changed(phase)).interruption is None
    assert ticker(started(), VOLATILITY_CALL, extended(30)).interruption is None


def test_a_band_is_shown_in_every_phase() -> None:
    """Ten percent around the reference price; none without a setting, or without a reference price."""
    messages: list[Message] = [rules_changed(price_band_bp=1_000), started()]
    for more in ((), (CALL,), (stopped(),)):
        line = ticker(*messages, *more)
        assert (line.band_low, line.band_high) == (162_450, 198_550)
    assert ticker(started()).band_low is None
    assert ticker(*messages, reference_changed(None)).band_high is None


def test_the_price_step_is_that_of_the_price_of_now() -> None:
    """The book's mid counts; without a tick table there is one step."""
    made = Market()
    made.apply(listed())
    assert made.tick("NBG") == 100
    made.apply(rules_changed(tick_table=(TickRow(Price(0), Price(50)), TickRow(Price(200_000), Price(100)))))
    steps = []
    for bid, ask in (("199900:1", "200000:1"), ("199900:0 200000:1", "200000:0 200100:1")):
        made.apply(book(bid, ask))
        steps.append(made.tick("NBG"))
    assert steps == [50, 100]


def test_an_extension_gives_a_call_another_end() -> None:
    """Or takes the end away."""
    call = phase_changed(Phase.VOLATILITY_CALL)
    assert ticker(started(), call, extended(30)).phase_ends_at == 30 * SECOND
    assert ticker(started(), call, extended(30), extended(None)).phase_ends_at is None
