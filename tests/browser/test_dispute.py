"""A dispute in a browser: a rep disputes a credit, a coordinator corrects the order, the rep sees both."""

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.access import Reach
from common.selectors import today
from common.transaction import work
from orders.services import LineInput, ShareInput, book
from tests.browser.axe import faults
from tests.cast import Cast
from tests.orders.test_book import FORTY, SIXTY

pytestmark = pytest.mark.browser


@pytest.fixture
def number(cast_today: Cast) -> str:
    """An order of today, 1,000.00: Rita has 60 %, Paul 40 %."""
    cast = cast_today
    with work(by=None, why="book", reach=Reach.everything()):
        made = book(
            by=cast.rep.pk,
            account_id=cast.accounts["Acorn"].pk,
            owner_id=cast.rep.pk,
            booked_on=today(),
            currency="USD",
            lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
            shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)],
            motion="new",
        )
        return str(made.number)


def fits(page: Page) -> bool:
    """Whether nothing of the page scrolls sideways on a phone, whatever was looked at before."""
    page.set_viewport_size({"width": 360, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth <= 360"))


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_disputed_corrected_and_seen(cast_today: Cast, number: str, enter: Any) -> None:
    rep, coordinator = enter(cast_today.rep, width=360), enter(cast_today.coordinator, width=1440)
    rep.goto("/orders/credits/")
    more = rep.locator(".why summary").first
    more.focus()
    rep.keyboard.press("Enter")
    expect(rep.get_by_text("typed with the booking")).to_be_visible()
    assert fits(rep)
    shot(rep, "credits-360")
    assert faults(rep) == []
    rep.get_by_role("link", name="Dispute").first.click()
    dialog = rep.get_by_role("dialog")
    dialog.get_by_label("the share").check()
    dialog.get_by_label("Why").fill("It was 80 %.")
    shot(rep, "raise-360")
    assert faults(rep) == []
    dialog.get_by_role("button", name="Raise the dispute").click()
    expect(rep.get_by_text("Your dispute is raised.")).to_be_visible()
    assert fits(rep)
    shot(rep, "detail-360")
    assert faults(rep) == []
    rep.goto("/quotas/mine/")
    expect(rep.get_by_text("1 open dispute over $600.00")).to_be_visible()

    coordinator.goto("/orders/disputes/?show=answer")
    assert faults(coordinator) == []
    shot(coordinator, "list-1440")
    coordinator.get_by_role("link", name=number).click()
    assert faults(coordinator) == []
    shot(coordinator, "detail-1440")
    coordinator.get_by_role("link", name="Correct the order").click()
    coordinator.get_by_label("Cause").select_option("split")
    coordinator.get_by_label("Reason").fill("The split was agreed")
    shares = coordinator.get_by_label("Share in percent")
    shares.nth(0).fill("80")
    shares.nth(1).fill("20")
    coordinator.get_by_label("Answer to the dispute").fill("You are right.")
    assert faults(coordinator) == []
    shot(coordinator, "correct-1440")
    coordinator.get_by_role("button", name="Post the correction").click()
    expect(coordinator.get_by_text("You are right.").first).to_be_visible()

    rep.goto("/inbox/")
    rep.get_by_role("link", name=f"granted your dispute of {number}").click()
    expect(rep.get_by_text("You are right.").first).to_be_visible()
    rep.goto("/orders/credits/")
    expect(rep.get_by_text("dispute granted")).to_be_visible()
    expect(rep.get_by_text("80 % of $1,000.00: your share of Licence (line 1)")).to_be_visible()
    expect(rep.locator("tfoot").get_by_text("$800.00")).to_be_visible()
    shot(rep, "after-360")


@pytest.mark.usefixtures("number")
def test_the_reasons_are_printed(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep, width=1440, theme="dark")
    page.goto("/orders/credits/")
    expect(page.get_by_text("typed with the booking")).to_be_hidden()
    shot(page, "credits-1440-dark")
    page.emulate_media(media="print")
    expect(page.get_by_text("typed with the booking")).to_be_visible()
