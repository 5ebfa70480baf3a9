"""An exchange and a browser, shared by the tests of the screens."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from venue import Venue

CHROMIUM = shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """A fresh exchange whose market moves fast; its members have hardly a turn, so that people may compare."""
    lively = {"STOCKEX_FEEDER_TICK_S": "0.5", "CH_AI_INTERVAL": "3600", "ANALYSIS_INTERVAL": "5"}
    with Venue(tmp_path_factory.mktemp("screens"), **lively) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the tests are skipped, but in CI they fail."""
    if CHROMIUM is None:
        if "CI" in os.environ:
            pytest.fail("CI must have Chromium")
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor of its own; any console error or uncaught exception fails the test."""
    with visitor(browser) as fresh:
        yield fresh


@pytest.fixture
def second_page(browser: Browser) -> Iterator[Page]:
    """The page of a second visitor, under the same terms."""
    with visitor(browser) as fresh:
        yield fresh


@contextmanager
def visitor(browser: Browser) -> Iterator[Page]:
    """Open a page with its own cookies; close it and check that it never complained."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    fresh = context.new_page()
    faults: list[str] = []
    fresh.on("console", lambda message: faults.append(message.text) if is_fault(message) else None)
    fresh.on("pageerror", lambda error: faults.append(str(error)))
    yield fresh
    context.close()
    assert faults == []


def is_fault(message: ConsoleMessage) -> bool:
    """Say whether the page complains. A refused order is an answer, though Chromium logs every 4xx as an error."""
    return message.type == "error" and "status of 4" not in message.text
