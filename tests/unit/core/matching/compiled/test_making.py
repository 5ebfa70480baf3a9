"""All machine code, made or loaded in shares."""

import pytest

from stockex.core.matching.compiled.kernel import run
from stockex.core.matching.compiled.lending.making import SHARES
from stockex.core.matching.compiled.machine.code import IS_PLAIN, is_kept


@pytest.mark.parametrize("share", SHARES)
def test_a_share_needs_no_market(share: str) -> None:
    """Each can be made by itself, in a process that does nothing else."""
    SHARES[share]()


def test_what_is_made_is_kept() -> None:
    """Beside the source, or where the user keeps such things; plain Python has nothing to keep."""
    assert is_kept(run) is not IS_PLAIN
    assert not is_kept(test_what_is_made_is_kept)
