"""How long after the last key what was found is painted: a real browser types into the workbench's search."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

from benchmarks import jobs

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WORDS = ("territory 41", "otto b", "b4-12", "region 2", "area 3.1")
# From the key that was pressed to the second frame after the table was put in.
WATCH = """
window.painted = null;
addEventListener("keydown", () => { window.pressed = performance.now(); window.painted = null; }, true);
document.body.addEventListener("htmx:afterSettle", () =>
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now() - window.pressed; })));
"""


def milliseconds(address: str, email: str) -> dict[str, float]:
    """The middle and the slowest of some searches; nothing where there is no browser."""
    if not CHROMIUM:
        return {}
    with _page(address) as page:
        page.goto("/sign-in/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(jobs.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{address}/")
        page.goto("/territories/workbench/")
        page.evaluate(WATCH)
        waits = [_typed(page, word) for word in WORDS * 2][len(WORDS) :]
    return {"median": round(median(waits)), "slowest": round(max(waits))}


@contextmanager
def _page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(
            base_url=address, viewport={"width": 1440, "height": 900}, bypass_csp=True
        )
        context.route("**/static/**", _static)
        page = context.new_page()
        page.set_default_timeout(180_000)
        yield page
        browser.close()


def _static(route: Route) -> None:
    """The files of pages, which the measured server leaves to another one."""
    found: Any = finders.find(route.request.url.partition("/static/")[2])
    if found:
        route.fulfill(path=found)
    else:
        route.fulfill(status=404)


def _typed(page: Page, word: str) -> float:
    field = page.locator("#q")
    field.fill("")
    field.press_sequentially(word, delay=120)
    page.wait_for_function("window.painted !== null && !document.querySelector('.htmx-request')")
    page.wait_for_timeout(400)
    return float(page.evaluate("window.painted"))
