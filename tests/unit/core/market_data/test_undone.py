"""What tape, day, bars and blotter show of a trade that was busted or corrected (CTL-08, CTL-11)."""

from msgspec.structs import replace
from unit.core.market_data.market_facts import SECOND, busted, corrected, listed, started, stopped, trade
from unit.core.market_data.order_facts import accepted, bought, trade_busted, trade_corrected

from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import TAPE_OF_SYMBOL, Market
from stockex.core.market_data.tape import Print, cause_of
from stockex.messages.codec import Message
from stockex.messages.views import Candle, OrderStatus, TradeStatus
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

ONE = trade(2, price=180_000, qty=10)
TWO = trade(3, price=190_000, qty=30)
BOUGHT = bought(1, qty=30, price=500, leaves=70, cum=30)


def market(*messages: Message) -> Market:
    """Return a market on its first day that has seen two trades in NBG and `messages`."""
    made = Market()
    for message in (listed(), started(), ONE, TWO, *messages):
        made.apply(message)
    return made


def blotter(*messages: Message) -> Blotter:
    """Return a blotter in which A's order has bought 30 of B, and that has seen `messages`."""
    made = Blotter()
    for message in (accepted(1), BOUGHT, *messages):
        made.apply(message)
    return made


def test_a_busted_trade_stays_on_both_tapes_and_says_so() -> None:
    """Who undid it, and what was said about it, stand beside it; the others are as they were."""
    made = market(busted(9, TWO, text="wrong price"))
    assert made.tape("NBG", 9) == made.tape(None, 9) == [Print(TWO, TradeStatus.BUSTED, 9, "wrong price"), Print(ONE)]


def test_a_corrected_trade_shows_its_terms_of_now() -> None:
    """Corrected twice it shows the second; busted then, it is busted at those."""
    first = replace(TWO, price=Price(185_000), qty=Shares(20))
    made = market(corrected(9, TWO, qty=20, price=185_000), corrected(10, first, qty=5, price=185_000))
    last = replace(first, qty=Shares(5))
    assert made.printed("3-1", "NBG") == Print(last, TradeStatus.CORRECTED, 10)
    made.apply(busted(11, last))
    assert made.printed("3-1", "NBG") == Print(last, TradeStatus.BUSTED, 11)


def test_a_trade_that_the_tape_has_forgotten_changes_only_the_day() -> None:
    """Five hundred later ones have pushed it off; the day still counts it no more."""
    made = market(*(trade(10 + n, price=180_000) for n in range(TAPE_OF_SYMBOL)))
    made.apply(busted(900, TWO))
    assert made.printed("3-1", "NBG") is None
    assert (made.ticker("NBG").volume, made.ticker("NBG").trades) == (10 + TAPE_OF_SYMBOL, 1 + TAPE_OF_SYMBOL)


def test_the_day_counts_a_busted_trade_no_more() -> None:
    """Volume, value, number and average follow; open, high, low, last and change stay."""
    before, after = market().ticker("NBG"), market(busted(9, TWO)).ticker("NBG")
    assert (after.volume, after.value, after.trades, after.vwap) == (10, Cash(1_800_000), 1, 18.0)
    assert (after.open, after.high, after.low, after.last) == (before.open, before.high, before.low, before.last)
    assert (after.high, after.change, after.at) == (190_000, before.change, 60 * SECOND)


def test_the_day_counts_a_corrected_trade_with_its_new_terms() -> None:
    """Twenty at 18.50 instead of thirty at 19.00."""
    ticker = market(corrected(9, TWO, qty=20, price=185_000)).ticker("NBG")
    assert (ticker.volume, ticker.value, ticker.trades) == (30, Cash(1_800_000 + 3_700_000), 2)
    assert (ticker.high, ticker.last) == (190_000, 190_000)


def test_all_trades_busted_leave_a_day_of_nothing() -> None:
    """There is no average of no volume."""
    ticker = market(busted(9, TWO), busted(10, ONE)).ticker("NBG")
    assert (ticker.volume, ticker.value, ticker.trades, ticker.vwap) == (0, 0, 0, None)


def test_a_trade_of_an_earlier_day_is_not_in_todays_figures() -> None:
    """The tape marks it; today's volume is today's."""
    started_again = replace(started(2), offset=20)
    made = market(stopped(), started_again, trade(21, price=180_000, qty=7), busted(22, TWO))
    assert (made.ticker("NBG").volume, made.ticker("NBG").trades) == (7, 1)
    made.apply(busted(23, trade(21, price=180_000, qty=7)))
    assert made.ticker("NBG").volume == 0
    assert [done.status for done in made.tape("NBG", 9)] == [TradeStatus.BUSTED, TradeStatus.BUSTED, TradeStatus.DONE]


def test_a_stopped_days_figures_follow() -> None:
    """Until the next start the table shows the day that was."""
    assert market(stopped(), busted(12, TWO)).ticker("NBG").volume == 10


def test_a_bust_in_an_unlisted_symbol_is_passed_over() -> None:
    """As every other fact about it."""
    stray = trade(5, price=1, symbol="NOPE")
    assert market(busted(9, stray)).dump() == market().dump()


def test_a_market_with_changed_trades_comes_back_from_its_dump() -> None:
    """And goes on the same."""
    made = market(corrected(9, TWO, qty=20, price=185_000, text="typing error"), busted(10, ONE))
    again = Market.load(made.dump())
    assert (again.dump(), again.tape(None, 9)) == (made.dump(), made.tape(None, 9))


def test_the_cause_of_a_trade_is_in_its_id() -> None:
    """The offset of the command that made it (FCT-02)."""
    assert cause_of("1234-7") == 1234


def test_a_bar_loses_the_volume_of_a_busted_trade() -> None:
    """Its prices stay, those that only this trade had too; other bars are as they were."""
    made = Bars()
    early, late = trade(4, price=170_000, qty=5, at=60), trade(5, price=175_000, qty=6, at=120)
    for fact in (ONE, TWO, early, late, busted(9, TWO), corrected(10, early, qty=2, price=1)):
        made.apply(fact)
    assert made.candles("NBG", "1h", now=Nanos(130 * SECOND)) == [
        Candle(0, Price(180_000), Price(190_000), Price(180_000), Price(190_000), Shares(10)),
        Candle(60, Price(170_000), Price(170_000), Price(170_000), Price(170_000), Shares(2)),
        Candle(120, Price(175_000), Price(175_000), Price(175_000), Price(175_000), Shares(6)),
    ]


def test_a_bar_of_nothing_stays() -> None:
    """The price was there, and others have acted on it."""
    made = Bars()
    for fact in (ONE, busted(9, ONE)):
        made.apply(fact)
    [candle] = made.candles("NBG", "1h", now=Nanos(9 * SECOND))
    assert (candle.c, candle.v) == (180_000, 0)


def test_a_bar_that_is_not_kept_is_passed_over() -> None:
    """Neither an older minute, nor a later one, nor a symbol without bars is touched."""
    made = Bars()
    made.apply(trade(2, price=180_000, qty=10, at=60))
    before = made.dump()
    for stray in (trade(1, price=1, at=0), trade(3, price=1, at=120), trade(4, price=1, symbol="NOPE")):
        made.apply(busted(9, stray))
    assert made.dump() == before


def test_both_fills_of_a_busted_trade_say_so() -> None:
    """Each owner sees it, and nobody else has one."""
    made = blotter(trade_busted(BOUGHT, text="wrong price"))
    for account, side in (("A", Side.BUY), ("B", Side.SELL)):
        [fill] = made.fills(account, 9)
        assert (fill.status, fill.changed_by, fill.note) == (TradeStatus.BUSTED, 95, "wrong price")
        assert made.fill(account, BOUGHT.trade_id, side=side) == fill
        assert made.fill(account, BOUGHT.trade_id, side=side.opposite) is None


def test_a_corrected_fill_has_the_terms_of_now() -> None:
    """Price and quantity are new; the other fills of the order stand."""
    more = bought(1, qty=20, price=510, leaves=50, cum=50)
    made = blotter(more, trade_corrected(BOUGHT, qty=10, price=450))
    newest, first = made.fills("A", 9)
    assert (first.price, first.qty, first.status) == (450, 10, TradeStatus.CORRECTED)
    assert (newest.price, newest.qty, newest.status) == (510, 20, TradeStatus.DONE)


def test_the_order_stays_as_it_is() -> None:
    """What was filled counts as filled, at its price (CTL-08)."""
    before = blotter().order("A", "o1")
    assert blotter(trade_busted(BOUGHT)).order("A", "o1") == before
    assert before is not None
    assert (before.status, before.cum) == (OrderStatus.PARTIALLY_FILLED, 30)


def test_both_fills_of_a_trade_with_oneself_are_marked() -> None:
    """They stand on one page."""
    own = replace(BOUGHT, sell=replace(BOUGHT.sell, account="A"))
    made = Blotter()
    for message in (own, trade_busted(own)):
        made.apply(message)
    assert [(fill.side, fill.status) for fill in made.fills("A", 9)] == [
        (Side.SELL, TradeStatus.BUSTED),
        (Side.BUY, TradeStatus.BUSTED),
    ]


def test_a_fill_that_is_forgotten_is_passed_over() -> None:
    """A bust of a trade that the blotter does not hold opens no page."""
    made = Blotter()
    made.apply(trade_busted(BOUGHT))
    assert made.dump() == Blotter().dump()
