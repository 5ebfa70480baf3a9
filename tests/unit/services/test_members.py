"""The members that trade by themselves, on a real exchange without its shells."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from stockex.bus.memory import MemoryBus
from stockex.core.clearing.house import House
from stockex.core.exchange import Exchange
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.messages.clearing import Decision
from stockex.messages.codec import Message, decode_command, decode_record, topic_of
from stockex.messages.control import MemberLogin, MemberLogout
from stockex.messages.executions import Rejected
from stockex.messages.orders import (
    AnyCommand,
    ChangePhase,
    ChangeSession,
    Deposit,
    ListInstrument,
    MassCancel,
    NewOrder,
)
from stockex.messages.topics import Topic
from stockex.services.members import Members
from stockex.vocabulary.accounts import MARKET_MAKER, MEMBERS, START_CAPITAL
from stockex.vocabulary.enums import PhaseAction, SessionAction, Side, TimeInForce
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

SECOND = 1_000_000_000
ROUND = 10
"""How many turns make a round: one a member."""


def session(action: SessionAction) -> ChangeSession:
    """Return the operator's command."""
    return ChangeSession(action=action, account="OPERATOR")


def quote(side: Side, price: int, *, qty: int = 10_000) -> NewOrder:
    """Return an order of the market maker."""
    name = f"{side}-{price}"
    return NewOrder(account=MARKET_MAKER, cl_ord_id=name, symbol="NBG", side=side, qty=Shares(qty), limit=Price(price))


def purchase(account: str, *, qty: int, price: int) -> NewOrder:
    """Return an order that somebody places for a member by hand."""
    return NewOrder(
        account=account, cl_ord_id="by-hand", symbol="NBG", side=Side.BUY, qty=Shares(qty), limit=Price(price)
    )


class Floor:
    """An exchange with one quoted security, its projections, and the members' service on a log in memory."""

    def __init__(self, *, interval_s: float = 45.0) -> None:
        self.now = Nanos(1_000 * SECOND)
        self.bus = MemoryBus(lambda: self.now)
        self.exchange, self.market, self.house, self.blotter = Exchange(), Market(), House(), Blotter()
        self.members = Members(
            self.bus,
            self.market,
            self.house,
            self.blotter,
            clock=lambda: self.now,
            seed=7,
            interval_s=interval_s,
        )
        self.refused: list[Rejected] = []
        self._obeyed = 0
        self.obey(ListInstrument(symbol="NBG", tick=Price(100), reference=Price(180_500)))
        self.obey(*(Deposit(account=name, cash=START_CAPITAL) for name in MEMBERS))
        self.obey(Deposit(account=MARKET_MAKER, cash=Cash(10**13), symbol="NBG", qty=Shares(100_000)))

    def obey(self, *commands: AnyCommand) -> None:
        """Apply commands and show what became of them to the projections."""
        for command in commands:
            for fact in self.exchange.apply(command, offset=self.exchange.next_offset, at=self.now):
                self.show(fact)
                if isinstance(fact, Rejected):
                    self.refused.append(fact)

    def show(self, fact: Message) -> None:
        """Feed one fact to the projections that want its topic."""
        for projection in (self.market, self.house, self.blotter):
            if topic_of(fact) in projection.topics:
                projection.apply(fact)

    def open(self) -> None:
        """Start the day with a two-sided book."""
        self.obey(session(SessionAction.START), quote(Side.BUY, 180_400), quote(Side.SELL, 180_600))

    async def turns(self, count: int, *, seconds: float = 4.5) -> None:
        """Let time pass and the members look at the clock, `count` times, and obey what they ordered."""
        for _ in range(count):
            self.now = Nanos(self.now + int(seconds * SECOND))
            await self.members.step()
            records = await self.bus.last(Topic.ORDERS, 1_000)
            self.obey(*(decode_command(record.value) for record in records[self._obeyed :]))
            self._obeyed = len(records)

    async def orders(self) -> Sequence[Message]:
        """Return all that the members have ordered."""
        return [decode_record(record) for record in await self.bus.last(Topic.ORDERS, 1_000)]

    async def decisions(self) -> list[Decision]:
        """Return all that the members have decided."""
        messages = [decode_record(record) for record in await self.bus.last(Topic.DECISIONS, 1_000)]
        return [message for message in messages if isinstance(message, Decision)]


@pytest.fixture
def floor() -> Floor:
    """An exchange whose members have seen the day begin."""
    return Floor()


async def test_a_clock_that_is_set_back_stops_no_member() -> None:
    """The members go on within a turn, not when the clock shows again what it showed before."""
    floor = Floor()
    floor.open()
    await floor.turns(3)
    floor.now = Nanos(floor.now - 600 * SECOND)
    before = len(await floor.decisions())
    await floor.turns(2)
    assert len(await floor.decisions()) > before


async def test_nobody_acts_before_the_session(floor: Floor) -> None:
    """A closed market has no turns."""
    await floor.turns(2 * ROUND)
    assert await floor.decisions() == []


async def test_the_first_member_acts_three_seconds_after_the_start(floor: Floor) -> None:
    """A visitor sees trades soon, but the feeder may quote first."""
    floor.open()
    await floor.turns(1, seconds=0)
    await floor.turns(1, seconds=2.9)
    assert await floor.decisions() == []
    await floor.turns(1, seconds=0.1)
    assert [decision.account for decision in await floor.decisions()] == ["USR01"]


async def test_each_member_acts_once_an_interval_in_turn(floor: Floor) -> None:
    """One every tenth of the interval."""
    floor.open()
    await floor.turns(2 * ROUND + 1)
    assert tuple(decision.account for decision in await floor.decisions()) == MEMBERS * 2


async def test_turns_do_not_drift_when_the_clock_is_looked_at_late(floor: Floor) -> None:
    """A hundred looks a second apart cover 22 turns of 4.5 seconds, the first after three."""
    floor.open()
    await floor.turns(101, seconds=1)
    assert len(await floor.decisions()) == 22


async def test_a_late_service_does_not_make_up_for_lost_turns(floor: Floor) -> None:
    """After a minute's pause one member acts, not thirteen."""
    floor.open()
    await floor.turns(2)
    await floor.turns(1, seconds=60)
    await floor.turns(5, seconds=0.1)
    assert len(await floor.decisions()) == 3


async def test_a_decision_is_recorded_with_its_order(floor: Floor) -> None:
    """The first member owns nothing, so it buys at the ask; the decision names the order and says why."""
    floor.open()
    await floor.turns(2)
    (order,), (decision,) = await floor.orders(), await floor.decisions()
    assert isinstance(order, NewOrder)
    assert (order.account, order.side, order.limit, order.tif) == ("USR01", Side.BUY, 180_600, TimeInForce.DAY)
    assert (order.source, decision.source, decision.cl_ord_id) == ("CLRH", "rule", order.cl_ord_id)
    assert decision.text == f"no holdings: buy; {order.qty} NBG at the ask 18.06"


async def test_an_order_id_names_the_member_the_millisecond_and_a_number(floor: Floor) -> None:
    """So that it is unique over restarts."""
    floor.open()
    await floor.turns(2)
    assert [decision.cl_ord_id for decision in await floor.decisions()] == [f"USR01-{1_009_000}-1"]


async def test_a_member_that_a_person_has_taken_over_rests(floor: Floor) -> None:
    """Its turn passes; when the person leaves it acts again."""
    floor.open()
    floor.show(MemberLogin(member="USR02"))
    await floor.turns(ROUND + 1)
    assert "USR02" not in {decision.account for decision in await floor.decisions()}
    floor.show(MemberLogout(member="USR02"))
    await floor.turns(2)
    assert (await floor.decisions())[-1].account == "USR02"


async def test_nobody_acts_while_trading_is_suspended(floor: Floor) -> None:
    """Turns go on when trading does."""
    floor.open()
    await floor.turns(2)
    floor.obey(session(SessionAction.SUSPEND))
    await floor.turns(ROUND)
    assert len(await floor.decisions()) == 1
    floor.obey(session(SessionAction.RESUME))
    await floor.turns(2)
    assert [decision.account for decision in await floor.decisions()] == ["USR01", "USR02"]


@pytest.mark.parametrize(
    "to",
    [PhaseAction.PRE_OPEN, PhaseAction.CALL, PhaseAction.CLOSING_CALL, PhaseAction.TRADING_AT_LAST, PhaseAction.HALT],
)
async def test_members_trade_where_trading_is_continuous_only(floor: Floor, to: PhaseAction) -> None:
    """Elsewhere there is nothing to buy, and no order is refused."""
    floor.open()
    floor.obey(ChangePhase(to=to, symbol="NBG"))
    await floor.turns(ROUND)
    assert {type(order) for order in await floor.orders()} <= {MassCancel}
    assert (len(await floor.decisions()), floor.refused) == (ROUND - 1, [])


async def test_a_member_cancels_what_it_left_resting_before_it_acts(floor: Floor) -> None:
    """An order of an earlier round ties up nearly all cash; the cancel goes first, so the cash is free again."""
    floor.open()
    floor.obey(purchase("USR01", qty=5_540, price=180_300))
    await floor.turns(1)
    await floor.turns(1, seconds=40)
    assert [type(order) for order in await floor.orders()] == [MassCancel, NewOrder]
    assert (floor.blotter.reserved_cash("USR01"), floor.refused) == (0, [])


async def test_an_order_of_this_round_stays_and_its_cash_is_reserved(floor: Floor) -> None:
    """What a person placed just before leaving is not stale yet."""
    floor.open()
    floor.obey(purchase("USR01", qty=5_540, price=180_300))
    await floor.turns(2)
    assert await floor.orders() == []
    assert (await floor.decisions())[0].text == "no holdings: buy; 113.80 buys 10 shares at no ask: hold"


async def test_a_member_that_holds_orders_nothing_and_says_why(floor: Floor) -> None:
    """With an empty book there is nothing to buy."""
    floor.obey(session(SessionAction.START))
    await floor.turns(2)
    (decision,) = await floor.decisions()
    assert (await floor.orders(), decision.cl_ord_id) == ([], None)
    assert decision.text == "no holdings: buy; 100000.00 buys 10 shares at no ask: hold"


async def test_an_hour_of_members_keeps_the_books_and_meets_the_obligation(floor: Floor) -> None:
    """Nobody is refused for lack of cash or shares, and all have traded."""
    floor.open()
    await floor.turns(80 * ROUND)
    assert floor.refused == []
    floor.house.totals()
    rows = floor.house.leaderboard(mark=floor.market.mark)
    assert all(row.obligation_met for row in rows)
    assert all(row.sell_count > 0 for row in rows)


async def test_the_same_seed_gives_the_same_decisions() -> None:
    """Chance comes from the seed alone."""
    first, second = Floor(), Floor()
    for floor in (first, second):
        floor.open()
        await floor.turns(3 * ROUND)
    assert await first.decisions() == await second.decisions()


async def test_serving_takes_turns_until_it_is_cancelled() -> None:
    """The loop looks at the clock by itself."""
    floor = Floor(interval_s=0.01)
    floor.open()
    seconds = count(1_000)
    floor.members.clock = lambda: Nanos(next(seconds) * SECOND)
    serving = asyncio.create_task(floor.members.serve())
    async with asyncio.timeout(10):
        batch = await anext(floor.bus.read({Topic.DECISIONS: 0}))
    assert len(batch) == 1
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
