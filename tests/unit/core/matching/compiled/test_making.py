"""All machine code, made or loaded in shares."""

import numba
import pytest

from stockex.core.matching.compiled.kernel import run
from stockex.core.matching.compiled.lending.making import SHARES
from stockex.core.matching.compiled.machine.code import IS_PLAIN, NotKept, folder_of, kept_only


@pytest.mark.parametrize("share", SHARES)
def test_a_share_needs_no_market(share: str) -> None:
    """Each can be made by itself, in a process that does nothing else."""
    SHARES[share]()


def test_what_is_made_is_kept() -> None:
    """Beside the source, or where the user keeps such things; plain Python has nothing to keep."""
    assert (folder_of(run) is None) is IS_PLAIN
    assert folder_of(test_what_is_made_is_kept) is None


@pytest.mark.skipif(IS_PLAIN, reason="plain Python is not compiled")
def test_nothing_is_compiled_where_only_kept_code_may_run() -> None:
    """Who cannot wait is told that he would have to; afterwards all is as before."""
    next_of = numba.njit(lambda number: number + 1)
    with kept_only(), pytest.raises(NotKept):
        next_of(1)
    assert next_of(1) == 2
    with kept_only():
        assert next_of(2) == 3
