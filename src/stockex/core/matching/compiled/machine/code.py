"""Functions that become machine code: those that Python calls, and their parts.

Numba makes a function's code whole before it looks at the next one, with all that it calls: optimised, and as machine
code. Here a part is left as it is when it is translated; only what Python calls is optimised, with its parts in it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar, cast

import numba
from numba.core import config, event, types
from numba.core.dispatcher import Dispatcher

from stockex.core.matching.compiled.machine.keeping import Cache
from stockex.core.matching.compiled.machine.translating import PartCompiler

F = TypeVar("F", bound=Callable[..., object])

IS_PLAIN: Final = bool(vars(config)["DISABLE_JIT"])


def compiled(function: F) -> F:
    """Compile `function` to machine code at its first call, and keep the code beside the source for later starts."""
    if IS_PLAIN:
        return function
    dispatcher = _dispatcher(function, nogil=True)
    with suppress(RuntimeError):  # no folder can be written, neither beside the source nor the user's own
        vars(dispatcher)["_cache"] = Cache(function)  # type: ignore[no-untyped-call]  # what `cache=True` does
    return cast(F, dispatcher)


def part(function: F) -> F:
    """Compile into whatever calls it, always."""
    return _part(function, forceinline=True)


def shared(function: F) -> F:
    """Compile for others that are compiled; whether into each of them, is for the compiler to say."""
    return _part(function)


def _part(function: F, **more: bool) -> F:
    if IS_PLAIN:
        return function
    more |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher = _dispatcher(function, pipeline_class=PartCompiler, **more)
    compiler = vars(dispatcher)["_compiler"]
    fold = compiler.fold_argument_types

    def folded(given: tuple[types.Type, ...], named: dict[str, types.Type]) -> tuple[object, tuple[types.Type, ...]]:
        signature, kinds = fold(given, named)
        return signature, tuple(_widest(kind) for kind in kinds)

    compiler.fold_argument_types = folded
    return cast(F, dispatcher)


def _widest(kind: types.Type) -> types.Type:
    """Return 64 bits for whole numbers, literals too: a part is compiled once for all."""
    if isinstance(kind, types.Integer | types.IntegerLiteral):
        return types.int64
    if isinstance(kind, types.BaseTuple) and not isinstance(kind, types.BaseNamedTuple):
        return types.Tuple([_widest(one) for one in cast(tuple[types.Type, ...], kind)])  # type: ignore[no-untyped-call]
    return kind


def _dispatcher(function: Callable[..., object], **more: object) -> Dispatcher:
    """Compile without counting references to arrays: who calls the kernel keeps them, and counting costs most."""
    compiler = cast(Callable[..., Callable[[Callable[..., object]], Dispatcher]], numba.njit)
    return compiler(error_model="numpy", boundscheck=False, _nrt=False, **more)(function)


def folder_of(function: Callable[..., object]) -> str | None:
    """Return the folder in which the machine code of a `compiled` function is kept, or None if it is not."""
    cache = vars(function).get("_cache")
    return cache.cache_path if isinstance(cache, Cache) else None


class NotKept(Exception):
    """Something would have to be compiled."""


@contextmanager
def kept_only() -> Iterator[None]:
    """Compile nothing in this block. Raises: NotKept: some code is not kept, or does not fit."""
    refusing = _Refusing()
    event.register("numba:compile", refusing)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        event.unregister("numba:compile", refusing)  # type: ignore[no-untyped-call]


class _Refusing(event.Listener):
    def on_start(self, event: object) -> None:  # noqa: ARG002 (as Numba calls it)
        raise NotKept

    def on_end(self, event: object) -> None:
        pass
