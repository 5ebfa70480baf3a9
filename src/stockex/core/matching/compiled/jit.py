"""What the kernel asks of Numba: functions that compile into one, three machine instructions, and an honest cache.

With NUMBA_DISABLE_JIT=1 all of it runs as plain Python, slowly, so that its branches can be counted.
"""

from collections.abc import Callable
from typing import Final, SupportsInt, TypeVar, cast
from zlib import crc32

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import config, event
from numba.core.base import BaseContext
from numba.core.cgutils import get_or_insert_function
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

_F = TypeVar("_F", bound=Callable[..., object])

_struct_of = cast(Callable[..., Callable[..., ir.Value]], make_array)
_declared = cast(Callable[..., ir.Function], get_or_insert_function)
_BIT: Final = ir.IntType(1)
_INT: Final = ir.IntType(32)
_BYTES: Final = ir.IntType(8).as_pointer()
_WORD_BITS: Final = 64
_WORD: Final = ir.IntType(_WORD_BITS)
_LOW: Final = (1 << _WORD_BITS) - 1

VERSION: Final = 1
"""Of the options below: to be raised with a change of them, or kept code would be used on."""

_stamps: list[int] = []


def part(function: _F) -> _F:
    """Compile a part of the kernel into whatever calls it."""
    _stamps.append(_stamp(function))
    return _compiled(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def shared(function: _F) -> _F:
    """Compile a part of the kernel once, for all that call it: what is rarely run."""
    _stamps.append(_stamp(function))
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def entry(make: Callable[[int], _F]) -> _F:
    """Compile what Python calls, without the interpreter's lock, and keep the machine code on disk where that can be.

    Args: make: Given a number that stands for all parts defined so far, returns the function. Numba looks at the
        file of the function alone when it asks whether kept code is stale; the number, which the function must use,
        makes it look at its parts too.
    """
    function = make(crc32(repr((VERSION, _stamps)).encode()))
    try:
        return _compiled(function, nogil=True, cache=True)
    except RuntimeError:  # no folder can be written, neither beside the source nor the user's own
        return _compiled(function, nogil=True)


def before_compiling(say: Callable[[], None]) -> None:
    """Call `say` once, as soon as something must be compiled because no code that was kept fits."""
    event.register("numba:compile", _Announcer(say))  # type: ignore[no-untyped-call]


class _Announcer(event.Listener):
    def __init__(self, say: Callable[[], None]) -> None:
        self._say: Callable[[], None] | None = say

    def on_start(self, event: object) -> None:  # noqa: ARG002 (as Numba calls it)
        if self._say is not None:
            self._say()
            self._say = None

    def on_end(self, event: object) -> None:
        pass


def _compiled(function: _F, **more: bool) -> _F:
    """Compile without counting references to arrays: who calls the kernel keeps them, and counting costs most."""
    compiler = cast(Callable[..., Callable[[_F], _F]], njit)
    return compiler(error_model="numpy", boundscheck=False, _nrt=False, **more)(function)


def _stamp(function: Callable[..., object]) -> int:
    """Return a number that changes with the function's code and with the whole numbers it refers to."""
    code = function.__code__
    known = [(name, function.__globals__.get(name)) for name in code.co_names]
    numbers = [(name, value) for name, value in known if isinstance(value, int)]
    return crc32(repr((code.co_code, code.co_names, code.co_consts[1:], numbers)).encode())


def _trailing(word: int) -> int:
    """Count the zeros under the lowest bit that is set; the word is not zero."""
    bits = int(word) & _LOW
    return (bits & -bits).bit_length() - 1


def _leading(word: int) -> int:
    """Count the zeros above the highest bit that is set; the word is not zero."""
    return _WORD_BITS - (int(word) & _LOW).bit_length()


def _counting(name: str) -> Callable[[int], int]:
    """Return the machine's own instruction for counting zeros."""

    def typed(_context: BaseContext, _word: types.Type) -> tuple[Signature, Callable[..., object]]:
        def code(*given: object) -> object:
            return getattr(given[1], name)(cast(tuple[ir.Value], given[3])[0], _BIT(1))

        return types.int64(types.int64), code

    return cast(Callable[[int], int], intrinsic(typed))


def _no_fetch(_place: tuple[NDArray[np.void], int]) -> None:
    """Do nothing: plain Python cannot look ahead."""


def _fetching() -> Callable[[tuple[NDArray[np.void], int]], None]:
    """Return the machine's instruction that brings a record of an array into the nearest cache; any place will do."""

    def typed(_context: BaseContext, pair: types.Tuple) -> tuple[Signature, Callable[..., object]]:
        records = cast(types.Array, pair.types[0])

        def code(*given: object) -> object:
            context, builder = cast(BaseContext, given[0]), cast(ir.IRBuilder, given[1])
            both = cast(tuple[ir.Value], given[3])[0]
            array, index = builder.extract_value(both, 0), builder.extract_value(both, 1)
            start = _struct_of(records)(context, builder, array).data
            if index.type.width < _WORD_BITS:
                index = builder.sext(index, _WORD)
            place = builder.mul(index, _WORD(cast(types.Record, records.dtype).size))
            kind = ir.FunctionType(ir.VoidType(), [_BYTES, _INT, _INT, _INT])
            hint = _declared(builder.module, kind, "llvm.prefetch.p0i8")
            builder.call(hint, [builder.gep(builder.bitcast(start, _BYTES), [place]), _INT(0), _INT(3), _INT(1)])
            return context.get_dummy_value()  # type: ignore[no-untyped-call]

        return types.void(pair), code

    return cast(Callable[[tuple[NDArray[np.void], int]], None], intrinsic(typed))


def _widening() -> Callable[[SupportsInt], int]:
    """Return what makes a field of any width a number of 64 bits: of one type, so that parts are compiled once."""

    def typed(_context: BaseContext, field: types.Integer) -> tuple[Signature, Callable[..., object]]:
        def code(*given: object) -> object:
            cast_to = cast(BaseContext, given[0]).cast
            return cast_to(given[1], cast(tuple[ir.Value], given[3])[0], field, types.int64)  # type: ignore[no-untyped-call]

        return types.int64(field), code

    return cast(Callable[[SupportsInt], int], intrinsic(typed))


_is_plain: bool = vars(config)["DISABLE_JIT"]
trailing = _trailing if _is_plain else _counting("cttz")
leading = _leading if _is_plain else _counting("ctlz")
wide = int if _is_plain else _widening()
fetch = _no_fetch if _is_plain else _fetching()
