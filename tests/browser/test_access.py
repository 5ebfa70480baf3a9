"""Screens for everybody: every control has a name, text stands out, targets are large enough, the keyboard suffices."""

import re

import pytest
from browser.screens import WAIT_MS, log_in
from playwright.sync_api import Page, expect
from venue import Venue

pytestmark = pytest.mark.browser

FAULTS = """() => {
  const shown = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && each.getClientRects().length > 0;
  const isHeard = (each) => each.closest(".sr-only, .skip") !== null;
  const name = (each) => each.ariaLabel || [...(each.labels ?? [])].map((label) => label.textContent).join("")
    || each.textContent.trim() || each.title;
  const what = (each) => [each.tagName, each.dataset.testid ?? each.className, each.textContent.trim().slice(0, 30)]
    .join(" ");
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((part, at) => part * a + under[at] * (1 - a));
  const paper = (each) => {
    const layers = [];
    for (let at = each; at; at = at.parentElement) layers.push(rgb(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (parts) => parts.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (each) => {
    const under = paper(each);
    const [one, other] = [light(over(rgb(getComputedStyle(each).color), under)), light(under)];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const controls = [...document.querySelectorAll("button, a, input, select, summary")].filter(shown);
  const texts = [...document.querySelectorAll("body *")].filter((each) => shown(each) && !isHeard(each)
    && !each.disabled && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const isSmallByRight = (each) => each.matches("#tv-attr-logo")
    || (each.tagName === "A" && getComputedStyle(each).display === "inline");
  const height = (each) => (each.closest("label.check") ?? each).getBoundingClientRect().height;
  return [
    ...controls.filter((each) => !name(each).trim()).map((each) => `no name: ${what(each)}`),
    ...controls.filter((each) => !isHeard(each) && !isSmallByRight(each) && height(each) < 23.5)
      .map((each) => `${height(each)} px high: ${what(each)}`),
    ...texts.filter((each) => contrast(each) < 4.5)
      .map((each) => `contrast ${contrast(each).toFixed(2)}: ${what(each)}`),
  ];
}"""
"""What WCAG 2.2 AA asks of names (4.1.2), contrast (1.4.3) and targets (2.5.8, but for the chart library's mark)."""


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("user", ["USR01", "OPERATOR"])
def test_every_control_has_a_name_and_stands_out(
    page: Page, venue: Venue, *, width: int, theme: str, user: str
) -> None:
    """With the ticket wholly open, a refusal and an order that waits; or with the operator's controls."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(f"localStorage.setItem('stockex.theme', '{theme}')")
    log_in(page, venue, user, then="/?symbol=ALPHA")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    if user == "OPERATOR":
        page.get_by_test_id("kill").click()
        assert page.evaluate(FAULTS) == []
        page.keyboard.press("Escape")
    else:
        page.get_by_test_id("ticket-tif").select_option("GTD")
        page.get_by_test_id("ticket-advanced").click()
        page.get_by_test_id("ticket-iceberg").check()
        page.get_by_test_id("ticket-oco").select_option("new leg")
        page.get_by_test_id("ticket-submit").click()
        expect(page.get_by_test_id("ticket-result")).to_contain_text("Refused")
    assert page.evaluate(FAULTS) == []


def test_a_trade_by_keyboard_only(page: Page, venue: Venue) -> None:
    """From the type over the folded part to the order, its amendment and its end, without a mouse."""
    log_in(page, venue, "USR02", then="/?symbol=ALPHA")
    page.get_by_test_id("ticket-type").focus()
    page.keyboard.type("Stop l")
    page.keyboard.press("Tab")
    page.keyboard.type("Until c")
    page.get_by_test_id("ticket-stop").focus()
    page.keyboard.type("29.00")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("30.00")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_test_id("ticket-advanced")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("ticket-iceberg")).to_be_checked()
    page.get_by_test_id("ticket-submit").focus()
    page.keyboard.press("Enter")
    row = page.get_by_test_id("open-orders").locator("tbody tr[data-cl-ord-id]")
    kind = row.locator("[data-col=type]")
    expect(kind).to_contain_text(re.compile("Stop limit @ 29.00, iceberg 1/10"), timeout=WAIT_MS)
    expect(row.get_by_test_id("terms")).to_have_text("Until cancelled")
    row.get_by_test_id("amend-button").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("amend-qty")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(row.locator("[data-col=quantity]")).to_have_text("9", timeout=WAIT_MS)
    row.get_by_test_id("cancel-button").press("Enter")
    expect(row).to_have_count(0, timeout=WAIT_MS)
