"""The lean engine answers as the plain one does, record by record."""

from random import Random

import numpy as np
import pytest
from properties.batch_commands import ACCOUNTS, SYMBOLS, TICK, commands, rules
from properties.test_batch import differences

from stockex.core.batch.lean import PIECE, STOP, LeanEngine
from stockex.core.batch.plain import FIRST_OFFSET, PlainEngine
from stockex.core.matching.compiled.records import (
    ACCEPTED,
    CANCEL,
    CANCELLED,
    COMMAND,
    HAS_PRICE,
    LEVEL,
    NEW,
    NONE,
    ORD_TYPES,
    REJECT_REASONS,
    REJECTED,
    TIFS,
)
from stockex.core.matching.ids import REMEMBERED
from stockex.vocabulary.enums import OrdType, TimeInForce
from stockex.vocabulary.market_rules import MarketRules, ReplacePriority
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Shares

SEEDS, GROUP, COMMANDS = 120, 40, 300


def pair(dice: Random) -> tuple[LeanEngine, PlainEngine]:
    """Return both engines with the same symbols and accounts, some of these poor, some without limits."""
    is_open = dice.random() < 0.5
    lean, plain = LeanEngine(is_open=is_open), PlainEngine(is_open=is_open)
    for _ in range(SYMBOLS):
        settings, lot = rules(dice), dice.choice([1, 1, 10])
        for engine in (lean, plain):
            engine.list_symbol(tick=TICK, lot=lot, rules=settings)
    fund(lean, plain, dice=dice)
    return lean, plain


def fund(lean: LeanEngine, plain: PlainEngine, *, dice: Random) -> None:
    """Give most accounts money and shares, the same in both engines."""
    for account in range(ACCOUNTS):
        cash, shares = dice.choice([10**8, 10**13]), dice.choice([0, 300, 10**9])
        chosen = range(SYMBOLS) if dice.random() < 0.6 else ()
        for symbol in chosen:
            for engine in (lean, plain):
                engine.fund(account, cash=cash, symbol=symbol, shares=shares)


def compare(seed: int) -> None:
    """Run one seed on both engines, in batches; assert that nothing differs."""
    dice = Random(seed)
    lean, plain = pair(dice)
    drawn = commands(dice, COMMANDS)
    size = dice.choice([1, 7, COMMANDS // 4, COMMANDS])
    for start in range(0, COMMANDS, size):
        batch = drawn[start : start + size]
        ran = lean.run(batch)
        assert (ran.done, ran.stop) == (len(batch), 0)
        assert differences(ran.facts, plain.run(batch).facts) == []
        account, shares = dice.randrange(ACCOUNTS), dice.choice([0, 50])
        for engine in (lean, plain):
            if size == COMMANDS // 4:
                engine.fund(account, cash=10**8, symbol=1, shares=shares)
    for symbol in range(SYMBOLS):
        assert differences(lean.orders(symbol), plain.orders(symbol)) == []
        for account in range(ACCOUNTS):
            assert lean.holding(account, symbol) == plain.holding(account, symbol)
    assert [lean.money(account) for account in range(ACCOUNTS)] == [plain.money(n) for n in range(ACCOUNTS)]


@pytest.mark.parametrize("group", range(0, SEEDS, GROUP))
def test_the_lean_engine_is_byte_equal_to_the_plain_one(group: int) -> None:
    """Facts, books and balances are the same after every batch, for each seed of the group."""
    for seed in range(group, group + GROUP):
        compare(seed)


def test_levels_are_told_only_when_wanted() -> None:
    """Without them, all other facts are the same."""
    drawn = commands(Random(3), COMMANDS)
    told, silent = LeanEngine(is_open=True), LeanEngine(is_open=True, levels=False)
    for engine in (told, silent):
        engine.list_symbol(tick=TICK)
    facts = told.run(drawn).facts
    assert differences(facts[facts["kind"] != LEVEL], silent.run(drawn).facts) == []


@pytest.mark.parametrize(("field", "value"), [("kind", 9), ("side", 2), ("tif", 4), ("ord_type", 2), ("client", NONE)])
def test_a_batch_ends_before_what_is_rare(field: str, value: int) -> None:
    """Nothing of the command is done, and all before it is."""
    drawn = commands(Random(3), 10)
    drawn["kind"], drawn["client"] = 1, np.arange(10)
    drawn[field][4] = value
    engine = LeanEngine(is_open=True)
    engine.list_symbol(tick=TICK)
    ran = engine.run(drawn)
    assert (ran.done, ran.stop) == (4, STOP)
    assert ORD_TYPES[2] is OrdType.MARKET_TO_LIMIT
    assert ran.facts["command"].max() == 3


def test_settings_that_have_no_place_are_refused_at_listing() -> None:
    """A market that limits the size of orders would take those that are too large."""
    with pytest.raises(ValueError, match="no place"):
        LeanEngine().list_symbol(tick=TICK, rules=MarketRules(max_order_qty=Shares(5)))
    assert LeanEngine().list_symbol(tick=TICK, rules=MarketRules(replace=ReplacePriority.ALWAYS_TO_BACK)) == 0


def test_a_client_id_may_be_used_again_when_as_many_newer_ones_are_used_and_no_order_has_it() -> None:
    """Both engines take the second use of an id at the same command, and none of an id whose order is open."""
    clients = [0, 1, *range(2, REMEMBERED + 1), 1, REMEMBERED + 1, 1, 0]
    drawn = np.zeros(len(clients), COMMAND)
    drawn["offset"] = FIRST_OFFSET + np.arange(len(clients))
    drawn["kind"], drawn["client"], drawn["flags"], drawn["qty"], drawn["price"] = NEW, clients, HAS_PRICE, 1, TICK
    drawn["tif"][1:] = TIFS.index(TimeInForce.IOC)
    lean, plain = LeanEngine(is_open=True), PlainEngine(is_open=True)
    lean.list_symbol(tick=TICK)
    plain.list_symbol(tick=TICK)
    facts = lean.run(drawn).facts
    assert differences(facts, plain.run(drawn).facts) == []
    assert facts["kind"][[-5, -2, -1]].tolist() == [ACCEPTED, CANCELLED, REJECTED]
    assert facts["client"][facts["kind"] == REJECTED].tolist() == [1, 0]


def test_a_batch_of_several_pieces_is_obeyed_as_one() -> None:
    """Commands are numbered through, and a refusal says what is wrong with the command that it is of."""
    drawn = commands(Random(5), PIECE + 200)
    drawn["price"][PIECE + 50 :] += 1
    lean, plain = LeanEngine(is_open=True), PlainEngine(is_open=True)
    for engine in (lean, plain):
        for _ in range(SYMBOLS):
            engine.list_symbol(tick=TICK)
    ran = lean.run(drawn)
    assert (ran.done, ran.stop) == (len(drawn), 0)
    assert differences(ran.facts, plain.run(drawn).facts) == []
    drawn["kind"][PIECE + 7] = 9
    assert LeanEngine(is_open=True).run(drawn)[1:] == (PIECE + 7, STOP)


@pytest.mark.parametrize("is_open", [False, True])
def test_numbers_that_nobody_has_are_unknown_ones(*, is_open: bool) -> None:
    """However far off: account, symbol and order are looked for in this sequence, and the fact has what was asked."""
    drawn = np.zeros(6, COMMAND)
    drawn["kind"], drawn["client"] = CANCEL, NONE
    drawn["account"] = [0, 0, 0, 0, -1, 0]
    drawn["symbol"] = [0, 0, 2**31 - 1, -1, 0, 0]
    drawn["target"] = [7, 2**31 - 1, 7, 7, 7, -5]
    engine = LeanEngine(is_open=is_open)
    engine.list_symbol(tick=TICK)
    if not is_open:
        engine.fund(0, cash=1)
    facts = engine.run(drawn).facts
    order, symbol, account = RejectReason.UNKNOWN_ORDER, RejectReason.UNKNOWN_SYMBOL, RejectReason.UNKNOWN_ACCOUNT
    assert [REJECT_REASONS[n] for n in facts["reason"]] == [order, order, symbol, symbol, account, order]
    assert facts["other_client"].tolist() == drawn["target"].tolist()
    assert (engine.money(5), engine.holding(5, 0)) == ((0, 0), (0, 0))


def test_an_empty_batch_says_nothing() -> None:
    """It makes no room either."""
    engine = LeanEngine(is_open=True)
    assert engine.run(np.zeros(0, COMMAND)).facts.tolist() == []
    assert (len(engine.resting), len(engine.owners)) == (1, 1)
