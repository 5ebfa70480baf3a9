"""The explainer goes back to where it is asked to, and replays no more than it must."""

import asyncio
from collections.abc import Iterable

import pytest

from stockex.core.exchange import Exchange
from stockex.core.snapshot import dump
from stockex.errors import NothingThere, TooBusy, TooFarBack
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Record
from stockex.messages.orders import AnyCommand, Deposit
from stockex.messages.topics import Topic
from stockex.services import explainer as explaining
from stockex.services.explainer import Explainer, moment_of
from stockex.services.matcher import facts_of
from stockex.vocabulary.units import Cash, Nanos


def deposit(amount: int) -> AnyCommand:
    """Return a command that is told by its amount."""
    return Deposit(account="A", cash=Cash(amount * 10_000))


class Log:
    """Deposits of 0, 1, 2 ... euro, the exchange that has obeyed them, and which records were read."""

    def __init__(self, length: int) -> None:
        self.records = [
            Record(Topic.ORDERS, offset, Nanos(0), "", entry_of(deposit(offset)).value) for offset in range(length)
        ]
        self.read: list[int] = []
        self.exchange = Exchange()
        self.states = [dump(self.exchange)]
        for record in self.records:
            facts_of(self.exchange, record)
            self.states.append(dump(self.exchange))
        self.explainer = Explainer(self._since, lambda: self.exchange)

    def _since(self, offset: int) -> Iterable[Record]:
        for record in self.records[offset:]:
            self.read.append(record.offset)
            yield record

    async def told(self, offset: int) -> str:
        """Return the first sentence about the command at `offset`."""
        return (await self.explainer.explained(offset))[0].text


async def test_a_command_is_explained_from_the_beginning() -> None:
    """Every record before it is replayed, none after it."""
    log = Log(5)
    assert await log.told(3) == "A receives EUR 3.00 from outside."
    assert log.read == [0, 1, 2, 3]


async def test_a_command_is_explained_from_the_nearest_state_before_it() -> None:
    """One that was taken later is of no use."""
    log = Log(9)
    for offset in (2, 4, 7):
        log.explainer.keep(offset, log.states[offset])
    assert await log.told(5) == "A receives EUR 5.00 from outside."
    assert log.read == [4, 5]


async def test_what_was_explained_is_not_replayed_again() -> None:
    """As long as it is among the newest; then it is forgotten."""
    log = Log(40)
    await log.told(3)
    log.read.clear()
    await log.told(3)
    assert log.read == []
    for offset in range(10, 10 + explaining._MOMENTS_KEPT):
        await log.told(offset)
    log.read.clear()
    await log.told(3)
    assert log.read == [0, 1, 2, 3]


async def test_states_are_kept_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a neighbour of an old command is found at once."""
    monkeypatch.setattr(explaining, "_STEP", 4)
    log = Log(20)
    assert await log.told(14) == "A receives EUR 14.00 from outside."
    log.read.clear()
    await log.told(13)
    assert log.read == [12, 13]
    log.read.clear()
    await log.told(7)
    assert log.read == [4, 5, 6, 7]


def test_of_too_many_states_every_second_one_is_let_go() -> None:
    """The first and the newest stay."""
    log = Log(1)
    for offset in range(explaining.STATES_KEPT + 1):
        log.explainer.keep(offset, b"")
    log.explainer.keep(100, b"")
    assert sorted(log.explainer._states) == [*range(0, explaining.STATES_KEPT + 1, 2), 100]


async def test_too_long_a_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state nearby makes it short again."""
    monkeypatch.setattr(explaining, "FURTHEST", 3)
    log = Log(9)
    assert await log.told(3)
    with pytest.raises(TooFarBack, match="4 commands would have to be replayed, more than 3; `stockex explain 4`"):
        await log.told(4)
    log.explainer.keep(2, log.states[2])
    assert await log.told(4)
    assert log.read == [0, 1, 2, 3, 2, 3, 4]


async def test_what_has_not_happened_is_not_explained() -> None:
    """Nor what the log does not hold, though the engine has seen it."""
    log = Log(3)
    with pytest.raises(NothingThere, match="There is no command 3 yet"):
        await log.told(3)
    del log.records[2]
    with pytest.raises(NothingThere, match="The log has no command 2"):
        await log.told(2)


async def test_one_at_a_time_and_few_may_wait() -> None:
    """The fifth is refused while four wait; afterwards there is room again."""
    log = Log(9)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(log.told(offset)) for offset in range(1, 5)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy, match="try again in a moment"):
            await log.told(5)
    assert [task.result() for task in tasks] == [f"A receives EUR {offset}.00 from outside." for offset in range(1, 5)]
    assert await log.told(4)


def test_a_gap_in_the_log_is_no_command() -> None:
    """A log may leave offsets out."""
    log = Log(3)
    assert moment_of(Exchange(), [log.records[0], log.records[2]], offset=1) is None
    assert moment_of(Exchange(), [], offset=1) is None


async def test_a_record_that_is_no_command_is_explained_too() -> None:
    """It is passed over, and that is what is told."""
    log = Log(2)
    log.records[1] = Record(Topic.ORDERS, 1, Nanos(0), "", b"what?")
    assert (await log.told(1)).startswith("The record is no command")
