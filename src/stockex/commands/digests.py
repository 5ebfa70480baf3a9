"""`stockex digests`: short days, recorded and replayed by processes whose hashes differ."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import Progress

from stockex.commands.telling import Json, print_figures
from stockex.torture.days.check import HASH_SEEDS, checked


def digests(
    days: Annotated[int, typer.Option(help="How many days.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="The first day's seed.", min=0)] = 1,
    *,
    as_json: Json = False,
) -> None:
    """Record days of trade through all phases; replay each under three values of PYTHONHASHSEED, and compare all bytes.

    Status 1 if a fact, a digest, or the state from a snapshot in the middle differs.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with (
        TemporaryDirectory(prefix="stockex-days-") as folder,
        Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress,
    ):
        task = progress.add_task("recording", total=days)
        found = checked(Path(folder), days, seed=seed, told=lambda: progress.advance(task))
    figures: dict[str, object] = {
        "days": found.days,
        "commands": found.commands,
        "phases": ", ".join(sorted(phase.value.lower() for phase in found.phases)),
        "replays": found.replays,
        "hash_seeds": ", ".join(HASH_SEEDS),
        "faults": len(found.faults),
    }
    print_figures(figures, as_json=as_json)
    for fault in found.faults:
        typer.echo(fault, err=True)
    if found.faults:
        raise typer.Exit(1)
