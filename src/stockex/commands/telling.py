"""What several commands share: their options, the settings behind these, and how figures are printed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

if TYPE_CHECKING:
    from stockex.adapters.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Directory of the log; STOCKEX_DATA or ./data by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_with(**given: object) -> "Settings":
    """Return the settings that the environment gives, with these in their place; None changes nothing."""
    from stockex.adapters.settings import read_settings  # noqa: PLC0415 (a quarter of a second that few commands need)

    return read_settings().model_copy(update={name: value for name, value in given.items() if value is not None})


def print_figures(figures: Mapping[str, object], *, as_json: bool, to_stderr: bool = False) -> None:
    """Print named figures: a line each, or one JSON object."""
    if as_json:
        typer.echo(json.dumps(figures), err=to_stderr)
        return
    for name, value in figures.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(value, dict):
            shown = ", ".join(
                f"{key} {part:,}" if isinstance(part, int) else f"{key} {part}" for key, part in value.items()
            )
        typer.echo(f"{name.replace('_', ' '):<20} {shown}", err=to_stderr)


def counted(seeds: range, what: str, *, is_quiet: bool) -> Iterator[int]:
    """Yield the seeds, and show how far they are."""
    with Progress(console=Console(stderr=True), transient=True, disable=is_quiet) as progress:
        yield from progress.track(seeds, description=what)
