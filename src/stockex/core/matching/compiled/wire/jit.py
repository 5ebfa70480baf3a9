"""Numba, with types that a checker can read, and two things that it has not.

Its cache looks at the source file of a function only; here the compiled code is made anew as well when anything changed
that the function calls or reads. And it copies bytes one by one; here `copy` is one call of memcpy. With
NUMBA_DISABLE_JIT=1 all is plain Python, slowly, so that branches can be counted.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from types import CodeType, ModuleType
from typing import Any, Final, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba import config
from numba.core import caching, cgutils, types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., object])

Bytes: TypeAlias = NDArray[np.uint8]
Wholes: TypeAlias = NDArray[np.int64]

_IS_PLAIN: Final = bool(getattr(config, "DISABLE_JIT", 0))


def compiled(function: F) -> F:
    """Compile `function` to machine code at its first call, and keep the code beside the source for later starts."""
    if _IS_PLAIN:
        return function
    dispatcher = _dispatcher(function, nogil=True)
    with suppress(RuntimeError):  # no folder can be written, neither beside the source nor the user's own
        vars(dispatcher)["_cache"] = _Cache(function)  # type: ignore[no-untyped-call]  # what `cache=True` does
    return cast(F, dispatcher)


def inner(function: F) -> F:
    """Compile `function` for others that are compiled. Python cannot call it, which spares half the compiler's time."""
    return function if _IS_PLAIN else cast(F, _dispatcher(function, no_cpython_wrapper=True, no_cfunc_wrapper=True))


def _dispatcher(function: Callable[..., object], **more: bool) -> Dispatcher:
    compiler = cast(Callable[..., Callable[[Callable[..., object]], Dispatcher]], numba.njit)
    return compiler(error_model="numpy", boundscheck=False, _nrt=False, **more)(function)


class _Cache(caching.FunctionCache):
    def _index_key(self, sig: object, codegen: object) -> object:
        seen: dict[str, None] = {}
        parts = "\n".join(_parts(self._py_func, seen))
        key: object = super()._index_key(sig, codegen)  # type: ignore[no-untyped-call]
        return key, sha256(parts.encode()).hexdigest()


def _parts(function: Callable[..., object], seen: dict[str, None]) -> Iterator[str]:
    """Yield the code of the function, and of all that it calls or reads in its module and others."""
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    seen[name] = None
    yield name
    names: set[str] = set()
    pending = [function.__code__]
    while pending:
        code = pending.pop()
        names |= set(code.co_names)
        pending += [one for one in code.co_consts if isinstance(one, CodeType)]
        yield f"{code.co_code.hex()} {[one for one in code.co_consts if not isinstance(one, CodeType)]}"
    known = {name: function.__globals__[name] for name in names if name in function.__globals__}
    for module in [value for value in known.values() if isinstance(value, ModuleType)]:
        known |= {f"{module.__name__}.{name}": getattr(module, name) for name in names if hasattr(module, name)}
    for name, value in sorted(known.items()):
        if isinstance(value, Dispatcher):
            yield from _parts(value.py_func, seen)
        elif isinstance(value, np.ndarray):
            yield f"{name} {sha256(value.tobytes()).hexdigest()}"
        elif isinstance(value, int | str | tuple | np.generic):
            yield f"{name} {value!r}"


def _move(_context: object, span: types.Type) -> object:
    """Tell Numba how to copy (out, at, source, start, size): the signature, and the machine code."""

    def code(*given: Any) -> object:  # noqa: ANN401 (Numba's inside has no types)
        context, builder, signature, (value,) = given
        out, at, source, start, size = cgutils.unpack_tuple(builder, value)  # type: ignore[no-untyped-call]
        kinds = signature.args[0].types
        target = context.make_array(kinds[0])(context, builder, out).data
        origin = context.make_array(kinds[2])(context, builder, source).data
        places = builder.gep(target, [at]), builder.gep(origin, [start])
        cgutils.raw_memcpy(builder, *places, size, 1)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.void(span), code


def _move_slowly(span: tuple[Bytes, int, Bytes, int, int]) -> None:
    out, at, source, start, size = span
    out[at : at + size] = source[start : start + size]


_moved = cast(Callable[[tuple[object, ...]], None], _move_slowly if _IS_PLAIN else intrinsic(_move))


@inner
def copy(out: Bytes, at: int, source: Bytes, start: int, size: int) -> int:
    """Copy `size` bytes of `source` from `start` into `out` at `at`; return the place behind them."""
    _moved((out, np.int64(at), source, np.int64(start), np.int64(size)))
    return at + size
