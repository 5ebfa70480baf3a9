"""`stockex log`: look at the recorded log, follow it, write it out, mend it; and `stockex torture`."""

import base64
import json
import sys
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import structlog
import typer

from stockex import journal
from stockex.bus.embedded.repairing import repaired
from stockex.commands.telling import Data, Json, settings_with
from stockex.errors import ConfigurationError
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.torture.boundaries import Walk, walked
from stockex.torture.damage import Tally, cut, flipped
from stockex.torture.garbage.trial import Trial, told
from stockex.torture.kills.telling import kill
from stockex.torture.specimen import End

log = typer.Typer(no_args_is_help=True, help="Look at the recorded log, follow it, write it out, mend it.")

Topics = Annotated[list[Topic] | None, typer.Option("--topic", help="Only this topic; may be given more than once.")]
Since = Annotated[int | None, typer.Option(help="Begin with this offset of each topic.", min=0)]


class Blow(StrEnum):
    """What strikes an exchange in `stockex torture --kafka`."""

    BROKERS = "brokers"
    MATCHERS = "matchers"
    TAKEOVERS = "takeovers"


@log.command()
def verify(data: Data = None, *, as_json: Json = False) -> None:
    """Check every record, page and index of the log, and that nothing acknowledged is missing; status 1 if any is."""
    settings = settings_with(data=data)
    verdict = journal.verdict(settings)
    if as_json:
        typer.echo(json.dumps(verdict._asdict()))
    else:
        told = f"{verdict.records:,} records"
        told += f", {verdict.acknowledged:,} acknowledged by the mark" if settings.kafka_bootstrap is None else ""
        typer.echo(told + (f", {verdict.unsealed:,} of version 1 without a checksum" if verdict.unsealed else ""))
        typer.echo("\n".join(verdict.faults) or "sound")
    if verdict.faults:
        raise typer.Exit(1)


@log.command()
def repair(data: Data = None) -> None:
    """Mend a damaged log: all that is sound is kept, the damaged file too, and what is lost is listed in a file."""
    settings = settings_with(data=data)
    if settings.kafka_bootstrap is not None:
        raise ConfigurationError("`log repair` mends the embedded log; unset KAFKA_BOOTSTRAP to mean that one")
    done = repaired(settings.data / journal.LOG_FILE)
    if done.old is None:
        typer.echo(f"nothing to repair: {done.kept:,} records, all of them sound")
        return
    typer.echo(f"kept       {done.kept:,} records")
    typer.echo(f"lost       {len(done.emptied):,} records; each has an empty one in its place")
    for topic, offset in done.emptied:
        typer.echo(f"           {topic.value} {offset}")
    typer.echo(f"gone       {done.at_the_end:,} acknowledged records at the end")
    typer.echo(f"old file   {done.old}")
    typer.echo(f"lost list  {done.lost}")


@log.command()
def tail(
    topic: Topics = None,
    since: Since = None,
    count: Annotated[int, typer.Option("--count", "-n", help="Without --since: so many of the newest.", min=1)] = 10,
    data: Data = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
) -> None:
    """Print records of the log: time, topic, offset, key and value; a process may be writing it."""
    settings, topics = settings_with(data=data), topic or list(Topic)
    wants = dict.fromkeys(topics, since or 0)
    if since is None:
        lasts = {each: journal.newest(settings, each, count=count) for each in topics}
        for record in sorted((record for last in lasts.values() for record in last), key=_place)[-count:]:
            _show(record)
        wants.update({each: last[-1].offset + 1 for each, last in lasts.items() if last})
    if since is not None or follow:
        for record in journal.merged(settings, wants, follows=follow):
            _show(record)


@log.command()
def export(topic: Topics = None, since: Since = 0, data: Data = None) -> None:
    """Write records as NDJSON, in the order of appending: topic, offset, at, key, and value.

    A value that is no JSON is written as `base64`. `at` counts nanoseconds since 1970.
    """
    out = sys.stdout.buffer
    for record in journal.merged(settings_with(data=data), dict.fromkeys(topic or list(Topic), since or 0)):
        out.write(_line(record))
    out.flush()


_declared = typer.Typer()


@_declared.command()
def torture(  # noqa: PLR0913 (each is an option of the command line)
    flips: Annotated[int, typer.Option(help="How many bits to flip, one at a time.", min=0)] = 10_000,
    seed: Annotated[int, typer.Option(help="What the trials follow from.")] = 1,
    *,
    kills: Annotated[int, typer.Option(help="Kill the whole exchange under load so often instead.", min=0)] = 0,
    boundaries: Annotated[bool, typer.Option("--boundaries", help="Trouble at each write and sync instead.")] = False,
    kafka: Annotated[
        bool, typer.Option("--kafka", help="On a Kafka broker of its own: kills, freezes, takeovers.")
    ] = False,
    only: Annotated[
        Blow | None, typer.Option(help="With --kafka only this: brokers die, matchers die, or standbys take over.")
    ] = None,
    garbage: Annotated[int, typer.Option(help="Write so much garbage on each topic instead.", min=0)] = 0,
) -> None:
    """Damage logs on purpose: bits flipped, files cut; print how it ended. Status 1 if one trial was silently wrong.

    With --kills the exchange is killed with -9 under 2,000 orders a second, started again and audited; now and then it
    is frozen, has no space left, or its wall clock jumps. With --boundaries: failing calls, lost syncs, a full disk,
    kills and power cuts wherever the log meets the disk. With --kafka, under load on a broker of its own: the broker is
    killed 20 times, the matcher 50 times, and 50 times a standby takes over from one that died or froze; or each of
    these --kills times, or --only one of them. With --garbage an exchange of its own, on Kafka where KAFKA_BOOTSTRAP is
    set, meets records that are none of its own, and trades on.
    """
    if garbage:
        _tell_garbage(garbage, seed=seed)
        return
    if kafka:
        _torture_kafka(kills, seed=seed, only=only)
        return
    if boundaries:
        _tell_walk(walked(seed=seed), seed=seed)
        return
    if kills:
        if not kill(kills, seed=seed, say=typer.echo):
            raise typer.Exit(1)
        return
    for what, tally in (("bits flipped", flipped(flips, seed=seed)), ("files cut", cut(seed=seed))):
        _tell(what, tally, seed=seed)
        if tally.failures:
            raise typer.Exit(1)


def _torture_kafka(kills: int, *, seed: int, only: Blow | None) -> None:
    try:
        from stockex.torture.kafka.ordeal import Counts  # noqa: PLC0415 (an extra)
        from stockex.torture.kafka.telling import torture as tortured  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--kafka needs the extra `kafka` and its broker: run `make kafka`: {error}"
        ) from error
    counts = {name: kills or count for name, count in Counts()._asdict().items() if only in {None, name}}
    if not tortured(Counts(0, 0, 0)._replace(**counts), seed=seed, say=typer.echo):
        raise typer.Exit(1)


def _tell_garbage(each: int, *, seed: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    with TemporaryDirectory(prefix="stockex-garbage-") as folder:
        trial = Trial(Path(folder), each, seed=seed, bootstrap=settings_with().kafka_bootstrap)
        outcome = trial.met(lambda line: typer.echo(line, err=True))
    typer.echo("\n".join(told(outcome)))
    if outcome.faults:
        raise typer.Exit(1)


def _tell(what: str, tally: Tally, *, seed: int) -> None:
    ends = ", ".join(f"{tally.ends[end]:,} {end.value}" for end in End)
    typer.echo(f"{what:<13} {tally.trials:,} trials, seed {seed}: {ends}")
    for failure in tally.failures:
        typer.echo(f"  {failure}")


def _tell_walk(walk: Walk, *, seed: int) -> None:
    passed = ", ".join(f"{count} {boundary}" for boundary, count in walk.boundaries.items())
    typer.echo(f"boundaries    {walk.boundaries.total()}: {passed}; seed {seed}")
    for trouble, trials in walk.trials.items():
        typer.echo(f"{trials:>13,} {trouble}")
    typer.echo(f"{len(walk.failures):>13,} acknowledged and lost, refused and kept, or torn")
    for failure in walk.failures:
        typer.echo(f"  {failure}")
    if walk.failures:
        raise typer.Exit(1)


def _place(record: Record) -> tuple[int, Topic, int]:
    return record.at, record.topic, record.offset


def _show(record: Record) -> None:
    value = record.value.decode(errors="replace")
    typer.echo(f"{record.at} {record.topic.value} {record.offset} {record.key or '-'} {value}")


def _line(record: Record) -> bytes:
    plain = {"topic": record.topic.value, "offset": record.offset, "at": int(record.at), "key": record.key}
    try:
        value: dict[str, object] = {"value": msgspec.json.decode(record.value)}
    except msgspec.MsgspecError:
        value = {"base64": base64.b64encode(record.value).decode()}
    else:
        if b"\n" not in record.value:
            value = {"value": msgspec.Raw(record.value)}
    return msgspec.json.encode(plain | value) + b"\n"
