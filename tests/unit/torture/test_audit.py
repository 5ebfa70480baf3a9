"""The auditor of killed exchanges finds every kind of fault."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from scenarios.notation import command_of

from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.core.exchange import Exchange
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.torture.kills.audit import Auditor, EmbeddedLog
from stockex.torture.kills.trader import Told
from stockex.vocabulary.units import Nanos

COMMANDS = [
    entry_of(command_of(line))
    for line in (
        "list ALPHA tick 0.01 reference 25.00",
        "A deposit cash 5000.00 shares 100 in ALPHA",
        "B deposit cash 5000.00",
        "start",
        "A1 sell 60 @ 25.00",
        "B1 buy 20 @ 25.00",
        "B2 buy 10 @ 24.00",
        "B2 cancel",
        "B3 buy 10 @ 24.00",
    )
]
SOUND = Told("B", taken=["B1", "B2", "B3"], ended=["B2"], trades=["5-1"])


def facts() -> list[list[Entry]]:
    """Return what an exchange publishes of each command."""
    exchange = Exchange()
    records = [Record(Topic.ORDERS, offset, Nanos(0), entry.key, entry.value) for offset, entry in enumerate(COMMANDS)]
    return [[entry_of(fact) for fact in facts_of(exchange, record)] for record in records]


def written(folder: Path, entries: Sequence[Entry]) -> Auditor:
    """Return an auditor of a log that holds these entries."""
    path = folder / "stockex.db"
    with closing(LogFile.open(path)) as log:
        log.write([Call([entry], Nanos(0)) for entry in entries])
    return Auditor(EmbeddedLog(path))


def everything() -> list[Entry]:
    """Return commands and facts as the exchange leaves them."""
    return [entry for command, caused in zip(COMMANDS, facts(), strict=True) for entry in (command, *caused)]


def test_a_sound_log_has_no_fault(tmp_path: Path) -> None:
    """What accounts were told is there, and every command has its facts."""
    auditor = written(tmp_path, everything())
    auditor.published(auditor.look())
    auditor.hear([SOUND])
    assert auditor.faults == []
    assert auditor.trades == {"5-1"}
    assert auditor.open_of("B") == {"B3": 10}


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """A log that grew between two looks is the same as one looked at once."""
    auditor = written(tmp_path, everything()[:-3])
    auditor.look()
    written(tmp_path, everything()[-3:])
    auditor.published(auditor.look())
    assert (auditor.faults, auditor.commands) == ([], len(COMMANDS))


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (Told("B", taken=["B4"]), "orders of B were acknowledged and are lost: ['B4']"),
        (Told("B", trades=["5-2"]), "fills of B were acknowledged and are lost: ['5-2']"),
        (Told("B", refused=["B3"]), "orders of B were refused and are in the log: ['B3']"),
        (Told("B", turned=["B3"]), "orders of B were refused, and then there: ['B3']"),
        (Told("B", ended=["B3"]), "orders of B were cancelled and are open: ['B3']"),
    ],
)
def test_an_answer_that_does_not_hold_is_a_fault(tmp_path: Path, told: Told, fault: str) -> None:
    """Lost orders and fills, refused orders that are there, cancelled ones that are open."""
    auditor = written(tmp_path, everything())
    auditor.look()
    auditor.hear([told])
    assert auditor.faults == [fault]


def test_a_missing_fact_is_a_fault(tmp_path: Path) -> None:
    """The last command's facts never came."""
    auditor = written(tmp_path, everything()[: -len(facts()[-1])])
    auditor.published(auditor.look())
    assert auditor.faults[0] == f"executions lacks facts of commands below {len(COMMANDS)}"


def test_a_fact_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    """The last command was obeyed once more after a crash."""
    auditor = written(tmp_path, [*everything(), *facts()[-1]])
    auditor.look()
    assert "is nothing that the replay gives" in auditor.faults[0]


def test_a_fact_that_is_another_is_a_fault(tmp_path: Path) -> None:
    """One byte of a fact differs from the replay's."""
    entries = everything()
    entries[-1] = replace(entries[-1], value=entries[-1].value.replace(b"24", b"23"))
    auditor = written(tmp_path, entries)
    auditor.look()
    assert "is not what the replay gives" in auditor.faults[0]
