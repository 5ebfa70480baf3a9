"""`stockex fuzz-fix`: mutated FIX messages on the codec and on live sessions."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from stockex.commands.telling import Json, print_figures
from stockex.torture.fix.codec import Fired, fire_at_codec
from stockex.torture.fix.live import fire_at_sessions


def fuzz_fix(
    messages: Annotated[int, typer.Option(help="How many mutants the codec reads.", min=0)] = 100_000,
    live: Annotated[int, typer.Option(help="How many mutants live sessions get.", min=0)] = 10_000,
    *,
    seed: Annotated[int, typer.Option(help="Decides all mutants.", min=0)] = 1,
    as_json: Json = False,
) -> None:
    """Fire mutated messages at the FIX codec and at live sessions; docs/fix.md. Status 1: something is wrong."""
    fault = None
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        if messages:
            task = progress.add_task("codec", total=messages)
            found = fire_at_codec(messages, seed=seed, tell=lambda done: progress.update(task, completed=done))
            fault = found.fault
            _print("codec", found, as_json=as_json)
        if live and fault is None:
            task = progress.add_task("sessions", total=live)
            told = fire_at_sessions(live, seed=seed, tell=lambda done: progress.update(task, completed=done))
            found = asyncio.run(told)
            fault = found.fault
            _print("sessions", found, as_json=as_json)
    if fault is not None:
        raise typer.Exit(1)


def _print(what: str, found: Fired, *, as_json: bool) -> None:
    figures = {"slowest_ms": round(found.slowest_ms, 1), "grown_mb": round(found.grown_mb, 1), "fault": found.fault}
    print_figures({"fired_at": what, **dict(sorted(found.counts.items())), **figures}, as_json=as_json)
