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
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WHOLE = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
"""All that a theme changes."""


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


SIDEWAYS = """[...document.querySelectorAll(".table-box:has(> .cards)")]
    .filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel)"""
CHANGED = """() => new Promise(requestAnimationFrame).then(() => Promise.allSettled(
    document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished)))"""
LOOKS = [(width, theme) for width in (360, 1440) for theme in ("light", "dark")]


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible_and_fit(cast_today: Cast, enter: Any, role: str) -> None:
    page = enter(getattr(cast_today, role))
    for path in PAGES[role]:
        answer = page.goto(path)
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(CHANGED)
            assert violations(page, WHOLE if theme == "light" else COLOURS) == [], (path, width, theme)
            assert overflow(page) <= 0, (path, width, theme)
            assert width > 640 or page.evaluate(SIDEWAYS) == [], path
