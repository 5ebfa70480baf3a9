"""Reads Markdown as far as the checks need it: links, headings and fenced blocks that are marked to run."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
HEADING: Final = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
FENCE: Final = re.compile(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, what else stands behind the fence, and its text."""

    language: str
    marks: str
    text: str


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [Block(*found.groups()) for found in FENCE.finditer(text)]


def anchors(text: str) -> set[str]:
    """Return the fragments that a page's headings answer to, as forges make them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(_prose(text))}


def broken_links(page: Path) -> Iterator[str]:
    """Yield each link of the page to a file or a heading that is not there; links elsewhere are not followed."""
    for target in LINK.findall(_prose(page.read_text(encoding="utf-8"))):
        if ":" in target:
            continue
        name, _, fragment = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists():
            yield f"{page.name}: {target}: no such file"
        elif fragment and fragment not in anchors(file.read_text(encoding="utf-8")):
            yield f"{page.name}: {target}: no such heading"


def transcript_faults(text: str, *, directory: Path) -> Iterator[str]:
    """Run each `$ command` of a console block and yield those whose output differs; `...` stands for anything."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = f"{command[:-1]}{more.removeprefix('> ')}"
        shown = _output(command, directory)
        if not doctest.OutputChecker().check_output(expected, shown, doctest.ELLIPSIS):
            yield f"$ {command}\n{shown}"


def _output(command: str, directory: Path) -> str:
    """Return what the shell prints for `command`, with the commands of this Python's environment first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S602 (the project's own pages are run, as a reader would)
        command,
        shell=True,
        cwd=directory,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def _prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text)
