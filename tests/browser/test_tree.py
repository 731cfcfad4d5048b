"""The team's table in a browser: what stands open comes back with the address."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_rows_that_were_opened_stand_open_after_a_reload(cast_today: Cast, enter: Any) -> None:
    page = enter(cast_today.director)
    page.goto("/quotas/team/?sort=name")
    east, team = cast_today.territories["East"].pk, cast_today.territories["East Team"].pk
    leaf = page.get_by_role("rowheader", name="East 2")
    page.get_by_role("button", name="What lies below East Team").click()
    expect(leaf).to_be_visible()
    page.wait_for_url(f"**/quotas/team/?sort=name&open={east},{team}")
    page.reload()
    expect(leaf).to_be_visible()
    page.get_by_role("button", name="What lies below East Team").click()
    page.wait_for_url(f"**/quotas/team/?sort=name&open={east}")
    page.reload()
    expect(page.get_by_role("button", name="What lies below East Team")).to_be_visible()
    expect(leaf).to_have_count(0)
