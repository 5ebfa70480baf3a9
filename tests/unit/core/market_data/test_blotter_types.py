"""Claims about `stockex.core.market_data.blotter`: orders that wait, move or show less than all."""

from typing import TypedDict

from msgspec.structs import replace
from unit.core.market_data.order_facts import accepted, bought, cancelled, replaced

from stockex.core.market_data.blotter import Blotter, changed
from stockex.messages.codec import Message
from stockex.messages.executions import Accepted, Priced, Refreshed, Repriced, Rested, Triggered
from stockex.messages.views import OrderView
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares


class Whose(TypedDict):
    """What every fact about one order says of it."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side


WHOSE: Whose = {"order_id": 1, "account": "A", "cl_ord_id": "o1", "symbol": "NBG", "side": Side.BUY}


def view(*messages: Message) -> OrderView:
    """Return A's order as it stands after `messages`."""
    made = Blotter()
    for message in messages:
        made.apply(message)
    found = made.order("A", "o1")
    assert found is not None
    return found


def _price(units: int | None) -> Price | None:
    return None if units is None else Price(units)


def placed(ord_type: OrdType, *, limit: int | None = None, stop: int | None = None, cap: int | None = None) -> Accepted:
    """Return the acceptance of A's order of 100 shares."""
    bounds = {"stop": _price(stop), "cap": _price(cap)}
    return replace(accepted(1, limit=limit), ord_type=ord_type, **bounds)


def rested(limit: int | None) -> Rested:
    """Return that A's order stands in the book."""
    return Rested(offset=2, index=1, at=Nanos(2), limit=_price(limit), leaves=Shares(100), **WHOSE)


def repriced(limit: int | None) -> Repriced:
    """Return that A's peg has moved, or has nothing to follow."""
    return Repriced(offset=3, index=1, at=Nanos(3), limit=_price(limit), leaves=Shares(100), **WHOSE)


def priced(limit: int) -> Priced:
    """Return that A's order has a limit now."""
    return Priced(offset=4, index=1, at=Nanos(4), limit=Price(limit), leaves=Shares(100), **WHOSE)


def triggered() -> Triggered:
    """Return that A's stop is live."""
    return Triggered(offset=5, index=1, at=Nanos(5), last=Price(520), **WHOSE)


def test_a_stop_waits_until_it_is_triggered() -> None:
    """Then it is a market order; the price that it waited for stays to be seen."""
    stop = placed(OrdType.STOP, stop=520, cap=572)
    before, after = view(stop), view(stop, triggered())
    assert (before.is_waiting, before.stop, before.ord_type) == (True, 520, OrdType.STOP)
    assert (after.is_waiting, after.stop, after.ord_type, after.updated_at) == (False, 520, OrdType.MARKET, 5)


def test_a_triggered_stop_limit_is_a_limit_order() -> None:
    """At its limit."""
    after = view(placed(OrdType.STOP_LIMIT, limit=530, stop=520), triggered())
    assert (after.ord_type, after.limit, after.is_waiting) == (OrdType.LIMIT, 530, False)


def test_a_stop_may_get_a_new_stop_price() -> None:
    """It waits on; a replacement of a live one leaves the price that it waited for."""
    stop = placed(OrdType.STOP_LIMIT, limit=530, stop=520)
    change = replace(replaced(1, cl_ord_id="o1", qty=80, limit=530), stop=Price(525))
    later = replace(change, stop=None)
    assert (view(stop, change).stop, view(stop, change).is_waiting) == (525, True)
    assert (view(stop, triggered(), later).stop, view(stop, triggered(), later).is_waiting) == (520, False)


def test_a_peg_shows_where_it_stands() -> None:
    """Not the bound that its owner gave; with nothing to follow it waits without a price."""
    peg = placed(OrdType.PEG_PRIMARY, limit=530)
    moves: list[list[Message]] = [[], [rested(500)], [rested(500), repriced(510)], [rested(500), repriced(None)]]
    states = [view(peg, *each) for each in moves]
    assert [(each.limit, each.is_waiting) for each in states] == [
        (None, True),
        (500, False),
        (510, False),
        (None, True),
    ]


def test_a_new_bound_of_a_peg_is_not_its_price() -> None:
    """It stands where it is put next, or stays where it was."""
    peg, change = placed(OrdType.PEG_MID, limit=530), replaced(1, cl_ord_id="o1", qty=80, limit=540)
    kept = replace(change, kept_place=True)
    assert view(peg, rested(500), change).limit is None
    assert view(peg, rested(500), kept).limit == 500


def test_an_unpriced_order_rests_without_a_price() -> None:
    """It stands in the book, so it does not wait."""
    after = view(placed(OrdType.MARKET, cap=550), rested(None))
    assert (after.limit, after.is_waiting, after.ord_type) == (None, False, OrdType.MARKET)


def test_an_order_for_the_close_waits_until_it_rests() -> None:
    """Its replacement changes nothing about that; one that has come in does not wait again."""
    order = replace(accepted(1), tif=TimeInForce.AT_CLOSE)
    change = replaced(1, cl_ord_id="o1", qty=80, limit=540)
    assert view(order).is_waiting
    assert view(order, change).is_waiting
    assert not view(order, rested(500)).is_waiting
    assert not view(order, rested(500), change).is_waiting


def test_an_order_that_was_given_a_price_is_a_limit_order() -> None:
    """As a market-to-limit order is after its first trade."""
    after = view(placed(OrdType.MARKET_TO_LIMIT, cap=550), priced(505))
    assert (after.limit, after.ord_type) == (505, OrdType.LIMIT)


def test_an_ended_order_does_not_wait() -> None:
    """Whatever it waited for."""
    assert not view(placed(OrdType.STOP, stop=520), cancelled(1)).is_waiting


def test_a_buy_without_a_limit_reserves_its_cap_until_it_has_one() -> None:
    """A peg its bound, wherever it stands."""
    scripts: list[list[Message]] = [
        [placed(OrdType.STOP, stop=520, cap=572)],
        [placed(OrdType.MARKET_TO_LIMIT, cap=550), priced(505)],
        [placed(OrdType.PEG_PRIMARY, limit=530), rested(500)],
        [placed(OrdType.MARKET), rested(None)],
    ]
    reserved = []
    for messages in scripts:
        made = Blotter()
        for message in messages:
            made.apply(message)
        reserved.append(made.reserved_cash("A"))
    assert reserved == [57_200, 50_500, 53_000, 0]


def test_the_terms_of_an_order_are_shown_to_its_owner() -> None:
    """What an iceberg displays, whether all is hidden, and the least that it trades."""
    iceberg = replace(accepted(1), display=Shares(20))
    hidden = replace(accepted(1), hidden=True, min_exec=Shares(50))
    assert (view(iceberg).display, view(iceberg).hidden) == (20, False)
    assert (view(hidden).hidden, view(hidden).min_exec) == (True, 50)


def test_a_new_peak_changes_nothing_that_the_owner_sees() -> None:
    """A new price of a peg does."""
    peak = Refreshed(offset=6, index=1, at=Nanos(6), visible=Shares(20), leaves=Shares(80), **WHOSE)
    assert changed(peak) == []
    assert changed(repriced(None)) == changed(triggered()) == changed(priced(505)) == [("A", "o1")]


def test_a_pair_reserves_what_the_dearer_leg_needs() -> None:
    """Cash or shares, until the legs part: then each for itself, and the views name nobody."""
    for side, reserved in ((Side.BUY, 52_000), (Side.SELL, 100)):
        made = Blotter()
        made.apply(accepted(1, side=side))
        made.apply(replace(accepted(2, limit=520, side=side), ord_type=OrdType.STOP_LIMIT, oco_id=1))
        first = made.order("A", "o1")
        assert first is not None
        assert first.oco_id == 2
        assert (made.reserved_cash("A") or made.reserved_shares("A")["NBG"]) == reserved
        made.apply(replace(cancelled(1), side=side))
        other = made.order("A", "o2")
        assert other is not None
        assert other.oco_id is None
        assert (made.reserved_cash("A") or made.reserved_shares("A")["NBG"]) == reserved


def test_legs_part_when_one_trades_or_is_triggered() -> None:
    """As the engine sees it; the other's cancel follows."""
    tie = [accepted(1), replace(accepted(2), oco_id=1)]
    assert view(*tie).oco_id == 2
    assert view(*tie, triggered()).oco_id is None
    assert view(*tie, bought(2, qty=1, price=500, leaves=99, cum=1)).oco_id is None
    assert view(*tie, rested(500)).oco_id == 2


def test_the_other_leg_may_be_one_that_is_not_known() -> None:
    """A blotter that begins late has never heard of it."""
    assert view(replace(accepted(1), oco_id=0)).oco_id == 0
    assert view(replace(accepted(1), oco_id=0), triggered()).oco_id is None
