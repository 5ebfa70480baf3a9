"""Claims about `stockex.core.market_data.blotter`."""

import pytest
from unit.core.market_data.market_facts import trade
from unit.core.market_data.order_facts import accepted, bought, cancelled, expired, reduced, rejected, replaced

from stockex.core.market_data.blotter import ENDED_KEPT, FILLS_KEPT, Blotter, changed, fills_of
from stockex.messages.codec import Message
from stockex.messages.views import OrderStatus, OrderView
from stockex.vocabulary.enums import Side


def blotter(*messages: Message) -> Blotter:
    """Return a blotter that has seen `messages`."""
    made = Blotter()
    for message in messages:
        made.apply(message)
    return made


def order(made: Blotter, cl_ord_id: str = "o1") -> OrderView:
    """Return A's order, which exists."""
    view = made.order("A", cl_ord_id)
    assert view is not None
    return view


def test_an_accepted_order_is_new_and_open() -> None:
    """It leaves everything and has cost nothing."""
    made = blotter(accepted(1))
    view = order(made)
    assert (view.status, view.leaves, view.cum, view.average_price) == (OrderStatus.NEW, 100, 0, None)
    assert made.open_orders("A") == [view]


def test_a_part_filled_order_stays_open() -> None:
    """FIX status 1: something is filled and something is left."""
    view = order(blotter(accepted(1), bought(1, qty=30, price=500, leaves=70, cum=30)))
    assert (view.status, view.leaves, view.cum, view.updated_at) == (OrderStatus.PARTIALLY_FILLED, 70, 30, 50)


def test_a_filled_order_is_open_no_more() -> None:
    """FIX status 2: nothing is left."""
    made = blotter(accepted(1), bought(1, qty=100, price=500, leaves=0, cum=100))
    assert (order(made).status, made.open_orders("A")) == (OrderStatus.FILLED, [])


def test_the_average_price_is_exact() -> None:
    """Cost over quantity: 30 at 0.05 and 70 at 0.04 are 0.043 each."""
    fills = [bought(1, qty=30, price=500, leaves=70, cum=30), bought(1, qty=70, price=400, leaves=0, cum=100)]
    assert order(blotter(accepted(1), *fills)).average_price == 0.043


def test_a_cancelled_order_says_why() -> None:
    """FIX status 4: nothing is left, and the reason stands with it."""
    view = order(blotter(accepted(1), cancelled(1)))
    assert (view.status, view.leaves, view.reason) == (OrderStatus.CANCELLED, 0, "BY_OWNER")


def test_a_cancelled_order_keeps_what_was_filled() -> None:
    """A cancel ends what is left, not what was traded."""
    fill = bought(1, qty=30, price=500, leaves=70, cum=30)
    view = order(blotter(accepted(1), fill, cancelled(1, qty=70, cum=30)))
    assert (view.status, view.cum, view.average_price) == (OrderStatus.CANCELLED, 30, 0.05)


def test_an_order_expires_with_its_day() -> None:
    """FIX status C."""
    made = blotter(accepted(1), expired(1))
    assert (order(made).status, made.open_orders("A")) == (OrderStatus.EXPIRED, [])


def test_a_reduced_order_is_smaller_and_open() -> None:
    """What self-trade prevention took is no longer ordered."""
    made = blotter(accepted(1), reduced(1, qty=40, leaves=60))
    assert (order(made).qty, order(made).leaves, order(made).status) == (60, 60, OrderStatus.NEW)


def test_a_replaced_order_is_found_by_both_ids() -> None:
    """The order is one, and goes by its newest id."""
    made = blotter(accepted(1), replaced(1, cl_ord_id="new", qty=80, limit=510))
    assert order(made, "o1") == order(made, "new")
    assert (order(made).cl_ord_id, order(made).qty, order(made).limit) == ("new", 80, 510)


def test_a_replaced_order_keeps_its_fills() -> None:
    """Quantity counts what was filled; the average price stays."""
    fill = bought(1, qty=30, price=500, leaves=70, cum=30)
    view = order(blotter(accepted(1), fill, replaced(1, cl_ord_id="new", qty=50, limit=510, cum=30)))
    assert (view.status, view.leaves, view.average_price) == (OrderStatus.PARTIALLY_FILLED, 20, 0.05)


def test_a_replaced_order_may_keep_its_id() -> None:
    """A replacement that names no new id changes figures only."""
    made = blotter(accepted(1), replaced(1, cl_ord_id="o1", qty=80, limit=510))
    assert (order(made).cl_ord_id, order(made).qty) == ("o1", 80)


def test_a_refusal_makes_no_order() -> None:
    """What the engine refused never was."""
    assert blotter(rejected()).dump() == b"{}"


@pytest.mark.parametrize(
    "fact", [reduced(1, qty=1, leaves=1), replaced(1, cl_ord_id="new", qty=8, limit=5), cancelled(1), expired(1)]
)
def test_facts_about_an_order_it_never_saw_are_passed_over(fact: Message) -> None:
    """A log that has forgotten its beginning can still be followed."""
    assert blotter(fact).dump() == b"{}"


def test_orders_are_listed_newest_first() -> None:
    """Open and ended ones together, in the order of placing."""
    made = blotter(accepted(1), accepted(2), accepted(3), cancelled(2))
    assert [view.cl_ord_id for view in made.orders("A", 2)] == ["o3", "o2"]
    assert [view.cl_ord_id for view in made.open_orders("A")] == ["o3", "o1"]


def test_both_sides_of_a_trade_get_their_fill() -> None:
    """Each owner sees its own order, its side and whether it came in last."""
    made = blotter(accepted(1), bought(1, qty=30, price=500, leaves=70, cum=30))
    (buyer,), (seller,) = made.fills("A", 9), made.fills("B", 9)
    assert (buyer.cl_ord_id, buyer.side, buyer.is_aggressor) == ("o1", Side.BUY, True)
    assert (seller.cl_ord_id, seller.side, seller.is_aggressor) == ("b", Side.SELL, False)


def test_fills_are_listed_newest_first() -> None:
    """And no more of them than asked for."""
    made = blotter(*(bought(1, qty=1, price=500, leaves=9 - cum, cum=cum) for cum in (1, 2, 3)))
    assert [fill.trade_id for fill in made.fills("A", 2)] == ["T1-3", "T1-2"]
    assert made.fills("A", 0) == []


def test_open_buys_reserve_cash_and_open_sells_shares() -> None:
    """What is left at the limit; ended orders and market orders reserve nothing."""
    made = blotter(
        accepted(1, qty=100, limit=500),
        bought(1, qty=30, price=490, leaves=70, cum=30),
        accepted(2, qty=10, limit=600),
        cancelled(2),
        accepted(3, qty=5, limit=None),
        accepted(4, qty=7, side=Side.SELL),
        accepted(5, qty=8, side=Side.SELL),
    )
    assert made.reserved_cash("A") == 70 * 500
    assert made.reserved_shares("A") == {"NBG": 15}


def test_an_unknown_account_has_nothing() -> None:
    """And asking about it makes no page for it."""
    made = Blotter()
    assert (made.orders("X", 9), made.open_orders("X"), made.fills("X", 9), made.order("X", "o1")) == ([], [], [], None)
    assert (made.reserved_cash("X"), made.reserved_shares("X"), made.dump()) == (0, {}, b"{}")


def test_ended_orders_are_bounded_and_open_ones_are_not() -> None:
    """The order that ended first is forgotten, with all its ids; an older open one stays."""
    ends: list[Message] = [message for n in range(2, ENDED_KEPT + 3) for message in (accepted(n), cancelled(n))]
    ends.insert(1, replaced(2, cl_ord_id="new", qty=80, limit=510))
    made = blotter(accepted(1), *ends)
    assert (made.order("A", "o2"), made.order("A", "new")) == (None, None)
    assert len(made.orders("A", 10_000)) == ENDED_KEPT + 1
    assert order(made, "o1").status is OrderStatus.NEW


def test_an_id_belongs_to_its_newest_order() -> None:
    """When an old order of the same id is forgotten, the newer one is still found."""
    renamed = replaced(10_000, cl_ord_id="o1", qty=80, limit=510)
    ends = [message for n in range(1, ENDED_KEPT + 2) for message in (accepted(n), cancelled(n))]
    made = blotter(*ends[:2], accepted(10_000), renamed, *ends[2:])
    assert order(made, "o1").order_id == 10_000


def test_fills_are_bounded() -> None:
    """The oldest fill is forgotten."""
    fills = [bought(1, qty=1, price=500, leaves=1, cum=cum) for cum in range(FILLS_KEPT + 1)]
    kept = blotter(*fills).fills("A", 10_000)
    assert (len(kept), kept[-1].trade_id) == (FILLS_KEPT, "T1-1")


def test_a_view_does_not_change_after_it_was_given() -> None:
    """Views are copies, so an answer shows one moment."""
    made = blotter(accepted(1))
    before = order(made)
    made.apply(cancelled(1))
    assert before.status is OrderStatus.NEW


def test_a_fact_names_the_orders_it_changed() -> None:
    """By account and the id they go by now; other messages change none."""
    assert changed(accepted(1)) == [("A", "o1")]
    assert changed(replaced(1, cl_ord_id="new", qty=80, limit=510)) == [("A", "new")]
    assert changed(bought(1, qty=1, price=500, leaves=0, cum=1)) == [("A", "o1"), ("B", "b")]
    assert changed(trade(1, price=500)) == []


def test_the_fills_of_a_trade_are_those_of_the_blotter() -> None:
    """Who replays a trade shows what the blotter shows."""
    fact = bought(1, qty=1, price=500, leaves=0, cum=1)
    assert fills_of(fact) == (*blotter(fact).fills("A", 1), *blotter(fact).fills("B", 1))


def test_a_blotter_comes_back_from_its_dump() -> None:
    """What is loaded dumps the same and goes on the same."""
    made = blotter(
        accepted(1), accepted(2, side=Side.SELL), accepted(3, limit=None), cancelled(3),
        bought(1, qty=30, price=500, leaves=70, cum=30), replaced(1, cl_ord_id="new", qty=80, limit=510, cum=30),
    )  # fmt: skip
    again = Blotter.load(made.dump())
    assert again.dump() == made.dump()
    for each in (made, again):
        each.apply(bought(1, qty=50, price=501, leaves=0, cum=80))
    assert (again.orders("A", 9), again.fills("A", 9)) == (made.orders("A", 9), made.fills("A", 9))
