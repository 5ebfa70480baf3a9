"""The address of many arrays: what parts of compiled code hand on to each other."""

from collections.abc import Callable
from typing import Final, TypeVar, cast
from zlib import crc32

from llvmlite import ir
from numba.core import cgutils, imputils, types
from numba.core.base import BaseContext
from numba.core.datamodel.manager import DataModelManager
from numba.core.typing.templates import AttributeTemplate, Signature
from numba.extending import infer_getattr, intrinsic, models, register_model
from numba.np import arrayobj

from stockex.core.matching.compiled.machine.code import IS_PLAIN

_T = TypeVar("_T", bound=tuple[object, ...])
_Lowering = Callable[..., ir.Value]

_INT: Final = ir.IntType(32)
_lowers: Final = cast(Callable[[type], Callable[[_Lowering], _Lowering]], imputils.lower_getattr_generic)
_infers: Final = cast(Callable[[type], type], infer_getattr)
_struct_of: Final = cast(Callable[..., Callable[..., ir.Value]], arrayobj.make_array)
_populate: Final = cast(Callable[..., ir.Value], arrayobj.populate_array)
_stored: Final = cast(Callable[..., ir.Value], cgutils.alloca_once_value)


class Pointed(types.Type):
    """The address of a named tuple: one number to hand on, where the tuple itself is seven for each of its arrays."""

    def __init__(self, of: types.BaseNamedTuple) -> None:
        self.of = of
        self.names = cast(tuple[str, ...], vars(of)["fields"])
        self.kinds = tuple(cast(tuple[types.Type, ...], of))
        super().__init__(name=f"Pointed({of})")

    @property
    def mangling_args(self) -> tuple[str, tuple[int]]:
        """Return what stands in the names of functions: short, and of the same type in every process."""
        return "Pointed", (crc32(self.name.encode()),)


@register_model(Pointed)
class _PointedModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: Pointed) -> None:
        of = manager.lookup(kind.of).get_value_type()  # type: ignore[no-untyped-call]
        super().__init__(manager, kind, of.as_pointer())  # type: ignore[no-untyped-call]


@_infers
class _Fields(AttributeTemplate):
    key = Pointed

    def generic_resolve(self, kind: Pointed, name: str) -> types.Type:  # type: ignore[override]  # NotImplemented there
        """Return the type of a field."""
        field = kind.kinds[kind.names.index(name)]
        return Pointed(field) if isinstance(field, types.BaseNamedTuple) else field


@_lowers(Pointed)
def _field(*given: object) -> ir.Value:
    """Make the code that loads a field. What points to an array never changes while it is pointed to."""
    context, builder, kind = given[0], cast(ir.IRBuilder, given[1]), cast(Pointed, given[2])
    number = kind.names.index(cast(str, given[4]))
    field = kind.kinds[number]
    at = builder.gep(given[3], [_INT(0), _INT(number)], inbounds=True)
    if isinstance(field, types.BaseNamedTuple):
        return at
    there, array = _struct_of(field)(context, builder, ref=at), _struct_of(field)(context, builder)
    loads = (there.data, there.shape, there.strides)
    for load in loads:
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
    _populate(array, *loads, there.itemsize, None)
    return array._getvalue()  # noqa: SLF001 (as all of Numba does it)


def _pointing() -> Callable[[_T], _T]:
    """Return what gives the address of a named tuple, whose fields it has; the tuple stands where it was called."""

    def typed(_context: BaseContext, of: types.BaseNamedTuple) -> tuple[Signature, Callable[..., object]]:
        def code(*given: object) -> object:
            return _stored(given[1], cast(tuple[ir.Value], given[3])[0])

        return Pointed(of)(of), code

    return cast(Callable[[_T], _T], intrinsic(typed))


def _itself(fields: _T) -> _T:
    return fields


pointed = _itself if IS_PLAIN else _pointing()
