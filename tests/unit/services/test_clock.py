"""The clock speaks when something is due and nobody else does."""

from msgspec.structs import replace
from scenarios.notation import command_of

from stockex.bus.memory import MemoryBus
from stockex.core.exchange import Exchange
from stockex.messages.codec import decode_record
from stockex.messages.executions import Expired
from stockex.messages.orders import PassTime
from stockex.messages.topics import Topic
from stockex.services.clock import SOURCE, Clock
from stockex.services.matcher import facts_of
from stockex.vocabulary.units import Nanos

LINES = (
    "list ALPHA tick 0.01 reference 25.00",
    "A deposit cash 5000.00",
    "start",
    "A1 buy 10 @ 25.00 GTD until 60",
)


async def test_an_order_expires_in_a_quiet_market() -> None:
    """Before its instant the clock is silent, at it one record lets the order end, and then it is silent again."""
    now = Nanos(0)
    bus, exchange = MemoryBus(clock=lambda: now), Exchange()
    for offset, line in enumerate(LINES):
        exchange.apply(command_of(line), offset=offset, at=now)
    expired: list[Expired] = []

    async def obey(offset: int) -> None:
        [record] = await bus.last(Topic.ORDERS, 1)
        command = decode_record(record)
        assert isinstance(command, PassTime)
        assert command.source == SOURCE
        assert record.offset == offset
        facts = facts_of(exchange, replace(record, offset=exchange.next_offset))
        expired.extend(fact for fact in facts if isinstance(fact, Expired))

    clock = Clock(bus, due=lambda: exchange.due, reached=obey, clock=lambda: now)
    assert not await clock.look()
    now = Nanos(60 * 10**9)
    assert await clock.look()
    assert [fact.cl_ord_id for fact in expired] == ["A1"]
    assert not await clock.look()
