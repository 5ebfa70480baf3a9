"""What holds for the state of the exchange whatever it is asked."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from properties.exchange_commands import SETUP, at_of, commands, live, replay, thorough

from stockex.core.exchange import Exchange
from stockex.core.matching.order import Order
from stockex.core.snapshot import digest, dump, load
from stockex.errors import WireError
from stockex.messages.clearing import Deposited
from stockex.messages.executions import Quarantined, Rejected
from stockex.messages.orders import AnyCommand, ChangeSession, MassCancel, PassTime, SetRules
from stockex.simulation.fuzz import crossed
from stockex.vocabulary.enums import OrdType, Phase, SessionAction, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder


def state(exchange: Exchange) -> dict[str, object]:
    """Return all state of the exchange but its place in the log and in time."""
    fields: dict[str, object] = msgspec.json.decode(dump(exchange))
    return {name: value for name, value in fields.items() if name not in {"next_offset", "at"}}


@given(commands)
@thorough
def test_cash_and_shares_are_conserved(wanted: list[AnyCommand]) -> None:
    """All accounts together own what was deposited, to the unit, after every command, busts and corrections too."""
    cash, shares = 0, Counter[str]()
    for step in live(wanted):
        for fact in step.facts:
            if isinstance(fact, Deposited):
                cash += fact.cash
                shares[fact.symbol or ""] += fact.qty
        balances = step.exchange.desk.accounts.balances.values()
        owned = Counter[str]()
        for balance in balances:
            owned.update(balance.shares)
        assert sum(balance.cash for balance in balances) == cash
        assert {symbol: qty for symbol, qty in owned.items() if qty} == +shares


@given(commands)
@thorough
def test_nobody_overspends_or_oversells(wanted: list[AnyCommand]) -> None:
    """What open orders hold is at most what the account owns, in cash and in each symbol, and nothing if it owes."""
    for step in live(wanted):
        for balance in step.exchange.desk.accounts.balances.values():
            assert 0 <= balance.held_cash <= max(balance.cash, 0)
            symbols = {*balance.shares, *balance.held_shares}
            assert all(0 <= balance.held_shares.get(s, 0) <= max(balance.shares.get(s, 0), 0) for s in symbols)


def need_of(order: Order) -> int:
    """Return what an order needs by itself: cash to buy, shares to sell."""
    return order.leaves * (1 if order.side is Side.SELL else order.terms_limit or order.cap or 0)


@given(commands)
@thorough
def test_reservations_are_what_open_orders_need(wanted: list[AnyCommand]) -> None:
    """A buy holds its leaves times its limit or its cap, a sell its leaves, a pair what its dearer leg does."""
    for step in live(wanted):
        needs = Counter[tuple[str, str]]()
        orders = {order.order_id: order for order in step.exchange.desk.open_orders()}
        for order in orders.values():
            what = "cash" if order.side is Side.BUY else order.symbol
            if order.oco is None:
                needs[order.account, what] += need_of(order)
            elif order.order_id < order.oco:
                needs[order.account, what] += max(need_of(order), need_of(orders[order.oco]))
        held = Counter[tuple[str, str]]()
        for account, balance in step.exchange.desk.accounts.balances.items():
            held[account, "cash"] = balance.held_cash
            held.update({(account, symbol): qty for symbol, qty in balance.held_shares.items()})
        assert +held == needs


@given(commands)
@thorough
def test_who_is_killed_has_no_open_order(wanted: list[AnyCommand]) -> None:
    """Neither when the switch is turned on nor at any time until it is off (CTL-01, CTL-02)."""
    for step in live(wanted):
        kills = step.exchange.desk.kills
        assert not any(kills.stops(order.account) for order in step.exchange.desk.open_orders())


@given(commands)
@thorough
def test_no_open_order_is_lost(wanted: list[AnyCommand]) -> None:
    """Mass cancels of every account empty every book and release everything held."""
    *_, last = live(wanted)
    exchange = last.exchange
    accounts = exchange.desk.accounts.balances
    list(replay(exchange, [MassCancel(account=account) for account in accounts], since=exchange.next_offset))
    assert list(exchange.desk.open_orders()) == []
    assert exchange.desk.accounts.holds == {}


@given(commands)
@thorough
def test_a_book_is_never_crossed(wanted: list[AnyCommand]) -> None:
    """While orders trade continuously no two of them could trade: only a minimum or a common owner keeps any apart."""
    for step in live(wanted):
        for listing in step.exchange.desk.listings.values():
            if step.exchange.phase is Phase.CONTINUOUS is listing.phase:
                assert list(crossed(listing)) == []


@given(commands)
@thorough
def test_only_orders_that_may_rest_are_in_a_book(wanted: list[AnyCommand]) -> None:
    """No IOC or FOK order is in a book, a GFA order only in a call; over night only GTC and GTD stay."""
    for step in live(wanted):
        for listing in step.exchange.desk.listings.values():
            tifs = {order.tif for side in Side for order in listing.book.queue(side)}
            assert all(tif.rests for tif in tifs)
            assert (listing.resumes_to or listing.phase).gathers or TimeInForce.GFA not in tifs
        if step.exchange.phase is Phase.CLOSED:
            assert {order.tif for order in step.exchange.desk.open_orders()} <= {TimeInForce.GTC, TimeInForce.GTD}


@given(commands)
@thorough
def test_nothing_rests_without_a_price_by_chance(wanted: list[AnyCommand]) -> None:
    """Where market orders do not rest, an unpriced order is in a call, market-to-limit, or of other settings."""
    excused: set[int] = set()
    for step in live(wanted):
        for listing in step.exchange.desk.listings.values():
            if isinstance(step.command, SetRules):
                excused |= {order.order_id for side in Side for order in listing.book.queue(side)}
            phase = listing.resumes_to or listing.phase
            may_rest = listing.rules.market_remainder is MarketRemainder.RESTS_UNPRICED
            if phase.gathers or phase is Phase.CLOSED or may_rest:
                continue
            orders = [order for side in Side for order in listing.book.queue(side) if order.order_id not in excused]
            unpriced = {order.ord_type for order in orders if order.limit is None}
            assert unpriced <= {OrdType.MARKET_TO_LIMIT}


@given(commands)
@thorough
def test_a_replay_is_the_same_as_live(wanted: list[AnyCommand]) -> None:
    """The same commands give the same facts and the same digest."""
    first, second = list(live(wanted)), list(live(wanted))
    assert [step.facts for step in first] == [step.facts for step in second]
    assert digest(first[-1].exchange) == digest(second[-1].exchange)


@given(commands, st.integers(0, 200))
@thorough
def test_a_snapshot_and_the_tail_are_the_same_as_the_whole(wanted: list[AnyCommand], cut: int) -> None:
    """An exchange that was stored and read back goes on as if nothing had happened."""
    whole = [*SETUP, *wanted]
    cut = min(cut, len(whole))
    steps = list(replay(Exchange(), whole))
    head = Exchange()
    list(replay(head, whole[:cut]))
    restored = load(dump(head))
    tail = list(replay(restored, whole[cut:], since=cut))
    assert [step.facts for step in tail] == [step.facts for step in steps[cut:]]
    assert digest(restored) == digest(steps[-1].exchange)


@given(commands)
@thorough
def test_a_refused_command_changes_nothing(wanted: list[AnyCommand]) -> None:
    """Where a command is rejected, nothing else happens but what is due by its time, and the state is as before."""
    before = state(Exchange())
    for step in live(wanted):
        after = state(step.exchange)
        if any(isinstance(fact, Rejected) for fact in step.facts):
            *due, refusal = step.facts
            assert isinstance(refusal, Rejected)
            assert not any(isinstance(fact, Rejected) for fact in due)
            assert due or after == before
        before = after


@given(commands)
@thorough
def test_a_record_that_cannot_be_read_changes_nothing(wanted: list[AnyCommand]) -> None:
    """A quarantined record only takes its place in the log."""
    *_, last = live([*wanted, ChangeSession(action=SessionAction.END, account="OP")])
    last.exchange.apply(PassTime(), offset=last.exchange.next_offset, at=at_of(10_000))
    before = state(last.exchange)
    offset = last.exchange.next_offset
    facts = last.exchange.quarantine(WireError("nonsense"), offset=offset, at=at_of(offset))
    assert [type(fact) for fact in facts] == [Quarantined]
    assert state(last.exchange) == before
