"""Machine code that is kept on disk, and made anew when anything changed that the function calls or reads.

Numba's cache looks at the source file of the function only.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from types import CodeType, ModuleType
from typing import Final

import numpy as np
from numba.core import caching
from numba.core.dispatcher import Dispatcher

VERSION: Final = 1
"""Of this package: to be raised with a change of the code that it makes, or kept code would be used on."""


class Cache(caching.FunctionCache):
    """The kept code of one function."""

    def _index_key(self, sig: object, codegen: object) -> object:
        seen: dict[str, None] = {}
        parts = "\n".join(_parts(self._py_func, seen))
        key: object = super()._index_key(sig, codegen)  # type: ignore[no-untyped-call]
        return VERSION, key, sha256(parts.encode()).hexdigest()


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
