"""The engine alone, without a log: lines in and lines out, worked examples, both books compared, hostile lines."""

import sys
from collections import Counter
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from stockex.adapters.profiles import profile as profile_of
from stockex.commands.telling import Json, counted, print_figures
from stockex.services.engines.machine_code import have_machine_code
from stockex.simulation.books import Book, open_fast_exchange, open_on
from stockex.simulation.cases import run as worked
from stockex.simulation.cases.explain import told
from stockex.simulation.cases.format import cases_in
from stockex.simulation.differential import Played, played, summary
from stockex.simulation.fuzz import fuzzed
from stockex.simulation.ndjson import in_batches, matched, matched_in_batches

_say: Final = partial(typer.echo, err=True)


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
    have_machine_code(_say)
    exchange = open_fast_exchange()
    for facts in matched_in_batches(in_batches(cast(BufferedReader, sys.stdin.buffer).read1), exchange, rules=rules):
        sys.stdout.buffer.write(facts)
        sys.stdout.buffer.flush()
    typer.echo("\n".join(route.line for route in exchange.routes()), err=True)


def cases(
    files: Annotated[list[Path], typer.Argument(help="Files of cases, one JSON object a line.", exists=True)],
    book: Annotated[Book, typer.Option(help="The book that the cases run on.")] = Book.PLAIN,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Tell every case step by step, and why.")] = False,
) -> None:
    """Run worked examples of venues' rules; print each failure, then how many passed and failed."""
    if book is Book.COMPILED:
        have_machine_code(_say)
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


def differential(
    seeds: Annotated[int, typer.Option(help="How many scripts.", min=1)] = 200,
    length: Annotated[int, typer.Option("--commands", help="How many commands each.", min=1)] = 5_000,
    *,
    first: Annotated[int, typer.Option(help="The first script's seed.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Play random commands on both books and compare every byte of every fact, and the state at the end."""
    have_machine_code(_say)
    found: list[Played] = []
    for seed in counted(range(first, first + seeds), "comparing", is_quiet=as_json):
        found.append(played(seed, length))
        if found[-1].differs is not None:
            break
    print_figures(summary(found), as_json=as_json)
    if found[-1].differs is not None:
        raise typer.Exit(1)


def fuzz(
    seeds: Annotated[int, typer.Option(help="How many scripts.", min=1)] = 200,
    length: Annotated[int, typer.Option("--commands", help="How many commands each.", min=1)] = 5_000,
    *,
    first: Annotated[int, typer.Option(help="The first script's seed.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Play random and hostile lines, and hold the facts of each against what a market promises."""
    total, fault = Counter[str](), None
    for seed in counted(range(first, first + seeds), "playing", is_quiet=as_json):
        found = fuzzed(seed, length)
        total.update({"scripts": 1, **found.counts})
        if (fault := found.fault) is not None:
            break
    print_figures({**total, "first_fault": fault}, as_json=as_json)
    if fault is not None:
        raise typer.Exit(1)
