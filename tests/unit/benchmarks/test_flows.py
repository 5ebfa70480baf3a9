"""The flows that the books are measured with are what they are said to be."""

from itertools import islice

import batch
import footprint
import lines
import plain
import pytest
from flows.catalogue import CANCEL, FLOWS, IOC, MARKET, NEW, REPLACE, Flow, draw, messages_of
from flows.crowd import TICK
from flows.regimes import REGIMES

from stockex.core.batch.lean import LeanEngine
from stockex.core.batch.plain import PlainEngine
from stockex.core.matching.compiled import records
from stockex.core.matching.compiled.engine import Engine
from stockex.messages.executions import Rejected, Traded
from stockex.simulation.books import Book
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos

MESSAGES = 4_000


def drawn(name: str) -> Flow:
    """Return a short flow."""
    return draw(name, MESSAGES, seed=7)


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_depends_on_its_seed_only(name: str) -> None:
    """Drawn twice it is the same, byte for byte; another seed gives another flow."""
    assert drawn(name).commands.tobytes() == drawn(name).commands.tobytes()
    assert drawn(name).commands.tobytes() != draw(name, MESSAGES, seed=8).commands.tobytes()


@pytest.mark.parametrize("name", REGIMES)
def test_a_short_run_of_a_regime_is_the_beginning_of_a_long_one(name: str) -> None:
    """What is drawn first does not depend on how much is drawn."""
    assert draw(name, 500, seed=7).commands.tobytes() == drawn(name).commands[:500].tobytes()


@pytest.mark.parametrize("name", FLOWS)
def test_the_exchange_finds_what_the_crowd_counted(name: str) -> None:
    """Trades, their quantity, operations on dead orders and resting orders are the same; nothing else is refused."""
    found = drawn(name)
    exchange = plain.opened()
    traded, refused = [], []
    for row in found.commands:
        for fact in exchange.apply(plain.command_of(row), offset=int(row["offset"]), at=Nanos(row["at"])):
            if isinstance(fact, Traded):
                traded.append(fact.qty)
            elif isinstance(fact, Rejected):
                refused.append(fact.reason)
    assert set(refused) <= {RejectReason.UNKNOWN_ORDER}
    assert (len(traded), sum(traded)) == (found.counts.trades, found.counts.traded_qty)
    assert len(refused) == found.counts.stale
    assert len(list(exchange.desk.open_orders())) == found.counts.resting


@pytest.mark.parametrize("name", REGIMES)
def test_a_regime_has_the_shares_that_were_published(name: str) -> None:
    """15 % IOC, 20 % changes, 2 % aimed at dead orders, which are changes to a half."""
    counts = draw(name, 40_000, seed=7).counts
    assert 0.14 < counts.iocs / counts.messages < 0.16
    assert 0.20 < counts.replaces / counts.messages < 0.22
    assert 0.015 < counts.stale / counts.messages < 0.025
    assert counts.cancels > 0.8 * (counts.news - counts.iocs - counts.resting)


def test_the_moving_regimes_trade_more_and_rest_less_than_the_still_one() -> None:
    """The middle comes to the orders that nobody cancels."""
    found = {name: draw(name, 150_000, seed=7).counts for name in ("still", "crash")}
    assert found["crash"].trades > 10 * found["still"].trades
    assert found["crash"].resting < found["still"].resting
    assert found["crash"].lowest < found["still"].lowest / 1.5


def test_mix_a_only_adds_and_half_of_it_meets() -> None:
    """Buys and sells take turns at twenty prices."""
    found = drawn("A")
    assert found.commands["side"].tolist() == [0, 1] * (MESSAGES // 2)
    assert set(found.commands["price"].tolist()) == {price * TICK for price in range(1880, 1894)}
    assert 0.46 < found.counts.trades / MESSAGES < 0.53


def test_mix_b_moves_a_thousand_orders() -> None:
    """82 % moves, 9 % adds, 6 % cancels, 3 % IOC once the book is filled; some 6 % of it trades."""
    counts = draw("B", 41_000, seed=7).counts
    total = counts.messages - 1_000
    assert 0.81 < counts.replaces / total < 0.83
    assert 0.08 < (counts.news - counts.iocs - 1_000) / total < 0.10
    assert 0.05 < counts.cancels / total < 0.07
    assert 0.025 < counts.iocs / total < 0.035
    assert 0.05 < counts.trading / total < 0.07
    assert 990 <= counts.resting <= 1_000


def test_mix_c_cancels_any_order_dead_or_live() -> None:
    """25 % cancels, a good part of them too late, and 5 % market orders."""
    counts = drawn("C").counts
    assert 0.23 < counts.cancels / MESSAGES < 0.27
    assert 0.04 < counts.markets / MESSAGES < 0.06
    assert 0.05 < counts.stale / MESSAGES < 0.15


def test_plain_messages_say_the_same_as_the_records() -> None:
    """A message names its order, and a change names the side of the order that it means."""
    found = drawn("C")
    kinds = [message[0] for message in messages_of(found.commands)]
    assert (kinds.count(CANCEL), kinds.count(MARKET)) == (found.counts.cancels, found.counts.markets)
    mixed = list(islice(messages_of(drawn("normal").commands), 2_000))
    sides = {order: side for kind, order, side, _, _ in mixed if kind in {NEW, IOC}}
    changes = [message for message in mixed if message[0] == REPLACE]
    assert changes
    assert all(side == sides[order] and price > 0 and qty > 0 for _, order, side, price, qty in changes)


def test_the_numbers_of_the_records_are_those_of_the_enumerations() -> None:
    """A day order without self-trade prevention, in every flow."""
    first = drawn("A").commands[0]
    assert records.ORD_TYPES[first["ord_type"]] is OrdType.LIMIT
    assert records.TIFS[first["tif"]] is TimeInForce.DAY
    assert records.SELF_TRADES[first["self_trade"] - 1] is SelfTrade.ALLOW
    assert records.SIDES[first["side"]] is Side.BUY


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("engine", [Engine, LeanEngine])
@pytest.mark.parametrize("terms", [batch.Terms(), batch.Terms(levels=True, limited=True)])
def test_a_batch_finds_what_the_crowd_counted(name: str, engine: type[Engine | LeanEngine], terms: batch.Terms) -> None:
    """Trades, their quantity and resting orders are the same, whatever else the book is asked to do."""
    found = drawn(name)
    run = batch.measure(found, terms._replace(engine=engine))
    counts = found.counts
    assert (run["trades"], run["traded_qty"], run["resting"]) == (counts.trades, counts.traded_qty, counts.resting)


def test_one_fact_more_gives_another_hash() -> None:
    """All books hash the facts of a flow alike; the hash is of all of them."""
    found = drawn("normal")
    shorter = found._replace(commands=found.commands[:-1])
    hashes = {batch.digest(found, engine) for engine in (Engine, LeanEngine, PlainEngine)}
    assert len(hashes) == 1
    assert batch.digest(shorter, Engine) not in hashes


def test_lines_come_to_the_same_on_both_books() -> None:
    """The trades of a flow are those that it counted, and every line is the same."""
    found = drawn("normal")
    assert [lines.measure(found, reads=reads)["trades"] for reads in (False, True)] == 2 * [found.counts.trades]
    assert lines.digest(found, Book.PLAIN) == lines.digest(found, Book.COMPILED)


def test_the_orders_that_fill_many_books_rest() -> None:
    """None of them meets another: what the memory is measured with stands in the books."""
    commands = footprint.resting_orders(3_000)
    engine = Engine(is_open=True)
    for _ in range(footprint.SYMBOLS):
        engine.list_symbol(tick=batch.TICK)
    kinds = engine.run(commands).facts["kind"]
    assert (kinds == records.RESTED).sum() == len(commands)
