"""An independent suite qualifies our engine: `tracebook-conformance`, on traces that are new in every run."""

import importlib.util
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ADAPTER = Path(__file__).with_name("tracebook_adapter.py")
SOURCES = Path(__file__).parents[2] / "src"
CANDIDATE = ("--timeout", "60", "--candidate", sys.executable, str(ADAPTER))
PROFILE = "fifo-full-v1"
LIMIT_S = 300
SELF_TRADES = (
    ("stp-cancel-resting", "CANCEL_RESTING"),
    ("stp-cancel-resting-deep", "CANCEL_RESTING"),
    ("stp-cancel-incoming", "CANCEL_INCOMING"),
)


@pytest.fixture(autouse=True)
def _suite() -> None:
    """Without the package the tests are skipped, but not in CI."""
    if importlib.util.find_spec("tracebook") is None:
        if "CI" in os.environ:
            pytest.fail("CI must have tracebook-conformance")
        pytest.skip("tracebook-conformance is not installed")


def test_an_independent_suite_qualifies_our_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """5 fixed cases and 25 random traces of 200 events: our outcomes, trades and queues are those of the suite."""
    seed = secrets.randbits(64)
    with capsys.disabled():
        sys.stdout.write(f"\ntracebook-conformance {PROFILE}, seed {seed}\n")
    folder = tmp_path / "qualification"
    ran = _ran("qualify", "--profile", PROFILE, "--seed", str(seed), "--output-dir", str(folder), *CANDIDATE)
    reduced = folder / "reduced.jsonl"
    assert ran.returncode == 0, ran.stdout + ran.stderr + (reduced.read_text("utf-8") if reduced.exists() else "")


@pytest.mark.parametrize(("case", "policy"), SELF_TRADES)
def test_self_trades_are_prevented_as_the_suite_has_it(case: str, policy: str, tmp_path: Path) -> None:
    """The suite's fixed cases outside the profile that our rules cover; pro rata is not among them."""
    assert _ran("sample", str(tmp_path / "cases")).returncode == 0
    options = ("--self-trade-policy", policy, "--output", str(tmp_path / "report.json"))
    ran = _ran("run", str(tmp_path / "cases" / f"{case}.jsonl"), *options, *CANDIDATE)
    assert ran.returncode == 0, (tmp_path / "report.json").read_text("utf-8")


def _ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the suite's command line; its candidate imports our sources."""
    command = [sys.executable, "-m", "tracebook.conformance.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(SOURCES)}
    return subprocess.run(  # noqa: S603 - our own command
        command, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
