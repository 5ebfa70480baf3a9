"""Claims about `stockex.core.feeder.maker`."""

from itertools import product

import pytest
from unit.core.feeder.feeding import limits, security, seen, ticks

from stockex.core.dice import Dice
from stockex.core.feeder.maker import Maker, Numbering
from stockex.messages.orders import AnyCommand, MassCancel, NewOrder
from stockex.vocabulary.enums import Phase, Side, TimeInForce
from stockex.vocabulary.ranges import Range
from stockex.vocabulary.units import Nanos, Price


def orders(account: str) -> list[NewOrder]:
    """Return an account's orders of fifty ticks."""
    sent = [each for tick in ticks(security(), seed=1, count=50) for each in tick]
    return [each for each in sent if isinstance(each, NewOrder) and each.account == account]


def test_a_tick_begins_by_cancelling_the_old_quotes() -> None:
    """So the maker's part of the book stays bounded, and its quotes fresh."""
    cancels = {tick[0] for tick in ticks(security(), seed=1, count=5)}
    assert cancels == {MassCancel(account="MDF", symbol="ATTIK", source="MDF", sent_at=next(iter(cancels)).sent_at)}


def test_a_tick_sends_six_quotes_and_at_most_one_order_that_crosses() -> None:
    """Both kinds of tick occur."""
    assert {len(tick) for tick in ticks(security(), seed=1, count=50)} == {7, 8}


def test_quotes_live_for_the_day_and_crossing_orders_do_not_rest() -> None:
    """The taker's account never quotes."""
    assert {each.tif for each in orders("MDF")} == {TimeInForce.DAY}
    assert {each.tif for each in orders("MDT")} == {TimeInForce.IOC}


def test_no_client_order_id_is_used_twice() -> None:
    """Account, run, and one number over both accounts."""
    sent = orders("MDF") + orders("MDT")
    assert len({each.cl_ord_id for each in sent}) == len(sent)
    assert sent[0].cl_ord_id == "MDF-7-1"


def test_the_feeder_names_itself_as_source() -> None:
    """Both accounts are the feeder's."""
    assert {each.source for each in orders("MDF") + orders("MDT")} == {"MDF"}


def test_a_crossing_order_crosses_the_new_quotes() -> None:
    """A buy reaches one to three ticks beyond the best new ask, a sell as far beyond the best new bid."""
    beyond = set()
    for tick in ticks(security(), seed=2, count=200):
        beyond |= {limit - min(limits(tick, Side.SELL)) for limit in limits(tick, Side.BUY, account="MDT")}
        beyond |= {max(limits(tick, Side.BUY)) - limit for limit in limits(tick, Side.SELL, account="MDT")}
    assert beyond == {50, 100, 150}


def test_the_takers_buys_and_sells_roughly_balance() -> None:
    """Over many ticks neither side has more than six tenths of the orders."""
    sent = ticks(security(), seed=3, count=3_000)
    buys = sum(len(limits(tick, Side.BUY, account="MDT")) for tick in sent)
    sells = sum(len(limits(tick, Side.SELL, account="MDT")) for tick in sent)
    assert 0.4 < buys / (buys + sells) < 0.6


def tifs(sent: list[list[AnyCommand]], account: str) -> set[TimeInForce]:
    """Return how long the orders of an account are to live."""
    return {each.tif for tick in sent for each in tick if isinstance(each, NewOrder) and each.account == account}


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.gathers])
def test_where_orders_gather_what_crosses_waits_for_the_auction(phase: Phase) -> None:
    """So that the auction has a price; all else is as in continuous trading."""
    in_call, trading = (ticks(security(), seed=1, count=50, phase=each) for each in (phase, Phase.CONTINUOUS))
    for side, account in product(Side, ("MDF", "MDT")):
        sent = [limits(tick, side, account=account) for tick in in_call]
        assert sent == [limits(tick, side, account=account) for tick in trading]
    assert (tifs(trading, "MDT"), tifs(in_call, "MDT")) == ({TimeInForce.IOC}, {TimeInForce.GFA})
    assert tifs(in_call, "MDF") == {TimeInForce.DAY}


def test_nothing_is_sent_outside_the_price_band() -> None:
    """It would be refused. What is inside is sent as without a band, an order on its edge too."""
    wide, narrow = (Range(Price(39_000), Price(high)) for high in (40_000, 39_700))
    free, wider, narrower = (banded(band, count=200) for band in (None, wide, narrow))
    assert wider == [limit for limit in free if wide.has(limit)]
    assert narrower == [limit for limit in free if narrow.has(limit)]
    assert len(free) > len(wider) > len(narrower)
    assert 39_700 in narrower


def banded(band: Range | None, *, count: int) -> list[int]:
    """Return all limits that a maker sends under a price band."""
    listed, ids = security(), Numbering(7)
    maker = Maker(listed, start=listed.reference, dice=Dice(1))
    sent: list[AnyCommand] = []
    for _ in range(count):
        maker.renew(listed, band=band)
        maker.step()
        sent += maker.commands(seen(regime=maker.regime), ids=ids, at=Nanos(0))
    return [int(each.limit or 0) for each in sent if isinstance(each, NewOrder)]


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED, Phase.TRADING_AT_LAST])
def test_nothing_is_sent_where_no_quote_belongs(phase: Phase) -> None:
    """A halted or closed instrument takes none, and at last there is but one price."""
    assert ticks(security(), seed=1, count=50, phase=phase) == [[]] * 50
