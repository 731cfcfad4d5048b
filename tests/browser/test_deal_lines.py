"""The lines of a deal with a keyboard only and on a phone: prices come from the book, the amount follows."""

from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from tests.browser.axe import faults
from tests.cast import Cast
from tests.catalog.living import Shop, open_shop
from tests.pipeline.selling import put_servers

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(cast_today: Cast) -> Shop:
    put_servers(cast_today)

    def acting(person: Any) -> AbstractContextManager[Any]:
        return work(by=person.pk, why="a shop", reach=Reach.everything())

    return open_shop(cast_today, acting)


def amount(page: Page) -> str:
    return page.locator("[data-deal-total]").inner_text()


def test_a_deal_gets_its_lines_by_keyboard(cast_today: Cast, shop: Shop, enter: Any) -> None:
    page, deal = enter(cast_today.rep), cast_today.deals["Acorn renewal"]
    page.goto(reverse("opportunity_detail", args=[deal.pk]))
    page.get_by_role("link", name="Edit products").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-deal-total]")).to_have_text("100,000.00")
    dialog.get_by_role("button", name="Add a product").focus()
    page.keyboard.press("Enter")
    line = dialog.locator("[data-lines-rows] [data-line]").last
    expect(line.get_by_label("Product")).to_be_focused()
    page.keyboard.type("Voi")
    expect(line.get_by_label("Price each")).to_have_value("40.00")
    expect(line.get_by_text("list price", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("19.99")
    page.keyboard.press("Tab")
    page.keyboard.type("7.5")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    expect(dialog.locator("[data-deal-total]")).to_have_text("100,665.67")
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    with work(by=None, why="a look", reach=Reach.everything()):
        assert Opportunity.objects.get(pk=deal.pk).amount_minor == 10_066_567


def test_a_book_and_a_bundle_on_a_phone(cast_today: Cast, shop: Shop, enter: Any) -> None:
    page, deal = enter(cast_today.rep, width=360), cast_today.deals["Acorn renewal"]
    page.goto(reverse("opportunity_lines", args=[deal.pk]))
    page.get_by_label("Product").nth(0).select_option("Server")
    expect(page.get_by_label("Price each").nth(0)).to_have_value("2,500.00")
    page.get_by_label("Price each").nth(0).fill("")
    page.get_by_label("Product").nth(0).select_option("Licence")
    page.get_by_label("Product").nth(0).select_option("Server")
    expect(page.get_by_label("Price each").nth(0)).to_have_value("2,400.00")
    expect(page.get_by_text("Standard, the usual book")).to_be_visible()
    page.get_by_label("Price book").select_option("Public sector")
    expect(page.get_by_label("Price each").nth(0)).to_have_value("2,000.00")
    expect(page.get_by_label("Months")).to_have_count(2)
    expect(page.get_by_label("Months").nth(0)).to_be_hidden()
    page.get_by_role("button", name="Add a product").click()
    line = page.locator("[data-lines-rows] [data-line]").last
    line.get_by_label("Product").select_option("Triple (bundle)")
    expect(line.get_by_label("Months")).to_be_visible()
    assert amount(page) == "80,099.99"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(page) == []
    page.set_viewport_size({"width": 360, "height": 900})
    page.get_by_role("button", name="Save").click()
    for part in ("$33.33", "$50.00", "$16.66"):
        expect(page.get_by_text(part, exact=True)).to_be_visible()
    expect(page.get_by_text("of it Voice")).to_be_visible()
