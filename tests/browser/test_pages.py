"""Every page of every role, narrow and wide, light and dark: no violation, nothing that scrolls sideways."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible_and_fit(
    cast_today: Cast, enter: Any, role: str, width: int, theme: str
) -> None:
    page = enter(getattr(cast_today, role), width=width, theme=theme)
    for path in PAGES[role]:
        answer = page.goto(path)
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        assert violations(page) == [], path
        assert overflow(page) <= 0, path
