"""Tells people how an ordeal goes, and how it ended."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from stockex.torture.kills.ordeal import suffered


def kill(kills: int, *, seed: int, say: Callable[[str], None]) -> bool:
    """Kill an exchange of its own so many times, say how it ended, and whether nothing was lost, doubled or wrong."""
    with (
        TemporaryDirectory(prefix="stockex-kills-") as folder,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("killing", total=kills)
        outcome = suffered(Path(folder), kills, seed=seed, told=lambda _: progress.advance(task))
    for line in lines(outcome.summary(), outcome.faults, seed=seed):
        say(line)
    return not outcome.faults


def lines(summary: Mapping[str, object], faults: Sequence[str], *, seed: int) -> list[str]:
    """Return figures as lines, then every fault."""
    figures = {"seed": seed, **summary}
    width = max(map(len, figures)) + 2
    return [*(f"{name:<{width}}{_shown(value)}" for name, value in figures.items()), *faults]


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part:,}" for name, part in value.items())
    return f"{value:,}"
