"""What holds for each Python file. A check yields one sentence a fault; none means that all is well."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

from tidy.tree import Source

Check = Callable[[Source], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

TOP: Final = PurePosixPath("src/stockex")
LINES: Final = {"tests/": 500, "src/stockex/services/": 200, "": 400}
FUNCTION_LINES: Final = 50
PARAMETERS: Final = 5
POSITIONAL: Final = 2
_COMPILED: Final = frozenset({"compiled", "part", "shared"})
FLOATS_ALLOWED: Final = {"indicators", "features", "regimes", "dice"}
VAGUE: Final = re.compile(r"(^|_)(utils?|helpers?|managers?|handlers?)($|_)|(Util|Helper|Manager|Handler)s?$")
ROUTES: Final = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "exception_handler",
    "middleware",
    "command",
    "callback",
}
SIGNATURES: Final = {("scope", "receive", "send"), ("logger", "method", "event")}
"""Positional parameters that ASGI and structlog ask for."""


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of the file, nested ones included."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def file_length(source: Source) -> Iterator[str]:
    """A file has at most 400 lines, a test file 500, a service 200."""
    limit = next(limit for folder, limit in LINES.items() if source.path.startswith(folder))
    if source.lines > limit:
        yield f"{source.path}: {source.lines} lines, at most {limit}"


def function_length(source: Source) -> Iterator[str]:
    """A function has at most 50 lines, docstring included."""
    for function in functions(source):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"{source.path}:{function.lineno}: {function.name} has {lines} lines, at most {FUNCTION_LINES}"


def parameters(source: Source) -> Iterator[str]:
    """A function has at most 5 parameters, keyword-only after 2; tests and routes take what their framework gives.

    Compiled functions have none that are keyword-only: Numba does not know them.
    """
    if source.path.startswith("tests/"):
        return
    for function in functions(source):
        arguments = function.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        if positional and positional[0] in {"self", "cls"}:
            del positional[0]
        if _is_framework(function, tuple(positional)):
            continue
        most = PARAMETERS if not _COMPILED.isdisjoint(_decorators(function)) else POSITIONAL
        if len(positional) > most or len(positional) + len(arguments.kwonlyargs) > PARAMETERS:
            found = f"{len(positional)} positional of {len(positional) + len(arguments.kwonlyargs)} parameters"
            yield f"{source.path}:{function.lineno}: {function.name} has {found}; at most {most} of {PARAMETERS}"


def _decorators(function: Function) -> set[str]:
    return {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}


def _is_framework(function: Function, positional: tuple[str, ...]) -> bool:
    """Say whether somebody else laid down the signature: a route, a magic method, an ASGI application."""
    is_magic = function.name.startswith("__") and function.name != "__init__"
    is_route = any(
        isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in ROUTES
        for decorator in function.decorator_list
    )
    return is_magic or is_route or positional in SIGNATURES


def docstrings(source: Source) -> Iterator[str]:
    """Every module, public class, public function and test says what it is."""
    if not ast.get_docstring(source.tree):
        yield f"{source.path}: no docstring"
    pending: list[ast.Module | ast.ClassDef] = [source.tree]
    while pending:
        for node in pending.pop().body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                pending.append(node)
            elif not isinstance(node, Function) or node.name.startswith("_") or _is_told_elsewhere(node):
                continue
            if not ast.get_docstring(node):
                yield f"{source.path}:{node.lineno}: {node.name} has no docstring"


def _is_told_elsewhere(function: Function) -> bool:
    """Say whether another function carries the docstring: an overload's or a property's."""
    return bool(_decorators(function) & {"overload", "setter", "override"})


def package_rules(source: Source) -> Iterator[str]:
    """The docstring of each package states its rules."""
    path = PurePosixPath(source.path)
    is_part = path.name == "__init__.py" and path.parent != TOP and TOP in path.parents
    if is_part and "Rule 1. " not in (ast.get_docstring(source.tree) or ""):
        yield f"{source.path}: the docstring states no rules (Rule 1. ...)"


def no_print(source: Source) -> Iterator[str]:
    """Code logs or writes where it was told to; only the scripts of benchmarks print."""
    if source.path.startswith("benchmarks/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{source.path}:{node.lineno}: print"


def no_global(source: Source) -> Iterator[str]:
    """No function changes a module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield f"{source.path}:{node.lineno}: global {', '.join(node.names)}"


def broad_excepts(source: Source) -> Iterator[str]:
    """Yield every place that catches everything; `test_tidy` allows the supervisor one."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            yield f"{source.path}:{node.lineno}: except that catches everything"
        if isinstance(node, ast.Call) and _is_suppress(node.func) and any(map(_is_broad, node.args)):
            yield f"{source.path}:{node.lineno}: suppress that catches everything"


def _is_suppress(function: ast.expr) -> bool:
    return ast.unparse(function).rpartition(".")[2] == "suppress"


def _is_broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(element) for element in kind.elts)
    return kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})


def any_types(source: Source) -> Iterator[str]:
    """Yield every use of `Any` in the package; `test_tidy` allows ten."""
    if not source.path.startswith("src/"):
        return
    for node in ast.walk(source.tree):
        if (isinstance(node, ast.Name) and node.id == "Any") or (
            isinstance(node, ast.Attribute) and node.attr == "Any"
        ):
            yield f"{source.path}:{node.lineno}: Any"


def no_floats(source: Source) -> Iterator[str]:
    """The core counts in whole units; only indicators, features, regimes and dice are real numbers."""
    path = PurePosixPath(source.path)
    if "src/stockex/core/" not in source.path or path.stem in FLOATS_ALLOWED:
        return
    for node in ast.walk(source.tree):
        is_number = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if isinstance(node, ast.expr) and (is_number or (isinstance(node, ast.Name) and node.id == "float")):
            yield f"{source.path}:{node.lineno}: float"


def names(source: Source) -> Iterator[str]:
    """Nothing is called by a word that fits everything."""
    defined = [node for node in ast.walk(source.tree) if isinstance(node, Function | ast.ClassDef)]
    for name in (PurePosixPath(source.path).stem, *(node.name for node in defined)):
        if VAGUE.search(name):
            yield f"{source.path}: {name} says too little"


ALWAYS: Final[tuple[Check, ...]] = (
    file_length,
    function_length,
    parameters,
    docstrings,
    package_rules,
    no_print,
    no_global,
    no_floats,
    names,
)
"""Checks that may find nothing anywhere."""

COUNTED: Final[tuple[Check, ...]] = (broad_excepts, any_types)
"""Checks whose findings are limited in number."""
