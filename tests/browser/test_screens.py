"""The screens in a real browser: a stranger looks, a member trades, the operator controls the session."""

import re
from decimal import Decimal

import pytest
from browser.screens import WAIT_MS, log_in
from playwright.sync_api import Locator, Page, expect
from venue import Venue

pytestmark = pytest.mark.browser

SYMBOLS = ("ALPHA", "PEIR", "EXAE", "QUEST", "NBG", "ATTIK", "INTKA", "AEG", "AAAK", "EUROB")
PAGES = ("/", "/frontend/", "/ch/", "/ch/login", "/ch/portfolio", "/fix/")


def order(page: Page, side: str, qty: int, *, price: str | None = None) -> Locator:
    """Send an order from the ticket, at market without a price; return the line with its result."""
    page.get_by_test_id(f"ticket-side-{side}").click()
    page.get_by_test_id("ticket-type").select_option("MARKET" if price is None else "LIMIT")
    page.get_by_test_id("ticket-qty").fill(str(qty))
    if price is not None:
        page.get_by_test_id("ticket-price").fill(price)
    page.get_by_test_id("ticket-submit").click()
    return page.get_by_test_id("ticket-result")


def amount(locator: Locator) -> Decimal:
    """Return the number that an element shows."""
    return Decimal(re.sub(r"[^0-9.\-]", "", locator.inner_text().splitlines()[0].replace("\N{MINUS SIGN}", "-")))


def held(position: Locator) -> int:
    """Return how many shares a position shows, 0 when there is none."""
    return int(amount(position)) if position.count() else 0


def test_the_dashboard_shows_a_moving_market(page: Page, venue: Venue) -> None:
    """Ten symbols with two-sided quotes, a book, trades on the tape and a chart, without logging in."""
    page.goto(venue.url)
    for symbol in SYMBOLS:
        expect(page.get_by_test_id(f"bbo-{symbol}")).to_contain_text(re.compile(r"\d+\.\d+.*\d+\.\d+"), timeout=WAIT_MS)
    expect(page.get_by_test_id("tape").locator("tbody tr").first).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_test_id("book")).to_contain_text(re.compile(r"\d+\.\d+"))
    expect(page.get_by_test_id("chart").locator("canvas").first).to_be_visible()
    expect(page.get_by_test_id("session-badge")).to_contain_text("OPEN", ignore_case=True)


def test_the_quotes_move(page: Page, venue: Venue) -> None:
    """The line of a symbol changes without anybody touching the page."""
    page.goto(venue.url)
    line = page.get_by_test_id("bbo-ALPHA")
    expect(line).to_contain_text(re.compile(r"\d+\.\d+"), timeout=WAIT_MS)
    before = line.inner_text()
    expect(line).not_to_have_text(before, timeout=WAIT_MS)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_analyst_comments_with_figures(page: Page, venue: Venue, width: int) -> None:
    """The newest insight says how much changed hands; below each sentence stand its figures and its commands."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(venue.url)
    page.get_by_test_id("tab-insights").click()
    newest = page.get_by_test_id("insight").first
    expect(newest).to_contain_text(re.compile(r"EUR [\d,]+\.\d\d changed hands in \d+ trades?"), timeout=WAIT_MS)
    newest.locator("summary").click()
    expect(page.get_by_test_id("insights")).to_contain_text(re.compile(r"share \d+\.\d\d % · commands \d+ to \d+"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_member_buys_at_market(page: Page, venue: Venue) -> None:
    """The fill, the position and the cash are there at once."""
    log_in(page, venue, "USR01", then="/")
    cash, position = page.get_by_test_id("cash"), page.get_by_test_id("position-ALPHA")
    expect(cash).to_contain_text(re.compile(r"\d"), timeout=WAIT_MS)
    owned, paid = held(position), amount(cash)
    expect(order(page, "buy", 10)).to_contain_text(re.compile("filled", re.IGNORECASE), timeout=WAIT_MS)
    expect(position).to_have_text(str(owned + 10))
    expect(page.get_by_test_id("tab-fills")).to_be_visible()
    assert Decimal(100) < paid - amount(cash) < Decimal(1_000)


def test_a_member_places_amends_and_cancels_a_limit_order(page: Page, venue: Venue) -> None:
    """The open order shows its new quantity and price after the amendment, and goes when it is cancelled."""
    log_in(page, venue, "USR02", then="/")
    order(page, "buy", 10, price="20.00")
    row = page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")
    expect(row).to_have_count(1, timeout=WAIT_MS)
    row.get_by_test_id("amend-button").click()
    page.get_by_test_id("amend-qty").fill("7")
    page.get_by_test_id("amend-price").fill("20.50")
    page.get_by_test_id("amend-submit").click()
    expect(row.locator("[data-col=quantity]")).to_have_text("7", timeout=WAIT_MS)
    expect(row.locator("[data-col=price]")).to_have_text("20.50")
    row.get_by_test_id("cancel-button").click()
    expect(row).to_have_count(0, timeout=WAIT_MS)


def test_an_order_beyond_the_cash_is_refused_with_its_reason(page: Page, venue: Venue) -> None:
    """The ticket names the reason, the rule and the figures."""
    log_in(page, venue, "USR03", then="/")
    result = order(page, "buy", 100_000, price="20.00")
    expect(result).to_contain_text("RSK-01", timeout=WAIT_MS)
    expect(result).to_contain_text("cash")
    expect(result).to_contain_text("2000000.00 needed")


def test_the_portfolio_is_live_and_keeps_the_ticket(page: Page, venue: Venue) -> None:
    """A trade from the portfolio page shows there, and what is typed stays."""
    log_in(page, venue, "USR04", then="/ch/portfolio")
    expect(order(page, "buy", 5)).to_contain_text(re.compile("filled", re.IGNORECASE), timeout=WAIT_MS)
    expect(page.get_by_test_id("position-ALPHA")).to_have_text("5")
    expect(page.get_by_test_id("ticket-qty")).to_have_value("5")


def test_the_leaderboard_ranks_ten_members(page: Page, venue: Venue) -> None:
    """Every member has a row; one opens its holdings, trades and decisions."""
    page.goto(f"{venue.url}/ch/")
    rows = page.get_by_test_id("leaderboard").locator("tbody tr")
    expect(rows).to_have_count(10, timeout=WAIT_MS)
    expect(page.get_by_test_id("member-USR10")).to_be_visible()


def test_the_operator_controls_the_session(page: Page, venue: Venue) -> None:
    """Suspend and resume show on the badge of everybody's screen."""
    log_in(page, venue, "OPERATOR", then="/")
    badge = page.get_by_test_id("session-badge")
    page.get_by_test_id("session-suspend").click()
    expect(badge).to_contain_text("SUSPENDED", ignore_case=True, timeout=WAIT_MS)
    page.get_by_test_id("session-resume").click()
    expect(badge).to_contain_text("OPEN", ignore_case=True, timeout=WAIT_MS)


def test_a_stop_order_waits_and_is_cancelled(page: Page, venue: Venue) -> None:
    """The open order says its type and that it waits; a cancel takes it out."""
    log_in(page, venue, "USR06", then="/")
    page.get_by_test_id("ticket-type").select_option("STOP")
    page.get_by_test_id("ticket-stop").fill("99.00")
    page.get_by_test_id("ticket-submit").click()
    expect(page.get_by_test_id("ticket-result")).to_contain_text("waits for a trade at 99.00", timeout=WAIT_MS)
    row = page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")
    expect(row.locator("[data-col=type]")).to_contain_text("Stop @ 99.00")
    expect(row.locator("[data-col=price]")).to_have_text("Market")
    expect(row.get_by_test_id("waiting")).to_be_visible()
    row.get_by_test_id("cancel-button").click()
    expect(row).to_have_count(0, timeout=WAIT_MS)


def test_the_operator_calls_an_auction(page: Page, venue: Venue) -> None:
    """In a call the badge shows what the auction would do; the uncross trades and brings trading back."""
    log_in(page, venue, "OPERATOR", then="/?symbol=NBG")
    call = page.get_by_test_id("book-call")
    page.get_by_test_id("phase-call").click()
    expect(call).to_contain_text("CALL", timeout=WAIT_MS)
    expect(page.get_by_test_id("call-NBG")).to_be_visible()
    with venue.client("USR07") as member:
        order = {"symbol": "NBG", "side": "BUY", "quantity": 4, "price": 20.0}
        assert member.post("/api/v1/orders", json=order).json()["fills"] == []
        expect(call).to_contain_text(re.compile(r"Indicative \d+\.\d+"), timeout=WAIT_MS)
        call.get_by_test_id("why-auction").click()
        expect(page.get_by_test_id("why-table").locator("tr.taken")).to_have_count(1, timeout=WAIT_MS)
        page.keyboard.press("Escape")
        page.get_by_test_id("phase-uncross").click()
        expect(call).to_have_count(0, timeout=WAIT_MS)
        assert [fill["symbol"] for fill in member.get("/api/v1/fills").json()] == ["NBG"]


@pytest.mark.parametrize("width", [1440, 360])
def test_a_trade_on_the_tape_says_why(page: Page, venue: Venue, width: int) -> None:
    """By keyboard, for a visitor: the rules and the price, no names; Escape closes it."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{venue.url}/?symbol=ALPHA")
    newest = page.get_by_test_id("why-trade").first
    expect(newest).to_be_visible(timeout=WAIT_MS)
    page.get_by_test_id("tape-pause").click()
    newest.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("why-dialog")
    expect(panel).to_contain_text("TRD-03", timeout=WAIT_MS)
    expect(panel).to_contain_text(re.compile("another order", re.IGNORECASE))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_own_orders_fills_and_refusals_say_why(page: Page, venue: Venue) -> None:
    """With the figures of the account: what a refusal lacked, what an order holds, why it ended."""
    log_in(page, venue, "USR08", then="/?symbol=ALPHA")
    panel = page.get_by_test_id("why-dialog")
    order(page, "buy", 100_000, price="20.00").get_by_test_id("why-refused").click()
    expect(panel).to_contain_text("The account has EUR 100,000.00", timeout=WAIT_MS)
    panel.get_by_label("Close").click()
    order(page, "buy", 3, price="20.00")
    page.get_by_test_id("why-order").first.click()
    expect(panel).to_contain_text("holds EUR 60.00 (3 x 20.00)", timeout=WAIT_MS)
    panel.get_by_label("Close").click()
    page.get_by_test_id("cancel-button").first.click()
    page.get_by_test_id("tab-history").click()
    page.get_by_test_id("why-order").first.click()
    expect(panel).to_contain_text("CAN-01", timeout=WAIT_MS)
    panel.get_by_label("Close").click()
    order(page, "buy", 2)
    page.get_by_test_id("tab-fills").click()
    page.get_by_test_id("why-fill").first.click()
    expect(panel).to_contain_text("TRD-03", timeout=WAIT_MS)


@pytest.mark.parametrize("width", [1440, 768, 360])
def test_the_buttons_of_own_orders_are_on_the_screen(page: Page, venue: Venue, width: int) -> None:
    """Without scrolling sideways, of open orders, ended ones and fills; on a phone the figures say what they are."""
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, venue, "USR09", then="/?symbol=ALPHA")
    order(page, "buy", 2)
    order(page, "buy", 3, price="20.00")
    for tab, names in {
        "open": ("why-order", "amend-button", "cancel-button"),
        "history": ("why-order",),
        "fills": ("why-fill",),
    }.items():
        page.get_by_test_id(f"tab-{tab}").click()
        for name in names:
            button = page.get_by_test_id(name).first
            expect(button).to_be_visible(timeout=WAIT_MS)
            box = button.bounding_box()
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width, (tab, name)
        if width == 360:
            assert page.evaluate("(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(blotter)") == 0, tab


@pytest.mark.parametrize("width", [1440, 768, 360])
def test_no_page_scrolls_sideways(page: Page, venue: Venue, width: int) -> None:
    """Every page fits a desktop, a tablet and a small phone."""
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, venue, "USR05", then="/")
    for path in PAGES:
        page.goto(venue.url + path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_operator_leads_one_symbol_through_its_day(page: Page, venue: Venue) -> None:
    """A call that ends by itself, a halt and a resume, then the closing auction and trading at last."""
    log_in(page, venue, "OPERATOR", then="/?symbol=AAAK")
    badge = page.get_by_test_id("call-AAAK")
    page.get_by_test_id("phase-end").select_option("1")
    page.get_by_test_id("phase-call").click()
    expect(badge).to_contain_text(re.compile(r"CALL.*≥\s*\d\d:\d\d:\d\d"), timeout=WAIT_MS)
    expect(badge).to_have_count(0, timeout=WAIT_MS)
    page.get_by_test_id("phase-halt").click()
    expect(badge).to_have_text("HALTED", timeout=WAIT_MS)
    expect(page.get_by_test_id("phase-uncross")).to_have_count(0)
    page.get_by_test_id("phase-resume").click()
    expect(badge).to_have_count(0, timeout=WAIT_MS)
    page.get_by_test_id("phase-end").select_option("0")
    for to, text in (("closing_call", "CLOSING CALL"), ("uncross", "TRADING AT LAST")):
        page.get_by_test_id(f"phase-{to}").click()
        expect(badge).to_have_text(text, timeout=WAIT_MS)


@pytest.mark.parametrize(("width", "symbol"), [(1440, "INTKA"), (360, "ATTIK")])
def test_a_volatility_call_says_why_and_until_when(page: Page, venue: Venue, width: int, symbol: str) -> None:
    """The range that a trade would have left, the earliest end, and before and after where prices may be."""
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, venue, "USR09", then=f"/?symbol={symbol}")
    bounds = page.locator("#ticket").get_by_test_id("bounds")
    expect(bounds).to_contain_text(re.compile(r"Range +\d.*Limits +\d"), timeout=WAIT_MS)
    with venue.client("CLIENT1") as seller, venue.client("CLIENT2") as buyer:
        line = seller.get(f"/api/v1/market/{symbol}").json()
        far = round(line["range_high"] * 1.02, 1)
        for client, side, quantity in ((seller, "SELL", 5), (buyer, "BUY", 10_000)):
            order = {"symbol": symbol, "side": side, "quantity": quantity, "price": far}
            assert client.post("/api/v1/orders", json=order).is_success
    call = page.get_by_test_id("book-call")
    expect(call).to_contain_text(re.compile(r"VOLATILITY CALL.*≥\s*\d\d:\d\d:\d\d"), timeout=WAIT_MS)
    expect(call).to_contain_text(re.compile(rf"A trade at {far:.2f}\d? would have left the\s+dynamic\s+range"))
    expect(bounds).not_to_contain_text("Range")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_operator_busts_a_trade(page: Page, second_page: Page, venue: Venue) -> None:
    """What the trader bought is struck through at once, on the tape and among the fills, and the cash is back."""
    log_in(page, venue, "USR09", then="/?symbol=QUEST")
    cash = page.get_by_test_id("cash")
    expect(cash).to_contain_text(re.compile(r"\d"), timeout=WAIT_MS)
    before = cash.inner_text()
    expect(order(page, "buy", 6)).to_contain_text(re.compile("filled", re.IGNORECASE), timeout=WAIT_MS)
    page.get_by_test_id("tab-fills").click()
    fill = page.get_by_test_id("fills").locator("tr[data-trade-id]").first
    trade_id = fill.get_attribute("data-trade-id")
    log_in(second_page, venue, "OPERATOR", then="/?symbol=QUEST")
    second_page.locator(f"tr[data-trade-id='{trade_id}']").get_by_test_id("undo-trade").click()
    second_page.get_by_test_id("undo-text").fill("Obvious error")
    second_page.get_by_test_id("undo-submit").click()
    for line in (fill, page.get_by_test_id("tape").locator(f"tr[data-trade-id='{trade_id}']")):
        expect(line.get_by_test_id("trade-mark")).to_have_attribute("title", "busted: Obvious error", timeout=WAIT_MS)
        expect(line.locator("td.num").first).to_have_css("text-decoration-line", "line-through")
    expect(cash).to_have_text(before, timeout=WAIT_MS)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_operator_stops_an_account(page: Page, second_page: Page, venue: Venue, width: int) -> None:
    """Its open orders end, it is told, and its orders are refused until it is released."""
    page.set_viewport_size({"width": width, "height": 800})
    log_in(second_page, venue, "USR10", then="/?symbol=ALPHA")
    order(second_page, "buy", 5, price="20.00")
    rows = second_page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")
    expect(rows).to_have_count(1, timeout=WAIT_MS)
    log_in(page, venue, "OPERATOR", then="/")
    page.get_by_test_id("kill-account").select_option("USR10")
    page.get_by_test_id("kill").click()
    page.get_by_test_id("kill-confirm").click()
    expect(page.get_by_test_id("kills")).to_contain_text("USR10", timeout=WAIT_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(second_page.get_by_test_id("stopped")).to_be_visible(timeout=WAIT_MS)
    expect(rows).to_have_count(0, timeout=WAIT_MS)
    expect(order(second_page, "buy", 5, price="20.00")).to_contain_text("ACCOUNT_KILLED · rule CTL-02 · field account")
    page.get_by_test_id("release-USR10").click()
    expect(second_page.get_by_test_id("stopped")).to_have_count(0, timeout=WAIT_MS)
    order(second_page, "buy", 5, price="20.00")
    expect(rows).to_have_count(1, timeout=WAIT_MS)
    rows.get_by_test_id("cancel-button").click()
    expect(rows).to_have_count(0, timeout=WAIT_MS)


def test_the_operator_cancels_for_others(page: Page, second_page: Page, venue: Venue) -> None:
    """Only what was chosen ends: the buys of one account in one symbol; its owner reads who did it."""
    log_in(second_page, venue, "USR05", then="/?symbol=PEIR")
    order(second_page, "buy", 5, price="14.00")
    second_page.get_by_test_id("bbo-NBG").get_by_role("button").click()
    order(second_page, "buy", 5, price="14.00")
    rows = second_page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")
    expect(rows).to_have_count(2, timeout=WAIT_MS)
    log_in(page, venue, "OPERATOR", then="/")
    for name, choice in (("account", "USR05"), ("symbol", "PEIR"), ("side", "BUY")):
        page.get_by_test_id(f"cancel-{name}").select_option(choice)
    page.get_by_test_id("cancel-orders").click()
    page.get_by_test_id("cancel-confirm").click()
    expect(page.get_by_text("1 order cancelled")).to_be_visible(timeout=WAIT_MS)
    expect(rows).to_have_count(1, timeout=WAIT_MS)
    second_page.get_by_test_id("tab-history").click()
    expect(second_page.get_by_test_id("order-history")).to_contain_text("Cancelled by the operator")
