"""The commands of StockEx. `stockex COMMAND --help` explains each."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from io import BufferedReader
from pathlib import Path
from typing import Annotated, cast

import typer
from msgspec import Raw
from rich.console import Console
from rich.progress import Progress

from stockex import __version__, journal
from stockex.adapters.profiles import profile as profile_of
from stockex.adapters.settings import Settings
from stockex.commands.digests import digests
from stockex.commands.fix import fix_echo
from stockex.commands.machine_code import have_machine_code
from stockex.commands.replay import end_of_orders, exchange_before, fork, replay
from stockex.commands.telling import Data, Json, print_figures, settings_with
from stockex.core.why import words
from stockex.doctor import examine
from stockex.errors import ConfigurationError, StockExError
from stockex.log_commands import log, torture
from stockex.messages.codec import encode
from stockex.messages.topics import Topic
from stockex.services.explainer import moment_of
from stockex.simulation.bench import BenchPlan, run_bench
from stockex.simulation.books import Book, open_fast_exchange, open_on
from stockex.simulation.cases import run as worked
from stockex.simulation.cases.explain import told
from stockex.simulation.cases.format import cases_in
from stockex.simulation.differential import Played, played, summary
from stockex.simulation.fuzz import fuzzed
from stockex.simulation.ndjson import in_batches, matched, matched_in_batches
from stockex.simulation.world.run import STEPS, lived
from stockex.vocabulary.services import Service

commands = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help=__doc__)
bench = typer.Typer(no_args_is_help=True, help="Measure this machine.")
commands.add_typer(bench, name="bench")
commands.add_typer(log, name="log")
commands.command()(torture)
commands.command()(replay)
commands.command()(fork)
commands.command()(digests)
commands.command()(fix_echo)


def main() -> None:
    """Run the command line; a fault of the world ends it with one line and status 1."""
    if not __debug__:
        sys.exit("stockex: assertions are off; start Python without -O")
    try:
        commands()
    except* StockExError as faults:
        sys.exit("\n".join(f"stockex: {fault}" for fault in _leaves(faults)))


@commands.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    data: Data = None,
    *,
    profile: Annotated[
        str | None, typer.Option(help="Whose rules the market has; docs/reference/profiles.md. STOCKEX_PROFILE.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the whole exchange in this process until Ctrl-C."""
    _run(settings_with(host=host, port=port, data=data, profile=profile), as_json=as_json)


@commands.command(hidden=True)
def views(data: Data = None) -> None:
    """Read a long log for `up`, which replays its commands meanwhile, and save the checkpoint of its views."""
    from stockex import app  # noqa: PLC0415 (see _run)

    app.save_views(settings_with(data=data))


@commands.command()
def run(
    service: Annotated[Service, typer.Argument(help="Which part of the exchange.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; each service has one of its own.")] = None,
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Run one service of the exchange in this process, on the log that KAFKA_BOOTSTRAP names, until Ctrl-C.

    Start the others beside it, in any order; docs/kafka.md.
    """
    _run(settings_with(host=host, port=port, data=data), as_json=as_json, service=service)


def _run(settings: Settings, *, as_json: bool, service: Service | None = None) -> None:
    from stockex import app  # noqa: PLC0415 (with the web server: a third of a second, which no other command needs)

    app.run(settings, say=_say_json if as_json else _say, service=service)


@commands.command()
def match(
    profile: Annotated[
        str | None, typer.Option(help="Rules of instruments whose record names none; docs/reference/profiles.md.")
    ] = None,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="After the facts of each command write why.")] = False,
    book: Annotated[Book, typer.Option(help="The book to run on; the facts are the same.")] = Book.PLAIN,
) -> None:
    """Read commands as NDJSON on standard input, write facts as NDJSON: the engine alone, without a log.

    docs/reference/match.md explains every record.
    """
    rules = None if profile is None else profile_of(profile)
    if book is Book.PLAIN or explain:
        for facts in matched(sys.stdin.buffer, rules=rules, explain=explain, exchange=open_on(book)):
            sys.stdout.buffer.write(facts)
            sys.stdout.buffer.flush()
        return
    have_machine_code()
    exchange = open_fast_exchange()
    for facts in matched_in_batches(in_batches(cast(BufferedReader, sys.stdin.buffer).read1), exchange, rules=rules):
        sys.stdout.buffer.write(facts)
        sys.stdout.buffer.flush()
    typer.echo("\n".join(route.line for route in exchange.routes()), err=True)


@commands.command()
def cases(
    files: Annotated[list[Path], typer.Argument(help="Files of cases, one JSON object a line.", exists=True)],
    book: Annotated[Book, typer.Option(help="The book that the cases run on.")] = Book.PLAIN,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Tell every case step by step, and why.")] = False,
) -> None:
    """Run worked examples of venues' rules; print each failure, then how many passed and failed."""
    if book is Book.COMPILED:
        have_machine_code()
    passed = failed = 0
    for case in [case for file in files for case in cases_in(file)]:
        if explain:
            typer.echo("\n".join(told(case, book=book)))
        result = worked.ran(case, book=book)
        for line in worked.report(result):
            typer.echo(line)
        passed, failed = (passed, failed + 1) if result.failures else (passed + 1, failed)
    typer.echo(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@commands.command()
def differential(
    seeds: Annotated[int, typer.Option(help="How many scripts.", min=1)] = 200,
    length: Annotated[int, typer.Option("--commands", help="How many commands each.", min=1)] = 5_000,
    first: Annotated[int, typer.Option(help="The first script's seed.", min=0)] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Play random commands on both books and compare every byte of every fact, and the state at the end."""
    have_machine_code()
    found: list[Played] = []
    for seed in _counted(range(first, first + seeds), "comparing", is_quiet=as_json):
        found.append(played(seed, length))
        if found[-1].differs is not None:
            break
    print_figures(summary(found), as_json=as_json)
    if found[-1].differs is not None:
        raise typer.Exit(1)


@commands.command()
def fuzz(
    seeds: Annotated[int, typer.Option(help="How many scripts.", min=1)] = 200,
    length: Annotated[int, typer.Option("--commands", help="How many commands each.", min=1)] = 5_000,
    first: Annotated[int, typer.Option(help="The first script's seed.", min=0)] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Play random and hostile lines, and hold the facts of each against what a market promises."""
    total, fault = Counter[str](), None
    for seed in _counted(range(first, first + seeds), "playing", is_quiet=as_json):
        found = fuzzed(seed, length)
        total.update({"scripts": 1, **found.counts})
        if (fault := found.fault) is not None:
            break
    print_figures({**total, "first_fault": fault}, as_json=as_json)
    if fault is not None:
        raise typer.Exit(1)


@commands.command()
def simulate(
    seeds: Annotated[int, typer.Option(help="How many worlds.", min=1)] = 200,
    first: Annotated[int, typer.Option(help="The first world's seed.", min=0)] = 0,
    steps: Annotated[int, typer.Option(help="How many things clients do in each.", min=1)] = STEPS,
    *,
    as_json: Json = False,
) -> None:
    """Run the whole exchange under a virtual clock while everything fails that may fail; docs/simulation.md."""
    total, found = Counter[str](), None
    for seed in _counted(range(first, first + seeds), "living", is_quiet=as_json):
        found = lived(seed, steps)
        total.update(found.counts)
        if found.violation is not None:
            break
    assert found is not None
    again = f"stockex simulate --first {found.seed} --seeds 1 --steps {steps}"
    print_figures(
        {
            **dict(sorted(total.items())),
            "last_digest": found.digest,
            "violation": found.violation,
            "repeat_by": None if found.violation is None else again,
        },
        as_json=as_json,
    )
    if found.violation is not None:
        raise typer.Exit(1)


@commands.command()
def explain(
    offset: Annotated[int, typer.Argument(help="Place of the command in `orders`; a trade id begins with it.", min=0)],
    data: Data = None,
    *,
    as_json: Json = False,
) -> None:
    """Tell why each fact of one recorded command came about: the rules, the figures, and the table of an auction."""
    settings = settings_with(data=data)
    end = end_of_orders(settings, offset + 1)
    exchange = exchange_before(settings, offset, end=end)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        left = offset - exchange.next_offset + 1
        records = progress.track(journal.recorded(settings, Topic.ORDERS, since=exchange.next_offset), total=left)
        moment = moment_of(exchange, records, offset=offset)
    if moment is None:
        raise ConfigurationError(f"no command {offset}: the log has a gap there")
    whys = moment.whys()
    if as_json:
        typer.echo(encode({"offset": offset, "command": Raw(moment.record.value), "whys": whys}))
        return
    typer.echo(f"{offset}  {moment.record.value.decode(errors='replace')}")
    typer.echo("\n".join(words.told(whys)))


@commands.command()
def doctor(data: Data = None, *, as_json: Json = False) -> None:
    """Check that the exchange can run here."""
    settings = settings_with(data=data)
    findings = examine(settings)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.is_fine else 'FAIL'}  {finding.what:<15} {finding.text}")
    if not all(finding.is_fine for finding in findings):
        raise typer.Exit(1)


@bench.command()
def live(
    orders: Annotated[int, typer.Option(help="How many orders to send.")] = 10_000,
    clients: Annotated[int, typer.Option(help="Connections that send at the same time.")] = 16,
    *,
    as_json: Json = False,
) -> None:
    """Measure orders per second from REST to the durable acknowledgement, on a fresh exchange of its own."""
    print_figures(run_bench(BenchPlan(orders=orders, clients=clients)), as_json=as_json)


@commands.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _leaves(faults: BaseExceptionGroup[StockExError]) -> Iterator[StockExError]:
    for fault in faults.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _leaves(fault)
        else:
            yield fault


def _counted(seeds: range, what: str, *, is_quiet: bool) -> Iterator[int]:
    """Yield the seeds, and show how far they are."""
    with Progress(console=Console(stderr=True), transient=True, disable=is_quiet) as progress:
        yield from progress.track(seeds, description=what)


def _say(line: str) -> None:
    typer.echo(line)


def _say_json(line: str) -> None:
    typer.echo(json.dumps({"line": line}))
