"""A recorded day: commands with their times, and the facts that an exchange published of them."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from tidy.tree import ROOT

from stockex.bus.appends import Call
from stockex.bus.embedded.writing import LogFile
from stockex.core.exchange import Exchange
from stockex.journal import LOG_FILE
from stockex.messages.codec import decode_command, entry_of
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.vocabulary.units import Nanos

DAY = ROOT / "docs" / "examples" / "day.ndjson"
"""Ten commands of five minutes, from 10:00 UTC on."""


def record_day(folder: Path, lines: Iterable[bytes] | None = None) -> Path:
    """Write commands, `DAY` if none are given, and their facts to a log in `folder`; return the folder."""
    exchange = Exchange()
    with closing(LogFile.open(folder / LOG_FILE)) as log:
        for offset, line in enumerate(DAY.read_bytes().splitlines() if lines is None else lines):
            command = decode_command(line)
            entry, at = entry_of(command), Nanos(command.sent_at or 0)
            record = Record(Topic.ORDERS, offset, at, entry.key, entry.value)
            log.write([Call([entry], at)])
            log.write([Call([entry_of(fact) for fact in facts_of(exchange, record)], at)])
    return folder
