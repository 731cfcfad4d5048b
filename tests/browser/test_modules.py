"""A module in a browser: put together from the list, taken apart, and moved as one."""

from typing import Any

import pytest
from playwright.sync_api import expect

from common.access import Reach
from common.transaction import work
from tests.accounts.places import spans
from tests.browser.axe import faults
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_put_together_taken_apart_and_moved_as_one(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.admin)
    page.goto("/accounts/?industry=Retail")
    for name in ("Acorn", "Beech", "Cedar"):
        page.get_by_label(f"Choose {name}", exact=True).check()
    page.get_by_role("button", name="Put into module…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 accounts: Acorn, Beech, Cedar")).to_be_visible()
    dialog.get_by_label("Name of a new module").fill("Retail")
    dialog.get_by_role("textbox", name="From").fill("2026-01-01")
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    dialog.get_by_role("button", name="Put them in").click()
    expect(page.get_by_text("3 accounts are in Retail from")).to_be_visible()
    assert page.url.endswith("/accounts/?industry=Retail")
    expect(page.get_by_text("0 chosen")).to_be_visible()

    page.get_by_role("link", name="Modules").click()
    page.get_by_role("link", name="Retail").click()
    page.get_by_label("Choose Cedar", exact=True).check()
    page.get_by_role("button", name="Remove…").click()
    dialog.get_by_role("textbox", name="From").fill("2026-01-02")
    dialog.get_by_role("button", name="Take them out").click()
    expect(page.get_by_text("1 account leaves Retail on")).to_be_visible()
    expect(page.get_by_text("3 accounts came in")).to_be_visible()

    page.get_by_role("link", name="Move it").click()
    page.get_by_label("Territory").select_option(value=str(cast_today.territories["West 1"].pk))
    page.get_by_label("Reason").fill("one team")
    expect(page.get_by_role("heading", name="to West 1 from")).to_be_visible()
    page.get_by_role("button", name="Assign them").click()
    expect(page.get_by_text("2 accounts are in West 1 from")).to_be_visible()
    with work(by=None, why="a look", reach=Reach.everything()):
        assert [spans(cast_today, name)[-1][0] for name in ("Acorn", "Beech")] == ["West 1"] * 2
