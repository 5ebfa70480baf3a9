"""Claims about `stockex.core.market_data.market`."""

import pytest
from unit.core.market_data.market_facts import (
    SECOND,
    book,
    listed,
    resumed,
    snapshot,
    started,
    stopped,
    suspended,
    trade,
)

from stockex.core.market_data.market import TAPE_OF_SYMBOL, Bbo, Market
from stockex.messages.codec import Message
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Cash, Nanos, Price, Shares


def market(*messages: Message) -> Market:
    """Return a market that lists NBG at 18.05 and has seen `messages`."""
    made = Market()
    for message in (listed(), *messages):
        made.apply(message)
    return made


def test_instruments_stand_in_the_order_of_listing() -> None:
    """The table of a screen follows the listing, not the alphabet."""
    assert list(market(listed("ZED"), listed("ABC")).instruments) == ["NBG", "ZED", "ABC"]


@pytest.mark.parametrize("ask", ["bbo", "mark", "ticker", "depth"])
def test_an_unknown_symbol_is_a_key_error(ask: str) -> None:
    """Every question about a symbol that is not listed says so."""
    with pytest.raises(KeyError):
        getattr(market(), ask)("NOPE")


def test_facts_about_an_unlisted_symbol_are_passed_over() -> None:
    """A stray record neither stops the projection nor lists anything."""
    assert list(market(trade(1, price=1, symbol="NOPE"), snapshot("NOPE")).instruments) == ["NBG"]


def test_the_session_follows_the_signals() -> None:
    """Closed, open, suspended, open, closed: as the engine says."""
    signals: list[Message] = [started(), suspended(), resumed(), stopped()]
    made, phases = market(), []
    for signal in signals:
        made.apply(signal)
        phases.append(made.session().phase)
    assert phases == [Phase.CONTINUOUS, Phase.HALTED, Phase.CONTINUOUS, Phase.CLOSED]


def test_a_suspended_session_is_still_active() -> None:
    """`active` says that the day runs, `suspended` that trading rests."""
    view = market(started(3, at=8), suspended()).session()
    assert (view.active, view.suspended, view.day, view.started_at) == (True, True, 3, Nanos(8 * SECOND))


def test_a_closed_session_has_no_start() -> None:
    """When the day has ended it runs since nothing; its number stays."""
    view = market(started(3, at=8), stopped(3)).session()
    assert (view.active, view.day, view.started_at) == (False, 3, None)


def test_the_best_prices_are_the_books() -> None:
    """The best bid is the highest, the best ask the lowest, whatever a snapshot claims."""
    made = market(book("180400:5 180300:7", "180600:2 180800:9"), snapshot())
    assert made.bbo("NBG") == Bbo(Price(180_400), Shares(5), Price(180_600), Shares(2))


def test_when_the_best_level_goes_the_next_one_is_best() -> None:
    """A level without orders is gone from the book."""
    made = market(book("180400:5 180300:7", "180600:2 180800:9"), book("180400:0", "180600:0"))
    assert made.bbo("NBG") == Bbo(Price(180_300), Shares(7), Price(180_800), Shares(9))


def test_an_empty_side_is_none() -> None:
    """No price is invented for a side without orders."""
    assert market(book("180400:5"), book("180400:0", "180600:2")).bbo("NBG").best_bid is None


def test_depth_is_cut_to_the_best_levels() -> None:
    """The best levels come first on both sides."""
    depth = market(book("100:1 300:3 200:2", "600:6 400:4 500:5")).depth("NBG", 2)
    assert [level.price for level in (*depth.bids, *depth.asks)] == [300, 200, 400, 500]


def test_a_level_shows_its_new_total() -> None:
    """A change carries totals, not differences."""
    assert market(book("100:1"), book("100:8")).depth("NBG").bids == (Level(Price(100), Shares(8), 1),)


def test_the_mark_is_the_mid_of_a_two_sided_book() -> None:
    """It is rounded down to a whole unit."""
    assert market(trade(1, price=5), book("180400:5", "180601:2")).mark("NBG") == 180_500


def test_the_mark_of_a_one_sided_book_is_the_last_price() -> None:
    """One side alone says little about the price."""
    assert market(book("180400:5"), trade(1, price=180_700)).mark("NBG") == 180_700


def test_the_mark_before_any_trade_is_the_reference() -> None:
    """An untouched security is worth its last close."""
    assert market(started(NBG=170_000)).mark("NBG") == 170_000


def test_the_day_adds_up() -> None:
    """Open, high, low, last, volume, value, average and count come from the day's trades, and nothing else."""
    prices = [(180_500, 10), (180_900, 30), (180_100, 20)]
    ticker = market(*(trade(n, price=price, qty=qty) for n, (price, qty) in enumerate(prices))).ticker("NBG")
    assert (ticker.open, ticker.high, ticker.low, ticker.last) == (180_500, 180_900, 180_100, 180_100)
    assert (ticker.volume, ticker.value, ticker.trades) == (60, Cash(10_834_000), 3)
    assert ticker.vwap == pytest.approx(18.056667, abs=1e-6)


def test_the_change_is_against_the_reference() -> None:
    """In units and in percent of the last close."""
    ticker = market(started(NBG=200_000), trade(1, price=190_000)).ticker("NBG")
    assert (ticker.reference, ticker.change, ticker.change_pct) == (200_000, -10_000, -5.0)


def test_a_ticker_before_the_first_trade_has_no_figures() -> None:
    """What nobody traded has no last price, no change and no average."""
    ticker = market(started()).ticker("NBG")
    assert (ticker.last, ticker.change, ticker.change_pct, ticker.vwap, ticker.volume) == (None, None, None, None, 0)


def test_a_new_day_forgets_yesterdays_figures() -> None:
    """The start resets volume and prices, and the tape goes on."""
    made = market(started(1), trade(1, price=180_700), stopped(1), started(2, NBG=180_700))
    ticker = made.ticker("NBG")
    assert (ticker.volume, ticker.last, ticker.reference) == (0, None, 180_700)
    assert len(made.tape("NBG", 10)) == 1


def test_a_symbol_without_a_new_reference_keeps_its_listings() -> None:
    """A start that does not name a symbol leaves it at its listing's reference."""
    assert market(started()).ticker("NBG").reference == 180_500


def test_the_ticker_carries_the_newest_indicators() -> None:
    """Of a snapshot only the indicators are taken."""
    indicators = market(snapshot(rsi=40.0), snapshot(rsi=61.5)).ticker("NBG").indicators
    assert indicators is not None
    assert indicators.rsi_14 == 61.5


def test_the_tape_is_newest_first_over_one_symbol_or_all() -> None:
    """None asks for all symbols."""
    made = market(listed("EXAE"), trade(1, price=1), trade(2, price=2, symbol="EXAE"), trade(3, price=3))
    assert [each.trade.trade_id for each in made.tape("NBG", 9)] == ["3-1", "1-1"]
    assert [each.trade.trade_id for each in made.tape(None, 2)] == ["3-1", "2-1"]


def test_no_trade_is_asked_for_and_none_comes() -> None:
    """A limit of zero is an empty tape, not the whole one."""
    assert market(trade(1, price=1)).tape("NBG", 0) == []


def test_the_tape_is_bounded() -> None:
    """The oldest trade goes when there is one too many."""
    made = market(*(trade(n, price=1) for n in range(TAPE_OF_SYMBOL + 1)))
    tape = made.tape("NBG", 10_000)
    assert (len(tape), tape[-1].trade.trade_id) == (TAPE_OF_SYMBOL, "1-1")


def test_a_market_comes_back_from_its_dump() -> None:
    """What is loaded dumps the same and shows the same."""
    made = market(started(2, NBG=170_000), book("180400:5", "180600:2"), trade(1, price=180_700), snapshot())
    again = Market.load(made.dump())
    assert again.dump() == made.dump()
    assert (again.tickers(), again.depth("NBG")) == (made.tickers(), made.depth("NBG"))
    assert (again.session(), again.tape(None, 9)) == (made.session(), made.tape(None, 9))


def test_a_loaded_market_goes_on_as_the_first_one_would() -> None:
    """A dump loses nothing that a later fact needs."""
    made = market(started(), book("180400:5 180300:1", "180600:2"), trade(1, price=180_700))
    again = Market.load(made.dump())
    for each in (made, again):
        each.apply(book("180400:0"))
        each.apply(trade(2, price=180_300))
    assert again.ticker("NBG") == made.ticker("NBG")
