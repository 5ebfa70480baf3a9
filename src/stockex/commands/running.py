"""The exchange itself: all of it, or one service."""

import json
from typing import Annotated

import typer

from stockex import app
from stockex.adapters.settings import Settings
from stockex.commands.telling import Data, Json, settings_with
from stockex.vocabulary.services import Service


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    *,
    data: Data = None,
    profile: Annotated[
        str | None, typer.Option(help="Whose rules the market has; docs/reference/profiles.md. STOCKEX_PROFILE.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the whole exchange in this process until Ctrl-C."""
    _run(settings_with(host=host, port=port, data=data, profile=profile), as_json=as_json)


def views(data: Data = None) -> None:
    """Read a long log for `up`, which replays its commands meanwhile, and save the checkpoint of its views."""
    app.save_views(settings_with(data=data))


def run(
    service: Annotated[Service, typer.Argument(help="Which part of the exchange.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    *,
    port: Annotated[int | None, typer.Option(help="Port to listen on; each service has one of its own.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Run one service of the exchange in this process, on the log that KAFKA_BOOTSTRAP names, until Ctrl-C.

    Start the others beside it, in any order; docs/kafka.md.
    """
    _run(settings_with(host=host, port=port, data=data), as_json=as_json, service=service)


def _run(settings: Settings, *, as_json: bool, service: Service | None = None) -> None:
    app.run(settings, say=_say_json if as_json else _say, service=service)


def _say(line: str) -> None:
    typer.echo(line)


def _say_json(line: str) -> None:
    typer.echo(json.dumps({"line": line}))
