"""The settlement of a day (CLR-08)."""

from msgspec.structs import replace
from unit.core.clearing.clearing_facts import deposited, listed, started, stopped, trade

from stockex.core.clearing.house import House
from stockex.messages.clearing import DaySettled
from stockex.messages.codec import Message
from stockex.vocabulary.accounts import MEMBERS

DAY_ONE: tuple[Message, ...] = (
    listed(0, reference=1_000),
    deposited(1, "USR01", cash=100_000),
    deposited(2, "MDF", cash=1_000_000, symbol="NBG", qty=500),
    started(3, NBG=1_000),
    trade(4, "USR01<MDF", qty=30, price=1_000),
    trade(5, "MDF<USR01", qty=10, price=1_200),
)
STOP_ONE = stopped(6, NBG=1_100)
DAY_TWO: tuple[Message, ...] = (started(7, 2, NBG=1_100), trade(8, "MDF<USR01", qty=5, price=900))
STOP_TWO = stopped(9, 2, NBG=1_000)


def house_after(*facts: Message) -> House:
    """Return a house that has seen these facts."""
    house = House()
    for fact in facts:
        house.apply(fact)
    return house


def settled_first_day() -> DaySettled:
    """Return USR01's settlement of the first day."""
    return house_after(*DAY_ONE, STOP_ONE).settle(STOP_ONE)[0]


def settled_second_day() -> DaySettled:
    """Return USR01's settlement of the second day."""
    return house_after(*DAY_ONE, STOP_ONE, *DAY_TWO, STOP_TWO).settle(STOP_TWO)[0]


def test_each_member_is_settled_once_and_in_order() -> None:
    """Ten facts, one a member, each with its own place behind the stop."""
    stop = replace(STOP_ONE, index=4)
    facts = house_after(*DAY_ONE, stop).settle(stop)
    assert tuple(fact.account for fact in facts) == MEMBERS
    assert [(fact.offset, fact.index, fact.day) for fact in facts] == [(6, place, 1) for place in range(5, 15)]


def test_the_day_is_settled_at_its_closes() -> None:
    """Thirty bought at 1,000, ten sold at 1,200, twenty left at 1,100."""
    fact = settled_first_day()
    assert (fact.opening_capital, fact.closing_capital) == (100_000, 104_000)
    assert (fact.realised, fact.unrealised) == (2_000, 2_000)
    assert (fact.traded, fact.obligation_met) == (40, True)


def test_a_day_opens_with_what_the_day_before_closed_with() -> None:
    """The seed wrote 100,000 as every day's opening."""
    assert settled_second_day().opening_capital == settled_first_day().closing_capital


def test_a_day_opens_at_its_own_reference_prices() -> None:
    """The start says what they are."""
    house = house_after(*DAY_ONE, STOP_ONE, started(7, 2, NBG=1_150))
    assert house.settle(STOP_TWO)[0].opening_capital == 82_000 + 20 * 1_150


def test_realised_profit_is_the_days_own() -> None:
    """Five sold at 900 that cost 1,000 lose 500 today, whatever yesterday earned."""
    fact = settled_second_day()
    assert (fact.realised, fact.unrealised) == (-500, 0)
    assert (fact.traded, fact.obligation_met) == (5, False)


def test_a_trade_after_the_stop_is_not_in_it() -> None:
    """Settling looks at the house as it is: ask before the next day trades."""
    house = house_after(*DAY_ONE, STOP_ONE)
    before = house.settle(STOP_ONE)
    for fact in DAY_TWO:
        house.apply(fact)
    assert house.settle(STOP_ONE) != before


def test_a_stop_that_the_house_has_not_applied_settles_the_same() -> None:
    """The closes are in the stop itself."""
    assert house_after(*DAY_ONE).settle(STOP_ONE) == house_after(*DAY_ONE, STOP_ONE).settle(STOP_ONE)


def test_settlements_are_kept_newest_first() -> None:
    """Each member can look back at its days."""
    house = house_after(*DAY_ONE, STOP_ONE)
    first, second = settled_first_day(), settled_second_day()
    house.apply(first)
    house.apply(second)
    assert house.settlements("USR01") == [second, first]
    assert house.settlements("USR02") == []


def test_a_settlement_fed_twice_is_kept_once() -> None:
    """A day has one settlement."""
    house = house_after(settled_first_day(), settled_first_day())
    assert house.settlements("USR01") == [settled_first_day()]
