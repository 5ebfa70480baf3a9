"""The commands of FIX."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from stockex.adapters.clock import wall_clock
from stockex.certify.play import Verdict
from stockex.certify.report import Report, as_json, as_junit, as_page, report_of
from stockex.certify.robot import FAULTS
from stockex.certify.run import Certifier, Options, self_test
from stockex.certify.script import scenarios
from stockex.commands.telling import Json
from stockex.core.fix.session.settings import SessionSettings
from stockex.errors import ConfigurationError
from stockex.services.fix_echo import EchoServer

Tell = Callable[[Verdict], None]


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


_declared = typer.Typer()


@_declared.command()
def certify(  # noqa: PLR0913 (each is an option of the command line)
    target: Annotated[str, typer.Option(help="The client's CompID.")] = "CLIENT1",
    *,
    sender: Annotated[str, typer.Option(help="Our CompID.")] = "FIX_SERVER",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65_535)] = 5001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    only: Annotated[list[str] | None, typer.Option(help="Scenarios, such as SEQ-* or ORD-01; several times.")] = None,
    symbol: Annotated[str, typer.Option(help="What orders are for.")] = "ALPHA",
    patience: Annotated[float, typer.Option(help="Seconds that the client has for each step.", min=0.1)] = 10.0,
    report: Annotated[Path | None, typer.Option(help="Directory for report.html, report.json and junit.xml.")] = None,
    robot: Annotated[bool, typer.Option("--robot", help="Certify our own client instead.")] = False,
    fault: Annotated[str, typer.Option(help=f"What our own client does wrong: {', '.join(FAULTS)}.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="Only list the scenarios.")] = False,
    as_json_lines: Json = False,
) -> None:
    """Walk a FIX 4.4 client through scenarios and grade it; docs/certify.md. Status 1: it is not certified."""
    options = Options(sender=sender, target=target, only=only or (), patience_s=patience, symbol=symbol)
    if listing:
        for scenario in options.chosen():
            typer.echo(f"{scenario.id}  {scenario.title}{'' if scenario.is_mandatory else '  (optional)'}")
        return
    if fault and fault not in FAULTS:
        raise ConfigurationError(f"--fault is one of {', '.join(FAULTS)}, not {fault}")
    tell = _quiet if as_json_lines else _say
    if robot or fault:
        verdicts = asyncio.run(self_test(options, fault=fault, tell=tell))
    else:
        verdicts = asyncio.run(_certified(options, (host, port), tell=tell, is_quiet=as_json_lines))
    found = report_of(verdicts, client=target, venue=sender, at=wall_clock())
    if report is not None:
        _write(found, report)
    typer.echo(as_json(found).decode() if as_json_lines else _summary(found))
    if not found.is_certified:
        raise typer.Exit(1)


async def _certified(options: Options, at: tuple[str, int], *, tell: Tell, is_quiet: bool) -> list[Verdict]:
    hint = _ignore if is_quiet else _hint
    certifier = Certifier(options, hint=hint)
    async with certifier.listening(*at) as port:
        hint(
            f"address  {at[0]}:{port}, {len(options.chosen())} of {len(scenarios())} scenarios; waiting for the client"
        )
        return await certifier.verdicts(tell=tell)


def _say(verdict: Verdict) -> None:
    mark = "ok  " if verdict.is_passed else "FAIL"
    typer.echo(f"{mark}  {verdict.id}  {verdict.title}")
    if verdict.why:
        typer.echo(f"              {verdict.why}")


def _hint(text: str) -> None:
    typer.echo(f"          {text}")


def _quiet(_: Verdict) -> None:
    """Say nothing: the report says it."""


def _ignore(_: str) -> None:
    """Say nothing: the client is a program."""


def _write(report: Report, folder: Path) -> None:
    """Write the report in its three forms. Raises: ConfigurationError: it cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.html").write_text(as_page(report), encoding="utf-8")
        (folder / "report.json").write_bytes(as_json(report))
        (folder / "junit.xml").write_bytes(as_junit(report))
    except OSError as error:
        raise ConfigurationError(f"--report {folder}: {error.strerror}") from error


def _summary(report: Report) -> str:
    return f"{report.client}: {report.grade}; {report.passed} passed, {report.failed} failed"
