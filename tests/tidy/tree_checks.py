"""What holds for files of every kind, and for the tree as a whole."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from tidy.tree import VENDOR, Source

TextCheck = Callable[[Source], Iterator[str]]

PAGE_LINES: Final = 250
MODULES: Final = 9
LEFTOVERS: Final = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
ELSEWHERE: Final = tuple(
    "".join(parts)
    for parts in (
        ("/", "work/"),
        ("/", "root/"),
        ("/", "home/"),
        ("py", "pi.org"),
        ("files.python", "hosted"),
        ("registry.npm", "js"),
        ("crates", ".io"),
        ("proxy.go", "lang"),
        ("repo1.", "maven"),
        ("repo.", "maven"),
        ("deb.", "debian.org"),
    )
)
"""Paths of one machine, and hosts of package registries; each in two parts, so that this file holds none."""


def page_length(source: Source) -> Iterator[str]:
    """A template, script or style sheet has at most 250 lines."""
    is_page = source.path.startswith("src/") and source.path.endswith((".html", ".js", ".mjs", ".css"))
    if is_page and VENDOR not in source.path and source.lines > PAGE_LINES:
        yield f"{source.path}: {source.lines} lines, at most {PAGE_LINES}"


def no_leftovers(source: Source) -> Iterator[str]:
    """What is to be done stands in an issue."""
    if VENDOR in source.path:
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if found := LEFTOVERS.search(line):
            yield f"{source.path}:{number}: {found[0]}"


def no_elsewhere(source: Source) -> Iterator[str]:
    """No file names a path of one machine or a registry's host."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        yield from (f"{source.path}:{number}: {needle}" for needle in ELSEWHERE if needle in line)


def package_size(paths: Iterable[str]) -> Iterator[str]:
    """A package has at most 9 modules beside its `__init__`."""
    modules = Counter(
        str(PurePosixPath(path).parent)
        for path in paths
        if path.startswith("src/") and path.endswith(".py") and not path.endswith("__init__.py")
    )
    yield from (
        f"{package}: {count} modules, at most {MODULES}" for package, count in modules.items() if count > MODULES
    )


def vendored(directory: Path) -> Iterator[str]:
    """Every vendored file has the sum that SHA256SUMS states, and no other file but a README stands there."""
    lines = (directory / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    stated = {name.lstrip("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    present = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    for name in sorted((present - {"README.md", "SHA256SUMS"}) ^ stated.keys()):
        yield f"{name}: in the directory or in SHA256SUMS, not in both"
    for name in sorted(present & stated.keys()):
        if hashlib.sha256((directory / name).read_bytes()).hexdigest() != stated[name]:
            yield f"{name}: not the file that SHA256SUMS states"


TEXT_CHECKS: Final[tuple[TextCheck, ...]] = (page_length, no_leftovers, no_elsewhere)
"""Checks of one file that may find nothing anywhere."""
