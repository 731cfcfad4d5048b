"""The whole story: a deal is won in the browser, and the director clicks its figure down to the credit."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.selectors import today
from common.transaction import work
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def log_a_deal(page: Page) -> None:
    """Quick entry from any page, by its key."""
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account").fill("Aco")
    dialog.get_by_role("option", name="Acorn").click()
    dialog.get_by_label("Name").fill("Twenty servers")
    dialog.get_by_label("Amount").fill("1,234.56")
    dialog.get_by_label("Close date").fill(f"{today():%Y-%m-%d}")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Twenty servers")).to_be_visible()


def test_from_a_deal_to_the_director_s_page(cast_today: Cast, worker: None, enter: Any) -> None:
    with work(by=None, why="the day of the story"):
        day = today()
    rep = enter(cast_today.rep)
    log_a_deal(rep)
    rep.get_by_role("link", name="Win").click()
    rep.get_by_role("button", name="Book").click()
    expect(rep.get_by_text("SO-")).to_be_visible()

    director = enter(cast_today.director)
    quarter = f"{day.year}-Q{(day.month - 1) // 3 + 1}"
    for _ in range(40):
        director.goto(f"/quotas/team/?period={quarter}")
        if director.get_by_text("1,234.56").count() or director.get_by_text("1,235").count():
            break
        director.wait_for_timeout(500)
    director.get_by_role("link", name="1,23").first.click()
    expect(director.get_by_text("1,234.56").first).to_be_visible()
    expect(director.get_by_text("Rita Rep").first).to_be_visible()

    admin = enter(cast_today.admin)
    admin.goto("/territories/")
    assert day + timedelta(days=1) > day
