"""An independent suite qualifies our engine: `tracebook-conformance`, on traces that are new in every run."""

import secrets
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from conformance.tracebook_adapter import StockExAdapter
from tracebook.conformance import (
    ConformanceConfig,
    copy_bundled_conformance_suite,
    run_conformance,
    run_qualification,
)
from tracebook.core.order import OrderSide
from tracebook.events import MarketEvent

from stockex.core.fast.exchange import FastExchange
from stockex.simulation.books import Book

PROFILE: Final = "fifo-full-v1"
SELF_TRADES: Final = ("stp-cancel-resting", "stp-cancel-resting-deep", "stp-cancel-incoming")


@pytest.mark.parametrize("book", Book)
def test_an_independent_suite_qualifies_our_engine(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """5 fixed cases and 25 random traces of 200 events: our outcomes, trades and queues are those of the suite."""
    seed = secrets.randbits(64)
    with capsys.disabled():
        sys.stdout.write(f"\ntracebook-conformance {PROFILE}, {book.value} book, seed {seed}\n")
    found = run_qualification(partial(StockExAdapter, book=book), PROFILE, seed=seed)
    failure = found.campaign.failure
    assert found.qualified, [event.to_dict() for event in failure.minimization.events] if failure else found.to_dict()
    assert (found.fixed_cases_passed, len(found.campaign.traces)) == (5, 25)


@pytest.mark.parametrize("book", Book)
@pytest.mark.parametrize("name", SELF_TRADES)
def test_self_trades_are_prevented_as_the_suite_has_it(name: str, book: Book, tmp_path: Path) -> None:
    """The suite's fixed cases outside the profile that our rules cover; pro rata is not among them."""
    suite = copy_bundled_conformance_suite(tmp_path / "suite")
    [case] = [case for case in suite.cases if case.name == name]
    report = run_conformance(case.load_events(), partial(StockExAdapter, book=book), case.config)
    assert report.divergence is None, report.to_dict()


def test_the_suite_reaches_the_compiled_book() -> None:
    """Its orders run there and are looked at there: only the listing runs on the plain one, and no order is moved."""
    adapter = StockExAdapter(ConformanceConfig(), book=Book.COMPILED)
    assert isinstance(adapter.exchange, FastExchange)
    for number in range(1, 21):
        order = MarketEvent("new", "X", number, OrderSide.BUY, price=10.0 + number, quantity=1.5, owner=number)
        adapter.apply(order, number)
    assert adapter.snapshot().order_count == 20
    [route] = adapter.exchange.routes()
    assert (route.compiled, route.plain, route.moved) == (20, 1, 0)


def test_the_adapter_is_a_program_that_speaks_the_suites_protocol() -> None:
    """Anybody may start the suite's own command line on it; it leaves with 2 when nothing comes."""
    script, sources = Path(__file__).with_name("tracebook_adapter.py"), Path(__file__).parents[2] / "src"
    command = [sys.executable, str(script), Book.PLAIN.value]
    ran = subprocess.run(command, env={"PYTHONPATH": str(sources)}, input=b"", capture_output=True, check=False)  # noqa: S603 (ours)
    assert (ran.returncode, ran.stderr) == (2, b"")
