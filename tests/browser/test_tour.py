"""The tour in a browser: by mouse and by keys, once, and again from Help."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cast import Cast
from tests.pseudo import spoken

pytestmark = pytest.mark.browser

CUT = """
() => [...document.querySelectorAll("main *, header *, nav *")].filter((one) => {
  const style = getComputedStyle(one);
  const hides = style.overflowX === "hidden" || style.overflowX === "clip";
  const ellipsed = style.textOverflow === "ellipsis" || style.clipPath !== "none";
  return hides && !ellipsed && one.checkVisibility() && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.className + ": " + one.textContent.trim().slice(0, 60))
"""
AT_REST = "Promise.all(document.getAnimations().map((one) => one.finished))"
"""While something fades in, its colours are not those that are read."""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ALIKE = (
    "/",
    "/help/",
    "/help/tour/",
    "/profile/",
    "/profile/photo/",
    "/opportunities/",
    "/accounts/",
    "/orders/",
    "/quotas/team/",
    "/quotas/",
    "/forecasts/",
    "/territories/",
    "/calendar/",
)


@pytest.fixture
def newcomers(owner: Any) -> None:
    owner.execute("DELETE FROM workspace_tourseen")


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_it_is_walked_by_keys_and_does_not_come_again(
    cast_today: Cast, newcomers: None, enter: Any, width: int, theme: str
) -> None:
    page = enter(cast_today.rep, width=width, theme=theme)
    tour = page.locator("#tour")
    tour.wait_for(state="visible")
    page.evaluate(AT_REST)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate(SIDEWAYS) <= 0
    for number in range(2, 6):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.id") == f"tour-card-{number}"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert tour.get_by_text("Card 4 of 5").is_visible()
    tour.get_by_role("button", name="Next").click()
    assert tour.get_by_role("button", name="Skip").count() == 0
    with page.expect_response("**/help/tour/seen/") as told:
        page.keyboard.press("Escape")
    assert told.value.status == 302
    page.goto("/")
    assert not page.locator("#tour").is_visible()
    page.goto("/help/")
    page.get_by_role("button", name="Show the tour").click()
    assert page.locator("#tour").get_by_text("Card 1 of 5").is_visible()
    page.evaluate(AT_REST)
    assert Axe().run(page).response["violations"] == []


def test_it_steps_aside_for_the_key_of_the_quick_entry(cast_today: Cast, newcomers: None, enter: Any) -> None:
    page = enter(cast_today.rep)
    page.locator("#tour").wait_for(state="visible")
    with page.expect_response("**/help/tour/seen/"):
        page.keyboard.press("n")
    page.locator("#dialog input[name=name]").wait_for()
    assert not page.locator("#tour").is_visible()


def test_skipped_it_stays_away(cast_today: Cast, newcomers: None, enter: Any) -> None:
    page = enter(cast_today.coordinator)
    with page.expect_response("**/help/tour/seen/"):
        page.locator("#tour").get_by_role("button", name="Skip").click()
    page.goto("/")
    assert page.locator("#tour").count() == 0


@pytest.fixture
def pseudo() -> Iterator[None]:
    with spoken():
        yield


@pytest.mark.parametrize("width", [360, 1440])
def test_longer_words_are_neither_cut_nor_push_the_page_sideways(
    cast_today: Cast, site: str, chromium: Any, pseudo: None, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=site)
    page = context.new_page()
    page.goto("/sign-in/login/")
    page.locator("input[type=email]").fill(cast_today.director.email)
    page.locator("input[type=password]").fill("correct horse battery")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{site}/")
    found = {}
    for path in ALIKE:
        assert page.goto(path).status == 200
        found[path] = (page.evaluate(SIDEWAYS), page.evaluate(CUT))
    context.close()
    assert {path: one for path, one in found.items() if one != (0, [])} == {}
