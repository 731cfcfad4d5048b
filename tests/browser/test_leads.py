"""A lead from its capture over the first call to its deal, by keyboard alone; clean on a phone and in the dark."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from common.selectors import today
from tests.cast import Cast

pytestmark = pytest.mark.browser

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def press_on(page: Any, name: str) -> None:
    """Come to a link or button by its name, and press Enter."""
    page.get_by_role("link", name=name, exact=True).or_(
        page.get_by_role("button", name=name, exact=True)
    ).first.focus()
    page.keyboard.press("Enter")


def test_capture_call_convert(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.goto("/leads/")
    press_on(page, "New lead")
    page.get_by_label("Name").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_label("Name").first.focus()
    for text in ("Ella Fischer", "Dogwood GmbH", "ella@dogwood.example", "+49 30 55501"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/leads/\d+/$"))
    press_on(page, "Log activity")
    page.get_by_label("Subject").wait_for()
    page.get_by_label("Subject").focus()
    page.keyboard.type("Rang Ella")
    page.keyboard.press("Enter")
    page.get_by_text("Rang Ella is noted.").wait_for()
    press_on(page, "Convert")
    page.wait_for_url(re.compile(r"/leads/\d+/convert/$"))
    assert page.get_by_label("Account", exact=True).first.input_value() == "Dogwood GmbH"
    page.get_by_label("Amount").focus()
    page.keyboard.type("1,000.00")
    page.get_by_label("Close date").fill((today() + timedelta(days=30)).isoformat())
    press_on(page, "Convert")
    page.wait_for_url(re.compile(r"/opportunities/\d+/$"))
    assert page.get_by_text("Rang Ella").count() >= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_pages_are_clean(cast_today: Cast, enter: Any, acting: Any, width: int, theme: str) -> None:
    from tests.pipeline.leads import a_lead

    lead = a_lead(acting, cast_today.rep, source="Referral")
    page = enter(cast_today.manager, width, theme)
    for path in (
        "/leads/",
        "/leads/new/",
        f"/leads/{lead.pk}/",
        f"/leads/{lead.pk}/convert/",
        "/leads/yield/",
        "/events/",
    ):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate(SIDEWAYS) == 0, path
