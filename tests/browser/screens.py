"""What the tests of the screens share."""

from playwright.sync_api import Page, expect
from venue import Venue

WAIT_MS = 20_000


def log_in(page: Page, venue: Venue, user: str, *, then: str) -> None:
    """Log in by the form and go to the page `then`."""
    page.goto(f"{venue.url}/ch/login?next={then}")
    page.get_by_test_id("login-user").fill(user)
    page.get_by_test_id("login-password").fill(user)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("connection-badge")).to_contain_text("Live", timeout=WAIT_MS)
