"""Each check, shown something bad and something good: a check that cannot fail checks nothing."""

from pathlib import Path

import pytest
from tidy import python_checks, tree_checks
from tidy.tree import Source

CORE = "src/stockex/core/matching/book.py"
MODULE = "src/stockex/web/app.py"
LONG = "\n".join(["x = 1"] * 51)
BODY = "\n".join(["    x = 1"] * 50)

BAD = [
    (python_checks.file_length, MODULE, "x = 1\n" * 401),
    (python_checks.file_length, "src/stockex/services/feeder.py", "x = 1\n" * 201),
    (python_checks.file_length, "tests/unit/test_book.py", "x = 1\n" * 501),
    (python_checks.function_length, MODULE, f"def f():\n{BODY}\n"),
    (python_checks.function_length, MODULE, f"class A:\n    async def f():\n{BODY.replace('    ', '        ')}\n"),
    (python_checks.parameters, MODULE, "def f(a, b, c): ..."),
    (python_checks.parameters, MODULE, "def f(a, b, *, c, d, e, g): ..."),
    (python_checks.parameters, MODULE, "@compiled\ndef f(a, b, c, d, e, g): ..."),
    (python_checks.parameters, MODULE, "class A:\n    def __init__(self, a, b, c): ..."),
    (python_checks.docstrings, MODULE, "x = 1"),
    (python_checks.docstrings, MODULE, '"""A."""\nclass A: ...'),
    (python_checks.docstrings, MODULE, '"""A."""\ndef f(): ...'),
    (python_checks.docstrings, MODULE, '"""A."""\nclass A:\n    """A."""\n    def f(self): ...'),
    (python_checks.docstrings, "tests/unit/test_book.py", '"""A."""\ndef test_a(): ...'),
    (python_checks.package_rules, "src/stockex/core/__init__.py", '"""The core."""'),
    (python_checks.no_print, MODULE, "print(1)"),
    (python_checks.no_global, MODULE, "def f():\n    global x\n"),
    (python_checks.no_floats, CORE, "def f(price: float): ..."),
    (python_checks.no_floats, CORE, "half = 0.5"),
    (python_checks.names, "src/stockex/web/utils.py", ""),
    (python_checks.names, MODULE, "class OrderManager: ..."),
    (python_checks.names, MODULE, "def error_handler(): ..."),
    (python_checks.broad_excepts, MODULE, "try: ...\nexcept: ..."),
    (python_checks.broad_excepts, MODULE, "try: ...\nexcept (OSError, Exception): ..."),
    (python_checks.broad_excepts, MODULE, "with contextlib.suppress(BaseException): ..."),
    (python_checks.any_types, MODULE, "def f(a: Any): ..."),
    (python_checks.any_types, MODULE, "def f(a: typing.Any): ..."),
    (tree_checks.page_length, "src/stockex/web/templates/page.html", "x\n" * 251),
    (tree_checks.no_leftovers, "docs/page.md", "TO" + "DO: write this"),
    *((tree_checks.no_elsewhere, "README.md", f"see {needle}") for needle in tree_checks.ELSEWHERE),
]

GOOD = [
    (python_checks.file_length, "tests/unit/test_book.py", "x = 1\n" * 500),
    (python_checks.function_length, MODULE, f"def f():\n{BODY[:-10]}\n"),
    (python_checks.parameters, MODULE, "def f(a, b, *, c, d, e): ..."),
    (python_checks.parameters, MODULE, "@compiled\ndef f(a, b, c, d, e): ..."),
    (python_checks.parameters, MODULE, "@shared\ndef f(a, b, c, d, e): ..."),
    (python_checks.parameters, MODULE, "@router.get('/')\ndef f(a, b, c, d, e, g): ..."),
    (python_checks.parameters, MODULE, "async def stream(scope, receive, send): ..."),
    (python_checks.parameters, MODULE, "class A:\n    def __exit__(self, kind, error, trace): ..."),
    (python_checks.parameters, "tests/unit/test_book.py", "def test_a(a, b, c, d, e, f): ..."),
    (python_checks.docstrings, MODULE, '"""A."""\ndef _f(): ...\nclass _A:\n    def f(self): ...'),
    (python_checks.package_rules, "src/stockex/core/__init__.py", '"""The core.\n\nRule 1. Pure.\n"""'),
    (python_checks.no_print, "benchmarks/live.py", "print(1)"),
    (python_checks.no_floats, "src/stockex/core/market_data/indicators.py", "half = 0.5"),
    (python_checks.no_floats, MODULE, "half = 0.5"),
    (python_checks.broad_excepts, MODULE, "try: ...\nexcept OSError: ..."),
    (tree_checks.page_length, "src/stockex/web/static/vendor/chart.js", "x\n" * 251),
]


@pytest.mark.parametrize(("check", "path", "text"), BAD)
def test_a_check_finds_what_is_bad(check: python_checks.Check, path: str, text: str) -> None:
    """The bad snippet has exactly one fault."""
    assert len(list(check(Source(path, text)))) == 1


@pytest.mark.parametrize(("check", "path", "text"), GOOD)
def test_a_check_passes_what_is_good(check: python_checks.Check, path: str, text: str) -> None:
    """The good snippet has none."""
    assert list(check(Source(path, text))) == []


def test_every_check_is_shown_something_bad() -> None:
    """A new check without a bad snippet fails here."""
    checks = {*python_checks.ALWAYS, *python_checks.COUNTED, *tree_checks.TEXT_CHECKS}
    assert {check for check, _, _ in BAD} == checks


def test_a_tenth_module_is_found() -> None:
    """Nine modules and an `__init__` pass, a tenth module does not."""
    nine = ["src/stockex/web/__init__.py", *(f"src/stockex/web/part{number}.py" for number in range(9))]
    assert list(tree_checks.package_size(nine)) == []
    assert len(list(tree_checks.package_size([*nine, "src/stockex/web/more.py"]))) == 1


def test_a_changed_or_unlisted_vendored_file_is_found(tmp_path: Path) -> None:
    """One file whose bytes differ, one that nobody states, one that is absent: three faults."""
    for name in ("changed.js", "unlisted.js"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  changed.js\n{'0' * 64}  absent.js\n", encoding="utf-8")
    assert [fault.split(":")[0] for fault in tree_checks.vendored(tmp_path)] == [
        "absent.js",
        "unlisted.js",
        "changed.js",
    ]
