"""Laws of clearing that hold for any trades, deposits and days."""

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from unit.core.clearing.clearing_facts import busted, corrected, deposited, listed, started, stopped, trade

from stockex.core.clearing.house import House
from stockex.core.clearing.valuation import NOTHING_RESERVED
from stockex.messages.codec import Message
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.vocabulary.accounts import MEMBERS

ACCOUNTS = ("USR01", "USR02", "CLIENT1", "MDF")
SYMBOLS = ("AEG", "NBG")


class Step(NamedTuple):
    """One thing that may happen; `first` and `second` are places in ACCOUNTS, `size` a quantity or an amount."""

    kind: str
    first: int
    second: int
    symbol: str
    size: int
    price: int


steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["trade", "trade", "trade", "deposit", "shares", "day", "bust", "correct"]),
        first=st.integers(0, 3),
        second=st.integers(0, 3),
        symbol=st.sampled_from(SYMBOLS),
        size=st.integers(1, 1_000),
        price=st.integers(1, 100_000),
    ),
    max_size=40,
)
marks = st.fixed_dictionaries({symbol: st.integers(0, 200_000) for symbol in SYMBOLS})


def facts_of(script: list[Step]) -> list[Message]:
    """Return facts that an engine could have written: nobody sells what he has not; `first` is a trade to undo."""
    held = {(account, symbol): 0 for account in ACCOUNTS for symbol in SYMBOLS}
    done: list[Trade] = []
    facts: list[Message] = [listed(0, "AEG", reference=333), listed(1, "NBG", reference=10_007)]
    for n, step in enumerate(script, start=2):
        buyer, seller = ACCOUNTS[step.first], ACCOUNTS[step.second]
        qty = max(min(step.size, held[seller, step.symbol]), 0)
        if step.kind in {"bust", "correct"}:
            if done:
                fact = undone(n, step, done)
                facts.append(fact)
                returned = fact.qty if isinstance(fact, Bust) else fact.old_qty - fact.qty
                held[fact.buy_member, fact.symbol] -= returned
                held[fact.sell_member, fact.symbol] += returned
        elif step.kind == "deposit":
            facts.append(deposited(n, buyer, cash=step.size))
        elif step.kind == "day":
            facts += [stopped(n, n, **{step.symbol: step.price}), started(n, n + 1, **{step.symbol: step.price})]
        elif step.kind == "shares" or qty == 0:
            facts.append(deposited(n, buyer, cash=step.price, symbol=step.symbol, qty=step.size))
            held[buyer, step.symbol] += step.size
        else:
            done.append(trade(n, f"{buyer}<{seller}", qty=qty, price=step.price, symbol=step.symbol))
            facts.append(done[-1])
            held[buyer, step.symbol] += qty
            held[seller, step.symbol] -= qty
    return facts


def undone(n: int, step: Step, done: list[Trade]) -> Bust | Correction:
    """Return the bust or the correction of one of the trades, and note in `done` what is left of it."""
    place = (step.first * 4 + step.second) % len(done)
    if step.kind == "bust":
        return busted(n, done.pop(place))
    fact = corrected(n, done[place], qty=min(step.size, done[place].qty), price=step.price)
    done[place] = replace(done[place], qty=fact.qty, price=fact.price)
    return fact


def house_after(facts: list[Message], *, each: Callable[[House], object] = bool) -> House:
    """Return a house that has seen the facts; `each` looks at it after every one."""
    house = House()
    for fact in facts:
        house.apply(fact)
        each(house)
    return house


@given(steps)
def test_cash_and_shares_sum_to_zero_after_every_fact(script: list[Step]) -> None:
    """Nothing is made or lost, to the unit (CLR-02)."""
    house_after(facts_of(script), each=House.totals)


@given(steps, marks)
def test_profit_is_realised_plus_unrealised_at_any_mark(script: list[Step], mark: dict[str, int]) -> None:
    """Total value less what was contributed, exactly, whatever was divided on the way (CLR-06)."""
    house = house_after(facts_of(script))
    for account in ACCOUNTS:
        portfolio = house.portfolio(account, mark=mark.__getitem__, reserved=NOTHING_RESERVED)
        unrealised = sum(holding.unrealised for holding in portfolio.holdings)
        assert portfolio.pnl == portfolio.realised + unrealised


@given(steps)
def test_a_basis_has_the_sign_of_its_position_and_goes_with_the_last_share(script: list[Step]) -> None:
    """What shares cost is on them and nowhere else, and what owed ones brought is on those (CLR-03, CLR-10)."""
    house = house_after(facts_of(script))
    positions = [each for standing in house._state.standings.values() for each in standing.positions.values()]
    assert all(position.qty * position.basis >= 0 and position.qty != 0 for position in positions)


@given(steps, marks)
def test_settling_changes_nothing_and_repeats_itself(script: list[Step], closes: dict[str, int]) -> None:
    """Asked twice it gives the same ten facts, which, fed twice, are kept once (CLR-08, CLR-09)."""
    house, stop = house_after(facts_of(script)), stopped(1_000, 1_000, **closes)
    before, settled = house.dump(), house.settle(stop)
    assert (house.dump(), house.settle(stop)) == (before, settled)
    for fact in settled * 2:
        house.apply(fact)
    assert [house.settlements(account) for account in MEMBERS] == [[fact] for fact in settled]


@given(steps, st.integers(0, 40))
def test_a_house_loaded_from_its_dump_goes_on_as_the_first(script: list[Step], cut: int) -> None:
    """A checkpoint anywhere changes nothing."""
    facts = facts_of(script)
    loaded = House.load(house_after(facts[:cut]).dump())
    for fact in facts[cut:]:
        loaded.apply(fact)
    assert loaded.dump() == house_after(facts).dump()


@given(steps)
def test_all_trades_busted_leave_nothing_but_the_deposits(script: list[Step]) -> None:
    """Money and shares are as if nobody had ever traded, whatever was corrected before (CLR-10)."""
    facts = facts_of(script)
    left = {fact.trade_id: fact for fact in facts if isinstance(fact, Trade)}
    for fact in facts:
        if isinstance(fact, Bust):
            del left[fact.trade_id]
        elif isinstance(fact, Correction):
            left[fact.trade_id] = replace(left[fact.trade_id], qty=fact.qty, price=fact.price)
    house = house_after([*facts, *(busted(1_000 + n, done) for n, done in enumerate(left.values()))])
    untouched = house_after([fact for fact in facts if not isinstance(fact, Trade | Bust | Correction)])
    for account in ACCOUNTS:
        assert house.cash(account) == untouched.cash(account)
        assert [house.shares(account, symbol) for symbol in SYMBOLS] == [
            untouched.shares(account, symbol) for symbol in SYMBOLS
        ]
    house.totals()


@given(steps)
def test_facts_fed_twice_count_once(script: list[Step]) -> None:
    """Every cause is booked once (CLR-09)."""
    facts = facts_of(script)
    assert house_after([fact for fact in facts for _ in range(2)]).dump() == house_after(facts).dump()
