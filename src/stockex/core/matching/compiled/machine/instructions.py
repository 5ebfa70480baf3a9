"""What compiled code can do that Python cannot say: instructions of the machine, and the address of many arrays."""

from collections.abc import Callable
from typing import Any, Final, SupportsInt, TypeAlias, cast

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

from stockex.core.matching.compiled.machine.code import IS_PLAIN, shared

Bytes: TypeAlias = NDArray[np.uint8]
Wholes: TypeAlias = NDArray[np.int64]

_struct_of = cast(Callable[..., Callable[..., ir.Value]], make_array)
_declared = cast(Callable[..., ir.Function], cgutils.get_or_insert_function)
_BIT: Final = ir.IntType(1)
_INT: Final = ir.IntType(32)
_BYTES: Final = ir.IntType(8).as_pointer()
_WORD_BITS: Final = 64
_WORD: Final = ir.IntType(_WORD_BITS)
_LOW: Final = (1 << _WORD_BITS) - 1


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


def _compare(_context: object, span: types.Type) -> object:
    """Tell Numba how to compare (text, at, other, start, size): the signature, and the machine code."""

    def code(*given: Any) -> object:  # noqa: ANN401 (Numba's inside has no types)
        context, builder, signature, (value,) = given
        text, at, other, start, size = cgutils.unpack_tuple(builder, value)  # type: ignore[no-untyped-call]
        kinds = signature.args[0].types
        places = (
            builder.gep(context.make_array(kind)(context, builder, array).data, [place])
            for kind, array, place in ((kinds[0], text, at), (kinds[2], other, start))
        )
        compare = _declared(builder.module, ir.FunctionType(_INT, [_BYTES, _BYTES, _WORD]), "memcmp")
        return builder.icmp_signed("==", builder.call(compare, [*places, size]), _INT(0))

    return types.boolean(span), code


def _compare_slowly(span: tuple[Bytes, int, Bytes, int, int]) -> bool:
    text, at, other, start, size = span
    return bool((text[at : at + size] == other[start : start + size]).all())


trailing = _trailing if IS_PLAIN else _counting("cttz")
leading = _leading if IS_PLAIN else _counting("ctlz")
wide = int if IS_PLAIN else _widening()
fetch = _no_fetch if IS_PLAIN else _fetching()
_same = cast(Callable[[tuple[object, ...]], bool], _compare_slowly if IS_PLAIN else intrinsic(_compare))
_moved = cast(Callable[[tuple[object, ...]], None], _move_slowly if IS_PLAIN else intrinsic(_move))


@shared
def copy(out: Bytes, at: int, source: Bytes, start: int, size: int) -> int:
    """Copy `size` bytes of `source` from `start` into `out` at `at`, by memcpy; return the place behind them."""
    _moved((out, at, source, start, size))
    return at + size


@shared
def is_same(text: Bytes, at: int, other: Bytes, start: int, size: int) -> bool:
    """Say whether `size` bytes of `text` from `at` are those of `other` from `start`, by memcmp; all are there."""
    return _same((text, at, other, start, size))
