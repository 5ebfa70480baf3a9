"""The kernel stops before what is not for it, with nothing changed, and says why."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace as replaced
from unit.core.matching.compiled.batches import (
    MIDDLE,
    TICK,
    Row,
    batch,
    buy,
    cancel,
    kinds,
    levels,
    opened,
    replace,
    sell,
)

from stockex.core.matching.compiled import checks
from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.checks import RARE_RANGE
from stockex.core.matching.compiled.engine import LARGEST_WINDOW, Engine
from stockex.core.matching.compiled.tables import AWAY, WIDEST
from stockex.vocabulary.enums import OrdType, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder, MarketRules, ReplaceQty
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY

STOP = r.ORD_TYPES.index(OrdType.STOP)
GFA = r.TIFS.index(TimeInForce.GFA)


def state(engine: Engine) -> bytes:
    """Return all that a command could change: orders, books, money, ids."""
    t = engine.tables
    mine = (t.symbols, t.clients, t.accounts, t.positions, t.bits, engine.orders(0))
    return b"".join(array.tobytes() for array in mine)


def stopped(engine: Engine, row: Row) -> int:
    """Return why the engine stops before the second of three commands, which must leave no trace."""
    rest = buy(901, 5, MIDDLE - 5 * TICK)
    assert engine.run(batch(rest)).done == 1
    before = state(engine)
    ran = engine.run(batch(row, buy(902, 5)))
    assert (ran.done, len(ran.facts)) == (0, 0)
    assert state(engine) == before
    return ran.stop


@pytest.mark.parametrize(
    ("row", "stop"),
    [
        (buy(1, 5, kind=0), checks.RARE_KIND),
        (buy(1, 5, kind=4), checks.RARE_KIND),
        (buy(1, 5, account=-1), checks.RARE_NUMBER),
        (buy(-1, 5), checks.RARE_NUMBER),
        (buy(1, 5, ord_type=STOP), checks.RARE_TERMS),
        (buy(1, 5, tif=GFA), checks.RARE_TERMS),
        (buy(1, 5, side=2), checks.RARE_TERMS),
        (replace(901, qty=7, client=-2), checks.RARE_NUMBER),
    ],
)
def test_a_command_with_terms_that_are_rare_is_not_obeyed(row: Row, stop: int) -> None:
    """Kinds, types, times in force and numbers that are not on the list stop the kernel."""
    assert stopped(opened(), row) == stop


def test_a_batch_goes_on_after_the_command_that_was_not_obeyed() -> None:
    """`done` is the place of that command; those before it are obeyed, and the facts are theirs."""
    commands = batch(buy(1, 5), buy(2, 5, kind=9), sell(3, 5))
    engine = opened()
    ran = engine.run(commands)
    assert (ran.done, ran.stop, kinds(ran)) == (1, checks.RARE_KIND, [r.ACCEPTED, r.RESTED, r.LEVEL])
    rest = engine.run(commands[ran.done + 1 :])
    assert (rest.done, rest.stop, kinds(rest)) == (1, 0, [r.ACCEPTED, r.TRADED, r.LEVEL])
    assert rest.facts["command"].tolist() == [0, 0, 0]


def test_a_symbol_that_stands_elsewhere_is_not_for_the_kernel() -> None:
    """Neither new orders nor cancels."""
    for row in (buy(1, 5), cancel(901), replace(901, qty=2)):
        engine = opened()
        engine.run(batch(buy(901, 5)))
        engine.tables.symbols[0]["state"] = AWAY
        assert engine.run(batch(row)).stop == checks.RARE_AWAY


@pytest.mark.parametrize("row", [buy(1, 5, account=3), cancel(901, account=3), replace(901, qty=2, account=3)])
def test_a_stopped_account_is_not_for_the_kernel(row: Row) -> None:
    """Whatever it sends, until it may trade again; others are obeyed all the time."""
    engine = opened()
    engine.stop_account(3, on=True)
    assert stopped(engine, row) == checks.RARE_STOPPED
    assert engine.run(batch(buy(2, 5))).stop == 0
    engine.stop_account(3, on=False)
    assert engine.run(batch(row)).stop == 0


def book(rules: MarketRules, *, reference: int = MIDDLE) -> Engine:
    """Return an engine with offers of 5 at each of five prices, the first of them MIDDLE."""
    engine = Engine(is_open=True)
    engine.list_symbol(tick=TICK, rules=rules, reference=reference)
    engine.run(batch(*(sell(number, 5, MIDDLE + number * TICK) for number in range(5))))
    return engine


@pytest.mark.parametrize("name", ["static_range_bp", "dynamic_range_bp"])
@pytest.mark.parametrize(
    ("reference", "bp", "qty", "stop"),
    [
        (MIDDLE, 200, 15, 0),
        (MIDDLE, 200, 16, RARE_RANGE),
        (MIDDLE, 400, 99, 0),
        (MIDDLE - TICK, 99, 1, RARE_RANGE),
        (MIDDLE, 99, 5, 0),
        (MIDDLE, 99, 6, RARE_RANGE),
        (MIDDLE + TICK, 100, 10, 0),
        (MIDDLE + TICK, 99, 10, RARE_RANGE),
    ],
)
def test_no_trade_happens_outside_a_range(name: str, reference: int, bp: int, qty: int, stop: int) -> None:
    """What counts are the first and the last price at which the order would trade, not its limit."""
    engine = book(replaced(MarketRules(), **{name: bp}), reference=reference)
    before = state(engine)
    ran = engine.run(batch(buy(10, qty, MIDDLE + 4 * TICK)))
    assert ran.stop == stop
    assert (state(engine) == before) == (stop != 0)


IOC = r.TIFS.index(TimeInForce.IOC)
MARKET = {"ord_type": r.ORD_TYPES.index(OrdType.MARKET), "flags": 0}


@pytest.mark.parametrize(
    ("row", "stop"),
    [
        (buy(10, 25, 0, **MARKET), 0),
        (buy(10, 26, 0, **MARKET), checks.RARE_TERMS),
        (buy(10, 26, 0, **MARKET, tif=IOC), 0),
        (buy(10, 25, 0, **MARKET, account=7), checks.RARE_TERMS),
        (buy(10, 25, 0, **MARKET, account=7, tif=IOC), 0),
        (sell(10, 1, 0, **MARKET, account=7), 0),
        (sell(10, 2, 0, **MARKET), checks.RARE_TERMS),
    ],
)
def test_a_market_order_is_obeyed_where_nothing_of_it_would_stay(row: Row, stop: int) -> None:
    """Where its remainder rests: filled at once, or immediate; nor a buy that would hold more than it pays."""
    engine = book(MarketRules(market_remainder=MarketRemainder.RESTS_UNPRICED))
    engine.run(batch(buy(5, 1, MIDDLE - TICK)))
    engine.fund(7, cash=10**9, shares=10)
    assert engine.run(batch(row)).stop == stop


def test_the_dynamic_range_follows_the_last_price_and_the_static_one_stays() -> None:
    """Within 1 % of the last price, each order a little higher; then beyond 2 % of the reference."""
    engine = book(MarketRules(dynamic_range_bp=100, static_range_bp=200))
    orders = [buy(10 + number, 5, MIDDLE + number * TICK) for number in range(4)]
    ran = engine.run(batch(*orders))
    assert (ran.done, ran.stop) == (3, RARE_RANGE)
    assert engine.run(batch(buy(20, 5, MIDDLE + TICK))).stop == 0


def test_without_a_price_to_be_around_there_is_no_range() -> None:
    """Neither a last price nor a reference: nothing is too far away, to enter or to trade."""
    rules = MarketRules(dynamic_range_bp=1, static_range_bp=1, collar_bp=1, price_band_bp=1)
    engine = Engine(is_open=True)
    engine.describe(engine.list_symbol(tick=TICK), rules, reference=None)
    ran = engine.run(batch(sell(1, 5, 50 * TICK), buy(2, 5, 50 * TICK), buy(3, 5, 51 * TICK)))
    assert (ran.done, ran.facts["reason"][ran.facts["kind"] == r.REJECTED].tolist()) == (
        3,
        [r.REJECT_REASONS.index(RejectReason.FAT_FINGER_PRICE)],
    )


def test_an_order_that_meets_its_own_account_alone_trades_at_no_price() -> None:
    """It would trade nothing: the ranges of trades have nothing to say."""
    engine = book(MarketRules(static_range_bp=100), reference=MIDDLE - 2 * TICK)
    newest = 1 + r.SELF_TRADES.index(r.SELF_TRADES[1])
    ran = engine.run(batch(buy(10, 5, account=1, self_trade=newest)))
    assert (ran.stop, kinds(ran)) == (0, [r.ACCEPTED, r.CANCELLED])


def test_prices_too_far_apart_for_one_window_are_not_for_the_kernel() -> None:
    """A window has 2^18 ticks; a limit that would need more stops the kernel. IOC orders need no level."""
    engine = opened()
    last = TICK * (LARGEST_WINDOW - 1) + TICK
    assert engine.run(batch(buy(1, 5, TICK), sell(2, 5, last))).stop == 0
    assert engine.run(batch(sell(3, 5, last + TICK))).stop == checks.GROW_WINDOW
    ran = engine.run(batch(sell(4, 5, last + TICK, tif=r.TIFS.index(TimeInForce.IOC)), cancel(1), cancel(2, account=1)))
    assert ran.stop == 0
    assert engine.run(batch(sell(5, 5, last + TICK))).stop == 0
    assert engine.orders(0)["price"].tolist() == [last + TICK]


def test_figures_near_the_end_of_64_bits_stop_the_kernel() -> None:
    """Once an account's cash or held cash is beyond 2^62, no command is obeyed any more."""
    engine = opened()
    most = {"qty": MAX_QTY, "price": MAX_PRICE}
    orders = [{**buy(number, 1), **most} for number in range(8)]
    ran = engine.run(batch(*orders))
    assert (ran.done, ran.stop) == (5, checks.IS_FULL)
    assert engine.money(0)[1] == 5 * MAX_QTY * MAX_PRICE > WIDEST


def test_cash_near_the_end_of_64_bits_stops_the_kernel() -> None:
    """The seller's cash counts as well."""
    engine = opened()
    most = {"qty": MAX_QTY, "price": MAX_PRICE}
    pairs = [({**sell(2 * n, 1), **most}, {**buy(2 * n + 1, 1, account=2 + n), **most}) for n in range(8)]
    ran = engine.run(batch(*(row for pair in pairs for row in pair)))
    assert (ran.done, ran.stop) == (10, checks.IS_FULL)
    assert engine.money(1)[0] == 5 * MAX_QTY * MAX_PRICE


def test_an_order_grows_beyond_32_bits_elsewhere() -> None:
    """Where a replacement names what is to be open, filled and open shares might exceed 2^31 - 1 in all."""
    engine = Engine(is_open=True)
    engine.list_symbol(tick=TICK, rules=MarketRules(replace_qty=ReplaceQty.OPEN))
    engine.run(batch(buy(1, MAX_QTY)))
    stops = [engine.run(batch(sell(10 + n, MAX_QTY - 1), replace(1, qty=MAX_QTY))).stop for n in range(21)]
    assert stops == [0] * 20 + [checks.RARE_NUMBER]


def test_an_order_beyond_the_largest_quantity_has_its_value_counted_elsewhere() -> None:
    """Where a market limits values and an order has grown beyond what a new one may be, 64 bits may not do."""
    engine = Engine(is_open=True)
    engine.list_symbol(tick=TICK, rules=MarketRules(replace_qty=ReplaceQty.OPEN, max_order_qty=MAX_QTY))
    engine.run(batch(buy(1, MAX_QTY), sell(2, 1)))
    assert engine.run(batch(replace(1, qty=MAX_QTY - 1))).stop == 0
    assert engine.run(batch(replace(1, qty=MAX_QTY))).stop == checks.RARE_NUMBER


@pytest.mark.parametrize("make", [lambda: opened(levels=False), opened])
def test_levels_are_told_where_they_are_wanted(make: Callable[[], Engine]) -> None:
    """Without them the facts are the same but for the levels."""
    engine = make()
    ran = engine.run(batch(buy(1, 5), sell(2, 3)))
    others = [kind for kind in kinds(ran) if kind != r.LEVEL]
    assert others == [r.ACCEPTED, r.RESTED, r.ACCEPTED, r.TRADED]
    assert levels(ran) in ([], [(r.BUY, MIDDLE, 5, 1), (r.BUY, MIDDLE, 2, 1)])
