"""Random hostile commands for the batch interface: few prices, few accounts, so that much happens."""

from random import Random
from typing import Final

import numpy as np
from msgspec.structs import replace

from stockex.core.batch.plain import FIRST_OFFSET
from stockex.core.matching.compiled.records import (
    CANCEL,
    COMMAND,
    HAS_PRICE,
    HAS_QTY,
    NEW,
    NONE,
    POST_ONLY,
    REPLACE,
    SELF_TRADES,
)
from stockex.core.matching.compiled.tables import Records
from stockex.vocabulary.enums import SelfTrade
from stockex.vocabulary.market_rules import MarketRules, ReplaceBelowFilled, ReplacePriority, ReplaceQty
from stockex.vocabulary.tick_tables import TickRow
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Cash, Price, Shares

ACCOUNTS: Final = 5
OWNERS: Final = ACCOUNTS + 1
SYMBOLS: Final = 3
TICK: Final = 100
MIDDLE: Final = 250_000


def rules(dice: Random) -> MarketRules:
    """Draw the settings that the compiled engine knows."""
    return MarketRules(
        self_trade=dice.choice(list(SelfTrade)),
        replace=dice.choice(list(ReplacePriority)),
        replace_qty=dice.choice(list(ReplaceQty)),
        replace_below_filled=dice.choice(list(ReplaceBelowFilled)),
    )


def limited(dice: Random, rules: MarketRules) -> MarketRules:
    """Return the settings with limits of orders, and ticks that grow where orders stand."""
    grown = (TickRow(Price(0), Price(TICK)), TickRow(Price(MIDDLE - TICK), Price(TICK)))
    return replace(
        rules,
        tick_table=dice.choice([(), (*grown, TickRow(Price(MIDDLE), Price(2 * TICK))), grown]),
        max_order_qty=dice.choice([None, Shares(100)]),
        max_order_value=dice.choice([None, Cash(60 * MIDDLE)]),
        price_band_bp=dice.choice([None, 20, 20_000]),
        collar_bp=dice.choice([None, 10]),
    )


def commands(dice: Random, count: int) -> Records:
    """Draw `count` commands. Client id c belongs to account c modulo `OWNERS`; the last of these has no money."""
    drawn = np.zeros(count, COMMAND)
    newest = 0
    for number in range(count):
        command = drawn[number]
        command["offset"] = FIRST_OFFSET + 3 * number
        command["at"] = number
        newest += 1 if newest % OWNERS != ACCOUNTS - 1 or dice.random() < 0.1 else 2
        command["kind"] = dice.choices([NEW, CANCEL, REPLACE], [6, 2, 3])[0]
        command["client"] = newest if dice.random() < 0.95 else dice.randrange(1, newest + 1)
        command["account"] = int(command["client"]) % OWNERS
        command["symbol"] = 0 if dice.random() < 0.7 else dice.randrange(SYMBOLS + (dice.random() < 0.05))
        _terms(command, dice)
        if command["kind"] != NEW:
            _meant(command, dice, newest=newest)
    return drawn


def _terms(command: np.void, dice: Random) -> None:
    command["side"] = dice.randrange(2)
    command["ord_type"] = dice.random() < 0.1
    command["tif"] = dice.choices([0, 1, 2, 3], [6, 3, 2, 1])[0]
    command["self_trade"] = dice.choice([0, 0, *range(1, len(SELF_TRADES) + 1)])
    flags = HAS_PRICE if (command["ord_type"] == 0) == (dice.random() < 0.97) else 0
    flags |= POST_ONLY if dice.random() < 0.1 else 0
    command["flags"] = flags | HAS_QTY
    command["qty"] = dice.choice([10, 10, 20, 30, 50, 100, 200])
    command["price"] = MIDDLE + TICK * round(dice.gauss(0, 4))
    if dice.random() < 0.04:
        command["qty"] = dice.choice([0, -10, 7, MAX_QTY, MAX_QTY + 10])
    if dice.random() < 0.04:
        command["price"] = dice.choice([0, -TICK, MIDDLE + 1, MAX_PRICE + TICK, MIDDLE // 2, 3 * TICK, 2 * MIDDLE])


def _meant(command: np.void, dice: Random, *, newest: int) -> None:
    """Aim a cancel or replacement at an order, mostly one of the account that sends it."""
    target = max(newest - dice.randrange(1, 60), 1)
    if dice.random() < 0.95:
        target += (int(command["account"]) - target) % OWNERS
    command["target"] = target
    draw = dice.random()
    if command["kind"] == REPLACE:
        command["flags"] = HAS_PRICE if draw < 0.3 else HAS_QTY if draw < 0.7 else HAS_PRICE | HAS_QTY
    if command["kind"] == CANCEL or dice.random() < 0.5:
        command["client"] = NONE
    else:
        command["client"] += (int(command["account"]) - int(command["client"])) % OWNERS
