"""A rule in a browser: written, counted, saved, previewed and run."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_what_was_counted_is_saved_by_the_next_press(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/accounts/rules/new/")
    page.get_by_label("Name", exact=True).fill("Acorns")
    page.locator("[name=territory_id]").select_option(value=str(cast_today.territories["East 2"].pk))
    line = page.locator("#conditions [data-lines-rows] > *").first
    line.locator("select[name$=-kind]").select_option("account")
    line.locator("[name$=-values]").fill("A-1")
    page.get_by_role("button", name="Count the accounts").click()
    expect(page.get_by_role("heading", name="1 account matches now")).to_be_visible()
    assert page.get_by_label("Name", exact=True).input_value() == "Acorns"
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_text("Acorns is a rule now.")).to_be_visible()

    page.get_by_role("link", name="Preview and run").click()
    expect(page.get_by_text("placed by hand 1, held 0")).to_be_visible()
    expect(page.get_by_text(re.compile("^No account moves"))).to_be_visible()
    assert faults(page) == []
