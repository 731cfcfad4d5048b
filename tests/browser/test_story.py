"""The whole story: a deal is won in the browser, and the director clicks its figure down to the credit."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from common.models import Period
from common.selectors import period_of, today
from common.transaction import work
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def log_a_deal(page: Page, closes_on: date) -> None:
    """Quick entry from any page, by its key."""
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Account").press_sequentially("Aco", delay=50)
    dialog.get_by_role("option", name="Acorn").click()
    dialog.get_by_label("Name").fill("Twenty servers")
    dialog.get_by_label("Amount").fill("1,234.56")
    dialog.get_by_label("Close date").fill(closes_on.isoformat())
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("heading", name="Twenty servers")).to_be_visible()


def win_it(page: Page) -> None:
    page.get_by_role("link", name="Win and book").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-line]:visible")).to_have_count(2)
    dialog.get_by_label("Product").first.select_option(index=1)
    dialog.get_by_label("Amount").first.fill("1,234.56")
    dialog.get_by_role("button", name="Win and book the order").click()
    expect(page.get_by_role("heading", name="SO-")).to_be_visible()


def intake_of_east(page: Page, period: Period) -> str:
    """The order intake of the director's top row."""
    page.goto(f"/quotas/team/?period={period.code}")
    return page.locator("table a[href*='/orders/credits/']").first.inner_text()


def seat(page: Page, cast: Cast, starts_on: date) -> None:
    """The admin gives East 1 to the peer from a day on."""
    page.goto(f"/territories/{cast.territories['East 1'].pk}/")
    page.locator("a[href*='/territories/seats/'][href*='/end/']").first.click()
    ended = page.locator("form[action*='/end/'], dialog form, main form").last
    ended.locator("[data-day]").first.fill(starts_on.isoformat())
    with page.expect_navigation():
        page.get_by_role("button", name="End the seat").click()
    page.goto(f"/territories/seats/new/?territory={cast.territories['East 1'].pk}")
    page.get_by_label("Person").select_option(value=str(cast.peer.pk))
    page.get_by_label("Territory").select_option(value=str(cast.territories["East 1"].pk))
    page.get_by_label("Seat", exact=True).select_option(value="owner")
    page.get_by_label("From").fill(starts_on.isoformat())
    with page.expect_navigation():
        page.get_by_role("button", name="Seat them").click()
    expect(page.get_by_text("Paul Peer").first).to_be_visible()


def test_from_a_deal_to_the_director_s_page(
    cast_today: Cast, worker: None, enter: Callable[..., Page]
) -> None:
    with work(by=None, why="the day of the story"):
        day = today()
        quarter = period_of(day)
        assert quarter
        last = period_of(quarter.starts_on - timedelta(days=1))
        assert last
    rep = enter(cast_today.rep)
    log_a_deal(rep, day)
    win_it(rep)

    director = enter(cast_today.director)
    for _ in range(60):
        if "1,234.56" in intake_of_east(director, quarter):
            break
        director.wait_for_timeout(250)
    director.locator("table a[href*='/orders/credits/']", has_text="1,234.56").first.click()
    expect(director.get_by_role("cell", name="$1,234.56").first).to_be_visible()
    expect(director.get_by_text("Rita Rep").first).to_be_visible()

    before = intake_of_east(director, last)
    seat(enter(cast_today.admin), cast_today, day + timedelta(days=1))
    assert intake_of_east(director, last) == before
    assert "1,234.56" in intake_of_east(director, quarter)
