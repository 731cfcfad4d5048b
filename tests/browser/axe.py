"""How a page is looked at: narrow and wide, light and dark, by axe and for what scrolls sideways."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ONCE = {"resultTypes": ["violations"], "preload": False, "iframes": False}
WHOLE = {**ONCE, "runOnly": {"type": "tag", "values": LEVELS}}
COLOURS = {**ONCE, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that a theme changes."""
SIDEWAYS = """[...document.querySelectorAll(".table-box:has(> .cards)")]
    .filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel)"""
CHANGED = """() => Promise.race([
    new Promise(requestAnimationFrame).then(() => Promise.allSettled(
        document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))),
    new Promise(done => setTimeout(done, 2000)),
])"""
"""A page that the browser does not draw gets no frame, ever: it is not waited for without an end."""
LOOKS = [(width, theme) for width in (360, 1440) for theme in ("light", "dark")]


RUN = """rules => axe.run(rules).then(({violations}) =>
    violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target}`)))"""


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, rules)
    return found


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def faults(page: Page) -> list[Any]:
    """What is wrong with the page as it stands, in any of the looks."""
    page.bring_to_front()
    expect(page.locator(".slot, .htmx-request")).to_have_count(0)
    found: list[Any] = []
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light" if theme == "light" else "dark", reduced_motion="reduce")
        page.evaluate(CHANGED)
        wrong: list[Any] = violations(page, WHOLE if theme == "light" else COLOURS)
        wrong += [f"{wide} too wide"] if (wide := overflow(page)) > 0 else []
        wrong += page.evaluate(SIDEWAYS) if width < 640 else []
        found += [(page.url, width, theme, one) for one in wrong]
    return found


def visited(page: Page, *paths: str, status: int = 200) -> list[Any]:
    """What is wrong with these pages."""
    found: list[Any] = []
    for path in paths:
        answer = page.goto(path)
        assert answer
        assert answer.status == status, path
        found += faults(page)
    return found
