"""Every page of every role, narrow and wide, light and dark: no violation, nothing that scrolls sideways."""

from typing import Any

import pytest

from tests.browser.axe import visited
from tests.cast import Cast

pytestmark = pytest.mark.browser

PAGES = {
    "rep": [
        "/",
        "/opportunities/",
        "/opportunities/board/",
        "/accounts/",
        "/orders/",
        "/quotas/mine/",
        "/forecasts/",
    ],
    "director": [
        "/",
        "/quotas/team/",
        "/opportunities/",
        "/forecasts/accuracy/",
        "/quotas/",
        "/territories/",
        "/realignments/cut/",
        "/setup/tables/realignment/",
    ],
    "admin": [
        "/",
        "/territories/",
        "/people/",
        "/catalogue/",
        "/calendar/",
        "/rates/",
        "/quotas/runs/",
        "/accounts/",
    ],
    "coordinator": ["/", "/orders/", "/orders/book/", "/opportunities/", "/definitions/"],
}


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible_and_fit(cast_today: Cast, enter: Any, role: str) -> None:
    page = enter(getattr(cast_today, role))
    assert visited(page, *PAGES[role]) == []
