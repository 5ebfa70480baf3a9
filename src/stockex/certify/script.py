"""Scenarios as text: one block each, with a line for each step; blocks with a table are many scenarios.

    ## ORD-{id} {what} is accepted
    source FIX 4.4, volume 4, matrix A.1
    with id | what | tags
    : 01 | a limit order | 40=2 44=20.00
    : 02 | a market order | 40=1
    ask new 54=1 55=ALPHA 38=10 {tags}
    expect D 54=1 55=ALPHA 38=10 {tags}
    report new

A line `# Section` begins a section. A scenario must be passed unless its block says `optional`.
"""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Final

from msgspec import Struct

from stockex.errors import ConfigurationError

VERBS: Final = frozenset(
    {"start", "expect", "send", "report", "refuse", "ask", "quiet", "close", "closed", "logout", "numbers"}
)
_ID: Final = re.compile(r"([A-Z]{3}-[0-9]{2,3}) (.+)")


class Step(Struct, frozen=True):
    """One line of a scenario: what the venue does, or what the client must do."""

    line: int
    verb: str
    rest: str

    def __str__(self) -> str:
        return f"{self.verb} {self.rest}".rstrip()


class Scenario(Struct, frozen=True, kw_only=True):
    """One scenario.

    Attributes:
        id: Its number, such as SES-01.
        is_mandatory: A client must pass it to be certified.
        source: Where the rule stands.
    """

    id: str
    title: str
    section: str
    source: str
    is_mandatory: bool
    steps: tuple[Step, ...]


def scenarios() -> list[Scenario]:
    """Return all scenarios of the package, in the order of their files."""
    folder = resources.files("stockex.certify") / "scenarios"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    return [found for file in files for found in scenarios_in(file.read_text("utf-8"), name=file.name)]


def scenarios_in(text: str, *, name: str) -> Iterator[Scenario]:
    """Yield the scenarios of a text. Raises: ConfigurationError: a line that means nothing, with its place."""
    section = ""
    for part in re.split(r"^(?=##? )", text, flags=re.MULTILINE):
        if part.startswith("# "):
            section = part.splitlines()[0].removeprefix("# ")
        elif part.startswith("## "):
            first = text[: text.index(part)].count("\n") + 1
            yield from _block(part, section=section, place=f"{name}:{first}")


def _block(text: str, *, section: str, place: str) -> Iterator[Scenario]:
    """Yield what a block says, once for each line of its table."""
    title, *lines = text.splitlines()
    heads: list[str] = []
    rows: list[list[str]] = []
    said = {"source": "", "optional": None}
    steps: list[Step] = []
    for number, line in enumerate(lines, start=1):
        verb, _, rest = line.strip().partition(" ")
        if verb == "with":
            heads = _cells(rest)
        elif verb == ":":
            rows.append(_cells(rest))
        elif verb in said:
            said[verb] = rest
        elif verb in VERBS:
            steps.append(Step(number, verb, rest.strip()))
        elif verb:
            raise ConfigurationError(f"{place}: line {number}: {verb!r} is no step")
    for row in rows or [[]]:
        values = dict(zip(heads, row, strict=True))
        named = _ID.fullmatch(_filled(title.removeprefix("## "), values))
        if named is None:
            raise ConfigurationError(f"{place}: {title!r} has no number")
        yield Scenario(
            id=named[1],
            title=named[2],
            section=section,
            source=said["source"] or "",
            is_mandatory=said["optional"] is None,
            steps=tuple(Step(step.line, step.verb, _filled(step.rest, values)) for step in steps),
        )


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)]


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
