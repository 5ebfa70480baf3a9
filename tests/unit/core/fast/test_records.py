"""Records of the log on two books: what stands in them, the log's offsets and times, and what a snapshot says."""

from collections.abc import Sequence
from random import Random

import pytest
from properties.exchange_commands import SETUP, script
from scenarios.notation import command_of

from stockex.core.exchange import Exchange
from stockex.core.fast.exchange import FastExchange
from stockex.core.snapshot import digest, dump, load
from stockex.messages.codec import encode, entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.orders import AnyCommand, CancelOrders, Disconnected, KillSwitch, MassCancel
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.simulation.authors.common_command import common_script
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos

MIXED = 5
"""One command in so many may be a rare one."""


def journal(commands: Sequence[AnyCommand], seed: int) -> list[Record]:
    """Return records with gaps between them, at any nanosecond; some name a time of their own, some are spoilt."""
    dice, records = Random(seed), list[Record]()
    offset, at = dice.randrange(3), 1_700_000_000_000_000_000
    for place, command in enumerate([*SETUP, *commands]):
        value = encode(command)
        if place >= len(SETUP):
            value = spoilt(value, dice) if dice.randrange(20) == 0 else value
            value = value[:-1] + b',"timestamp":%d.25}' % dice.randrange(10**9) if dice.randrange(9) == 0 else value
        records.append(Record(Topic.ORDERS, offset, Nanos(at), "", value))
        offset, at = offset + dice.choice((1, 1, 1, 2, 9)), at + dice.choice((0, 1, 999, 10**6 + 1, 10**9))
    return records


def spoilt(value: bytes, dice: Random) -> bytes:
    """Return the value on several lines, or something that is no command."""
    on_lines = value.replace(b",", b",\n ")
    return dice.choice(
        (b"", b" ", b"\n", b" \r\n\t", b"\n" + value, on_lines, value + b"\n", value[:-2], b"[]", b"\x00")
    )


def told(exchange: Exchange, records: Sequence[Record]) -> list[list[Entry]]:
    """Return what each record causes on the plain book."""
    return [[entry_of(fact) for fact in facts_of(exchange, record)] for record in records]


def cut(records: Sequence[Record], seed: int) -> list[Sequence[Record]]:
    """Return the records in batches of any size."""
    dice, start, found = Random(seed), 0, []
    while start < len(records):
        size = dice.choice((0, 1, 2, 7, 100))
        found.append(records[start : start + size])
        start += size
    return found


@pytest.mark.parametrize("seed", range(6))
def test_records_cause_the_entries_of_the_plain_book(seed: int) -> None:
    """Topic, key and value, for each record; and a snapshot in between is the same, while nothing moves."""
    records = journal([*common_script(seed, 600, rare=40), *script(seed, 100)], seed)
    plain, fast = Exchange(), FastExchange()
    for batch in cut(records, seed):
        assert list(fast.entries(batch)) == told(plain, batch)
        before = fast.routes()
        assert fast.dump() == dump(plain)
        assert (fast.routes(), fast.next_offset, fast.due) == (before, plain.next_offset, plain.due)
    assert sum(route.compiled for route in fast.routes()) > 100


@pytest.mark.parametrize("seed", range(6))
def test_an_exchange_may_go_over_to_two_books_at_any_command(seed: int) -> None:
    """From a running plain one, or from a snapshot of either; all later entries and the state are the same."""
    dice = Random(seed)
    records = journal([*script(seed, 150), *common_script(seed, 500, rare=MIXED * 8)], seed)
    plain, fast = Exchange(), FastExchange()
    for place in sorted({dice.randrange(len(records)) for _ in range(4)} | {len(SETUP)}):
        batch = [record for record in records[:place] if record.offset >= plain.next_offset]
        assert list(fast.entries(batch)) == told(plain, batch)
        state = fast.dump()
        assert state == dump(plain)
        fast = FastExchange.of(load(state))
        assert fast.dump() == state
    rest = [record for record in records if record.offset >= plain.next_offset]
    assert list(fast.entries(rest)) == told(plain, rest)
    assert digest(fast.whole()) == digest(plain)


@pytest.mark.parametrize(
    "command",
    [
        MassCancel(account="A"),
        MassCancel(account="A", symbol="ALPHA"),
        MassCancel(account="A", symbol="ALPHA", side=Side.BUY),
        CancelOrders(account="A", side=Side.SELL),
        KillSwitch(account="A", on=True),
        Disconnected(account="A"),
    ],
)
def test_one_accounts_orders_end_while_the_others_stay_where_they_are(command: AnyCommand) -> None:
    """The book tells what others leave at the same prices, and nothing is moved to the plain book for good."""
    lines = (
        *("list ALPHA tick 0.01 reference 25.00", "list BETA tick 0.01 reference 25.00"),
        *("A deposit cash 5000.00 shares 100 in ALPHA", "B deposit cash 5000.00 shares 100 in ALPHA", "start"),
        *("A1 sell 10 @ 25.10", "B1 sell 20 @ 25.10", "A2 sell 5 @ 25.20", "A3 buy 7 @ 24.90", "B2 buy 8 @ 24.90"),
        *("A4 buy 1 @ 20.00 in BETA", "A5 sell 3 @ 25.10"),
    )
    later = map(command_of, ("B3 buy 25 @ 25.20", "A6 buy 1 @ 24.00"))
    commands = [*map(command_of, lines), command, command, *later]
    records = [Record(Topic.ORDERS, place, Nanos(place), "", encode(each)) for place, each in enumerate(commands)]
    plain, fast = Exchange(), FastExchange()
    assert list(fast.entries(records)) == told(plain, records)
    assert fast.dump() == dump(plain)
    assert [(route.symbol, route.is_lent) for route in fast.routes()] == [("ALPHA", True), ("BETA", True)]
