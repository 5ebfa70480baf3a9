"""A market's limits and ticks on the compiled book: what is refused, with which figures; where prices stand."""

import numpy as np
import pytest
from msgspec.structs import replace as replaced
from unit.core.matching.compiled.batches import Row, batch, buy, replace, sell

from stockex.core.batch.plain import FIRST_OFFSET, PlainEngine
from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.lending.lender import Lender, rows_for
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import Texts
from stockex.vocabulary.enums import OrdType
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.tick_tables import rts11
from stockex.vocabulary.units import MAX_PRICE, Cash, Shares

EURO = 10_000
REFERENCE = 25 * EURO
CENT = 100
MARKET = {"ord_type": r.ORD_TYPES.index(OrdType.MARKET), "flags": 0}
RULES = MarketRules(
    max_order_qty=Shares(500), max_order_value=Cash(10_000 * EURO), price_band_bp=5_000, collar_bp=1_000
)


def refused(rules: MarketRules, *rows: Row) -> list[tuple[str, int, int, int]]:
    """Return what is refused, and the three figures, as both books say it."""
    fast, plain = Engine(is_open=True), PlainEngine(is_open=True)
    commands = batch(*rows)
    commands["offset"] += FIRST_OFFSET
    for engine in (fast, plain):
        engine.list_symbol(tick=CENT, rules=rules, reference=REFERENCE)
    ran = fast.run(commands)
    assert (ran.stop, ran.facts.tolist()) == (0, plain.run(commands).facts.tolist())
    found = ran.facts[ran.facts["kind"] == r.REJECTED]
    reasons = [r.REJECT_REASONS[number].name for number in found["reason"]]
    return list(zip(reasons, *(found[name].tolist() for name in ("order", "other", "price")), strict=True))


@pytest.mark.parametrize(
    ("row", "figures"),
    [
        (buy(1, 500, 125_000), None),
        (buy(1, 501, 125_000), ("ABOVE_MAX_QUANTITY", 501, 500, 0)),
        (buy(1, 400, REFERENCE), None),
        (buy(1, 401, REFERENCE), ("ABOVE_MAX_VALUE", 10_025 * EURO, 10_000 * EURO, 0)),
        (sell(1, 401, 0, **MARKET), ("ABOVE_MAX_VALUE", 10_025 * EURO, 10_000 * EURO, 0)),
        (sell(1, 1, 375_000), None),
        (sell(1, 1, 375_100), ("OUTSIDE_BAND", 375_100, 125_000, 375_000)),
        (buy(1, 1, 124_900), ("OUTSIDE_BAND", 124_900, 125_000, 375_000)),
        (buy(1, 1, 275_000), None),
        (buy(1, 1, 275_100), ("FAT_FINGER_PRICE", 275_100, 275_000, REFERENCE)),
        (sell(1, 1, 224_900), ("FAT_FINGER_PRICE", 224_900, 225_000, REFERENCE)),
    ],
)
def test_an_order_beyond_a_limit_is_refused_with_its_figures(
    row: Row, figures: tuple[str, int, int, int] | None
) -> None:
    """Quantity, value at the limit or the reference, band around the reference, collar; the edge itself is taken."""
    assert refused(RULES, row) == ([] if figures is None else [figures])


def test_the_collar_starts_from_the_other_side_or_else_from_the_last_price() -> None:
    """A buyer's from the best offer; once nobody offers, from the last trade."""
    rows = (sell(1, 5, 300_000), buy(2, 5, 330_000), buy(3, 5, 330_000), buy(4, 5, 330_100))
    assert refused(RULES, *rows) == [("FAT_FINGER_PRICE", 330_100, 330_000, 300_000)]


def test_a_replacement_is_held_to_what_it_raises_or_changes() -> None:
    """An order that stands beyond a limit may become smaller, or keep its price; no other order may come there."""
    rows = [buy(1, 400, REFERENCE), sell(2, 100, REFERENCE), sell(3, 1, 230_000), buy(4, 1, 230_000)]
    smaller, larger = replace(1, qty=399), replace(1, qty=401)
    assert refused(RULES, *rows, smaller, larger) == [("ABOVE_MAX_VALUE", 10_025 * EURO, 10_000 * EURO, 0)]
    engine = Engine(is_open=True)
    engine.list_symbol(tick=CENT, reference=REFERENCE)
    engine.run(batch(buy(1, 2_000, REFERENCE)))
    engine.describe(0, replaced(RULES, price_band_bp=100), reference=300_000)
    more, less, there = replace(1, qty=2_001), replace(1, qty=1_999, price=REFERENCE), replace(1, price=240_000)
    ran = engine.run(batch(more, less, there))
    found = ran.facts[ran.facts["kind"] == r.REJECTED]
    assert found["command"].tolist() == [0, 2]
    reasons = [r.REJECT_REASONS[number] for number in found["reason"]]
    assert reasons == [RejectReason.ABOVE_MAX_QUANTITY, RejectReason.OUTSIDE_BAND]


def table_prices() -> list[int]:
    """Return the first and the last price of each row of a table of RTS 11, and one between them."""
    table = rts11(5)
    ends = [*(row.start for row in table[1:]), MAX_PRICE + table[-1].tick]
    return [
        price
        for row, end in zip(table, ends, strict=True)
        for price in (max(row.start, row.tick), (row.start + end) // 2 // row.tick * row.tick, end - row.tick)
    ]


def test_prices_of_all_rows_stand_in_one_window() -> None:
    """From the lowest price to the highest, each where its tick puts it, and both books hold the same orders."""
    prices = table_prices()
    np.random.default_rng(1).shuffle(prices)
    fast, plain = Engine(is_open=True), PlainEngine(is_open=True)
    commands = batch(*(sell(number, 5, price) for number, price in enumerate(prices)))
    commands["offset"] += FIRST_OFFSET
    for engine in (fast, plain):
        engine.list_symbol(tick=1, rules=MarketRules(tick_table=rts11(5)))
        assert (engine.run(commands).facts["kind"] != r.REJECTED).all()
    assert fast.orders(0).tobytes() == plain.orders(0).tobytes()
    assert fast.orders(0)["price"].tolist() == sorted(prices)
    assert int(fast.tables.symbols[0]["size"]) == 2**17


def test_a_price_between_the_ticks_of_its_row_is_refused() -> None:
    """The figures are the limit and the tick there."""
    rules = MarketRules(tick_table=rts11(5))
    rows = (buy(1, 5, 99_980), buy(2, 5, 99_990), buy(3, 5, 100_020), buy(4, 5, 100_050))
    assert refused(rules, *rows) == [("OFF_TICK", 99_990, 20, 0), ("OFF_TICK", 100_020, 50, 0)]


def offers(prices: list[int]) -> Records:
    """Return one order of one share for sale at each price."""
    rows = rows_for(len(prices))
    for place, (row, price) in enumerate(zip(rows, prices, strict=True)):
        row["id"], row["place"], row["price"], row["leaves"] = 100 + place, 1 + place, price, 1
        row["client"], row["side"] = place, r.SELL
    return rows


def test_a_book_over_many_rows_is_lent_and_given_back() -> None:
    """Each order at its price; then with another table, whose prices are others."""
    lender = Lender(Texts(), is_open=True)
    number = lender.list_away(tick=CENT, lot=1)
    prices = table_prices()
    lender.client(len(prices))
    lender.describe(number, MarketRules(tick_table=rts11(5)))
    for _ in range(2):
        assert lender.take_over(number, offers(prices), places=1, last=None)
        assert lender.orders(number)["price"].tolist() == prices
        assert lender.give_back(number)["price"].tolist() == prices
    lender.describe(number, MarketRules())
    assert lender.take_over(number, offers([CENT, REFERENCE]), places=1, last=None)
    assert lender.run(batch(buy(99, 2, REFERENCE, account=1))).facts["price"].tolist()[1:3] == [CENT, REFERENCE]


def test_symbols_with_the_same_ticks_share_their_table() -> None:
    """However many there are."""
    engine = Engine(is_open=True)
    for _ in range(3):
        engine.list_symbol(tick=CENT, rules=MarketRules(tick_table=rts11(5)))
        engine.list_symbol(tick=CENT)
    assert len(engine.tables.rows) == len(rts11(5)) + 1
