"""The order entry in a real browser: an order typed as a line, its amendment and end; keys, hints and refusals."""

import re

import pytest
from browser.screens import WAIT_MS, log_in
from browser.test_access import FAULTS
from playwright.sync_api import Locator, Page, expect
from venue import Venue

pytestmark = pytest.mark.browser

LINES = {
    "b 100 alpha 24.95 ioc": {"side": "BUY", "quantity": "100", "price": "24.95", "type": "LIMIT", "tif": "IOC"},
    "SELL 1.5k NBG": {"side": "SELL", "quantity": "1500"},
    "nbg s 10 mkt": {"side": "SELL", "quantity": "10", "type": "MARKET"},
    "stop 24 b 5 alpha": {"type": "STOP", "stop": "24"},
    "stop 24 b 5 alpha @24.50": {"type": "STOP_LIMIT", "stop": "24", "price": "24.50"},
    "trail 0.5 s 5 alpha": {"type": "TRAILING_STOP", "trail": "0.5"},
    "b 1,000 alpha 20 ice 100 post": {"quantity": "1000", "isIceberg": True, "display": "100", "postOnly": True},
    "b 10 alpha mid at 25": {"type": "PEG_MID", "cap": "25"},
    "b 1.005k alpha 1,024.95": {"quantity": "1005", "price": "1024.95"},
}
READ = "async (text) => (await import('/static/js/lib/quick-line.js')).read(text, ['ALPHA', 'AAAK', 'NBG'])"


def rows(page: Page) -> Locator:
    """Return the lines of the open orders."""
    return page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")


def typed(page: Page, line: str) -> Locator:
    """Type a line where the key leads to, and press Enter; return the line with the result."""
    page.keyboard.press("Alt+L")
    expect(page.get_by_test_id("quick-line")).to_be_focused()
    page.keyboard.type(line)
    page.keyboard.press("Enter")
    return page.get_by_test_id("ticket-result")


def test_an_order_is_sent_amended_and_cancelled_by_keyboard(page: Page, venue: Venue) -> None:
    """It rests at the price of the line, in another symbol than the one on screen; its terms change; it goes."""
    log_in(page, venue, "USR02", then="/frontend/")
    expect(page.get_by_test_id("best-bid")).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    expect(typed(page, "b 10 peir 15.00 gtc")).to_contain_text("10 rest in the book at 15.00", timeout=WAIT_MS)
    expect(page.get_by_test_id("quick-line")).to_have_value("")
    row = rows(page)
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile("PEIR.*BUY.*Until cancelled", re.DOTALL))
    row.get_by_test_id("amend-button").press("Enter")
    page.get_by_test_id("amend-qty").fill("7")
    page.keyboard.press("Enter")
    expect(row.locator("[data-col=quantity]")).to_have_text("7", timeout=WAIT_MS)
    row.get_by_test_id("cancel-button").press("Enter")
    expect(row).to_have_count(0, timeout=WAIT_MS)
    page.keyboard.press("Alt+L")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("quick-line")).to_have_value("b 10 peir 15.00 gtc")


def test_a_click_on_the_best_ask_buys_there(page: Page, venue: Venue) -> None:
    """Side and price of the ticket are those of the touch; what trades stands among the fills, which are in sight."""
    log_in(page, venue, "USR03", then="/frontend/?symbol=ALPHA")
    page.get_by_test_id("ticket-side-sell").click()
    page.get_by_test_id("best-ask").click(timeout=WAIT_MS)
    expect(page.get_by_test_id("ticket-submit")).to_have_text(re.compile(r"Buy 10 ALPHA @ \d+\.\d\d"))
    page.keyboard.press("Alt+L")
    page.keyboard.type("s 5 peir bid")
    bid = page.get_by_test_id("best-bid").locator("b")
    expect(bid).to_have_text(re.compile(r"^1\d\.\d+"), timeout=WAIT_MS)
    expect(page.get_by_test_id("ticket-price")).to_have_value(re.compile(r"^1\d\.\d+$"))
    page.keyboard.press("Escape")
    typed(page, "b 4 alpha mkt")
    expect(page.get_by_test_id("fills").locator("tr[data-trade-id]").first).to_contain_text("ALPHA", timeout=WAIT_MS)


def test_a_hint_stands_before_the_refusal(page: Page, venue: Venue) -> None:
    """The tick is named while the price is typed; sent all the same, the exchange refuses with reason and rule."""
    log_in(page, venue, "USR04", then="/frontend/?symbol=ALPHA")
    expect(page.get_by_test_id("best-bid")).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    result = typed(page, "b 10 alpha 20.005")
    expect(page.get_by_test_id("ticket-hints")).to_contain_text("off the tick 0.01: 20.00 or 20.01")
    expect(result).to_contain_text("OFF_TICK · rule VAL-07", timeout=WAIT_MS)
    expect(page.get_by_test_id("quick-line")).to_have_value("b 10 alpha 20.005")
    page.get_by_test_id("quick-line").fill("b 900000 alpha 20.00")
    expect(page.get_by_test_id("ticket-hints")).to_contain_text("worth at most €10,000,000.00")
    page.get_by_test_id("quick-line").fill("b 10 alpha 99.00")
    expect(page.get_by_test_id("ticket-hints")).to_contain_text("Limits are taken from")


def test_enter_sends_nothing_that_was_not_understood(page: Page, venue: Venue) -> None:
    """A symbol that is only begun is completed first; a word that means nothing is named."""
    log_in(page, venue, "USR05", then="/frontend/?symbol=ALPHA")
    expect(page.get_by_test_id("best-bid")).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    typed(page, "b 10 que 9.00")
    expect(page.get_by_test_id("quick-line")).to_have_value("b 10 QUEST 9.00")
    expect(page.get_by_test_id("ticket-submit")).to_have_text("Buy 10 QUEST @ 9.00")
    typed(page, " gtx")
    expect(page.get_by_test_id("quick-said")).to_have_text("“gtx” is not understood here.")
    expect(rows(page)).to_have_count(0)


def test_a_key_that_is_held_or_pressed_again_sends_no_second_order(page: Page, venue: Venue) -> None:
    """Neither Enter nor Ctrl Enter; and what Enter does not send, Ctrl Enter in the line does not either."""
    log_in(page, venue, "USR07", then="/frontend/?symbol=ALPHA")
    expect(page.get_by_test_id("best-bid")).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    typed(page, "b 10 peir 15.00 25")
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("quick-line").fill("b 10 que 9.00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("quick-line")).to_have_value("b 10 QUEST 9.00")
    page.get_by_test_id("quick-line").fill("b 10 peir 15.00 gtc")
    page.keyboard.down("Control")
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(page.get_by_test_id("quick-line")).to_have_value("", timeout=WAIT_MS)
    for _ in range(3):
        page.keyboard.press("Enter")
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(typed(page, "b 10 peir 15.00 gtx")).to_contain_text("10 rest in the book")
    expect(rows(page)).to_have_count(1)


def test_a_line_of_words_is_an_order(page: Page, venue: Venue) -> None:
    """In any order of words, with figures as people write them."""
    page.goto(f"{venue.url}/frontend/")
    for line, form in LINES.items():
        said = page.evaluate(READ, line)
        assert said["fault"] is None, line
        assert said["form"] | form == said["form"], line
    for wrong in (
        "b 10 alpha 25 26",
        "b 10 alpha stop",
        "b 10 alpha 25 mkt",
        "b 10 alpha nbg",
        "b -5 alpha",
        "b 1 alpha 24,95",
    ):
        assert page.evaluate(READ, wrong)["fault"], wrong


def test_the_order_entry_is_accessible(page: Page, venue: Venue) -> None:
    """Names, contrast and sizes in both themes, wide and narrow, with a hint and a refusal on screen."""
    page.emulate_media(reduced_motion="reduce")
    log_in(page, venue, "USR06", then="/frontend/?symbol=ALPHA")
    expect(page.get_by_test_id("best-bid")).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    expect(typed(page, "b 10 alpha 20.005 ice 5")).to_contain_text("Refused", timeout=WAIT_MS)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for theme in ("dark", "light"):
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            assert page.evaluate(FAULTS) == [], (width, theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
