"""The commands of FIX."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer

from stockex.core.fix.session.settings import SessionSettings
from stockex.services.fix_echo import EchoServer


def fix_echo(
    target: Annotated[list[str], typer.Option(help="A counterparty's CompID; may be given several times.")],
    *,
    sender: Annotated[str, typer.Option(help="Our CompID.")] = "STOCKEX",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65_535)] = 5001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    reset_on_logon: Annotated[bool, typer.Option("--reset-on-logon", help="Numbers begin anew at each logon.")] = False,
) -> None:
    """Run FIX 4.4 sessions that send orders back, for conformance tests; docs/fix.md."""
    names = dict.fromkeys(target)
    sessions = [SessionSettings(sender=sender, target=name, resets_on_logon=reset_on_logon) for name in names]
    with suppress(KeyboardInterrupt):
        asyncio.run(EchoServer(sessions).serve(host, port, say=typer.echo))
