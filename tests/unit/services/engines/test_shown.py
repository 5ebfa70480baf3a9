"""What a matcher in a process of its own shows is what whoever reads its facts would show."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from properties.exchange_commands import SETUP
from unit.services.test_matcher import EVERY, JOURNAL, Scene

from stockex.bus.memory import MemoryBus
from stockex.core.exchange import Exchange
from stockex.core.market_data.market import Market
from stockex.messages.codec import decode, encode
from stockex.messages.envelope import Entry, Record
from stockex.messages.orders import BustTrade, CorrectTrade, NewOrder
from stockex.messages.topics import Topic
from stockex.messages.views import TradeStatus
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.plain import PlainEngine
from stockex.services.engines.shown import Shown
from stockex.services.matcher import Matcher
from stockex.services.trust.unfit import Unfit
from stockex.simulation.authors.common_command import common_script
from stockex.vocabulary.enums import Side
from stockex.vocabulary.services import LiveBook
from stockex.vocabulary.units import Nanos, Price, Shares


def told(book: LiveBook) -> tuple[Shown, list[Entry], Market]:
    """Let an engine obey a script with trades, two of them undone; return what it shows, all it told, and the views."""
    dark = NewOrder(
        account="A1", cl_ord_id="dark", symbol="ALPHA", side=Side.BUY, qty=Shares(5), limit=Price(100), hidden=True
    )
    engine, entries, market = engine_on(book, Exchange()), list[Entry](), Market()
    shown = Shown(engine)

    def obey(value: bytes) -> None:
        offset = engine.next_offset
        record = Record(Topic.ORDERS, offset, Nanos(offset), "", value)
        caused = [entry for each in engine.entries([record]) for entry in each]
        shown.hear(caused)
        entries.extend(caused)
        for entry in caused:
            if entry.topic in Market.topics:
                market.apply(decode(entry.topic, entry.value))

    for command in (*SETUP, *common_script(3, 300, rare=30), dark):
        obey(encode(command))
    first, second = (each.trade for each in market.tape(None, 2))
    obey(encode(BustTrade(trade_id=first.trade_id, by="OPERATOR")))
    obey(encode(CorrectTrade(trade_id=second.trade_id, price=Price(second.price + 100), by="OPERATOR")))
    obey(b"{")
    return shown, entries, market


@pytest.mark.parametrize("book", LiveBook)
async def test_books_and_trades_are_those_of_the_facts(book: LiveBook) -> None:
    """On either book: every level, and every trade as it stands now; also of trades that were told before its start."""
    shown, entries, market = told(book)
    assert [*shown.instruments] == [*market.instruments]
    for symbol in market.instruments:
        found, expected = shown.depth(symbol, 1_000), market.depth(symbol, 1_000)
        assert (found.bids, found.asks) == (expected.bids, expected.asks)
        assert shown.depth(symbol, 1).bids == expected.bids[:1]
        assert shown.tape(symbol, 5) == market.tape(symbol, 5)
    assert shown.tape(None, 1_000) == market.tape(None, 1_000)
    assert {print_.status for print_ in shown.tape(None, 3)} == set(TradeStatus)
    log = MemoryBus(lambda: Nanos(0))
    await log.append(entries)
    later = Shown(engine_on(book, Exchange()))
    later.hear([entry for entry in entries if entry.topic is Topic.TRADES][-3:])
    await later.restore(log)
    assert later.tape(None, 1_000) == market.tape(None, 1_000)


@pytest.mark.parametrize("published", EVERY)
async def test_trades_of_a_takeover_are_shown(tmp_path: Path, published: int) -> None:
    """A standby has looked for what was told; then the leader tells more and dies, and it takes over: each once."""
    scene = Scene(tmp_path)
    matcher = Matcher(scene.bus, PlainEngine(Exchange()), checkpoints=scene.checkpoints)
    shown = Shown(matcher.engine)
    matcher.heard = shown.hear
    await shown.restore(scene.bus)
    await scene.before(commands=len(JOURNAL), published=published)
    serving = asyncio.create_task(matcher.serve())
    await matcher.reached(len(JOURNAL) - 1)
    serving.cancel()
    told = [json.loads(record.value)["trade_id"] for record in await scene.bus.last(Topic.TRADES, 100)]
    assert [done.trade.trade_id for done in shown.tape(None, 100)] == told[::-1]
    assert len(told) > 1


def test_what_was_told_is_counted() -> None:
    """Orders, trades, cancels, replaces and rejects by their facts; commands that cannot be read by reason."""
    shown, entries, _ = told(LiveBook.PLAIN)
    kinds = Counter(json.loads(entry.value).get("type") for entry in entries)
    names = {
        "accepted": "orders",
        "trade": "trades",
        "cancelled": "cancels",
        "replaced": "replaces",
        "rejected": "rejects",
    }
    assert shown.counts == {name: kinds[kind] for kind, name in names.items()}
    assert min(shown.counts.values()) > 0
    assert shown.passed_over == {Topic.ORDERS: {Unfit.NOT_JSON: 1}}
