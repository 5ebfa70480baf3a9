"""The engines that take arrays, driven by a flow in batches; each run has an engine of its own, which grows."""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from flows.catalogue import Flow
from flows.crowd import Commands
from stopwatch import Stopwatch

from stockex.adapters.profiles import profile
from stockex.core.batch.lean import LeanEngine
from stockex.core.batch.plain import PlainEngine
from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.tables import Records
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import MAX_PRICE

BATCH: Final = 16_384
TICK: Final = 100
REFERENCE: Final = 462_500
"""The reference price of a market with limits: 46.25 euro, where a tick of a cent is smallest beside the price."""

LIMITS: Final = [
    records.REJECT_REASONS.index(reason)
    for reason in (
        RejectReason.ABOVE_MAX_QUANTITY,
        RejectReason.ABOVE_MAX_VALUE,
        RejectReason.OUTSIDE_BAND,
        RejectReason.FAT_FINGER_PRICE,
    )
]
CASH, SHARES = 10**15, 10**10
"""What each account has where it is held to what it has: more than it can use, so that nothing is refused."""


AnyEngine = Engine | LeanEngine | PlainEngine


class Terms(NamedTuple):
    """Which engine, and what it is asked to do beside matching.

    `levels`: to tell each level that changed. `limited`: to hold each account to its cash and its shares. `market`: to
    hold orders and trades to the ticks, limits and ranges of this profile.
    """

    engine: type[Engine | LeanEngine] = Engine
    levels: bool = False
    limited: bool = False
    market: str | None = None


def opened(flow: Flow, terms: Terms) -> Engine | LeanEngine:
    """Return an engine that trades the symbol of the flow."""
    engine = terms.engine(is_open=not terms.limited, levels=terms.levels)
    if isinstance(engine, Engine) and terms.market is not None:
        engine.list_symbol(tick=TICK, rules=profile(terms.market), reference=REFERENCE)
    else:
        engine.list_symbol(tick=TICK)
    if terms.limited:
        for account in np.unique(flow.commands["account"]).tolist():
            engine.fund(account, cash=CASH, symbol=0, shares=SHARES)
    return engine


def batches(commands: Commands) -> Iterator[Commands]:
    """Yield the commands in pieces, each of which numbers its commands from 0."""
    for start in range(0, len(commands), BATCH):
        yield commands[start : start + BATCH]


def on_grid(commands: Commands, market: str) -> Commands:
    """Return the commands with the valid prices of a market around its reference in the place of the flow's ticks."""
    table = profile(market).tick_table
    ends = [int(row.start) for row in table[1:]] + [MAX_PRICE]
    prices = np.concatenate([np.arange(row.start, end, row.tick) for row, end in zip(table, ends, strict=True)])
    has_price, found = commands["flags"] & records.HAS_PRICE > 0, commands.copy()
    ticks = commands["price"][has_price] // TICK
    found["price"][has_price] = prices[ticks - int(np.median(ticks)) + np.searchsorted(prices, REFERENCE)]
    return found


def measure(flow: Flow, terms: Terms) -> dict[str, float]:
    """Obey every command of the flow; return the time inside the engine and what came of it.

    A command at which the engine stops is left out, so that trades are missing, which the caller sees. Where a market's
    limits kept an order or a trade from happening it is not told what came of the flow, which counts without them.
    """
    engine = opened(flow, terms)
    watch, facts, trades, traded_qty, kept = Stopwatch(), 0, 0, 0, 0
    for batch in batches(flow.commands if terms.market is None else on_grid(flow.commands, terms.market)):
        left = batch
        while len(left):
            with watch:
                ran = engine.run(left)
            traded = ran.facts[ran.facts["kind"] == records.TRADED]
            facts += len(ran.facts)
            trades += len(traded)
            traded_qty += int(traded["qty"].sum())
            kept += _refused(ran.facts) + (ran.stop != 0)
            left = left[ran.done + (ran.stop != 0) :]
    resting = len(engine.orders(0))
    told = {"facts": facts, "trades": trades, "traded_qty": traded_qty, "resting": resting}
    return watch.told() | (told if terms.market is None or kept == 0 else {"facts": facts})


def _refused(facts: Records) -> int:
    """Return how many orders broke a limit of the market."""
    return int(np.isin(facts["reason"][facts["kind"] == records.REJECTED], LIMITS).sum())


def digest(flow: Flow, engine: type[AnyEngine]) -> str:
    """Return a hash over all facts of the flow, levels among them."""
    book = engine(is_open=True)
    if isinstance(book, PlainEngine):
        book.exchange.next_offset = 0
    book.list_symbol(tick=TICK)
    found = hashlib.sha256()
    for batch in batches(flow.commands):
        found.update(book.run(batch).facts.tobytes())
    return found.hexdigest()
