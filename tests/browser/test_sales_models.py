"""A sales model with a keyboard and a real browser: whose rows moved is asked before the page is left."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from common.access import Reach
from common.transaction import work
from pipeline.models import SalesModel
from tests.cast import Cast

pytestmark = pytest.mark.browser
ASKS = """() => {
    const event = new Event("beforeunload", {cancelable: true});
    dispatchEvent(event);
    return event.defaultPrevented;
}"""


def asks(page: Page) -> bool:
    return bool(page.evaluate(ASKS))


def test_rows_that_moved_are_not_lost_unasked(cast_today: Cast, enter: Any) -> None:
    with work(by=None, why="a look", reach=Reach.everything()):
        model = SalesModel.objects.get().pk
    page = enter(cast_today.admin)
    page.goto(reverse("sales_model_detail", args=[model]))
    assert not asks(page)
    page.get_by_role("button", name="Move Qualified up").focus()
    page.keyboard.press("Enter")
    first = page.get_by_role("group", name="Stage 1: Qualified")
    expect(first).to_be_visible()
    expect(page.get_by_role("button", name="Move Qualified up")).to_be_focused()
    page.wait_for_function(ASKS)
    page.get_by_role("button", name="Publish…").last.click()
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    page.wait_for_function(ASKS)
    page.get_by_label("Why does it change?").fill("They qualify first")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Standard is published.")).to_be_visible()
    assert not asks(page)
