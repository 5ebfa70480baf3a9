"""How a part is compiled: translated to code that others link, in fewer steps than Numba takes, and no further."""

from functools import cache
from typing import Final, cast

from numba.core import types, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager
from numba.core.cpu import CPUContext
from numba.core.typed_passes import InlineOverloads, NopythonRewrites
from numba.core.typing.context import Context

_IDLE: Final = {
    untyped_passes.WithLifting,
    untyped_passes.InlineClosureLikes,
    untyped_passes.RewriteSemanticConstants,
    untyped_passes.DeadBranchPrune,
    untyped_passes.RewriteDynamicRaises,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.InlineInlinables,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll,
    untyped_passes.LiteralPropagationSubPipelinePass,
    InlineOverloads,
    NopythonRewrites,
}
"""Steps for what no part has: `with`, functions in it, exceptions, branches that are decided, arithmetic of arrays."""


class PartCompiler(Compiler):
    """Compiles a part."""

    def __init__(self, *given: object) -> None:
        kinds, target, _, *more = given
        codegen = cast(CPUContext, target).codegen()  # type: ignore[no-untyped-call]
        library = _PartLibrary(codegen, "part")  # type: ignore[no-untyped-call]
        super().__init__(_remembering(cast(Context, kinds)), target, library, *more)  # type: ignore[no-untyped-call]

    def define_pipelines(self) -> list[PassManager]:
        """Return the steps of a part."""
        steps = PassManager("part")  # type: ignore[no-untyped-call]
        all_steps = DefaultPassBuilder.define_nopython_pipeline(self.state).passes  # type: ignore[no-untyped-call]
        steps.passes = [step for step in all_steps if step[0] not in _IDLE]
        steps.finalize()  # type: ignore[no-untyped-call]
        return [steps]


class _Typing(Context):
    """Knows what another context knows, and remembers what types an operator gives: Numba finds that out by trial."""

    def __init__(self, other: Context) -> None:
        vars(self).update(vars(other))
        self._signatures: dict[object, object] = {}

    def resolve_function_type(self, *call: object) -> object:
        """Return the signature of a call: of what, with which types, and with which by name."""
        called, kinds, named = call
        if named or not isinstance(called, types.Function):
            return super().resolve_function_type(*call)  # type: ignore[no-untyped-call]
        if (called, kinds) not in self._signatures:
            self._signatures[called, kinds] = super().resolve_function_type(*call)  # type: ignore[no-untyped-call]
        return self._signatures[called, kinds]


_remembering: Final = cache(_Typing)


class _PartLibrary(JITCodeLibrary):
    """The code of a part, which nothing but other code can call."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        """Return no address."""
        return 0

    @property
    def codegen(self) -> "_PartLibrary":
        """Return what keeps the environments of functions that Python calls."""
        return self

    def set_env(self, _name: str, _environment: object) -> None:
        """Keep none."""
