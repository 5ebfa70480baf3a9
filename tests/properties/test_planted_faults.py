"""The comparison of the two books is worth something: it sees every planted fault."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from properties import planted_faults


@pytest.fixture(scope="module")
def caught() -> dict[str, int | None]:
    """Plant each fault in a process in which the compiled code is Python; return which script showed it."""
    path = os.pathsep.join(folder for folder in sys.path if folder)
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}
    script = Path(planted_faults.__file__)
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, check=False)  # noqa: S603 (ours)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, int | None] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("fault", planted_faults.FAULTS)
def test_the_comparison_sees_the_fault(caught: dict[str, int | None], fault: str) -> None:
    """Without it nothing differs, with it something does."""
    assert caught[fault] is not None
