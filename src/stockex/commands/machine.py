"""This machine: whether the exchange can run on it, and how fast it does."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from stockex.commands.telling import Data, Json, print_figures, settings_with
from stockex.doctor import examine
from stockex.simulation.bench import BenchPlan, run_bench

bench = typer.Typer(no_args_is_help=True, help="Measure this machine.")


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
