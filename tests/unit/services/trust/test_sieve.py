"""A reader believes what the exchange wrote, and counts everything else with its reason."""

import asyncio

import pytest
from msgspec.structs import replace
from unit.core.market_data.market_facts import listed, started, trade

from stockex.bus.memory import MemoryBus
from stockex.messages.clearing import Decision
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.executions import Quarantined
from stockex.messages.topics import Topic
from stockex.services.trust.sieve import Sieve, followed
from stockex.services.trust.unfit import UNFIT_NOTES, Unfit
from stockex.vocabulary.units import Nanos

ALL = tuple(Topic)
AT = Nanos(0)
NOTED = Decision(account="USR01", at=AT, source="rule", text="held")

UNFIT_VALUES = [
    (Topic.TRADES, b"", Unfit.NOT_JSON),
    (Topic.TRADES, b"{", Unfit.NOT_JSON),
    (Topic.TRADES, b"nonsense", Unfit.NOT_JSON),
    (Topic.TRADES, b"[1]", Unfit.NOT_JSON),
    (Topic.TRADES, b"\xff\xfe\xfd", Unfit.NOT_JSON),
    (Topic.TRADES, b'{"type":"\xff"}', Unfit.NOT_UTF8),
    (Topic.TRADES, b'{"a":' * 5_000, Unfit.NESTED_TOO_DEEPLY),
    (Topic.TRADES, b"{}", Unfit.UNKNOWN_TYPE),
    (Topic.TRADES, b'{"type":"accepted"}', Unfit.UNKNOWN_TYPE),
    (Topic.CONTROL, b'{"action":7}', Unfit.UNKNOWN_TYPE),
    (Topic.TRADES, b'{"type":"trade"}', Unfit.BAD_FIELD),
    (Topic.LEDGER, b'{"type":"deposited","offset":0,"index":0,"timestamp":1e308}', Unfit.BAD_FIELD),
    (Topic.LEDGER, b'{"type":"deposited","offset":%s}' % (b"9" * 400), Unfit.BAD_FIELD),
    (Topic.AI_INSIGHTS, b'{"type":"note"}', Unfit.UNKNOWN_TYPE),
]


def record(message: Message, *, is_ours: bool = True, key: str | None = None) -> Record:
    """Return the message as a record of its topic."""
    entry = entry_of(message)
    return Record(entry.topic, 0, AT, entry.key if key is None else key, entry.value, is_ours)


def command(offset: int) -> Record:
    """Return a record of `orders`."""
    return Record(Topic.ORDERS, offset, AT, "", b"")


@pytest.fixture
def sieve() -> Sieve:
    """Return one that knows of ten commands, not of their times, and that NBG is listed."""
    sieve = Sieve(ALL)
    sieve.seen.commands = 10
    assert sieve.read(record(listed())) == listed()
    return sieve


@pytest.mark.parametrize(("topic", "value", "why"), UNFIT_VALUES)
def test_what_is_no_message_is_counted_with_its_reason(sieve: Sieve, topic: Topic, value: bytes, why: Unfit) -> None:
    """It is passed over, whatever it is."""
    assert sieve.read(Record(topic, 3, AT, "", value)) is None
    assert sieve.tally.counts == {topic: {why: 1}}


def test_a_fact_of_the_exchange_is_believed_once(sieve: Sieve) -> None:
    """The same record again, or one from before, is told already."""
    assert sieve.read(record(trade(5, price=1))) is not None
    assert sieve.read(record(trade(5, price=1))) is None
    assert sieve.read(record(trade(4, price=1))) is None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.TOLD_BEFORE: 2}}


def test_a_fact_of_a_command_that_is_not_there_yet_does_not_keep_out_the_real_ones(sieve: Sieve) -> None:
    """A forged trade of command 10 is passed over, and when that command comes its own trade is believed."""
    assert sieve.read(record(trade(10, price=1))) is None
    assert sieve.read(record(trade(-1, price=1))) is None
    sieve.read(replace(command(10), at=Nanos(5_000_000_000)))
    assert sieve.read(record(trade(10, price=2))) is not None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.NO_SUCH_COMMAND: 2}}


def test_a_fact_has_the_time_of_its_command(sieve: Sieve) -> None:
    """So nobody can tell beforehand what a command to come will cause. Time never goes back."""
    sieve.read(replace(command(10), at=Nanos(7_000_000_000)))
    sieve.read(replace(command(11), at=Nanos(6_000_000_000)))
    assert sieve.read(record(trade(10, price=1, at=6))) is None
    assert sieve.read(record(trade(10, price=1, at=7))) is not None
    assert sieve.read(record(trade(11, price=1, at=6))) is None
    assert sieve.read(record(trade(11, price=1, at=7))) is not None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.WRONG_TIME: 2}}


def test_the_times_of_commands_that_have_their_facts_are_forgotten() -> None:
    """Ten thousand commands, each followed by its fact, leave a few."""
    sieve = Sieve(ALL)
    for number in range(10_000):
        sieve.read(command(number))
        fact = Quarantined(offset=number, index=0, at=AT, field_name="", text="")
        assert sieve.read(record(fact)) is not None
    assert len(sieve.seen.times) < 2_500


def test_a_fact_is_numbered_from_0(sieve: Sieve) -> None:
    """What has another number is none."""
    assert sieve.read(record(replace(trade(5, price=1), index=-1))) is None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.BAD_FIELD: 1}}


def test_a_key_that_does_not_fit_is_no_key(sieve: Sieve) -> None:
    """Facts about one symbol have it as key, those about none have an empty one."""
    assert sieve.read(record(trade(5, price=1), key="ALPHA")) is None
    assert sieve.read(record(started(), key="NBG")) is None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.WRONG_KEY: 1}, Topic.CONTROL: {Unfit.WRONG_KEY: 1}}


def test_a_symbol_that_was_never_listed_has_no_facts(sieve: Sieve) -> None:
    """They would fill the views with what does not exist."""
    assert sieve.read(record(trade(5, symbol="NONE", price=1))) is None
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.UNKNOWN_SYMBOL: 1}}


def test_among_facts_only_the_exchange_is_believed_elsewhere_anybody(sieve: Sieve) -> None:
    """A stranger's trade is none; a decision may come from a program of others."""
    assert sieve.read(record(trade(5, price=1), is_ours=False)) is None
    assert sieve.read(record(NOTED, is_ours=False)) == NOTED
    assert sieve.tally.counts == {Topic.TRADES: {Unfit.NOT_OURS: 1}}


def test_what_the_engine_quarantined_counts_for_orders(sieve: Sieve) -> None:
    """The fact says why the command could not be read."""
    fact = Quarantined(offset=7, index=0, at=AT, field_name="", text="JSON is malformed: invalid character (byte 0)")
    assert sieve.read(record(fact)) == fact
    assert sieve.tally.counts == {Topic.ORDERS: {Unfit.NOT_JSON: 1}}


def test_a_hundred_thousand_records_are_a_few_lines(sieve: Sieve, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each power of ten."""
    for _ in range(100_000):
        sieve.tally.add(Topic.BOOK, Unfit.NOT_JSON, offset=1)
    assert capsys.readouterr().out.count("records_passed_over") == 6
    assert sieve.tally.total == 100_000


async def test_commands_that_are_not_kept_any_more_were_there() -> None:
    """A reader begins where `orders` begins, and believes facts of commands before."""
    bus = MemoryBus(lambda: AT)
    await bus.append([Entry(Topic.ORDERS, "", b"")] * 10)
    await bus.append([entry_of(listed()), entry_of(trade(5, price=1))])
    await bus.cut(Topic.ORDERS, 8)
    sieve, found = Sieve(ALL), list[Message]()
    wanted = (Topic.ORDERS, Topic.CONTROL, Topic.TRADES)
    async with asyncio.timeout(5):
        async for batch in followed(bus, dict.fromkeys(wanted, 0), sieve=sieve):
            found += [message for each in batch if (message := sieve.read(each)) is not None]
            if len(found) == 2:
                break
    assert sieve.tally.total == 0


def test_every_reason_is_explained() -> None:
    """For the reference page."""
    assert UNFIT_NOTES.keys() == set(Unfit)
