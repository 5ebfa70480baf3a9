"""The market table shows the phases and auctions of the engine, whatever is sent."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.core.exchange import Exchange
from stockex.core.market_data.market import Market
from stockex.messages.control import Started
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.ranges import common


def watched(wanted: Sequence[AnyCommand]) -> Iterator[tuple[Exchange, Market]]:
    """Obey the commands one by one; tell a market the facts of each."""
    market = Market()
    for step in live(wanted):
        for fact in step.facts:
            market.apply(fact)
        yield step.exchange, market


@thorough
@given(wanted=commands)
def test_it_shows_phase_and_indicative_auction_of_every_instrument(wanted: list[AnyCommand]) -> None:
    """After every command; a session that is closed or halted hides the instrument's own phase."""
    for exchange, market in watched(wanted):
        desk = exchange.desk
        for symbol, listing in desk.listings.items():
            ticker = market.ticker(symbol)
            shown = (ticker.indicative_price, ticker.indicative_volume, ticker.indicative_surplus)
            assert ticker.phase is (listing.phase if desk.phase is Phase.CONTINUOUS else desk.phase)
            assert shown == (listing.indication or (None, 0, 0))


@thorough
@given(wanted=commands)
def test_it_shows_the_last_price_of_the_day(wanted: list[AnyCommand]) -> None:
    """By trade, or set by hand; after the close the table shows the day that was."""
    for exchange, market in watched(wanted):
        if exchange.phase is not Phase.CLOSED:
            lasts = {symbol: listing.last for symbol, listing in exchange.desk.listings.items()}
            assert {ticker.symbol: ticker.last for ticker in market.tickers()} == lasts


@thorough
@given(wanted=commands)
def test_the_days_figures_are_those_of_the_trades_that_stand(wanted: list[AnyCommand]) -> None:
    """Volume, value and number, in every instrument, whatever was busted or corrected meanwhile."""
    standing: dict[str, tuple[str, int, int]] = {}
    market = Market()
    for step in live(wanted):
        for fact in step.facts:
            market.apply(fact)
            match fact:
                case Started():
                    standing.clear()
                case Trade():
                    standing[fact.trade_id] = (fact.symbol, fact.qty, fact.price * fact.qty)
                case Correction() if fact.trade_id in standing:
                    standing[fact.trade_id] = (fact.symbol, fact.qty, fact.price * fact.qty)
                case Bust():
                    standing.pop(fact.trade_id, None)
        for ticker in market.tickers():
            mine = [(qty, value) for symbol, qty, value in standing.values() if symbol == ticker.symbol]
            sums = (sum(qty for qty, _ in mine), sum(value for _, value in mine), len(mine))
            assert (ticker.volume, ticker.value, ticker.trades) == sums


@thorough
@given(wanted=commands)
def test_it_shows_the_range_and_the_end_of_every_instrument(wanted: list[AnyCommand]) -> None:
    """The prices that trade without an interruption, and the earliest end of a call that ends by itself."""
    for exchange, market in watched(wanted):
        for symbol, listing in exchange.desk.listings.items():
            is_open = exchange.desk.phase is Phase.CONTINUOUS
            ticker = market.ticker(symbol)
            assert (ticker.range_low, ticker.range_high) == ((is_open and common(listing.ranges())) or (None, None))
            assert ticker.phase_ends_at == (listing.ends and listing.ends.earliest)
