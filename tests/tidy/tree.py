"""The files of the project, as the checks see them."""

import ast
import fnmatch
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = {"", ".css", ".html", ".ini", ".js", ".json", ".jsonl", ".lock", ".md", ".mjs", ".py", ".sh", ".svg"}
TEXT_TOO: Final = {".toml", ".txt", ".yaml", ".yml"}
VENDOR: Final = "/static/vendor/"


class Source(NamedTuple):
    """One text file: its path from the root, with slashes, and what it says."""

    path: str
    text: str

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return parsed(self.text)


@cache
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of `text`; nobody may change it."""
    return ast.parse(text)


@cache
def sources() -> tuple[Source, ...]:
    """Return every text file that is not ignored by git."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in _walk(ROOT, _ignored())
        if path.suffix in TEXT | TEXT_TOO
    )


def python() -> list[Source]:
    """Return every Python file."""
    return [source for source in sources() if source.path.endswith(".py")]


def _ignored() -> list[str]:
    """Return the names that .gitignore lists, and git's own."""
    names = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return [".git", *(name.strip("/") for name in names)]


def _walk(directory: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if any(fnmatch.fnmatch(path.name, name) for name in ignored):
            continue
        if path.is_dir():
            yield from _walk(path, ignored)
        else:
            yield path
