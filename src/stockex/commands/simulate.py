"""`stockex simulate`: the whole exchange in one process, under a virtual clock."""

from collections import Counter
from typing import Annotated

import typer

from stockex.commands.telling import Json, counted, print_figures
from stockex.simulation.world.run import STEPS, lived


def simulate(
    seeds: Annotated[int, typer.Option(help="How many worlds.", min=1)] = 200,
    first: Annotated[int, typer.Option(help="The first world's seed.", min=0)] = 0,
    *,
    steps: Annotated[int, typer.Option(help="How many things clients do in each.", min=1)] = STEPS,
    as_json: Json = False,
) -> None:
    """Run the whole exchange under a virtual clock while everything fails that may fail; docs/simulation.md."""
    total, found = Counter[str](), None
    for seed in counted(range(first, first + seeds), "living", is_quiet=as_json):
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
