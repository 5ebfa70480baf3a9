"""`stockex replay`, `explain` and `stockex fork`: the recorded day once more, and another end of it."""

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import Raw
from rich.console import Console
from rich.progress import Progress

from stockex import journal
from stockex.adapters.settings import Settings
from stockex.commands.telling import Data, Json, print_figures, settings_with
from stockex.core.exchange import Exchange
from stockex.core.shards.routing import Shard
from stockex.core.snapshot import digest
from stockex.core.why import words
from stockex.errors import ConfigurationError
from stockex.messages.codec import encode
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.explainer import moment_of
from stockex.services.matcher import facts_of, recovered
from stockex.services.shards.explaining import whys_of
from stockex.services.shards.part import obeying
from stockex.services.trust.claims import FactsOf
from stockex.simulation.fork import forked
from stockex.simulation.replay import Replayed, paced
from stockex.simulation.replay import replay as replay_log

_SECOND: Final = 1_000_000_000
_SPEEDS: Final = (1.0, 1_000.0)
_FASTEST: Final = "max"


def replay(
    until: Annotated[
        str | None,
        typer.Option(help="Stop before this offset of `orders`, or this instant: 4711, 10:02, 2026-11-25T10:02."),
    ] = None,
    data: Data = None,
    *,
    speed: Annotated[
        str | None,
        typer.Option(
            help="Write each fact as NDJSON when it happened: 1 to 1000 times as fast, or `max`. Figures: stderr."
        ),
    ] = None,
    only_digest: Annotated[bool, typer.Option("--digest", help="Print the digest alone.")] = False,
    as_json: Json = False,
) -> None:
    """Replay the recorded journal, compare every fact with what was published, print the digest of the state.

    Times are UTC. Status 1: a fact, their number or the state of the newest checkpoint differs. docs/replay.md.
    """
    pace = None if speed is None else _pace_of(speed)
    settings = settings_with(data=data)
    end = end_of_orders(settings)
    stop = None if until is None else _offset_of(until, settings, end=end)
    live = recovered(journal.checkpoints(settings), end=end)
    console = Console(stderr=True)
    is_shown = console.is_terminal and not as_json and speed is None
    with Progress(console=console, transient=True, disable=not is_shown) as progress:
        task = progress.add_task("replaying", total=end)

        def records(topic: Topic) -> Iterable[Record]:
            read = journal.recorded(settings, topic)
            if topic is not Topic.ORDERS:
                return read
            read = read if pace is None else paced(read, pace, now=time.monotonic, sleep=time.sleep)
            return progress.track(read, task_id=task, total=end)

        found = replay_log(
            records, until=stop, mark=live.next_offset, heard=None if speed is None else _write, shards=settings.shards
        )
    figures = _figures(found, live)
    if only_digest:
        typer.echo(found.digest, err=speed is not None)
    else:
        print_figures(figures, as_json=as_json, to_stderr=speed is not None)
    if found.differs is not None or found.surplus or figures["checkpoint_equal"] is False:
        raise typer.Exit(1)


def _figures(found: Replayed, live: Exchange) -> dict[str, object]:
    """Return the figures of a replay; `live` is the exchange of the newest checkpoint."""
    place = live.next_offset
    return {
        "commands": found.commands,
        "facts": found.facts,
        "unpublished": found.unpublished,
        "surplus": found.surplus,
        "first_difference": found.differs,
        "offset": found.offset,
        "digest": found.digest,
        "checkpoint_offset": place,
        "checkpoint_equal": found.digests[place] == digest(live) if place in found.digests else None,
    }


def fork(
    at: Annotated[
        str, typer.Argument(help="Before which command: its offset in `orders`, or an instant, such as 10:02.")
    ],
    changes: Annotated[
        Path, typer.Argument(help="Commands as NDJSON, as in `stockex match`; - is standard input.", allow_dash=True)
    ],
    *,
    data: Data = None,
    alone: Annotated[bool, typer.Option("--alone", help="Leave out the recorded commands that followed.")] = False,
    as_json: Json = False,
) -> None:
    """Replay the recorded day up to a command, then let it go on with other commands in between: what if?

    The facts of that future are written as NDJSON. Each command of the file comes at its `timestamp`, one without at
    the time of the one before. The log stays as it is. docs/replay.md.
    """
    settings = settings_with(data=data)
    if settings.shards > 1:
        raise ConfigurationError("the day of several shards cannot be forked")
    end = end_of_orders(settings)
    offset = _offset_of(at, settings, end=end)
    exchange = exchange_before(settings, offset, end=end)
    for record in journal.recorded(settings, Topic.ORDERS, since=exchange.next_offset):
        if record.offset >= offset:
            break
        facts_of(exchange, record)
    forked_at, count = exchange.at, 0
    rest = () if alone else journal.recorded(settings, Topic.ORDERS, since=offset)
    for line in forked(exchange, _lines(changes), rest=rest):
        _write(line.rstrip())
        count += 1
    figures: dict[str, object] = {
        "forked_before": offset,
        "forked_at": f"{datetime.fromtimestamp(forked_at / _SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC",
        "commands": exchange.next_offset - offset,
        "facts": count,
        "digest": digest(exchange),
    }
    print_figures(figures, as_json=as_json, to_stderr=True)


def explain(
    offset: Annotated[int, typer.Argument(help="Place of the command in `orders`; a trade id begins with it.", min=0)],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Tell why each fact of one recorded command came about: the rules, the figures, and the table of an auction."""
    settings = settings_with(data=data)
    end = end_of_orders(settings, offset + 1)
    total = settings.shards
    begins: list[tuple[Exchange, FactsOf]] = [(exchange_before(settings, offset, end=end), facts_of)]
    if total > 1:
        begins = [(Exchange(), obeying(Shard(number, total))) for number in range(total)]
    moments = []
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        for exchange, obey in begins:
            left = offset - exchange.next_offset + 1
            records = progress.track(journal.recorded(settings, Topic.ORDERS, since=exchange.next_offset), total=left)
            moment = moment_of(exchange, records, offset=offset, obey=obey)
            if moment is None:
                raise ConfigurationError(f"no command {offset}: the log has a gap there")
            moments.append(moment)
    whys, value = whys_of(moments), moments[0].record.value
    if as_json:
        typer.echo(encode({"offset": offset, "command": Raw(value), "whys": whys}))
        return
    typer.echo(f"{offset}  {value.decode(errors='replace')}")
    typer.echo("\n".join(words.told(whys)))


def end_of_orders(settings: Settings, least: int = 0) -> int:
    """Return the offset after the newest command. Raises: ConfigurationError: there is no log, or it ends earlier."""
    count = end = 0
    for record in journal.recorded(settings, Topic.ORDERS):
        count, end = count + 1, record.offset + 1
    if end < least:
        raise ConfigurationError(f"no command {least - 1}: the log holds {count} commands, below {end}")
    return end


def exchange_before(settings: Settings, offset: int, *, end: int) -> Exchange:
    """Return the exchange of the newest checkpoint if it has not seen the command at `offset`, or else a new one."""
    exchange = recovered(journal.checkpoints(settings), end=end)
    return exchange if exchange.next_offset <= offset else Exchange()


def _offset_of(place: str, settings: Settings, *, end: int) -> int:
    """Return the offset that is meant, or that of the first command at an instant or later.

    Raises: ConfigurationError: the log does not reach it, or it is neither.
    """
    if place.isdecimal():
        offset = int(place)
        if offset > end:
            raise ConfigurationError(f"offset {offset} is beyond the log, which ends before {end}")
        return offset
    last = 0
    instant: int | None = None
    for record in journal.recorded(settings, Topic.ORDERS):
        instant = _instant_of(place, day_of=record) if instant is None else instant
        if record.at >= instant:
            return record.offset
        last = record.at
    shown = datetime.fromtimestamp(last / _SECOND, UTC)
    raise ConfigurationError(f"{place} is beyond the log, whose newest command came at {shown:%Y-%m-%d %H:%M:%S} UTC")


def _instant_of(place: str, *, day_of: Record) -> int:
    """Return an instant in nanoseconds since 1970; a time of day is one of the day of that record."""
    day = datetime.fromtimestamp(day_of.at / _SECOND, UTC).date()
    for text in (f"{day}T{place}", place):
        with suppress(ValueError):
            found = datetime.fromisoformat(text)
            return round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * _SECOND)
    raise ConfigurationError(f"{place!r} is no offset and no instant; say 4711, 10:02 or 2026-11-25T10:02")


def _pace_of(speed: str) -> float | None:
    """Return how many times faster than recorded; None is as fast as possible. Raises: ConfigurationError."""
    if speed == _FASTEST:
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    if not _SPEEDS[0] <= pace <= _SPEEDS[1]:
        raise ConfigurationError(f"--speed {speed}: say a number from 1 to 1000, or max")
    return pace


def _lines(path: Path) -> Iterable[bytes]:
    """Return the lines of a file or of standard input. Raises: ConfigurationError."""
    if str(path) == "-":
        return sys.stdin.buffer
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
