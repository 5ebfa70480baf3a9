"""The compiled engine answers as the plain one does, record by record; `COMPILED_SEEDS` says for how many seeds."""

import os
from random import Random

import numpy as np
import pytest
from properties.batch_commands import ACCOUNTS, MIDDLE, SYMBOLS, TICK, commands, limited, rules

from stockex.core.batch.plain import PlainEngine
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.records import REJECT_REASONS, REJECTED, TRADED
from stockex.core.matching.compiled.tables import Records

SEEDS = int(os.environ.get("COMPILED_SEEDS", "200"))
COMMANDS = int(os.environ.get("COMPILED_COMMANDS", "150"))
GROUP = 50


def pair(dice: Random) -> tuple[Engine, PlainEngine]:
    """Return both engines with the same symbols and accounts, some of these poor, some without limits."""
    is_open = dice.random() < 0.5
    fast, plain = Engine(is_open=is_open), PlainEngine(is_open=is_open)
    for _ in range(SYMBOLS):
        settings, lot = rules(dice), dice.choice([1, 1, 10])
        if dice.random() < 0.5:
            settings = limited(dice, settings)
        for engine in (fast, plain):
            engine.list_symbol(tick=TICK, lot=lot, rules=settings, reference=MIDDLE)
    for account in range(ACCOUNTS):
        if is_open and dice.random() < 0.4:
            continue
        cash, shares = dice.choice([10**8, 10**13]), dice.choice([0, 300, 10**9])
        for engine in (fast, plain):
            for symbol in range(SYMBOLS):
                engine.fund(account, cash=cash, symbol=symbol, shares=shares)
    return fast, plain


def differences(fast: Records, plain: Records) -> list[str]:
    """Return the first record that differs, told in words."""
    for number in range(max(len(fast), len(plain))):
        if number >= min(len(fast), len(plain)) or fast[number] != plain[number]:
            near = slice(max(number - 3, 0), number + 2)
            return [f"record {number}\n{fast.dtype.names}\nfast {fast[near]}\nplain {plain[near]}"]
    return []


def compare(seed: int) -> Records:
    """Run one seed on both engines, in batches; assert that nothing differs; return the last batch's facts."""
    dice = Random(seed)
    fast, plain = pair(dice)
    drawn = commands(dice, COMMANDS)
    size = dice.choice([1, 7, COMMANDS])
    for start in range(0, COMMANDS, size):
        batch = drawn[start : start + size]
        ran, said = fast.run(batch), plain.run(batch)
        assert ran.stop == 0
        assert ran.done == len(batch)
        assert differences(ran.facts, said.facts) == []
    for symbol in range(SYMBOLS):
        assert differences(fast.orders(symbol), plain.orders(symbol)) == []
        for account in range(ACCOUNTS):
            assert fast.holding(account, symbol) == plain.holding(account, symbol)
    assert [fast.money(account) for account in range(ACCOUNTS)] == [plain.money(n) for n in range(ACCOUNTS)]
    return np.array(ran.facts)


@pytest.mark.parametrize("group", range(0, SEEDS, GROUP))
def test_the_compiled_engine_is_byte_equal_to_the_plain_one(group: int) -> None:
    """Facts, books and balances are the same after every batch, for each seed of the group."""
    for seed in range(group, min(group + GROUP, SEEDS)):
        compare(seed)


def test_the_commands_provoke_nearly_everything() -> None:
    """Among the facts of a few seeds are trades and nearly every reason that runs compiled."""
    dice = Random(1)
    seen: set[str] = set()
    trades = 0
    for _ in range(20):
        fast, _plain = pair(dice)
        facts = fast.run(commands(dice, 1500)).facts
        trades += int((facts["kind"] == TRADED).sum())
        seen |= {REJECT_REASONS[reason].name for reason in facts["reason"][facts["kind"] == REJECTED]}
    assert trades > 5_000
    assert len(seen) == 21, sorted(seen)
