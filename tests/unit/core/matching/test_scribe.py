"""The scribe numbers facts, fills their cause in and tells each at once."""

from unit.core.matching.resting import order

from stockex.core.matching.scribe import Scribe
from stockex.messages.codec import Fact
from stockex.messages.control import Resumed, Suspended
from stockex.messages.executions import Expired, Fill, Traded
from stockex.messages.market_data import Trade
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, Price, Shares


def test_facts_carry_their_cause_and_number() -> None:
    """Offset and time are the command's, the index counts from 0."""
    scribe = Scribe(7, Nanos(1_000), note=lambda _fact: None)
    scribe.write(Suspended)
    scribe.write(Resumed)
    assert scribe.facts == [
        Suspended(offset=7, index=0, at=Nanos(1_000)),
        Resumed(offset=7, index=1, at=Nanos(1_000)),
    ]


def test_each_fact_is_told_as_it_is_written() -> None:
    """Whoever is told sees every fact once, in order."""
    told: list[Fact] = []
    scribe = Scribe(7, Nanos(0), note=told.append)
    scribe.write(Suspended)
    assert told == scribe.facts
    scribe.write(Resumed)
    assert told == scribe.facts


def test_a_trade_is_written_for_the_owners_and_for_the_tape() -> None:
    """At the price that it is given; buyer and seller are told apart by side."""
    buy, sell = order(3, Side.BUY, qty=5, at=120, account="B"), order(1, Side.SELL, qty=0, at=100)
    buy.cum, sell.cum = 10, 30
    scribe = Scribe(3, Nanos(7), note=lambda _fact: None)
    scribe.traded(buy, sell, qty=10, price=Price(100))
    assert scribe.facts == [
        Traded(
            offset=3,
            index=0,
            at=Nanos(7),
            trade_id="3-0",
            symbol="ALPHA",
            price=Price(100),
            qty=Shares(10),
            aggressor=Side.BUY,
            buy=Fill(order_id=3, account="B", cl_ord_id="o3", leaves=Shares(5), cum=Shares(10)),
            sell=Fill(order_id=1, account="A", cl_ord_id="o1", leaves=Shares(0), cum=Shares(30)),
        ),
        Trade(
            offset=3,
            index=1,
            at=Nanos(7),
            trade_id="3-0",
            symbol="ALPHA",
            price=Price(100),
            qty=Shares(10),
            aggressor=Side.BUY,
            buy_id="o3",
            sell_id="o1",
            buy_member="B",
            sell_member="A",
        ),
    ]


def test_a_fact_about_an_order_names_it_and_its_cause() -> None:
    """Whose it is, what it is called, and which command did it."""
    scribe = Scribe(3, Nanos(7), note=lambda _fact: None)
    scribe.write_of(order(1, Side.SELL, qty=4, at=100), Expired, qty=Shares(4), cum=Shares(6))
    assert scribe.facts == [
        Expired(
            offset=3,
            index=0,
            at=Nanos(7),
            order_id=1,
            account="A",
            cl_ord_id="o1",
            symbol="ALPHA",
            side=Side.SELL,
            qty=Shares(4),
            cum=Shares(6),
        )
    ]
