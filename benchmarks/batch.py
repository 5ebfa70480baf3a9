"""The engines that take arrays, driven by a flow in batches; each run has an engine of its own, which grows."""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from flows.catalogue import Flow
from flows.crowd import Commands
from stopwatch import Stopwatch

from stockex.core.batch.lean import LeanEngine
from stockex.core.batch.plain import PlainEngine
from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.engine import Engine

BATCH: Final = 16_384
TICK: Final = 100
CASH, SHARES = 10**15, 10**10
"""What each account has where it is held to what it has: more than it can use, so that nothing is refused."""


AnyEngine = Engine | LeanEngine | PlainEngine


class Terms(NamedTuple):
    """Which engine, and what it is asked to do beside matching.

    `levels`: to tell each level that changed. `limited`: to hold each account to its cash and its shares.
    """

    engine: type[Engine | LeanEngine] = Engine
    levels: bool = False
    limited: bool = False


def opened(flow: Flow, terms: Terms) -> Engine | LeanEngine:
    """Return an engine that trades the symbol of the flow."""
    engine = terms.engine(is_open=not terms.limited, levels=terms.levels)
    engine.list_symbol(tick=TICK)
    if terms.limited:
        for account in np.unique(flow.commands["account"]).tolist():
            engine.fund(account, cash=CASH, symbol=0, shares=SHARES)
    return engine


def batches(commands: Commands) -> Iterator[Commands]:
    """Yield the commands in pieces, each of which numbers its commands from 0."""
    for start in range(0, len(commands), BATCH):
        yield commands[start : start + BATCH]


def measure(flow: Flow, terms: Terms) -> dict[str, float]:
    """Obey every command of the flow; return the time inside the engine and what came of it.

    Of a flow at which the engine stopped some trades would be missing, which the caller sees.
    """
    engine = opened(flow, terms)
    watch, facts, trades, traded_qty = Stopwatch(), 0, 0, 0
    for batch in batches(flow.commands):
        with watch:
            ran = engine.run(batch)
        traded = ran.facts[ran.facts["kind"] == records.TRADED]
        facts += len(ran.facts)
        trades += len(traded)
        traded_qty += int(traded["qty"].sum())
    resting = len(engine.orders(0))
    return watch.told() | {"facts": facts, "trades": trades, "traded_qty": traded_qty, "resting": resting}


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
