"""The gateway alone, on a log that nobody or somebody obeys."""

import pytest
from web.floor import Clock, Floor

from stockex.bus.memory import MemoryBus
from stockex.core.dice import Dice
from stockex.errors import LogClosed
from stockex.messages.codec import Message
from stockex.messages.envelope import Record
from stockex.messages.executions import MassCancelled
from stockex.messages.orders import MassCancel, NewOrder
from stockex.messages.topics import Topic
from stockex.simulation.world.loop import WorldLoop
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, Price, Shares
from stockex.web.gateway import OUTCOMES_KEPT, Gateway
from stockex.web.replies import Problem

CANCEL = MassCancel(account="USR01")


def cancelled(offset: int) -> tuple[Record, Message]:
    """Return the fact that the mass cancel at `offset` was obeyed."""
    fact = MassCancelled(offset=offset, index=0, at=Nanos(0), account="USR01", symbol=None, side=None, count=0)
    return Record(Topic.EXECUTIONS, offset, Nanos(0), "", b""), fact


async def test_facts_that_come_before_the_offset_are_not_lost() -> None:
    """A recorder may be faster than the append that caused the facts."""
    gateway = Gateway(MemoryBus(Clock()))
    gateway.hear([cancelled(0)])
    outcome = await gateway.submit(CANCEL)
    assert (outcome.offset, len(outcome.facts)) == (0, 1)


async def test_only_the_newest_outcomes_are_kept() -> None:
    """Memory stays bounded however many commands others send."""
    gateway = Gateway(MemoryBus(Clock()))
    gateway.hear([cancelled(offset) for offset in range(2 * OUTCOMES_KEPT)])
    assert len(gateway._known) == OUTCOMES_KEPT


async def test_an_outcome_that_does_not_come_is_said_to_be_unknown() -> None:
    """The client is told that its order is in the log, and by which id to ask for it; nobody waits for ever."""
    gateway = Gateway(MemoryBus(Clock()), wait_s=0.001)
    order = NewOrder(
        account="USR01", cl_ord_id="mine", symbol="ALPHA", side=Side.BUY, qty=Shares(1), limit=Price(249_000)
    )
    with pytest.raises(Problem, match=r"outcome unknown.*mine") as caught:
        await gateway.submit(order)
    assert caught.value.status == 503
    assert gateway._waiting == {}


def test_many_commands_wait_no_longer_than_one() -> None:
    """A request of fifty commands that nobody obeys is answered after the wait, and not after fifty of them."""
    loop = WorldLoop(Dice(1))

    async def main() -> None:
        answers = await Gateway(MemoryBus(Clock()), wait_s=5).submit_all([CANCEL] * 50)
        assert [answer.status for answer in answers if isinstance(answer, Problem)] == [503] * 50

    assert loop.run(main()) is None
    assert loop.time() == 5


async def test_a_log_that_takes_nothing_is_503(floor: Floor) -> None:
    """When the log is closed, a client learns that nothing was done."""
    await floor.bus.close()
    response = await floor.place("USR01", "buy 1 ALPHA 24.90")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["error"]["reason"] == "LOG_UNAVAILABLE"


async def test_a_closed_log_is_an_error_of_the_log() -> None:
    """The gateway itself passes the log's refusal on."""
    bus = MemoryBus(Clock())
    await bus.close()
    with pytest.raises(LogClosed):
        await Gateway(bus).submit(CANCEL)
