"""The FIX screen, against a venue that sends orders back: connect, send, read; at both widths, by both themes."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from browser.screens import WAIT_MS
from browser.test_access import FAULTS
from playwright.sync_api import Locator, Page, expect
from venue import HOST, Venue, free_port

from stockex.adapters.fix_sessions import SCREENS

pytestmark = pytest.mark.browser

TYPES = {
    "LIMIT": ({"price": "20.5"}, "40=2", "44=20.50"),
    "MARKET": ({}, "40=1", "38=10"),
    "MARKET_TO_LIMIT": ({}, "40=K", "38=10"),
    "STOP": ({"stop": "30"}, "40=3", "99=30.00"),
    "STOP_LIMIT": ({"stop": "30", "price": "31"}, "40=4", "99=30.00"),
    "TRAILING_STOP": ({"trail": "0.5"}, "40=P", "211=0.50"),
    "TRAILING_STOP_LIMIT": ({"trail": "0.5", "price": "31"}, "40=P", "18=a"),
    "PEG_PRIMARY": ({}, "40=P", "18=R"),
    "PEG_MID": ({"offset": "-0.05"}, "40=P", "211=-0.05"),
}


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """The port of a conformance server with a session for each that the page offers."""
    port = free_port()
    words = ["fix-echo", "--port", str(port), "--sender", "ECHO"]
    words += [word for name in ("CLIENT1", *SCREENS) for word in ("--target", name)]
    with subprocess.Popen(  # noqa: S603 (our own command line)
        [sys.executable, "-m", "stockex", *words], env=os.environ, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 20
        while not _listens(port):
            assert time.monotonic() < deadline
            time.sleep(0.02)  # a process of its own can only be asked again
        yield port
        process.kill()


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """An exchange with a gateway of its own port."""
    with Venue(tmp_path_factory.mktemp("gateway"), STOCKEX_FIX_PORT=str(free_port())) as running:
        yield running


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, port)) == 0


def connect(page: Page, venue: Venue, echo: int, *, sender: str = "CLIENT1") -> None:
    """Open the page and log on as `sender`."""
    page.goto(f"{venue.url}/fix/")
    for name, value in {"port": str(echo), "sender": sender, "target": "ECHO"}.items():
        page.get_by_test_id(f"fix-{name}").fill(value)
    page.get_by_test_id("fix-connect").click()
    expect(page.get_by_test_id("fix-badge")).to_have_text("Logged on", timeout=WAIT_MS)


def send(page: Page, **fields: str) -> None:
    """Fill fields of the ticket and send it."""
    for name, value in fields.items():
        field = page.get_by_test_id(f"fix-order-{name}")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_test_id("fix-send").click()


def newest(page: Page, msg_type: str, *, way: str = "in") -> Locator:
    """Return the newest line of the log of this type."""
    return page.get_by_test_id("fix-log").locator(f"li[data-type='{msg_type}'][data-way='{way}']").first


def test_every_order_type_goes_out_and_is_read(page: Page, venue: Venue, echo: int) -> None:
    """The preview, the bytes, the fields in words, and a line in the blotter for each."""
    connect(page, venue, echo)
    for count, (kind, (fields, *tags)) in enumerate(TYPES.items(), start=1):
        page.get_by_test_id("fix-order-type").select_option(kind)
        send(page, **fields)
        expect(page.get_by_test_id("fix-orders").locator("tbody tr")).to_have_count(count, timeout=WAIT_MS)
        page.get_by_test_id("fix-raw-look").click()
        for tag in tags:
            expect(newest(page, "D", way="out")).to_contain_text(f"|{tag}|")
        page.get_by_test_id("fix-decoded").click()
    newest(page, "D").click()
    side = page.get_by_test_id("fix-detail").locator("tr[data-tag='54']")
    expect(side).to_contain_text("Side")
    expect(side).to_contain_text("buy")
    page.get_by_test_id("fix-disconnect").click()
    expect(page.get_by_test_id("fix-badge")).to_have_text("Down", timeout=WAIT_MS)


def test_cancel_replace_and_raw(page: Page, venue: Venue, echo: int) -> None:
    """Requests name the order; a message of one's own hand is rejected by the venue, and the log says why."""
    connect(page, venue, echo)
    page.get_by_test_id("fix-order-more").click()
    send(page, price="20", clOrdId="MINE")
    row = page.get_by_test_id("fix-orders").locator("tr[data-key='MINE']")
    row.get_by_test_id("fix-replace").click()
    page.get_by_test_id("fix-replace-38").fill("7")
    page.get_by_test_id("fix-replace-send").click()
    expect(newest(page, "G", way="out")).to_contain_text("buy 7", timeout=WAIT_MS)
    expect(newest(page, "j")).to_contain_text("Unsupported Message Type", timeout=WAIT_MS)
    row.get_by_test_id("fix-cancel").click()
    expect(newest(page, "F", way="out")).to_contain_text("MINE → ", timeout=WAIT_MS)
    page.get_by_test_id("tab-raw").click()
    page.get_by_test_id("fix-raw-template").select_option(label="Wrong: a tag twice")
    page.get_by_test_id("fix-raw-send").click()
    expect(newest(page, "3")).to_contain_text("Tag appears more than once", timeout=WAIT_MS)
    page.get_by_test_id("fix-filter").fill("35=3|")
    expect(page.get_by_test_id("fix-log").locator("li")).to_have_count(1)
    page.get_by_test_id("fix-disconnect").click()


def test_the_life_of_an_order_at_the_exchange(page: Page, exchange: Venue) -> None:
    """New, replaced, cancelled, filled; mass cancel; and what a rule refuses."""
    page.goto(f"{exchange.url}/fix/")
    page.get_by_test_id("fix-connect").click()
    expect(page.get_by_test_id("fix-badge")).to_have_text("Logged on", timeout=WAIT_MS)
    rows = page.get_by_test_id("fix-orders").locator("tbody tr")
    send(page, price="20")
    status = rows.first.get_by_test_id("fix-status").first
    expect(status).to_have_text("New", timeout=WAIT_MS)
    rows.first.get_by_test_id("fix-replace").click()
    page.get_by_test_id("fix-replace-38").fill("7")
    page.get_by_test_id("fix-replace-send").click()
    expect(rows.first.locator("td[data-label='Quantity']")).to_have_text("7", timeout=WAIT_MS)
    rows.first.get_by_test_id("fix-cancel").click()
    expect(status).to_have_text("Canceled", timeout=WAIT_MS)
    send(page, type="MARKET", quantity="3")
    expect(rows.first.get_by_test_id("fix-status").first).to_have_text("Filled", timeout=WAIT_MS)
    page.get_by_test_id("tab-executions").click()
    expect(page.get_by_test_id("fix-executions").locator("tbody tr")).not_to_have_count(0)
    page.get_by_test_id("tab-all").click()
    send(page, type="LIMIT", price="20", quantity="4")
    expect(page.get_by_test_id("tab-open")).to_contain_text("1", timeout=WAIT_MS)
    page.get_by_test_id("fix-cancel-all").click()
    page.get_by_test_id("fix-cancel-confirm").click()
    expect(newest(page, "r")).to_contain_text("1 affected", timeout=WAIT_MS)
    page.get_by_test_id("tab-powers").click()
    page.get_by_test_id("fix-rule-preset").select_option(label="Every third order is rejected")
    page.get_by_test_id("fix-rules").fill(page.get_by_test_id("fix-rules").input_value().replace("3", "1"))
    page.get_by_test_id("fix-rules-apply").click()
    expect(page.get_by_test_id("fix-met")).to_contain_text("0", timeout=WAIT_MS)
    assert page.evaluate(FAULTS) == []
    page.get_by_test_id("tab-order").click()
    send(page, price="20")
    expect(rows.first.get_by_test_id("fix-status").first).to_have_text("Rejected", timeout=WAIT_MS)
    expect(rows.first).to_contain_text("by a rule")
    page.get_by_test_id("fix-disconnect").click()
    expect(page.get_by_test_id("fix-badge")).to_have_text("Down", timeout=WAIT_MS)


def test_numbers_are_seen_and_set(page: Page, venue: Venue, echo: int) -> None:
    """A gap made by hand is asked for and filled; the messages of the session are there by a click."""
    connect(page, venue, echo)
    expect(page.get_by_test_id("fix-next_out")).to_have_value("2")
    page.get_by_test_id("fix-next_out").fill("5")
    page.get_by_test_id("fix-set-numbers").click()
    expect(page.get_by_test_id("fix-set-numbers")).to_be_disabled(timeout=WAIT_MS)
    page.get_by_test_id("fix-session-1").click()
    page.get_by_test_id("fix-send-session").click()
    expect(newest(page, "2")).to_contain_text("from 2 to the newest", timeout=WAIT_MS)
    page.get_by_test_id("fix-drop").click()
    expect(page.get_by_test_id("fix-why")).to_contain_text("dropped by us", timeout=WAIT_MS)


def test_two_visitors_have_sessions_of_their_own(page: Page, second_page: Page, venue: Venue, echo: int) -> None:
    """The second one is told who is free."""
    connect(page, venue, echo)
    second_page.goto(f"{venue.url}/fix/")
    expect(second_page.get_by_test_id("fix-sender")).to_have_value(re.compile("UI-"), timeout=WAIT_MS)
    second_page.get_by_test_id("fix-port").fill(str(echo))
    second_page.get_by_test_id("fix-target").fill("ECHO")
    second_page.get_by_test_id("fix-sender").fill("CLIENT1")
    second_page.get_by_test_id("fix-connect").click()
    expect(second_page.get_by_test_id("fix-why")).to_contain_text("CLIENT1 is in use by another visitor")
    page.get_by_test_id("fix-disconnect").click()


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_fix_screen_is_for_everybody(page: Page, venue: Venue, echo: int, *, width: int, theme: str) -> None:
    """Every control has a name, text stands out, targets are large enough, nothing stands off the screen."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(f"localStorage.setItem('stockex.theme', '{theme}')")
    page.goto(f"{venue.url}/fix/")
    expect(page.get_by_test_id("fix-connect")).to_be_enabled(timeout=WAIT_MS)
    assert page.evaluate(FAULTS) == []
    connect(page, venue, echo)
    page.get_by_test_id("fix-order-more").click()
    page.get_by_test_id("fix-session-2").click()
    send(page, price="20.5")
    newest(page, "D").click()
    assert page.evaluate(FAULTS) == []
    for name in ("mass", "raw"):
        page.get_by_test_id(f"tab-{name}").click()
        assert page.evaluate(FAULTS) == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_test_id("fix-disconnect").click()
    expect(page.get_by_test_id("fix-badge")).to_have_text(re.compile("Down"), timeout=WAIT_MS)


def test_a_session_by_keyboard_only(page: Page, venue: Venue, echo: int) -> None:
    """From the form to an order and its messages without a mouse."""
    page.goto(f"{venue.url}/fix/")
    expect(page.get_by_test_id("fix-connect")).to_be_enabled(timeout=WAIT_MS)
    for name, value in {"port": str(echo), "target": "ECHO"}.items():
        page.get_by_test_id(f"fix-{name}").focus()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("fix-badge")).to_have_text("Logged on", timeout=WAIT_MS)
    page.get_by_test_id("fix-order-price").focus()
    page.keyboard.type("20.5")
    page.keyboard.press("Enter")
    entry = newest(page, "D").get_by_role("button")
    expect(entry).to_be_visible(timeout=WAIT_MS)
    entry.focus()
    page.keyboard.press("Enter")
    expect(entry).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("fix-disconnect").press("Enter")
    expect(page.get_by_test_id("fix-badge")).to_have_text("Down", timeout=WAIT_MS)
