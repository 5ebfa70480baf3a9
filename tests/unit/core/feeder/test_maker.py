"""Claims about `stockex.core.feeder.maker`."""

import pytest
from unit.core.feeder.feeding import limits, security, ticks

from stockex.messages.orders import MassCancel, NewOrder
from stockex.vocabulary.enums import Phase, Side, TimeInForce


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


def test_in_a_call_it_quotes_and_crosses_nothing() -> None:
    """An order that must trade at once would be refused; the quotes are those of continuous trading."""
    in_call = ticks(security(), seed=1, count=50, phase=Phase.CALL)
    trading = ticks(security(), seed=1, count=50)
    assert {len(tick) for tick in in_call} == {7}
    assert [limits(tick, Side.BUY) for tick in in_call] == [limits(tick, Side.BUY) for tick in trading]


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED, Phase.TRADING_AT_LAST])
def test_nothing_is_sent_where_no_quote_belongs(phase: Phase) -> None:
    """A halted or closed instrument takes none, and at last there is but one price."""
    assert ticks(security(), seed=1, count=50, phase=phase) == [[]] * 50


@pytest.mark.parametrize("phase", [Phase.PRE_OPEN, Phase.OPENING_CALL, Phase.CLOSING_CALL, Phase.VOLATILITY_CALL])
def test_where_orders_gather_the_feeder_quotes_and_crosses_nothing(phase: Phase) -> None:
    """As in any call."""
    assert {len(tick) for tick in ticks(security(), seed=1, count=50, phase=phase)} == {7}
