"""The engine around the kernel: what it keeps, how it grows, and what it takes."""

import numpy as np
import pytest
from unit.core.matching.compiled.batches import MIDDLE, TICK, batch, buy, cancel, kinds, levels, opened, replace, sell

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.tables import LINE, Records, Room
from stockex.core.matching.ids import REMEMBERED
from stockex.vocabulary.enums import SelfTrade, TimeInForce
from stockex.vocabulary.market_rules import MarketRules, ReplaceBelowFilled, ReplacePriority, ReplaceQty
from stockex.vocabulary.reasons import RejectReason

COUNT = 3_000
"""More orders, ids and facts than an engine has room for when it is new."""


def resting(count: int) -> Records:
    """Return orders that rest, one or two at each of many prices."""
    return batch(*(buy(number, 1 + number % 7, MIDDLE - number % 1999) for number in range(count)))


def test_what_has_no_room_makes_room() -> None:
    """Orders, ids, facts, accounts and levels beyond the first room are as if there had been room for them."""
    small, large = Engine(is_open=True), Engine(is_open=True, room=Room(COUNT, COUNT, 10 * COUNT, 50, 3))
    ran = []
    for engine in (small, large):
        engine.list_symbol(tick=1)
        commands = resting(COUNT)
        commands["account"] = np.arange(COUNT) % 50
        ran.append(engine.run(commands))
    assert [len(found.facts) for found in ran] == [3 * COUNT, 3 * COUNT]
    assert ran[0].facts.tobytes() == ran[1].facts.tobytes()
    assert small.orders(0).tobytes() == large.orders(0).tobytes()
    assert [small.money(account) for account in range(50)] == [large.money(account) for account in range(50)]


def test_room_that_was_asked_for_is_enough() -> None:
    """No table changes while what comes fits the room, up to the last order and id."""
    engine = Engine(is_open=True, room=Room(orders=100, clients=100, facts=400, accounts=2, symbols=3))
    for _ in range(3):
        engine.list_symbol(tick=TICK)
    before = engine.tables
    commands = batch(*(buy(number, 5, symbol=number % 3) for number in range(99)), sell(99, 5, MIDDLE + TICK))
    assert engine.run(commands).stop == 0
    after = engine.tables
    assert all(getattr(before, name) is getattr(after, name) for name in before._fields if name != "commands")
    engine.run(batch(sell(100, 5)))
    assert len(engine.tables.clients) > 100
    assert len(engine.tables.orders) == len(before.orders)


def test_a_sweep_asks_for_the_room_that_it_needs() -> None:
    """An order that meets a thousand others has room for all their facts, however few fitted before."""
    engine = opened()
    engine.run(batch(*(sell(number, 1) for number in range(1000))))
    ran = engine.run(batch(*(sell(1000 + number, 1) for number in range(300)), buy(5000, 1000)))
    assert ran.stop == 0
    assert kinds(ran)[900:] == [r.ACCEPTED, *[r.TRADED] * 1000, r.LEVEL]
    assert levels(ran)[-1] == (r.SELL, MIDDLE, 300, 300)


def test_orders_that_meet_nothing_ask_for_no_room() -> None:
    """However many orders rest, a batch whose facts fit does not make the table of facts grow."""
    engine = Engine(is_open=True, room=Room(orders=COUNT, facts=64))
    engine.list_symbol(tick=TICK)
    for number in range(1000):
        engine.run(batch(sell(number, 1, MIDDLE + TICK)))
    assert engine.run(batch(buy(2000, 5, MIDDLE), cancel(0, account=1), buy(2001, 9, MIDDLE + TICK))).stop == 0
    assert len(engine.tables.facts) == 64


def test_one_id_may_be_far_beyond_the_others() -> None:
    """The table of ids grows to hold it at once."""
    engine = opened()
    assert kinds(engine.run(batch(buy(50_000, 5), cancel(50_000)))) == [
        r.ACCEPTED,
        r.RESTED,
        r.LEVEL,
        r.CANCELLED,
        r.LEVEL,
    ]
    assert engine.run(batch(cancel(50_000), cancel(1 << 30), cancel(-7))).facts["kind"].tolist() == [r.REJECTED] * 3


def test_symbols_listed_late_leave_money_where_it_is() -> None:
    """What an account has in the first symbol it still has after many more were listed."""
    engine = Engine()
    engine.list_symbol(tick=TICK)
    engine.fund(3, cash=500, symbol=0, shares=70)
    for number in range(1, 40):
        assert engine.list_symbol(tick=TICK) == number
        engine.fund(3, symbol=number, shares=number)
    assert engine.money(3) == (500, 0)
    assert [engine.holding(3, number)[0] for number in range(40)] == [70, *range(1, 40)]


def test_an_account_that_nobody_opened_may_not_trade() -> None:
    """Where accounts are not open, one without a deposit is unknown, until it is opened."""
    engine = Engine()
    engine.list_symbol(tick=TICK)
    engine.open_account(5, is_limited=False)
    engine.open_account(6)
    ran = engine.run(batch(*(buy(number, 1, account=account) for number, account in enumerate([4, 5, 6, 7, 800]))))
    refused = ran.facts[ran.facts["kind"] == r.REJECTED]
    assert refused["command"].tolist() == [0, 2, 3, 4]
    assert [r.REJECT_REASONS[reason] for reason in refused["reason"]] == [
        RejectReason.UNKNOWN_ACCOUNT,
        RejectReason.INSUFFICIENT_CASH,
        RejectReason.UNKNOWN_ACCOUNT,
        RejectReason.UNKNOWN_ACCOUNT,
    ]


def test_refusals_alone_fill_the_table_of_facts() -> None:
    """Each takes one fact, whatever else a command might take; the table grows for them too."""
    engine = Engine(room=Room(facts=10))
    commands = np.repeat(batch(buy(1, 5)), COUNT)
    ran = engine.run(commands)
    assert (ran.done, kinds(ran)) == (COUNT, [r.REJECTED] * COUNT)


def test_an_id_may_be_used_again_once_it_is_old() -> None:
    """The account must have used 10,000 others since."""
    engine = opened()
    immediate = r.TIFS.index(TimeInForce.IOC)
    others = np.repeat(batch(buy(0, 1, tif=immediate)), REMEMBERED)
    others["client"] = np.arange(REMEMBERED)
    engine.run(others)
    again = batch(*(buy(client, 1, tif=immediate) for client in (0, REMEMBERED, 0, 1, 0)))
    obeyed = [r.ACCEPTED, r.CANCELLED]
    assert kinds(engine.run(again)) == [r.REJECTED, *obeyed, *obeyed, *obeyed, r.REJECTED]


def test_commands_that_cannot_be_written_to_are_obeyed() -> None:
    """Frozen arrays, and every second record of an array: the engine takes a copy of those."""
    commands = batch(buy(1, 5), buy(2, 6), buy(3, 7), buy(4, 8))
    frozen = commands[::2].copy()
    frozen.flags.writeable = False
    for given in (frozen, commands[::2]):
        assert opened(levels=False).run(given).facts["qty"].tolist() == [5, 0, 7, 0]


def test_an_array_of_another_kind_is_the_callers_mistake() -> None:
    """Neither another type nor another shape is taken for commands."""
    engine = opened()
    for wrong in (np.zeros(3, r.FACT), batch(buy(1, 5), buy(2, 5)).reshape(2, 1)):
        with pytest.raises(TypeError, match="commands are a"):
            engine.run(wrong)


def test_an_empty_batch_is_obeyed() -> None:
    """It gives no fact."""
    ran = opened().run(batch())
    assert (len(ran.facts), ran.done, ran.stop) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (MarketRules(), [r.REPLACED, r.LEVEL]),
        (MarketRules(replace_qty=ReplaceQty.OPEN), [r.REPLACED, r.LEVEL]),
        (MarketRules(replace_below_filled=ReplaceBelowFilled.CANCELS), [r.REPLACED, r.LEVEL]),
        (MarketRules(replace=ReplacePriority.ALWAYS_TO_BACK), [r.REPLACED, r.RESTED, r.LEVEL]),
    ],
)
def test_a_symbol_may_be_described_anew(rules: MarketRules, expected: list[int]) -> None:
    """The settings count from the next command on."""
    engine = opened()
    engine.run(batch(buy(1, 5)))
    engine.describe(0, rules)
    assert kinds(engine.run(batch(replace(1, qty=4)))) == expected


def test_a_new_mode_of_self_trade_prevention_counts_for_orders_that_name_none() -> None:
    """Orders that came before keep theirs; the incoming order's mode decides."""
    engine = opened()
    engine.describe(0, MarketRules(self_trade=SelfTrade.ALLOW))
    assert r.TRADED in kinds(engine.run(batch(sell(1, 5), buy(2, 5, account=1))))
    engine.describe(0, MarketRules(self_trade=SelfTrade.CANCEL_BOTH))
    ran = engine.run(batch(sell(3, 5), buy(4, 5, account=1)))
    assert kinds(ran)[3:] == [r.ACCEPTED, r.CANCELLED, r.CANCELLED, r.LEVEL]


def test_tables_begin_on_a_cache_line() -> None:
    """New tables and those that grew."""
    engine = opened()
    engine.run(resting(COUNT))
    for name in ("orders", "levels", "symbols", "clients", "accounts", "positions", "facts"):
        assert getattr(engine.tables, name).ctypes.data % LINE == 0


def test_slots_are_used_again() -> None:
    """Ten thousand orders that come and go need no more room than one."""
    engine = opened()
    room = len(engine.tables.orders)
    for start in range(0, 10_000, 500):
        rows = [row for number in range(start, start + 500) for row in (buy(number, 5), cancel(number))]
        assert engine.run(batch(*rows)).stop == 0
    assert len(engine.tables.orders) == room
    assert int(engine.tables.state[0]["fresh"]) == 2


def test_the_window_follows_the_orders() -> None:
    """Orders far from all others move the window, and each stays at its price with its place and quantity."""
    engine = opened()
    prices = [MIDDLE, MIDDLE + 300 * TICK, MIDDLE + 5_000 * TICK, MIDDLE + 90_000 * TICK, MIDDLE + 250_000 * TICK]
    for number, price in enumerate(prices):
        ran = engine.run(batch(sell(2 * number, 5, price), sell(2 * number + 1, 6, price)))
        assert ran.stop == 0
        found = engine.orders(0)
        assert found["price"].tolist() == [price for price in prices[: number + 1] for _ in range(2)]
        assert found["client"].tolist() == list(range(2 * number + 2))
    ran = engine.run(batch(buy(20, 55, prices[-1])))
    traded = ran.facts[ran.facts["kind"] == r.TRADED]
    assert traded["price"].tolist() == [price for price in prices for _ in range(2)]


def test_windows_that_are_given_up_are_used_again() -> None:
    """A symbol that grows leaves windows; another one that grows the same way takes them."""
    engine = Engine(is_open=True)
    windows: list[list[tuple[int, int]]] = [[], []]
    for symbol in range(2):
        engine.list_symbol(tick=TICK)
        for number, ticks in enumerate((0, 500, 1000)):
            engine.run(batch(sell(10 * symbol + number, 5, MIDDLE + ticks * TICK, symbol=symbol)))
            record = engine.tables.symbols[symbol]
            windows[symbol].append((int(record["first"]), int(record["size"])))
    assert windows == [[(512, 512), (1024, 1024), (2048, 2048)], [(512, 512), (1024, 1024), (4096, 2048)]]
    assert [len(engine.orders(symbol)) for symbol in range(2)] == [3, 3]
