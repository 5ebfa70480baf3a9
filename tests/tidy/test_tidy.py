"""The sizes and bans of the project, held over every file."""

import pytest
from tidy import python_checks, tree_checks
from tidy.tree import ROOT, VENDOR, python, sources

SUPERVISOR = "src/stockex/app.py"
ANY_LIMIT = 10
PAPERS = ["ARCHITECTURE.md", "CHANGELOG.md", "GLOSSARY.md", "LICENSE", "NOTICE", "README.md"]


@pytest.mark.parametrize("check", python_checks.ALWAYS, ids=lambda check: check.__name__)
def test_every_python_file_is_tidy(check: python_checks.Check) -> None:
    """The check finds nothing in any Python file."""
    assert [fault for source in python() for fault in check(source)] == []


@pytest.mark.parametrize("check", tree_checks.TEXT_CHECKS, ids=lambda check: check.__name__)
def test_every_text_file_is_tidy(check: tree_checks.TextCheck) -> None:
    """The check finds nothing in any text file."""
    assert [fault for source in sources() for fault in check(source)] == []


def test_only_the_supervisor_catches_everything() -> None:
    """One broad `except` at most, and it stands in app.py."""
    found = [fault for source in python() for fault in python_checks.broad_excepts(source)]
    assert [fault for fault in found if not fault.startswith(SUPERVISOR)] == []
    assert len(found) <= 1


def test_any_stays_rare() -> None:
    """The package says `Any` ten times at most."""
    assert len([fault for source in python() for fault in python_checks.any_types(source)]) <= ANY_LIMIT


def test_no_package_has_more_than_nine_modules() -> None:
    """A package that grows past nine modules is two packages."""
    assert list(tree_checks.package_size(source.path for source in python())) == []


def test_vendored_files_are_the_ones_stated() -> None:
    """Nobody has changed what others wrote."""
    assert list(tree_checks.vendored(ROOT / ("src/stockex/web" + VENDOR))) == []


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_are_there(name: str) -> None:
    """A stranger finds what each project should say, and it says something."""
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_the_checks_see_the_tree() -> None:
    """The walk finds the package and these tests, and nothing that git ignores."""
    paths = {source.path for source in sources()}
    assert {"src/stockex/__init__.py", "tests/tidy/test_tidy.py", "Makefile", ".ci/run"} <= paths
    assert not any(path.startswith((".venv/", ".git/")) for path in paths)
