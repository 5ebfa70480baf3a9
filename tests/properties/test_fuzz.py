"""`stockex fuzz`: whatever lines come, the exchange keeps its word; and if it did not, that would be seen."""

import json
from collections.abc import Callable, Sequence
from copy import copy
from typing import Final

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from stockex.cli import commands
from stockex.core.exchange import Exchange
from stockex.messages import executions as ex
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.simulation.authors.scripts import SORTS
from stockex.simulation.books import open_exchange
from stockex.simulation.fuzz import Watch, crossed, fuzzed
from stockex.simulation.ndjson import command_of, facts_of
from stockex.vocabulary.enums import Side, TimeInForce
from stockex.vocabulary.units import Price, Shares

NEW: Final = '{"type":"new","symbol":"ALPHA","time_in_force":"DAY","account":%s,"side":%s,"quantity":%d,"price":%s}'
LINES: Final = (
    '{"type":"instrument","symbol":"ALPHA","tick":0.01,"reference":1.00}',
    '{"type":"deposit","account":"A","cash":1000,"symbol":"ALPHA","quantity":100}',
    '{"type":"deposit","account":"B","cash":1000,"symbol":"ALPHA","quantity":100}',
    NEW % ('"A","cl_ord_id":"a1"', '"SELL"', 10, "1.00"),
    (NEW % ('"B","cl_ord_id":"b1"', '"BUY"', 4, "1.00")).replace("DAY", "IOC"),
    '{"type":"replace","account":"A","orig_cl_ord_id":"a1","symbol":"ALPHA","quantity":9}',
    NEW % ('"B","cl_ord_id":"b2"', '"BUY"', 8, "0.99"),
    '{"type":"cancel","account":"B","orig_cl_ord_id":"b2","symbol":"ALPHA"}',
)


@pytest.mark.parametrize("seed", range(2 * SORTS))
def test_whatever_comes_the_exchange_keeps_its_word(seed: int) -> None:
    """600 lines of every sort: no exception, nothing crossed, lost, made or filled that may not be."""
    found = fuzzed(seed, 600)
    assert found.fault is None
    assert found.counts["commands"] == 600
    assert found.counts["quarantined"] > 10


def test_the_scripts_trade_and_hold_auctions() -> None:
    """What never happens is not tested."""
    found = [fuzzed(seed, 600).counts for seed in range(SORTS)]
    assert sum(counts["trades"] for counts in found) > 200
    assert sum(counts["auctions"] for counts in found) > 3


def played() -> tuple[Exchange, Sequence[Fact]]:
    """Return an exchange after the lines above, and all their facts."""
    exchange = open_exchange()
    facts = [fact for at, line in enumerate(LINES) for fact in facts_of(exchange, command_of(line.encode()), number=at)]
    return exchange, facts


def complaints(tamper: Callable[[Fact], Fact | None]) -> str:
    """Return what a watch says of the lines above when some facts are told otherwise, or not at all."""
    exchange, facts = played()
    watch = Watch()
    told = [fact for fact in map(tamper, facts) if fact is not None]
    return "; ".join([*watch.faults(told), *watch.misses(exchange), *watch.strays(exchange)])


def test_an_honest_exchange_gives_no_cause_for_complaint() -> None:
    """Its own facts agree with its state."""
    assert complaints(lambda fact: fact) == ""


def of_order(fact: Fact, cl_ord_id: str) -> bool:
    """Say whether the fact accepts this order."""
    return isinstance(fact, ex.Accepted) and fact.cl_ord_id == cl_ord_id


TAMPERED: Final[dict[str, tuple[Callable[[Fact], Fact | None], str]]] = {
    "a trade outside a limit": (
        lambda fact: replace(fact, price=Price(9_900)) if isinstance(fact, ex.Traded) else fact,
        "order 3 with limit 10000 traded at 9900",
    ),
    "a trade of more than its fills say": (
        lambda fact: replace(fact, qty=Shares(5)) if isinstance(fact, ex.Traded) else fact,
        "order 4 of 4 has 4 filled and 0 open",
    ),
    "a fill beyond the order": (
        lambda fact: replace(fact, qty=Shares(3)) if of_order(fact, "b1") else fact,
        "order 4 of 3 has 4 filled and 0 open",
    ),
    "an order that rests and may not": (
        lambda fact: replace(fact, tif=TimeInForce.IOC) if of_order(fact, "b2") else fact,
        "order 6, which may not rest, rests",
    ),
    "an order from nowhere": (
        lambda fact: None if of_order(fact, "b2") else fact,
        "order 6 is told of, and is not open",
    ),
    "a replacement that loses a share": (
        lambda fact: replace(fact, leaves=Shares(4)) if isinstance(fact, ex.Replaced) else fact,
        "order 3 of 9 has 4 filled and 4 left",
    ),
    "a cancel of less than all": (
        lambda fact: replace(fact, qty=Shares(7)) if isinstance(fact, ex.Cancelled) else fact,
        "order 6 of 8 has 0 filled and 7 left",
    ),
    "a cancel in silence": (
        lambda fact: None if isinstance(fact, ex.Cancelled) else fact,
        "order 6 has 8 left by its facts, None in the exchange",
    ),
    "money out of nowhere": (
        lambda fact: None if isinstance(fact, Deposited) and fact.account == "B" else fact,
        "the accounts own 20000000 in cash, 10000000 was deposited",
    ),
    "shares out of nowhere": (
        lambda fact: replace(fact, qty=Shares(99)) if isinstance(fact, Deposited) else fact,
        "the accounts own {'ALPHA': 200}, ",
    ),
}
"""What is told otherwise, and what is said of it."""


@pytest.mark.parametrize("what", TAMPERED)
def test_a_broken_promise_is_seen(what: str) -> None:
    """Facts that do not add up are named, with the order and its figures."""
    tamper, complaint = TAMPERED[what]
    assert complaint in complaints(tamper)


def test_a_crossed_book_is_seen() -> None:
    """Two resting orders that could trade are named."""
    exchange, _ = played()
    listing = exchange.desk.listings["ALPHA"]
    ask = listing.book.first(Side.SELL)
    assert ask is not None
    assert list(crossed(listing)) == []
    bid = copy(ask)
    bid.order_id, bid.account, bid.side = 9, "B", Side.BUY
    listing.book.add(bid)
    assert list(crossed(listing)) == [(9, ask.order_id)]


def test_the_command_counts_what_it_played() -> None:
    """`stockex fuzz` prints how much there was, and no fault."""
    done = CliRunner().invoke(commands, ["fuzz", "--seeds", "2", "--commands", "40", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout).items() >= {("scripts", 2), ("commands", 80), ("first_fault", None)}
