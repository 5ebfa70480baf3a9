"""The figures that facts carry, and the edges of checks."""

import pytest
from scenarios.notation import command_of
from unit.core.matching.resting import book_of, order

from stockex.core.matching.auction import equilibrium
from stockex.core.matching.continuous import cancel, expire, match
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.sweep import Conditions, minimum, price_with
from stockex.core.matching.validation import new_order_refusal, replacement_refusal, rules_refusal
from stockex.messages.executions import Cancelled, Expired, Reduced
from stockex.messages.market_data import Trade
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, SelfTrade, Side
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import (
    DEFAULT_LADDER,
    LadderStep,
    MarketRemainder,
    MarketRules,
    MinExecResidual,
    UnpricedTradesAt,
)
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import Nanos, Price, Shares

ALPHA = Instrument("ALPHA", "Alpha", Price(100), Shares(1), Price(250_000))
FINE = [
    "A1 buy 1 @ 25.00 display 1",
    "A1 buy 10 @ 25.00 display 10",
    "A1 buy 10 @ 25.00 display 5 min-visible 1",
    "A1 buy 10 @ 25.00 display 5 min-visible 5",
    "A1 buy 10 @ 25.00 min-exec 1",
    "A1 buy 10 @ 25.00 min-exec 10 cancel-below",
    "A1 buy 10 trail 0.0001",
]
REFUSED = [
    ("A1 buy 10 @ 25.00 display 0", "BAD_DISPLAY", "display 0, quantity 10"),
    ("A1 buy 10 @ 25.00 display 11", "BAD_DISPLAY", "display 11, quantity 10"),
    ("A1 buy 10 @ 25.00 display 5 min-visible 0", "BAD_MIN_VISIBLE", "minimum visible 0, display 5"),
    ("A1 buy 10 @ 25.00 display 5 min-visible 6", "BAD_MIN_VISIBLE", "minimum visible 6, display 5"),
    ("A1 buy 10 @ 25.00 min-visible 1", "BAD_MIN_VISIBLE", "minimum visible 1, display None"),
    ("A1 buy 10 @ 25.00 min-exec 0", "BAD_MIN_EXEC", "minimum 0, quantity 10"),
    ("A1 buy 10 @ 25.00 min-exec 11", "BAD_MIN_EXEC", "minimum 11, quantity 10"),
    ("A1 buy 10 mtl @ 25.00", "PRICE_NOT_ALLOWED", "price 25.00 on a market-to-limit order"),
    ("A1 buy 10 stop-order", "STOP_MISSING", "no stop price"),
    ("A1 buy 10 @ 25.00 display 5 hidden", "UNSUPPORTED_COMBINATION", "display with hidden"),
    ("A1 buy 10 @ 25.00 display 5 min-exec 5", "UNSUPPORTED_COMBINATION", "display with a minimum"),
    ("A1 buy 10 trailing", "TRAIL_MISSING", "no trail"),
    ("A1 buy 10 @ 25.00 min-qty 5 post-only", "UNSUPPORTED_COMBINATION", "minimum quantity with post-only"),
    ("A1 buy 10 @ 25.00 cancel-below", "UNSUPPORTED_COMBINATION", "cancel below no minimum"),
]


def scribe() -> Scribe:
    """Return a scribe for command 9 that tells nobody."""
    return Scribe(9, Nanos(0), note=lambda _fact: None)


@pytest.mark.parametrize("line", FINE)
def test_terms_at_the_edge_are_taken(line: str) -> None:
    """One share and the whole quantity are both a part that may be shown or asked for."""
    command = command_of(line)
    assert isinstance(command, NewOrder)
    assert new_order_refusal(command, ALPHA) is None


@pytest.mark.parametrize(("line", "reason", "text"), REFUSED)
def test_terms_beyond_the_edge_are_refused(line: str, reason: str, text: str) -> None:
    """One less or one more is refused, with the figures."""
    command = command_of(line)
    assert isinstance(command, NewOrder)
    assert new_order_refusal(command, ALPHA) == (reason, text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("A1 replace min-exec 0", "minimum 0, quantity 10"),
        ("A1 replace min-exec 11", "minimum 11, quantity 10"),
        ("A1 replace to 5 min-exec 6", "minimum 6, quantity 5"),
        ("A1 replace min-exec 1", ""),
        ("A1 replace min-exec 10", ""),
        ("A1 replace to 20 min-exec 20", ""),
    ],
)
def test_a_new_minimum_fits_the_new_quantity(line: str, text: str) -> None:
    """It is above zero and at most the quantity, the new one if there is one."""
    command = command_of(line)
    assert isinstance(command, ReplaceOrder)
    resting = order(1, Side.BUY, qty=10, at=250_000)
    resting.min_exec = 4
    found = replacement_refusal(command, ALPHA, order=resting)
    assert (found[1] if found else "") == text


def test_a_replacement_to_zero_is_a_bad_quantity_where_it_does_not_cancel() -> None:
    """Zero is named as what it is."""
    command = command_of("A1 replace to 0")
    assert isinstance(command, ReplaceOrder)
    found = replacement_refusal(command, ALPHA, order=order(1, Side.BUY, qty=10, at=250_000))
    assert found == ("BAD_QUANTITY", "quantity 0")


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (
            MarketRules(market_remainder=MarketRemainder.RESTS_AT_COLLAR),
            "rests_at_collar needs a market_collar above zero",
        ),
        (
            MarketRules(market_remainder=MarketRemainder.RESTS_AT_COLLAR, market_collar=Price(0)),
            "rests_at_collar needs a market_collar above zero",
        ),
        (MarketRules(market_remainder=MarketRemainder.RESTS_AT_COLLAR, market_collar=Price(1)), ""),
        (MarketRules(auction_ladder=()), "the auction ladder has no step"),
    ],
)
def test_settings_that_no_market_can_have(rules: MarketRules, text: str) -> None:
    """The text says which setting lacks what."""
    found = rules_refusal(rules)
    assert (found[1] if found else "") == text


def test_an_expired_order_tells_what_it_had_filled() -> None:
    """It leaves nothing."""
    notes, one = scribe(), order(1, Side.BUY, qty=6, at=100)
    one.cum = 4
    expire(one, scribe=notes)
    [fact] = notes.facts
    assert isinstance(fact, Expired)
    assert (fact.qty, fact.cum, one.leaves) == (6, 4, 0)


def test_a_cancelled_order_tells_what_it_had_filled() -> None:
    """It leaves nothing, and names the request that asked for it."""
    notes, one = scribe(), order(1, Side.BUY, qty=6, at=100)
    one.cum = 4
    cancel(one, CancelReason.BY_OWNER, scribe=notes, request_id="c7")
    [fact] = notes.facts
    assert isinstance(fact, Cancelled)
    assert (fact.qty, fact.cum, fact.request_id, one.leaves) == (6, 4, "c7", 0)


def test_a_reduced_order_tells_what_it_had_filled() -> None:
    """The incoming order traded three before it met its own account."""
    notes = scribe()
    book = book_of(order(1, Side.SELL, qty=3, at=100, account="B"), order(2, Side.SELL, qty=4, at=100))
    incoming = order(9, Side.BUY, qty=10, at=100)
    incoming.self_trade = SelfTrade.DECREMENT_AND_CANCEL
    assert not match(book, incoming, limit=incoming.limit, scribe=notes)
    [fact] = [fact for fact in notes.facts if isinstance(fact, Reduced)]
    assert (fact.qty, fact.leaves, fact.cum) == (4, 3, 3)


def test_fills_add_up_over_two_trades() -> None:
    """A resting order that was filled before is filled further."""
    notes, resting = scribe(), order(1, Side.SELL, qty=10, at=100, account="B")
    resting.cum = 5
    match(book_of(resting), order(9, Side.BUY, qty=3, at=100), limit=Price(100), scribe=notes)
    assert (resting.leaves, resting.cum) == (7, 8)


def test_the_tape_names_both_orders() -> None:
    """By their client ids, buyer and seller."""
    notes = scribe()
    resting = order(1, Side.SELL, qty=10, at=100, account="B")
    match(book_of(resting), order(9, Side.BUY, qty=3, at=100), limit=Price(100), scribe=notes)
    [trade] = [fact for fact in notes.facts if isinstance(fact, Trade)]
    assert (trade.buy_id, trade.sell_id, trade.buy_member, trade.sell_member) == ("o9", "o1", "A", "B")


def test_only_a_peg_takes_its_price_as_a_bound() -> None:
    """A limit order stands at its limit and has no bound; a peg has a bound and no limit yet."""
    limit, peg = (command_of(f"A1 buy 10 {words}") for words in ("@ 25.00", "peg @ 25.00"))
    assert isinstance(limit, NewOrder)
    assert isinstance(peg, NewOrder)
    assert (Order.of(limit, 1).limit, Order.of(limit, 1).peg_limit) == (250_000, None)
    assert (Order.of(peg, 1).limit, Order.of(peg, 1).peg_limit) == (None, 250_000)


def test_specials_are_counted_in_and_out() -> None:
    """A side has specials from the first to the last iceberg, minimum or unpriced order."""
    one, two = order(1, Side.SELL, qty=5, at=100), order(2, Side.SELL, qty=5, at=100)
    one.min_exec = two.min_exec = 2
    book = book_of(order(3, Side.SELL, qty=5, at=100))
    seen = [book.has_specials(Side.SELL)]
    for act, special in ((book.add, one), (book.add, two), (book.remove, one), (book.remove, two)):
        act(special)
        seen.append(book.has_specials(Side.SELL))
    assert seen == [False, True, True, True, False]
    assert not book.has_specials(Side.BUY)


def test_an_unpriced_order_leads_its_side() -> None:
    """It comes before every price, the older first."""
    book = book_of(order(1, Side.BUY, qty=5, at=100), order(2, Side.BUY, qty=5), order(3, Side.BUY, qty=5))
    leader = book.first(Side.BUY)
    assert leader is not None
    assert leader.order_id == 2


def test_places_are_given_out_one_by_one() -> None:
    """From 1, and a snapshot's order comes back with its own."""
    book = book_of(order(1, Side.BUY, qty=5, at=100), order(2, Side.BUY, qty=5, at=100))
    assert [one.place for one in book.queue(Side.BUY)] == [1, 2]
    third = order(3, Side.BUY, qty=5, at=100)
    third.place = 7
    book.put_back(third)
    assert ([one.place for one in book.queue(Side.BUY)], book.places) == ([1, 2, 7], 2)


@pytest.mark.parametrize(
    ("leaves", "residual", "least"),
    [
        (5, MinExecResidual.WAIVED, 3),
        (3, MinExecResidual.WAIVED, 3),
        (2, MinExecResidual.WAIVED, 0),
        (2, MinExecResidual.WHOLE, 2),
    ],
)
def test_what_a_minimum_asks(leaves: int, residual: MinExecResidual, least: int) -> None:
    """Of an order with a minimum of three."""
    one = order(1, Side.BUY, qty=leaves, at=100)
    one.min_exec = 3
    assert minimum(one, residual) == least
    one.min_exec = None
    assert minimum(one, residual) == 0


def _unpriced(side: Side, cap: int | None) -> Order:
    one = order(1, side, qty=5)
    one.cap = None if cap is None else Price(cap)
    return one


@pytest.mark.parametrize(
    ("side", "cap", "limit", "last", "price"),
    [
        (Side.BUY, None, 90, 100, 110),
        (Side.BUY, 105, 90, 100, 105),
        (Side.BUY, None, 120, 100, 120),
        (Side.SELL, None, 130, 125, 111),
        (Side.SELL, None, 105, 125, 105),
    ],
)
def test_the_price_of_an_unpriced_order(side: Side, cap: int | None, limit: int, last: int, price: int) -> None:
    """The best for the incoming order of last price, own side (110 bid, 111 offered) and limit; capped for a buyer."""
    book = book_of(order(2, Side.BUY, qty=5, at=110), order(3, Side.SELL, qty=5, at=111))
    conditions = Conditions(MarketRules(), Price(last))
    assert price_with(book, _unpriced(side, cap), limit=Price(limit), conditions=conditions) == price


@pytest.mark.parametrize(("limit", "last", "price"), [(90, 100, 90), (None, 100, 100), (None, None, None)])
def test_the_price_by_the_incoming_limit(limit: int | None, last: int | None, price: int | None) -> None:
    """The limit decides; the last price only where there is none."""
    rules = MarketRules(unpriced_trades_at=UnpricedTradesAt.INCOMING_LIMIT)
    found = price_with(
        book_of(),
        _unpriced(Side.BUY, None),
        limit=None if limit is None else Price(limit),
        conditions=Conditions(rules, None if last is None else Price(last)),
    )
    assert found == price


def _priced(bids: list[tuple[int, int]], asks: list[tuple[int, int]], reference: int | None) -> tuple[int, LadderStep]:
    found = equilibrium(
        [(Price(price), Shares(qty)) for price, qty in bids],
        [(Price(price), Shares(qty)) for price, qty in asks],
        ladder=DEFAULT_LADDER,
        grid=Grid(10),
        reference=None if reference is None else Price(reference),
    )
    assert found is not None
    return found.price, found.decided_by


@pytest.mark.parametrize(
    ("reference", "price"), [(100, 100), (104, 100), (106, 110), (105, 100), (99, 100), (130, 130), (131, 130)]
)
def test_the_reference_is_moved_to_a_tick_in_the_range(reference: int, price: int) -> None:
    """Anything from 100 to 130 would do; of two ticks as near, the lower."""
    assert _priced([(130, 5)], [(100, 5)], reference) == (price, LadderStep.CLAMP_REFERENCE)


def test_one_buyer_too_many_is_pressure_enough() -> None:
    """A surplus of a single share lifts the price to the highest, and one on the other side lowers it."""
    assert _priced([(130, 6)], [(100, 5)], None) == (130, LadderStep.PRESSURE)
    assert _priced([(130, 5)], [(100, 6)], None) == (100, LadderStep.PRESSURE)


def test_ticks_next_to_a_limit_are_candidates() -> None:
    """Between neighbouring limits there is no tick, between others each one."""
    assert _priced([(110, 5)], [(100, 5)], 109) == (110, LadderStep.CLAMP_REFERENCE)
    assert _priced([(120, 5)], [(100, 5)], 110) == (110, LadderStep.CLAMP_REFERENCE)


def test_limits_off_the_grid_have_the_ticks_between_them() -> None:
    """Caps and old limits need not stand on the grid; the candidates between them do."""
    assert _priced([(125, 5)], [(105, 5)], 116) == (120, LadderStep.CLAMP_REFERENCE)
    assert _priced([(121, 5)], [(109, 5)], 112) == (110, LadderStep.CLAMP_REFERENCE)
