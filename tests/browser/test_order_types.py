"""The ticket, the blotter and the amend dialog, for every kind of order."""

import re

import pytest
import rest_page
from browser.screens import WAIT_MS, log_in
from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect
from venue import Venue

from stockex.vocabulary.enums import OrdType, Phase, TimeInForce
from stockex.vocabulary.units import Shares

pytestmark = pytest.mark.browser

CHOICES = """async (phase) => {
  const { TYPES, tifsOf, extrasOf } = await import("/static/js/lib/order-types.js");
  const names = (can) => Object.keys(can).filter((name) => can[name]);
  const extras = (type) => tifsOf(type, phase).map((tif) => [tif, names(extrasOf(type, tif, phase))]);
  return Object.keys(TYPES).map((type) => [type, extras(type)]);
}"""
TERMS: dict[str, dict[str, object]] = {
    "postOnly": {"post_only": True},
    "iceberg": {"display": Shares(1)},
    "hidden": {"hidden": True},
    "minExec": {"min_exec": Shares(1)},
    "minQty": {"min_qty": Shares(1)},
    "pair": {},
}
"""The terms of a new order that each extra of the ticket stands for."""


def fill(page: Page, **fields: str) -> Locator:
    """Fill fields of the ticket by their names, those of choices too, and send it; return the line with its result."""
    for name, value in fields.items():
        field = page.get_by_test_id(f"ticket-{name.replace('_', '-')}")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_test_id("ticket-submit").click()
    return page.get_by_test_id("ticket-result")


def rows(page: Page, table: str = "open-orders") -> Locator:
    """Return the lines of a table of own orders."""
    return page.get_by_test_id(table).locator("tbody tr[data-cl-ord-id]")


@pytest.mark.parametrize("phase", [Phase.PRE_OPEN, Phase.OPENING_CALL, Phase.CALL, Phase.CONTINUOUS])
def test_the_ticket_offers_what_the_engine_takes(page: Page, venue: Venue, phase: Phase) -> None:
    """Every type; the same times in force, each with no term that is refused in this phase."""
    page.goto(venue.url)
    offered = {kind: dict(tifs) for kind, tifs in page.evaluate(CHOICES, phase.value)}
    assert list(map(OrdType, sorted(offered))) == sorted(OrdType)
    for kind in OrdType:
        plain = {tif: replace(rest_page.simplest(kind), tif=tif) for tif in TimeInForce}
        taken = {tif.value for tif, order in plain.items() if rest_page.is_taken(order, [phase])}
        assert set(offered[kind]) == taken, kind
        for tif, extras in offered[kind].items():
            order = plain[TimeInForce(tif)]
            refused = [each for each in extras if not rest_page.is_taken(replace(order, **TERMS[each]), [phase])]
            assert refused == [], (kind, tif)


def test_what_few_orders_need_is_folded_away(page: Page, venue: Venue) -> None:
    """A limit order is side, type, quantity and price; what a type does not take is not there."""
    log_in(page, venue, "USR01", then="/?symbol=ALPHA")
    for name in ("ticket-qty", "ticket-price", "ticket-advanced"):
        expect(page.get_by_test_id(name)).to_be_visible()
    for name in ("ticket-post-only", "ticket-oco", "ticket-stop", "ticket-trail", "ticket-expiry"):
        expect(page.get_by_test_id(name)).to_be_hidden()
    page.get_by_test_id("ticket-advanced").click()
    expect(page.get_by_test_id("ticket-oco")).to_be_visible()
    page.get_by_test_id("ticket-type").select_option("MARKET")
    expect(page.get_by_test_id("ticket-min-qty")).to_be_visible()
    for name in ("ticket-post-only", "ticket-iceberg", "ticket-hidden", "ticket-min-exec", "ticket-oco"):
        expect(page.get_by_test_id(name)).to_have_count(0)


def test_a_trailing_stop_until_a_date(page: Page, venue: Venue) -> None:
    """The blotter says distance, stop and expiry in words; the dialog gives it another expiry."""
    log_in(page, venue, "USR02", then="/?symbol=ALPHA")
    result = fill(page, type="TRAILING_STOP", tif="GTD", trail="9.00", expiry="2030-01-31T17:30")
    expect(result).to_contain_text("waits for a trade at", timeout=WAIT_MS)
    row = rows(page)
    expect(row.locator("[data-col=type]")).to_contain_text(re.compile(r"Trailing stop 9\.00 away, now \d+\.\d\d"))
    expect(row.get_by_test_id("terms")).to_have_text("Until 31 Jan, 17:30")
    row.get_by_test_id("amend-button").click()
    page.get_by_test_id("amend-expiry").fill("2020-01-31T17:30")
    page.get_by_test_id("amend-submit").click()
    expect(page.get_by_test_id("amend-result")).to_contain_text("BAD_EXPIRY · rule VAL-14 · field expire_at")
    page.get_by_test_id("amend-expiry").fill("2031-02-28T09:00")
    page.get_by_test_id("amend-trail").fill("8.00")
    page.get_by_test_id("amend-submit").click()
    expect(row.get_by_test_id("terms")).to_have_text("Until 28 Feb, 09:00", timeout=WAIT_MS)
    expect(row.locator("[data-col=type]")).to_contain_text("Trailing stop 8.00 away")


def test_an_amendment_that_must_trade_at_once(page: Page, venue: Venue) -> None:
    """The dialog asks it of what may trade now; one that cannot is cancelled and leaves the open orders."""
    log_in(page, venue, "USR04", then="/?symbol=ALPHA")
    expect(fill(page, type="LIMIT", price="9.00", qty="7")).not_to_have_text("", timeout=WAIT_MS)
    expect(rows(page)).to_have_count(1)
    rows(page).get_by_test_id("amend-button").click()
    expect(page.get_by_test_id("amend-trail")).to_have_count(0)
    page.get_by_test_id("amend-min-qty").fill("8")
    page.get_by_test_id("amend-submit").click()
    expect(page.get_by_test_id("amend-result")).to_contain_text("BAD_MIN_QTY · rule VAL-16 · field min_qty")
    page.get_by_test_id("amend-min-qty").fill("7")
    expect(page.get_by_test_id("amend-dialog")).to_contain_text("or the order is cancelled whole")
    page.get_by_test_id("amend-submit").click()
    expect(rows(page)).to_have_count(0, timeout=WAIT_MS)


def test_a_peg_with_an_offset(page: Page, venue: Venue) -> None:
    """The ticket and the blotter say it with its sign; the dialog gives it another, and the arrow keys move it."""
    log_in(page, venue, "USR02", then="/?symbol=BETA")
    expect(page.get_by_test_id("ticket-offset")).to_have_count(0)
    page.get_by_test_id("ticket-type").select_option("PEG_PRIMARY")
    page.get_by_test_id("ticket-offset").press("ArrowDown")
    expect(page.get_by_test_id("ticket-submit")).to_contain_text(re.compile(r"at best bid \u22120\.\d+$"))
    expect(fill(page, offset="-0.50")).not_to_have_text("", timeout=WAIT_MS)
    row = rows(page).first
    expect(row.locator("[data-col=type]")).to_contain_text("Peg to best \u22120.50")
    row.get_by_test_id("amend-button").click()
    page.get_by_test_id("amend-offset").fill("0.50")
    page.get_by_test_id("amend-submit").click()
    expect(page.get_by_test_id("amend-result")).to_contain_text("BAD_PEG_OFFSET · rule VAL-19 · field peg_offset")
    page.get_by_test_id("amend-offset").fill("-0.40")
    page.get_by_test_id("amend-submit").click()
    expect(row.locator("[data-col=type]")).to_contain_text("Peg to best \u22120.40", timeout=WAIT_MS)


def test_a_pair_of_which_one_cancels_the_other(page: Page, venue: Venue) -> None:
    """Both legs are sent at once and name each other; the cancel of one ends both."""
    log_in(page, venue, "USR03", then="/?symbol=ALPHA")
    page.get_by_test_id("ticket-advanced").click()
    result = fill(page, price="20.00", oco="new leg", leg="99.00")
    expect(result).to_contain_text("one cancels the other", timeout=WAIT_MS)
    limit = rows(page).filter(has_text="OCO with Stop @ 99.00")
    expect(rows(page).filter(has_text="OCO with Limit at 20.00")).to_contain_text("Stop @ 99.00")
    limit.get_by_test_id("cancel-button").click()
    expect(rows(page)).to_have_count(0, timeout=WAIT_MS)
    page.get_by_test_id("tab-history").click()
    expect(rows(page, "order-history").filter(has_text="Stop @ 99.00")).to_contain_text("One cancelled the other")


def test_a_pair_stands_whole_or_not_at_all(page: Page, venue: Venue) -> None:
    """When the limit is refused, the stop that was sent first is cancelled; field, reason and rule are named."""
    log_in(page, venue, "USR04", then="/?symbol=ALPHA")
    page.get_by_test_id("ticket-advanced").click()
    result = fill(page, price="20.005", oco="new leg", leg="99.00")
    expect(result).to_contain_text("No leg of the pair stands.", timeout=WAIT_MS)
    expect(result).to_contain_text("OFF_TICK · rule VAL-07 · field price")
    expect(page.get_by_test_id("ticket-price")).to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(0)


def test_an_order_is_tied_to_one_that_is_open(page: Page, venue: Venue) -> None:
    """The ticket offers the own orders that may be the other leg, and no others."""
    log_in(page, venue, "USR05", then="/?symbol=ALPHA")
    fill(page, price="20.00")
    expect(rows(page)).to_have_count(1, timeout=WAIT_MS)
    page.get_by_test_id("ticket-advanced").click()
    choice = page.get_by_test_id("ticket-oco").locator("option")
    expect(choice).to_have_count(2)
    page.get_by_test_id("ticket-type").select_option("STOP")
    expect(choice.nth(2)).to_have_text("Limit 20.00 (open)")
    fill(page, stop="98.00", oco=choice.nth(2).get_attribute("value") or "")
    expect(rows(page).filter(has_text="OCO with Stop @ 98.00")).to_have_count(1, timeout=WAIT_MS)


@pytest.mark.parametrize("width", [1440, 360])
def test_a_refusal_opens_the_part_that_it_names(page: Page, venue: Venue, width: int) -> None:
    """An iceberg that shows more than it has: field, reason and rule; nothing runs off the screen."""
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, venue, "USR06", then="/?symbol=ALPHA")
    page.get_by_test_id("ticket-advanced").click()
    page.get_by_test_id("ticket-iceberg").check()
    page.get_by_test_id("ticket-display").fill("11")
    page.get_by_test_id("ticket-advanced").click()
    expect(page.get_by_test_id("ticket-display")).to_be_hidden()
    result = fill(page)
    expect(result).to_contain_text("BAD_DISPLAY · rule VAL-10 · field display_quantity", timeout=WAIT_MS)
    expect(page.get_by_test_id("ticket-display")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_terms_of_an_order_are_said_in_words(page: Page, venue: Venue) -> None:
    """At the close, hidden, with a minimum, to be cancelled at the logout."""
    log_in(page, venue, "USR07", then="/?symbol=ALPHA")
    page.get_by_test_id("ticket-advanced").click()
    page.get_by_test_id("ticket-hidden").check()
    page.get_by_test_id("ticket-ends").check()
    fill(page, price="20.00", min_exec="5", tif="AT_CLOSE", self_trade="CANCEL_BOTH")
    row = rows(page)
    expect(row.locator("[data-col=type]")).to_contain_text("Hidden", timeout=WAIT_MS)
    expect(row.get_by_test_id("waiting")).to_have_attribute("title", "waits for the closing call")
    terms = row.get_by_test_id("terms")
    expect(terms).to_have_text("At the close · at least 5 a trade · ends at logout")
    expect(terms).to_have_attribute("title", re.compile("Meets an own order: cancel both orders."))
    page.get_by_test_id("logout").click()
    expect(page.get_by_test_id("logout")).to_have_count(0, timeout=WAIT_MS)
    with venue.client("USR07") as member:
        [order] = member.get("/api/v1/orders").json()
    assert (order["status"], order["reason"]) == ("CANCELLED", "DISCONNECTED")
