"""The commands of StockEx. `stockex COMMAND --help` explains each."""

import gc
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Final, cast

import typer
from typer.core import TyperCommand, TyperGroup

from stockex import __version__
from stockex.errors import StockExError

_PLACES: Final = {
    "up": "commands.running",
    "views": "commands.running",
    "run": "commands.running",
    "match": "commands.engine",
    "cases": "commands.engine",
    "differential": "commands.engine",
    "fuzz": "commands.engine",
    "simulate": "commands.simulate",
    "replay": "commands.replay",
    "fork": "commands.replay",
    "explain": "commands.replay",
    "digests": "commands.digests",
    "log": "log_commands",
    "torture": "log_commands",
    "fix-echo": "commands.fix",
    "certify": "commands.fix",
    "fuzz-fix": "commands.fix_fuzzing",
    "doctor": "commands.machine",
    "bench": "commands.machine",
    "version": "cli",
}
"""The module of each command, or group of commands, in the order of the help."""

_YOUNG: Final = 50_000
"""So many objects more than were let go are made before Python looks for garbage."""

_HIDDEN: Final = {"views"}


class _Commands(TyperGroup):
    """Imports a command when it is asked for: most need a second's imports that others do not."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 (as Typer calls it)
        """Return the names of all commands."""
        return list(_PLACES)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """Return a command; None when there is none of that name."""
        if cmd_name not in _PLACES:
            return None
        found = getattr(import_module(f"stockex.{_PLACES[cmd_name]}"), cmd_name.replace("-", "_"))
        holder = typer.Typer()
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=cmd_name)
        else:
            holder.command(cmd_name, hidden=cmd_name in _HIDDEN)(found)
        return cast(TyperCommand | TyperGroup, typer.main.get_group(holder).commands[cmd_name])


commands = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False)


@commands.callback(help=__doc__)
def _all() -> None:
    pass


def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; a fault of the world ends it with one line and status 1."""
    if not __debug__:
        sys.exit("stockex: assertions are off; start Python without -O")
    gc.set_threshold(_YOUNG)  # Modules are no garbage: to look for it among them was a tenth of importing.
    try:
        commands()
    except* StockExError as faults:
        sys.exit("\n".join(f"stockex: {fault}" for fault in _leaves(faults)))


def _leaves(faults: BaseExceptionGroup[StockExError]) -> Iterator[StockExError]:
    for fault in faults.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _leaves(fault)
        else:
            yield fault
